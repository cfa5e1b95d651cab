import json

import pytest

from touchstone_jobs.files import ErrorCode
from touchstone_jobs.inference.provider_errors import Action, explain_status, one_line, provider_text


def error(message: str, **more: object) -> bytes:
    return json.dumps({"error": {"message": message, **more}}).encode()


STATUSES: list[tuple[int, bytes, float | None, ErrorCode, Action, bool]] = [
    (401, error("Incorrect API key provided."), None, "auth", "fail", True),
    (403, b"Forbidden", None, "auth", "fail", False),
    (402, error("Insufficient Balance"), None, "auth", "fail", True),
    (429, error("You exceeded your current quota", code="insufficient_quota"), None, "auth", "fail", True),
    (429, error("Rate limit reached for requests"), 7, "rate_limited", "slow_down", False),
    (404, error("The model `x` does not exist", code="model_not_found"), None, "bad_request", "fail", True),
    (404, b"404 page not found", None, "bad_request", "fail", True),
    (400, error("The model `x` does not exist"), None, "bad_request", "fail", True),
    (400, error("Unsupported parameter: 'max_tokens'"), None, "bad_request", "fail", False),
    (422, b'{"detail": [{"msg": "field required"}]}', None, "bad_request", "fail", False),
    (400, error("This model's maximum context length is 8192 tokens"), None, "context_length", "fail", False),
    (400, error("prompt is too long: 210000 tokens > 200000 maximum"), None, "context_length", "fail", False),
    (400, error("x", code="context_length_exceeded"), None, "context_length", "fail", False),
    (400, error("filtered", code="content_filter"), None, "content_filter", "fail", False),
    (403, error("Your input was flagged by moderation"), None, "content_filter", "fail", False),
    (500, b"", None, "provider_unavailable", "retry", False),
    (502, b"<html>Bad Gateway</html>", None, "provider_unavailable", "retry", False),
    (503, error("Loading"), None, "provider_unavailable", "retry", False),
    (503, error("Overloaded"), 2, "provider_unavailable", "slow_down", False),
    (529, error("Overloaded"), 2, "provider_unavailable", "slow_down", False),
    (408, b"", None, "provider_unavailable", "retry", False),
    (302, b"", None, "bad_request", "fail", False),
    (418, b"teapot", None, "bad_request", "fail", False),
]


@pytest.mark.parametrize(("status", "body", "wait", "code", "action", "fatal"), STATUSES)
def test_statuses(status: int, body: bytes, wait: float | None, code: str, action: str, fatal: bool) -> None:
    refusal = explain_status(status, body, wait)
    assert (refusal.code, refusal.action, refusal.fatal) == (code, action, fatal)
    assert str(status) in refusal.message
    assert refusal.retry_after_s == wait


def test_a_redirect_says_what_to_do() -> None:
    assert "redirect" in explain_status(301, b"", None).message
    assert "base_url" in explain_status(301, b"", None).message


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (error("Wrong", code="invalid"), "Wrong · invalid"),
        (b'{"error": "plain"}', "plain"),
        (b'{"message": "at the top"}', "at the top"),
        (b'[{"error": {"message": "in a list"}}]', "in a list"),
        (b'{"error": {"code": 400}}', '{"error": {"code": 400}}'),
        (b"two\nlines\t\x00\x1b[31m", "two lines [31m"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 100_000, "[" * 499 + "…"),
    ],
)
def test_provider_text(body: bytes, text: str) -> None:
    assert provider_text(body) == text


def test_one_line_is_trimmed() -> None:
    assert len(one_line("x " * 5000)) == 500
