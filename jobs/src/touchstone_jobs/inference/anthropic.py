"""Anthropic's Messages API."""

from typing import Any

from touchstone_jobs.files import EndpointModel
from touchstone_jobs.inference.answers import Answer, NoAnswer, Usage, count, read_object, start_of, valid_text

PATH = "messages"
VERSION = "2023-06-01"
DEFAULT_MAX_TOKENS = 4096
"""The API asks for a limit in every request."""
FINISH_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}
"""By OpenAI's names, so that models can be compared."""
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
    return {"max_tokens": limit, **model.extra_body, **params, **stop, "model": model.model}


def messages(prompt: str, system_prompt: str | None) -> dict[str, Any]:
    system = {} if system_prompt is None else {"system": system_prompt}
    return {**system, "messages": [{"role": "user", "content": prompt}]}


def read_answer(body: bytes) -> Answer | NoAnswer:
    value = read_object(body)
    if isinstance(value, NoAnswer):
        return value
    content = value.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return NoAnswer("malformed", f"The endpoint's answer has no content: {start_of(body)}")
    reason = value.get("stop_reason")
    finish = FINISH_REASONS.get(reason, valid_text(reason)) if isinstance(reason, str) else None
    text, thinking, usage = _text(content, "text"), _text(content, "thinking"), _usage(value.get("usage"))
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
