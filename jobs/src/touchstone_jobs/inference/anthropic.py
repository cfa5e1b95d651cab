"""Anthropic's Messages API."""

from dataclasses import replace
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
    start_of,
    valid_text,
)
from touchstone_jobs.inference.event_stream import Event
from touchstone_jobs.inference.provider_errors import provider_text

PATH = "messages"
VERSION = "2023-06-01"
DEFAULT_MAX_TOKENS = 4096
"""The API asks for a limit in every request."""
FINISH_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}
"""By OpenAI's names, so that models can be compared."""
ERROR_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "overloaded_error": 529,
}
"""Of an error in the middle of a stream, which comes with status 200."""
INPUT_TOKENS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
"""They are counted apart, each without the others."""


def headers(secret: str | None) -> dict[str, str]:
    key = {} if secret is None else {"x-api-key": secret}
    return {"anthropic-version": VERSION, **key}


def settings(model: EndpointModel) -> dict[str, Any]:
    """The part of the request's body that is the same for every row."""
    params: dict[str, Any] = dict(model.params)
    limit = params.pop("max_completion_tokens", DEFAULT_MAX_TOKENS)
    stop = {"stop_sequences": model.stop} if model.stop else {}
    stream = {"stream": True} if model.stream else {}
    return {"max_tokens": limit, **model.extra_body, **params, **stop, **stream, "model": model.model}


def messages(prompt: str, system_prompt: str | None) -> dict[str, Any]:
    system = {} if system_prompt is None else {"system": system_prompt}
    return {**system, "messages": [{"role": "user", "content": prompt}]}


def answer_format(schema: dict[str, Any]) -> dict[str, Any]:
    """What makes the endpoint keep to a JSON schema."""
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def read_answer(body: bytes) -> Answer | NoAnswer:
    value = read_object(body)
    if isinstance(value, NoAnswer):
        return value
    content = value.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return NoAnswer("malformed", f"The endpoint's answer has no content: {start_of(body)}")
    return _read_content(content, value.get("stop_reason"), _usage(value.get("usage")))


def start_stream() -> Stream:
    return Streamed()


class Streamed:
    """An answer that comes as events: blocks, each begun, filled and ended, then the reason to stop and the usage."""

    def __init__(self) -> None:
        self._blocks: dict[int, tuple[str, list[str]]] = {}
        self._reason: Any = None
        self._usage: dict[str, Any] = {}
        self.first_text = self.whole = self.over = False

    def add(self, event: Event) -> NoAnswer | None:
        value = read_event(event)
        if isinstance(value, NoAnswer):
            kind = provider_text(event.data).rpartition(" · ")[2]
            return replace(value, status=ERROR_STATUS.get(kind, value.status))
        match value:
            case {"type": "message_start", "message": {"usage": dict(usage)}}:
                self._usage |= usage
            case {"type": "content_block_start", "index": int(index), "content_block": {"type": str(kind)}}:
                self._blocks[index] = (kind, [])
            case {"type": "content_block_delta", "index": int(index), "delta": {"text": str(text)}}:
                self._add(index, "text", text)
            case {"type": "content_block_delta", "index": int(index), "delta": {"thinking": str(text)}}:
                self._add(index, "thinking", text)
            case {"type": "message_delta", "delta": dict(delta)}:
                self._reason = delta.get("stop_reason") or self._reason
                self._usage |= value.get("usage") or {}
                self.whole = self._reason is not None
            case {"type": "message_stop"}:
                self.whole = self.over = True
        return None

    def _add(self, index: int, kind: str, text: str) -> None:
        self._blocks.setdefault(index, (kind, []))[1].append(text)
        self.first_text |= bool(text)

    def answer(self) -> Answer | NoAnswer:
        content = [{"type": kind, kind: "".join(parts)} for _, (kind, parts) in sorted(self._blocks.items())]
        return _read_content(content, self._reason, _usage(self._usage))


def _read_content(content: list[dict[str, Any]], reason: Any, usage: Usage) -> Answer | NoAnswer:
    finish = FINISH_REASONS.get(reason, valid_text(reason)) if isinstance(reason, str) else None
    text, thinking = _text(content, "text"), _text(content, "thinking")
    if not text and finish == "refusal":
        return NoAnswer("content_filter", "The model refused to answer.", finish, usage=usage)
    if not text and finish == "length":
        what = "The limit of tokens was used up before any text: raise max_tokens."
        return NoAnswer("malformed", what, finish, usage=usage)
    if not text and any(block.get("type") == "tool_use" for block in content):
        return NoAnswer("malformed", "The answer's content is not text.", finish, usage=usage)
    return Answer(valid_text(text), valid_text(thinking) or None, finish, usage)


def _text(content: list[dict[str, Any]], kind: str) -> str:
    texts = [block.get(kind) for block in content if block.get("type") == kind]
    return "".join(text for text in texts if isinstance(text, str))


def _usage(usage: Any) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    prompt = [tokens for name in INPUT_TOKENS if (tokens := count(usage, name)) is not None]
    return Usage(sum(prompt) if prompt else None, count(usage, "output_tokens"))
