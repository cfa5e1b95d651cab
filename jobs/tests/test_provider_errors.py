import json

import pytest

from touchstone_jobs.files import ErrorCode, Price
from touchstone_jobs.inference.answers import Answer, NoAnswer, Usage, read_answer
from touchstone_jobs.inference.openai import cost
from touchstone_jobs.inference.provider_errors import Action, explain_status, one_line, parse_retry_after, provider_text


def error(message: str, **more: object) -> bytes:
    return json.dumps({"error": {"message": message, **more}}).encode()


STATUSES: list[tuple[int, bytes, str | None, ErrorCode, Action, bool]] = [
    (401, error("Incorrect API key provided."), None, "auth", "fail", True),
    (403, b"Forbidden", None, "auth", "fail", False),
    (402, error("Insufficient Balance"), None, "auth", "fail", True),
    (429, error("You exceeded your current quota", code="insufficient_quota"), None, "auth", "fail", True),
    (429, error("Rate limit reached for requests"), "7", "rate_limited", "slow_down", False),
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
    (503, error("Overloaded"), "2", "provider_unavailable", "slow_down", False),
    (529, error("Overloaded"), "2", "provider_unavailable", "slow_down", False),
    (408, b"", None, "provider_unavailable", "retry", False),
    (302, b"", None, "bad_request", "fail", False),
    (418, b"teapot", None, "bad_request", "fail", False),
]


@pytest.mark.parametrize(("status", "body", "retry_after", "code", "action", "fatal"), STATUSES)
def test_statuses(status: int, body: bytes, retry_after: str | None, code: str, action: str, fatal: bool) -> None:
    refusal = explain_status(status, body, retry_after, 0)
    assert (refusal.code, refusal.action, refusal.fatal) == (code, action, fatal)
    assert str(status) in refusal.message
    assert refusal.retry_after_s == (float(retry_after) if retry_after else None)


def test_a_redirect_says_what_to_do() -> None:
    assert "redirect" in explain_status(301, b"", None, 0).message
    assert "base_url" in explain_status(301, b"", None, 0).message


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


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3),
        ("0.5", 0.5),
        ("-1", 0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 60),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, 40) == seconds


def completion(message: object, finish_reason: str = "stop", usage: object = None) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": finish_reason}], "usage": usage}).encode()


REASONED = {
    "prompt_tokens": 10,
    "completion_tokens": 25,
    "completion_tokens_details": {"reasoning_tokens": 20},
    "cost": 0.0125,
}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            completion({"content": "Hi"}, usage={"prompt_tokens": 3, "completion_tokens": 1}),
            Answer("Hi", None, "stop", Usage(3, 1)),
        ),
        (completion({"content": ""}), Answer("", None, "stop", Usage())),
        (completion({"content": None}), Answer("", None, "stop", Usage())),
        (completion({}), Answer("", None, "stop", Usage())),
        (completion({"content": "cut"}, "length"), Answer("cut", None, "length", Usage())),
        (
            completion({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}),
            Answer("ab", None, "stop", Usage()),
        ),
        (
            completion({"content": "a"}, usage={"prompt_tokens": "3", "completion_tokens": -1}),
            Answer("a", None, "stop", Usage()),
        ),
        (completion({"content": "half \ud83d of a pair"}), Answer("half \ufffd of a pair", None, "stop", Usage())),
        (
            completion({"content": "4", "reasoning_content": "2 + 2"}, usage=REASONED),
            Answer("4", "2 + 2", "stop", Usage(10, 25, 20, 0.0125)),
        ),
        (completion({"content": "4", "reasoning": "2 + 2"}), Answer("4", "2 + 2", "stop", Usage())),
        (completion({"content": "<think>\n2 + 2\n</think>\n\n4\n"}), Answer("4\n", "2 + 2", "stop", Usage())),
        (completion({"content": "2 + 2\n</think>\n4"}), Answer("4", "2 + 2", "stop", Usage())),
        (completion({"content": "<think></think>4"}), Answer("4", None, "stop", Usage())),
        (completion({"content": "<think>2 + "}), Answer("", "2 +", "stop", Usage())),
        (
            completion({"content": "It prints <think> and </think>."}),
            Answer("It prints <think> and </think>.", None, "stop", Usage()),
        ),
        (
            completion(
                {
                    "content": [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "2 + 2"}]},
                        {"type": "text", "text": "4"},
                    ]
                }
            ),
            Answer("4", "2 + 2", "stop", Usage()),
        ),
        (completion({"content": "a"}, usage={"cost": "1"}), Answer("a", None, "stop", Usage())),
        (completion({"content": "\ud83d\ude42"}), Answer("🙂", None, "stop", Usage())),
    ],
)
def test_answers(body: bytes, answer: Answer) -> None:
    assert read_answer(body) == answer


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (b"", "malformed", None),
        (b"<html>", "malformed", None),
        (b"[]", "malformed", None),
        (b"null", "malformed", None),
        (b"[" * 100_000, "malformed", None),
        (b'{"choices": []}', "malformed", None),
        (b'{"choices": [{"text": "an older protocol"}]}', "malformed", None),
        (b'{"choices": "x"}', "malformed", None),
        (completion({"content": {"a": 1}}), "malformed", None),
        (completion({"content": None, "tool_calls": [{}]}, "tool_calls"), "malformed", None),
        (completion({"content": ""}, "length"), "malformed", None),
        (completion({"content": "<think>2 + "}, "length"), "malformed", None),
        (completion({"content": None}, "content_filter"), "content_filter", None),
        (completion({"content": None, "refusal": "I cannot help with that."}), "content_filter", None),
        (b'{"error": {"message": "Provider returned error", "code": 502}}', "malformed", 502),
        (b'{"error": {"message": "x"}}', "malformed", None),
    ],
)
def test_no_answers(body: bytes, code: str, status: int | None) -> None:
    found = read_answer(body)
    assert isinstance(found, NoAnswer)
    assert (found.code, found.status) == (code, status)


def test_an_answer_that_is_refused_here_was_paid_for_too() -> None:
    found = read_answer(completion({"content": None}, "content_filter", REASONED))
    assert isinstance(found, NoAnswer)
    assert found.usage == Usage(10, 25, 20, 0.0125)


@pytest.mark.parametrize(
    ("usage", "price", "dollars"),
    [
        (Usage(1000, 500), Price(input=2.5, output=10), 0.0075),
        (Usage(1000, 500), Price(input=0, output=0), 0),
        (Usage(1000, 500, None, 0.5), Price(input=2.5, output=10), 0.5),
        (Usage(1000, 500, None, 0.0), None, 0),
        (Usage(1000, 500), None, None),
        (Usage(1000, None), Price(input=2.5, output=10), None),
    ],
)
def test_cost_is_the_endpoints_figure_or_by_price_or_unknown(
    usage: Usage, price: Price | None, dollars: float | None
) -> None:
    assert cost(usage, price) == (None if dollars is None else pytest.approx(dollars))
