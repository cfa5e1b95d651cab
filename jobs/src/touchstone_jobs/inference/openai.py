"""OpenAI's chat completions, which most endpoints speak."""

from typing import Any

from touchstone_jobs.files import EndpointModel
from touchstone_jobs.inference.answers import (
    Answer,
    NoAnswer,
    Stream,
    Usage,
    count,
    read_event,
    read_object,
    split_reasoning,
    start_of,
    valid_text,
)
from touchstone_jobs.inference.event_stream import Event
from touchstone_jobs.inference.provider_errors import one_line

PATH = "chat/completions"


def headers(secret: str | None) -> dict[str, str]:
    return {} if secret is None else {"Authorization": f"Bearer {secret}"}


def settings(model: EndpointModel) -> dict[str, Any]:
    """The part of the request's body that is the same for every row."""
    stop = {"stop": model.stop} if model.stop else {}
    stream = {"stream": True} if model.stream else {}
    return {**model.extra_body, **model.params, **stop, **stream, "model": model.model}


def messages(prompt: str, system_prompt: str | None) -> dict[str, Any]:
    system = [] if system_prompt is None else [{"role": "system", "content": system_prompt}]
    return {"messages": [*system, {"role": "user", "content": prompt}]}


def answer_format(schema: dict[str, Any]) -> dict[str, Any]:
    """What makes the endpoint keep to a JSON schema."""
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        }
    }


def read_answer(body: bytes) -> Answer | NoAnswer:
    value = read_object(body)
    if isinstance(value, NoAnswer):
        return value
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return NoAnswer("malformed", f"The endpoint's answer has no choices[0].message: {start_of(body)}")
    return _read_message(choice, message, _usage(value.get("usage")))


def start_stream() -> Stream:
    return Streamed()


class Streamed:
    """An answer that comes as chunks. Usage comes in one after the last of the text."""

    def __init__(self) -> None:
        self._content: list[str] = []
        self._thinking: list[str] = []
        self._refusal: list[str] = []
        self._has_other_content = False
        self._finish_reason: Any = None
        self._usage: Any = None
        self.first_text = self.whole = self.over = False

    def add(self, event: Event) -> NoAnswer | None:
        if event.data.strip() == b"[DONE]":
            self.whole = self.over = True
            return None
        value = read_event(event)
        if isinstance(value, NoAnswer):
            return value
        self._usage = value.get("usage") or self._usage
        choices = value.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, dict):
            self._add_choice(choice)
        return None

    def _add_choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        if isinstance(delta, dict):
            content = delta.get("content")
            if isinstance(content, list):
                self._add(self._content, _text(content, "text"))
                self._add(self._thinking, _text(content, "thinking"))
            self._add(self._content, content)
            self._add(self._thinking, delta.get("reasoning_content") or delta.get("reasoning"))
            self._add(self._refusal, delta.get("refusal"))
            self._has_other_content |= bool(delta.get("tool_calls"))
        if choice.get("finish_reason") is not None:
            self._finish_reason = choice["finish_reason"]
            self.whole = True

    def _add(self, parts: list[str], text: Any) -> None:
        if isinstance(text, str) and text:
            parts.append(text)
            self.first_text = True

    def answer(self) -> Answer | NoAnswer:
        message: dict[str, Any] = {
            "content": "".join(self._content) if self._content else None,
            "reasoning_content": "".join(self._thinking),
            "refusal": "".join(self._refusal) if self._refusal else None,
            "tool_calls": self._has_other_content,
        }
        return _read_message({"finish_reason": self._finish_reason}, message, _usage(self._usage))


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


def _text(parts: Any, kind: str) -> str | None:
    """The joined text of the parts of one kind; Mistral's thinking is itself a list of text parts."""
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return None
    found = [part.get(kind) for part in parts if part.get("type") == kind]
    texts = [_text(value, "text") if isinstance(value, list) else value for value in found]
    known = [text for text in texts if isinstance(text, str)]
    return "".join(known) if known or not parts else None


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    details = usage.get("completion_tokens_details")
    return Usage(
        count(usage, "prompt_tokens"),
        count(usage, "completion_tokens"),
        count(details, "reasoning_tokens") if isinstance(details, dict) else None,
        _amount(usage.get("cost")),
    )


def _amount(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else None
