"""What an endpoint's answer comes to, whatever the protocol, and what reading one needs. Pure."""

import json
from dataclasses import astuple, dataclass, replace
from typing import Any, Protocol

from touchstone_jobs.files import ErrorCode
from touchstone_jobs.inference.event_stream import Event
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


def add_usage(a: Usage, b: Usage) -> Usage:
    """Of two calls; unknown only where both are."""
    return Usage(*(x if y is None else y if x is None else x + y for x, y in zip(astuple(a), astuple(b), strict=True)))


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
    is_error_object: bool = False


class Stream(Protocol):
    """A streamed answer as it comes in."""

    first_text: bool
    """There is text, of reasoning or of the answer."""
    whole: bool
    """Nothing is missing; what may still come are counts."""
    over: bool
    """Nothing more will come."""

    def add(self, event: Event) -> NoAnswer | None:
        """What the endpoint reports instead of going on, or None."""

    def answer(self) -> Answer | NoAnswer:
        """Of all that came."""


def read_event(event: Event) -> dict[str, Any] | NoAnswer:
    """The JSON object of an event. An error in the middle of an answer that names no status is the endpoint's fault."""
    value = read_object(event.data)
    if isinstance(value, NoAnswer) and value.is_error_object:
        return replace(value, status=value.status or 500)
    return value


def read_object(body: bytes) -> dict[str, Any] | NoAnswer:
    """The JSON object of a 200; an error object in its place is no answer."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return NoAnswer("malformed", f"The endpoint's answer is not JSON: {start_of(body)}")
    if not isinstance(value, dict):
        return NoAnswer("malformed", f"The endpoint's answer is not a JSON object: {start_of(body)}")
    if isinstance(value.get("error"), dict) and not value.get("choices"):
        what = f"The endpoint answered 200 with an error: {start_of(body)}"
        return NoAnswer("malformed", what, status=_status(value["error"]), is_error_object=True)
    return value


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


def valid_text(text: str) -> str:
    """JSON can hold halves of surrogate pairs, which no file can: they become U+FFFD."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _status(error: dict[str, Any]) -> int | None:
    code = error.get("code", error.get("status"))
    return code if isinstance(code, int) and 400 <= code < 600 else None


def start_of(body: bytes) -> str:
    return one_line(body[:400].decode("utf-8", "replace"), 200) or "it is empty"
