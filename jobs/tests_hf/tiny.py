"""Tiny models with random weights and real tokenizers, of each architecture that runs here: nothing is downloaded."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
    MBart50Tokenizer,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    NllbTokenizer,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
    T5Tokenizer,
)

LINES = [
    "Ann and Bob agree to meet at half past three in front of the station.",
    "The customer asks for a refund because the lamp arrived broken.",
    "Anna und Bob treffen sich um halb vier vor dem Bahnhof.",
    "Le client demande un remboursement parce que la lampe est cassée.",
    "summarize: translate English to German: 1 2 3 4 5 6 7 8 9 0",
] * 20
SIZE = {
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
}
SIZE |= {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32}
PREFIXES = ("", "summarize: ", "translate English to German: ")
CHAT = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def words(folder: Path, **special: Any) -> PreTrainedTokenizerFast:
    """Byte pairs, as BART's and Llama's."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<|system|>", "<|user|>", "<|assistant|>"]
    tokenizer.train_from_iterator(
        LINES,
        trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=tokens,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>", **special
    )


def pieces(folder: Path) -> Path:
    """A sentencepiece model."""
    lines = folder / "lines.txt"
    lines.write_text("\n".join(LINES), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(lines), model_prefix=str(folder / "spm"), vocab_size=160, hard_vocab_limit=False, minloglevel=2
    )
    return folder / "spm.model"


def scores(model: Path) -> list[tuple[str, float]]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    return [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]


def t5_tokenizer(folder: Path, **settings: Any) -> T5Tokenizer:
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    return T5Tokenizer(vocab=[*special, *scores(pieces(folder))[3:]], extra_ids=0, **settings)


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """With the first random weights whose answers differ from text to text, also behind a prefix."""
    for seed in range(200):
        torch.manual_seed(seed)
        for parameter in model.parameters():
            if parameter.dim() > 1:
                torch.nn.init.normal_(parameter, std=0.7)
        seen = [{_say(model, tokenizer, prefix + text) for text in LINES[:4]} for prefix in PREFIXES]
        if min(map(len, seen)) > 1:
            break
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _say(model: Any, tokenizer: Any, text: str) -> str:
    most = getattr(model.config, "max_position_embeddings", 96)
    ids = tokenizer(text, truncation=True, max_length=most, return_tensors="pt")["input_ids"]
    output = model.generate(ids, max_new_tokens=8, do_sample=False)[0]
    answer = output[0 if model.config.is_encoder_decoder else ids.shape[1] :]
    return str(tokenizer.decode(answer, skip_special_tokens=True))


def bart(folder: Path, positions: int = 64) -> None:
    tokenizer = words(folder, model_max_length=positions)
    config = BartConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=positions,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        forced_eos_token_id=None,
        **SIZE,
    )
    save(BartForConditionalGeneration(config), tokenizer, folder)


def t5(folder: Path) -> None:
    tokenizer = t5_tokenizer(folder, model_max_length=96)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    save(T5ForConditionalGeneration(config), tokenizer, folder)


def mt5(folder: Path) -> None:
    tokenizer = t5_tokenizer(folder)
    config = MT5Config(
        vocab_size=len(tokenizer),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    save(MT5ForConditionalGeneration(config), tokenizer, folder)


def causal(folder: Path, *, chat: bool = True, positions: int = 256) -> None:
    tokenizer = words(folder)
    if chat:
        tokenizer.chat_template = CHAT
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=positions,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
    )
    save(LlamaForCausalLM(config), tokenizer, folder)


def m2m100(folder: Path) -> None:
    spm = pieces(folder)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    names = ["<s>", "<pad>", "</s>", "<unk>", *(processor.id_to_piece(i) for i in range(3, processor.get_piece_size()))]
    (folder / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(names)}), encoding="utf-8")
    shutil.copy(spm, folder / "sentencepiece.bpe.model")
    tokenizer = M2M100Tokenizer(str(folder / "vocab.json"), str(folder / "sentencepiece.bpe.model"))
    config = M2M100Config(
        vocab_size=len(names) + 128,
        max_position_embeddings=64,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        **SIZE,
    )
    save(M2M100ForConditionalGeneration(config), tokenizer, folder)


def nllb(folder: Path) -> None:
    trained = words(folder).backend_tokenizer
    state = json.loads(trained.to_str())["model"]
    tokenizer = NllbTokenizer(vocab=state["vocab"], merges=[tuple(pair) for pair in state["merges"]])
    config = M2M100Config(
        vocab_size=len(tokenizer),
        max_position_embeddings=64,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        **SIZE,
    )
    save(M2M100ForConditionalGeneration(config), tokenizer, folder)


def mbart(folder: Path) -> None:
    tokenizer = MBart50Tokenizer(vocab=scores(pieces(folder)))
    config = MBartConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=64,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        forced_eos_token_id=None,
        **SIZE,
    )
    save(MBartForConditionalGeneration(config), tokenizer, folder)


def marian(folder: Path, *, targets: tuple[str, ...] = ()) -> None:
    spm = pieces(folder)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    names = ["</s>", "<unk>", *(processor.id_to_piece(i) for i in range(3, processor.get_piece_size()))]
    names += [*(f">>{target}<<" for target in targets), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({name: i for i, name in enumerate(names)}), encoding="utf-8")
    for side in ("source", "target"):
        shutil.copy(spm, folder / f"{side}.spm")
    tokenizer = MarianTokenizer(
        str(folder / "source.spm"),
        str(folder / "target.spm"),
        str(folder / "vocab.json"),
        source_lang="en",
        target_lang="de" if not targets else "ROMANCE",
    )
    pad = len(names) - 1
    config = MarianConfig(
        vocab_size=len(names),
        max_position_embeddings=64,
        pad_token_id=pad,
        eos_token_id=0,
        bos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=None,
        **SIZE,
    )
    save(MarianMTModel(config), tokenizer, folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "bart": bart,
    "t5": t5,
    "mt5": mt5,
    "chat": causal,
    "plain": lambda folder: causal(folder, chat=False),
    "m2m100": m2m100,
    "nllb": nllb,
    "mbart": mbart,
    "marian": marian,
    "marian-many": lambda folder: marian(folder, targets=("fra", "spa", "por_br")),
}
