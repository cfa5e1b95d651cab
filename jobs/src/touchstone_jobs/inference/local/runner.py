"""One copy of a model in one process: texts in, answers out, a batch at a time. Knows nothing of Ray."""

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from touchstone_jobs.files import ErrorCode, LocalModel, Task
from touchstone_jobs.inference.answers import split_reasoning
from touchstone_jobs.inference.local.formats import Text, Unsuitable, choose_format
from touchstone_jobs.inference.local.loading import LoadProblem, load

MAX_NEW_TOKENS = 1024
"""Where neither the person nor the model says how long an answer may get."""
MAX_INPUT_TOKENS = 1024
"""Of an encoder-decoder that names no limit (T5 and mT5 have relative positions)."""
_SAMPLING = ("temperature", "top_p", "top_k")


@dataclass(frozen=True, slots=True)
class Generated:
    row_id: int
    repeat: int
    text: str | None = None
    error: tuple[ErrorCode, str] | None = None
    reasoning: str | None = None
    finish_reason: str | None = None
    truncated: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    latency_ms: float | None = None
    """Of the batch that the row was in."""


class Runner:
    def __init__(self, spec: LocalModel, task: Task, *, use_gpu: bool, threads: int | None, token: str | None) -> None:
        """Loads the model. Raises LoadProblem."""
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        if threads:
            torch.set_num_threads(threads)
        self._torch = torch
        self._model, self._tokenizer = load(spec, task, use_gpu=use_gpu, token=token)
        config = self._model.config
        try:
            self._format = choose_format(spec, task, config, self._tokenizer)
        except Unsuitable as error:
            raise LoadProblem(str(error)) from None
        self._is_causal = not config.is_encoder_decoder
        if self._tokenizer.pad_token_id is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        if self._is_causal:
            self._tokenizer.padding_side = "left"
        self._seed = spec.generation.get("seed")
        self._generation = self._generation_config(spec)
        self._limit = self._input_limit(spec)
        self._cuts = spec.max_input_tokens is not None or not self._is_causal
        ends = self._generation.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [] if ends is None else [ends])

    def describe(self) -> str:
        parameters = sum(parameter.numel() for parameter in self._model.parameters())
        return (
            f"{self._model.config.model_type}, {parameters / 1e6:,.0f} million parameters, {self._model.dtype} on "
            f"{self._model.device}; given {self._format.words}; up to {self._limit} tokens of input and "
            f"{self._generation.max_new_tokens or self._generation.max_length} of answer"
        )

    def generate(self, texts: Sequence[Text]) -> list[Generated]:
        """In the order of the texts. Raises whatever the model raises."""
        started = time.perf_counter()
        encoded = [self._encode(text) for text in texts]
        fitting = [one for one in encoded if one.error is None]
        answers = iter(self._answer(fitting) if fitting else [])
        latency_ms = (time.perf_counter() - started) * 1000
        return [
            Generated(one.row_id, one.repeat, error=one.error)
            if one.error
            else replace(next(answers), latency_ms=latency_ms)
            for one in encoded
        ]

    def _encode(self, text: Text) -> "_Encoded":
        """Cut to what the model takes; a prompt for a causal model is refused instead, since its end matters."""
        ids = self._ids(text)
        if len(ids) <= self._limit:
            return _Encoded(text.row_id, text.repeat, ids)
        if not self._cuts:
            message = (
                f"The prompt has {len(ids)} tokens; the model takes {self._limit} beside its answer. "
                "max_input_tokens cuts longer ones."
            )
            return _Encoded(text.row_id, text.repeat, [], error=("context_length", message))
        if not self._is_causal:
            return _Encoded(text.row_id, text.repeat, self._cut_ids(text), truncated=True)
        return _Encoded(
            text.row_id, text.repeat, self._ids(self._cut_prompt(text, len(ids) - self._limit)), truncated=True
        )

    def _ids(self, text: Text) -> list[int]:
        rendered = self._format.render(text)
        ids: list[int] = self._tokenizer(rendered, add_special_tokens=not self._format.chat)["input_ids"]
        return ids

    def _cut_ids(self, text: Text) -> list[int]:
        rendered = self._format.render(text)
        ids: list[int] = self._tokenizer(rendered, truncation=True, max_length=self._limit)["input_ids"]
        return ids

    def _cut_prompt(self, text: Text, excess: int) -> Text:
        """Without the end of the prompt: the frame that a chat template puts around it stays whole."""
        ids = self._tokenizer(text.prompt, add_special_tokens=False)["input_ids"]
        while len(ids) > 0:
            ids = ids[: max(0, len(ids) - excess)]
            shorter = replace(text, prompt=self._tokenizer.decode(ids))
            # A word that is cut may become several tokens.
            excess = len(self._ids(shorter)) - self._limit
            if excess <= 0:
                return shorter
        return replace(text, prompt="")

    def _answer(self, batch: "Sequence[_Encoded]") -> list[Generated]:
        torch = self._torch
        inputs = self._tokenizer.pad({"input_ids": [one.ids for one in batch]}, return_tensors="pt")
        if self._seed is not None:
            torch.manual_seed(self._seed + batch[0].row_id + 1_000_003 * batch[0].repeat)
        try:
            with torch.inference_mode():
                output = self._model.generate(
                    input_ids=inputs["input_ids"].to(self._model.device),
                    attention_mask=inputs["attention_mask"].to(self._model.device),
                    generation_config=self._generation,
                    **self._format.generate,
                )
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if len(batch) == 1:
                raise
            middle = len(batch) // 2
            return self._answer(batch[:middle]) + self._answer(batch[middle:])
        # A decoder-only model repeats its input; an encoder-decoder begins with its start token.
        answers = output[:, inputs["input_ids"].shape[1] if self._is_causal else 1 :].tolist()
        return [self._read(one, ids) for one, ids in zip(batch, answers, strict=True)]

    def _read(self, one: "_Encoded", ids: list[int]) -> Generated:
        end = next((place for place, token in enumerate(ids) if token in self._ends), None)
        own = ids if end is None else ids[: end + 1]
        # The code of the language, which not every tokenizer knows to leave out.
        said = own[1:] if own[:1] == [self._format.generate.get("forced_bos_token_id")] else own
        text, reasoning = self._tokenizer.decode(said, skip_special_tokens=True).strip(), None
        if self._is_causal:
            text, reasoning = split_reasoning(text)
        return Generated(
            one.row_id,
            one.repeat,
            text,
            reasoning=reasoning,
            finish_reason="length" if end is None else "stop",
            truncated=one.truncated,
            prompt_tokens=len(one.ids),
            completion_tokens=len(own),
            reasoning_tokens=len(self._tokenizer(reasoning)["input_ids"]) if reasoning else None,
        )

    def _generation_config(self, spec: LocalModel) -> Any:
        """The model's own, without chance unless the person asks for it, and what the person says.

        Raises LoadProblem.
        """
        from transformers import GenerationConfig

        asked: dict[str, Any] = {name: value for name, value in spec.generation.items() if name != "seed"}
        asked.setdefault("do_sample", any(name in asked for name in _SAMPLING))
        try:
            GenerationConfig(**asked).validate(strict=True)
        except ValueError as error:
            raise LoadProblem(f"generation: {' '.join(str(error).split())[:500]}") from None
        config = copy.deepcopy(self._model.generation_config)
        if not asked["do_sample"]:
            config.update(**dict.fromkeys(_SAMPLING))
        own_length = config.max_length if config.max_length not in (None, 20) else None  # 20: nobody set it
        config.update(**asked)
        if "max_new_tokens" in asked:
            config.max_length = None
        elif "max_length" not in asked and config.max_new_tokens is None:
            config.max_length = own_length
            config.max_new_tokens = None if own_length else MAX_NEW_TOKENS
        if config.pad_token_id is None:
            config.pad_token_id = self._tokenizer.pad_token_id
        if config.eos_token_id is None:
            config.eos_token_id = self._tokenizer.eos_token_id
        context = self._context()
        if context and (config.max_new_tokens or 0) >= context:
            # A causal model shares its positions with the prompt.
            config.max_new_tokens = context // 2 if self._is_causal else context - 1
        return config

    def _context(self) -> int | None:
        """Tokens that the model has positions for; None: it has no such end."""
        config = self._model.config
        # T5's n_positions is what it was trained on, and no limit.
        names = (
            ("max_position_embeddings",) if "t5" in config.model_type else ("max_position_embeddings", "n_positions")
        )
        found = next((value for name in names if (value := getattr(config, name, None))), None)
        return int(found) if found else None

    def _input_limit(self, spec: LocalModel) -> int:
        context = self._context()
        if self._is_causal and context:
            context = max(1, context - (self._generation.max_new_tokens or 0))
        own = self._tokenizer.model_max_length
        known = [limit for limit in (spec.max_input_tokens, context, own if own < 1_000_000 else None) if limit]
        return int(min(known)) if known else MAX_INPUT_TOKENS if not self._is_causal else 1_000_000


@dataclass(frozen=True, slots=True)
class _Encoded:
    row_id: int
    repeat: int
    ids: list[int]
    truncated: bool = False
    error: tuple[ErrorCode, str] | None = None
