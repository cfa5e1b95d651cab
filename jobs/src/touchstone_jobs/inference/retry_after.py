"""How long an endpoint that refuses a call asks to be left alone. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite

LIMITS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
)
"""What is left of a limit, and when it is whole again."""

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_SECONDS = (3600, 60, 1, 0.001)


def parse_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds, from `retry-after-ms`, else `Retry-After` (seconds or a date), else the limits that are used up; None
    where the endpoint names no time. `headers`: by lower-case name or in any case; `now`: Unix time.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = _seconds_or_date(headers.get("retry-after"), now)
    if asked is not None:
        return asked
    resets = [_until(headers.get(reset), now) for left, reset in LIMITS if _number(headers.get(left)) == 0]
    return max((seconds for seconds in resets if seconds is not None), default=None)


def _seconds_or_date(value: str | None, now: float) -> float | None:
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return seconds
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except ValueError:
        return None


def _until(value: str | None, now: float) -> float | None:
    """Of a duration (`6m0s`, `20ms`), a number of seconds, or a time (RFC 3339)."""
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return seconds
    parts = _DURATION.fullmatch(value)
    if parts and any(parts.groups()):
        return sum(float(part) * unit for part, unit in zip(parts.groups(), _SECONDS, strict=True) if part)
    try:
        return max(datetime.fromisoformat(value).timestamp() - now, 0.0)
    except ValueError:
        return None


def _number(value: str | None) -> float | None:
    """A number from 0 up; a negative one counts as 0."""
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return max(number, 0.0) if number is not None and isfinite(number) else None
