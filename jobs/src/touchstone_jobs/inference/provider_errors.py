"""What an endpoint's refusal means: the row error of the design, in plain words, and what to do next. Pure."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from touchstone_jobs.files import ErrorCode

MAX_TEXT = 500
Action = Literal["fail", "retry", "slow_down", "ask_again"]
"""fail: the row fails now. retry: try again after a pause. slow_down: the same, and fewer calls at once. ask_again: the
endpoint is well, and the row needs one more call, another one, at once.
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    code: ErrorCode
    message: str
    action: Action = "fail"
    fatal: bool = False
    """Every other call will get the same: a wrong key, an unknown model, no credit."""
    retry_after_s: float | None = None
    away: bool = False
    """Nobody answers at the address: this says nothing of the row."""


_CONTEXT = re.compile(
    r"context.?(length|window|size)|maximum context|too many (input )?tokens|prompt is too long|input is too long|"
    r"reduce the length|longer than the (model|maximum)|exceeds? the (available )?context|"
    r"max(imum)?.{0,20}input (length|tokens)",
    re.IGNORECASE,
)
_FILTER = re.compile(r"content.?(filter|management|policy)|responsible.?ai|moderation|flagged|safety", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,200}(not found|does not exist|not exist|no such)|"
    r"(unknown|invalid|no such|unsupported) model|model_not_found",
    re.IGNORECASE | re.DOTALL,
)
_NO_CREDIT = re.compile(
    r"insufficient.?(quota|balance|funds|credit)|exceeded your current quota|out of credits?|payment required",
    re.IGNORECASE,
)


def explain_status(status: int, body: bytes, wait: float | None) -> Refusal:
    """Of an answer that is not 200. `wait`: seconds for which the endpoint asks to be left alone."""
    said = provider_text(body)
    quoted = f": {said}" if said else "."
    if status == 402 or (status in (400, 403, 429) and _NO_CREDIT.search(said)):
        return Refusal("auth", f"The account of this key has no credit left (HTTP {status}){quoted}", fatal=True)
    if status == 429:
        return Refusal(
            "rate_limited", f"The endpoint limits the rate of calls (HTTP 429){quoted}", "slow_down", retry_after_s=wait
        )
    if status >= 500 or status in (408, 409, 425):
        # An overloaded endpoint that names a time wants fewer calls; another 5xx says nothing about the rate.
        action: Action = "slow_down" if status in (503, 529) and wait is not None else "retry"
        return Refusal(
            "provider_unavailable",
            f"The endpoint failed (HTTP {status}){quoted}",
            action,
            retry_after_s=wait,
            away=status in (502, 503, 504, 521, 522, 523, 529),
        )
    if status in (400, 403, 422) and _FILTER.search(said):
        return Refusal("content_filter", f"The endpoint's content filter refused the prompt (HTTP {status}){quoted}")
    if status in (401, 403):
        return Refusal("auth", f"The endpoint refuses the key (HTTP {status}){quoted}", fatal=status == 401)
    if status in (400, 413, 422) and _CONTEXT.search(said):
        return Refusal("context_length", f"The prompt is longer than the model takes (HTTP {status}){quoted}")
    if status == 404 or (status in (400, 422) and _NO_MODEL.search(said)):
        return Refusal(
            "bad_request", f"The endpoint does not know this model or address (HTTP {status}){quoted}", fatal=True
        )
    if 300 <= status < 400:
        return Refusal(
            "bad_request",
            f"The endpoint answers with a redirect (HTTP {status}), which is not followed: "
            "set base_url to the final address.",
        )
    return Refusal("bad_request", f"The endpoint refuses the request (HTTP {status}){quoted}")


def provider_text(body: bytes) -> str:
    """The endpoint's own words: the message of an error object in any of its usual shapes, else the body; on one
    line, at most 500 characters.
    """
    text = body[:20_000].decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = _message(json.loads(body)) or text
    return one_line(text)


def _message(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return None
    error = value.get("error", value)
    if isinstance(error, dict):
        parts = [error.get("message") or error.get("detail"), error.get("code") or error.get("type")]
        words = [part for part in parts if isinstance(part, str) and part]
        return " · ".join(dict.fromkeys(words)) or None
    return error if isinstance(error, str) else None


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """Printable, white space folded, trimmed to `limit` characters."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 20]).split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
