"""Reading what an OpenAI-compatible endpoint answers with 200. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from touchstone_jobs.files import ErrorCode
from touchstone_jobs.inference.provider_errors import one_line


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    code: ErrorCode
    message: str
    finish_reason: str | None = None
    status: int | None = None
    """Where the body is an error object that names one: treat it as an answer with that HTTP status."""


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
    return _read_message(choice, message, value.get("usage"))


def _read_message(choice: dict[str, Any], message: dict[str, Any], usage: Any) -> Answer | NoAnswer:
    finish_reason = choice.get("finish_reason")
    finish = valid_text(finish_reason) if isinstance(finish_reason, str) else None
    content = _text(message.get("content"))
    if not content and finish == "content_filter":
        return NoAnswer("content_filter", "The endpoint's content filter withheld the answer.", finish)
    if not content and isinstance(message.get("refusal"), str):
        return NoAnswer("content_filter", f"The model refused: {one_line(message['refusal'])}", finish)
    if content is None and (message.get("content") is not None or message.get("tool_calls")):
        return NoAnswer("malformed", "The answer's content is not text.", finish)
    if not content and finish == "length":
        return NoAnswer("malformed", "The limit of tokens was used up before any text: raise max_tokens.", finish)
    tokens = usage if isinstance(usage, dict) else {}
    return Answer(
        valid_text(content or ""), finish, _count(tokens, "prompt_tokens"), _count(tokens, "completion_tokens")
    )


def _text(content: Any) -> str | None:
    """The text, also where it comes in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        texts = [part["text"] for part in content if part.get("type") == "text" and isinstance(part.get("text"), str)]
        return "".join(texts) if texts or not content else None
    return None


def valid_text(text: str) -> str:
    """JSON can hold halves of surrogate pairs, which no file can: they become U+FFFD."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _status(error: dict[str, Any]) -> int | None:
    code = error.get("code", error.get("status"))
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _start(body: bytes) -> str:
    return one_line(body[:400].decode("utf-8", "replace"), 200) or "it is empty"
