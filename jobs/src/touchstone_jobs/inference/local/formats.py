"""What a model is given for a row, by what kind it is: the prompt, the text itself, a prefix, language codes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from touchstone_jobs.files import LocalModel, Task, Translation
from touchstone_jobs.inference.local.languages import find_code, language_name, two_letters

TEXT_TO_TEXT = {"mt5", "umt5"}
"""Encoder-decoders that follow instructions: mT0 and Aya are such."""
MARIAN_FAMILY = "Helsinki-NLP/opus-mt"
"""`hf/Helsinki-NLP/opus-mt` stands for the model of the pair of languages: `…/opus-mt-en-de`."""


class Unsuitable(Exception):
    """The model cannot do the task; the message says why."""


@dataclass(frozen=True, slots=True)
class Text:
    """A row, in all the ways a model may want it."""

    row_id: int
    text: str
    """The input column."""
    prompt: str
    system_prompt: str | None
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Format:
    words: str
    """For the log."""
    render: Callable[[Text], str]
    chat: bool = False
    """Rendered with the tokenizer's chat template, which brings its own special tokens."""
    generate: dict[str, Any] = field(default_factory=dict)
    """More arguments of `generate`."""


def repository_of(spec: LocalModel, task: Task) -> str:
    """The Hub's repository: that of the languages where the model is one of a family of pairs."""
    name = spec.model.partition("/")[2]
    if name == MARIAN_FAMILY and isinstance(task, Translation):
        languages = task.translation
        return f"{name}-{two_letters(languages.source)}-{two_letters(languages.target)}"
    return name


def choose_format(spec: LocalModel, task: Task, config: Any, tokenizer: Any) -> Format:
    """Raises Unsuitable."""
    if not config.is_encoder_decoder:
        return _causal(tokenizer)
    if codes := language_codes(config.model_type, tokenizer):
        return _translate_by_code(task, codes, tokenizer)
    if config.model_type == "marian":
        return _translate_pair(task, tokenizer)
    if spec.input == "prompt":
        return Format("the prompt", lambda row: row.prompt)
    if config.model_type in ("t5", "longt5", "switch_transformers") and (prefix := _t5_prefix(task)):
        return Format(f'the text after "{prefix}"', lambda row: prefix + row.text)
    if config.model_type in TEXT_TO_TEXT or task == "text-generation":
        return Format("the prompt", lambda row: row.prompt)
    return Format("the text itself, without a prompt", lambda row: row.text)


def _causal(tokenizer: Any) -> Format:
    if not tokenizer.chat_template:
        return Format(
            "the prompt as plain text: the model has no chat template",
            lambda row: "\n\n".join(part for part in (row.system_prompt, row.prompt) if part),
        )

    def render(row: Text) -> str:
        system = [{"role": "system", "content": row.system_prompt}] if row.system_prompt else []
        messages = [*system, {"role": "user", "content": row.prompt}]
        text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        return text

    return Format("the prompt in the model's own chat template", render, chat=True)


def language_codes(model_type: str, tokenizer: Any) -> list[str]:
    """The codes by which a model is told its languages; empty: it is not told so."""
    if model_type not in ("m2m_100", "mbart"):
        return []
    if known := getattr(tokenizer, "lang_code_to_id", None):
        return list(known)
    # NLLB's tokenizer has its codes among the special tokens: `deu_Latn`.
    return [token for token in map(str, tokenizer.all_special_tokens) if len(token) == 8 and token[3] == "_"]


def _translate_by_code(task: Task, codes: Sequence[str], tokenizer: Any) -> Format:
    languages = _languages(task)
    try:
        source, target = find_code(languages.source, codes), find_code(languages.target, codes)
    except LookupError as error:
        raise Unsuitable(str(error)) from None
    tokenizer.src_lang = source
    by_code = getattr(tokenizer, "lang_code_to_id", None) or {}
    forced = by_code.get(target, tokenizer.convert_tokens_to_ids(target))
    return Format(
        f"the text, from {source} to {target}", lambda row: row.text, generate={"forced_bos_token_id": forced}
    )


def _translate_pair(task: Task, tokenizer: Any) -> Format:
    """OPUS-MT: one pair of languages, or several targets, of which a token such as `>>fra<<` names one."""
    languages = _languages(task)
    tokens: list[str] = tokenizer.supported_language_codes
    for wanted, own, side in (
        (languages.source, tokenizer.source_lang, "from"),
        (languages.target, None if tokens else tokenizer.target_lang, "to"),
    ):
        # The names of groups ("ROMANCE", "mul") say nothing about one language.
        if own and len(own) <= 3 and own.islower() and own != "mul" and two_letters(own) != two_letters(wanted):
            raise Unsuitable(
                f"The model translates {side} {language_name(own)}, the task asks for {language_name(wanted)}."
            )
    if not tokens:
        return Format("the text, of the model's one pair of languages", lambda row: row.text)
    try:
        code = find_code(languages.target, [token.strip("><") for token in tokens])
    except LookupError as error:
        raise Unsuitable(str(error)) from None
    return Format(f"the text after >>{code}<<", lambda row: f">>{code}<< {row.text}")


def _t5_prefix(task: Task) -> str | None:
    """The prefixes that T5 was trained with (Raffel et al. 2020)."""
    if isinstance(task, Translation):
        languages = task.translation
        return f"translate {language_name(languages.source)} to {language_name(languages.target)}: "
    return "summarize: " if task == "summarization" else None


def _languages(task: Task) -> Any:
    if not isinstance(task, Translation):
        raise Unsuitable("The model translates, and nothing else: choose it for the task translation.")
    return task.translation
