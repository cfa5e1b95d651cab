"""Reading what an OpenAI-compatible endpoint answers with 200. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from touchstone_jobs.files import ErrorCode
from touchstone_jobs.inference.provider_errors import one_line

OPENING = "<think>"
CLOSING = "</think>"


@dataclass(frozen=True, slots=True)
class Usage:
    """What the endpoint says it counted; None: it does not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    """Those of the completion tokens that went into reasoning."""
    cost: float | None = None
    """In US dollars, of endpoints that say what a call cost."""


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    reasoning: str | None
    """What the model wrote on its way to the answer: never scored."""
    finish_reason: str | None
    usage: Usage


@dataclass(frozen=True, slots=True)
class NoAnswer:
    code: ErrorCode
    message: str
    finish_reason: str | None = None
    status: int | None = None
    """Where the body is an error object that names one: treat it as an answer with that HTTP status."""
    usage: Usage = NO_USAGE


def read_answer(body: bytes) -> Answer | NoAnswer:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return NoAnswer("malformed", f"The endpoint's answer is not JSON: {_start(body)}")
    if not isinstance(value, dict):
        return NoAnswer("malformed", f"The endpoint's answer is not a JSON object: {_start(body)}")
    if isinstance(value.get("error"), dict) and not value.get("choices"):
        return NoAnswer(
            "malformed", f"The endpoint answered 200 with an error: {_start(body)}", status=_status(value["error"])
        )
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return NoAnswer("malformed", f"The endpoint's answer has no choices[0].message: {_start(body)}")
    return _read_message(choice, message, _usage(value.get("usage")))


def _read_message(choice: dict[str, Any], message: dict[str, Any], usage: Usage) -> Answer | NoAnswer:
    finish_reason = choice.get("finish_reason")
    finish = valid_text(finish_reason) if isinstance(finish_reason, str) else None
    content, reasoning = _content(message)
    if not content and finish == "content_filter":
        return NoAnswer("content_filter", "The endpoint's content filter withheld the answer.", finish, usage=usage)
    if not content and isinstance(message.get("refusal"), str):
        said = one_line(message["refusal"])
        return NoAnswer("content_filter", f"The model refused: {said}", finish, usage=usage)
    if content is None and (message.get("content") is not None or message.get("tool_calls")):
        return NoAnswer("malformed", "The answer's content is not text.", finish, usage=usage)
    if not content and finish == "length":
        what = "The limit of tokens was used up before any text: raise max_tokens."
        return NoAnswer("malformed", what, finish, usage=usage)
    return Answer(valid_text(content or ""), reasoning and valid_text(reasoning), finish, usage)


def _content(message: dict[str, Any]) -> tuple[str | None, str | None]:
    """The answer's text and the reasoning before it, which endpoints send in a field of its own, as parts of the
    content, or in the text itself.
    """
    content = message.get("content")
    fields = [message.get(name) for name in ("reasoning_content", "reasoning")]
    given = next((field for field in fields if isinstance(field, str) and field), None)
    if isinstance(content, list):
        text, thinking = _text(content, "text"), _text(content, "thinking")
        return text if text is not None or not thinking else "", given or thinking or None
    if not isinstance(content, str):
        return None, given
    text, thinking = split_reasoning(content)
    return text, given or thinking


def split_reasoning(text: str) -> tuple[str, str | None]:
    """The text after a leading <think> block, and what is in the block. Some chat templates put the opening tag into
    the prompt, so that only the closing one is in the answer; a block without an end is all reasoning.
    """
    start = text.lstrip()
    if start.startswith(OPENING):
        reasoning, _, answer = start.removeprefix(OPENING).partition(CLOSING)
    elif CLOSING in text and OPENING not in text.partition(CLOSING)[0]:
        reasoning, _, answer = text.partition(CLOSING)
    else:
        return text, None
    return answer.lstrip(), reasoning.strip() or None


def _text(parts: Any, kind: str) -> str | None:
    """The joined text of the parts of one kind; Mistral's thinking is itself a list of text parts."""
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return None
    found = [part.get(kind) for part in parts if part.get("type") == kind]
    texts = [_text(value, "text") if isinstance(value, list) else value for value in found]
    known = [text for text in texts if isinstance(text, str)]
    return "".join(known) if known or not parts else None


def valid_text(text: str) -> str:
    """JSON can hold halves of surrogate pairs, which no file can: they become U+FFFD."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return NO_USAGE
    details = usage.get("completion_tokens_details")
    return Usage(
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
        _count(details, "reasoning_tokens") if isinstance(details, dict) else None,
        _amount(usage.get("cost")),
    )


def _count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _amount(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else None


def _status(error: dict[str, Any]) -> int | None:
    code = error.get("code", error.get("status"))
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _start(body: bytes) -> str:
    return one_line(body[:400].decode("utf-8", "replace"), 200) or "it is empty"
