"""What is read out of a 200, protocol by protocol."""

import json

import pytest

from touchstone_jobs.files import TokenPrice
from touchstone_jobs.inference import anthropic, openai
from touchstone_jobs.inference.answers import Answer, NoAnswer, Usage
from touchstone_jobs.inference.endpoint import cost


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
def test_chat_completions(body: bytes, answer: Answer) -> None:
    assert openai.read_answer(body) == answer


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
def test_chat_completions_without_an_answer(body: bytes, code: str, status: int | None) -> None:
    found = openai.read_answer(body)
    assert isinstance(found, NoAnswer)
    assert (found.code, found.status) == (code, status)


def test_an_answer_that_is_refused_here_was_paid_for_too() -> None:
    found = openai.read_answer(completion({"content": None}, "content_filter", REASONED))
    assert isinstance(found, NoAnswer)
    assert found.usage == Usage(10, 25, 20, 0.0125)


@pytest.mark.parametrize(
    ("usage", "price", "dollars"),
    [
        (Usage(1000, 500), TokenPrice(input=2.5, output=10), 0.0075),
        (Usage(1000, 500), TokenPrice(input=0, output=0), 0),
        (Usage(1000, 500, None, 0.5), TokenPrice(input=2.5, output=10), 0.5),
        (Usage(1000, 500, None, 0.0), None, 0),
        (Usage(1000, 500), None, None),
        (Usage(1000, None), TokenPrice(input=2.5, output=10), None),
    ],
)
def test_cost_is_the_endpoints_figure_or_by_price_or_unknown(
    usage: Usage, price: TokenPrice | None, dollars: float | None
) -> None:
    assert cost(usage, price) == (None if dollars is None else pytest.approx(dollars))


def message(content: object, stop_reason: str = "end_turn", usage: object = None) -> bytes:
    return json.dumps({"type": "message", "content": content, "stop_reason": stop_reason, "usage": usage}).encode()


CACHED = {"input_tokens": 10, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 85, "output_tokens": 7}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (
            message([{"type": "text", "text": "Hi"}], usage={"input_tokens": 3, "output_tokens": 1}),
            Answer("Hi", None, "stop", Usage(3, 1)),
        ),
        (message([{"type": "text", "text": "a"}], usage=CACHED), Answer("a", None, "stop", Usage(100, 7))),
        (
            message([{"type": "thinking", "thinking": "2 + 2", "signature": "x"}, {"type": "text", "text": "4"}]),
            Answer("4", "2 + 2", "stop", Usage()),
        ),
        (message([{"type": "redacted_thinking", "data": "x"}]), Answer("", None, "stop", Usage())),
        (message([]), Answer("", None, "stop", Usage())),
        (message([{"type": "text", "text": "cut"}], "max_tokens"), Answer("cut", None, "length", Usage())),
        (message([{"type": "text", "text": "a"}], "stop_sequence"), Answer("a", None, "stop", Usage())),
        (message([{"type": "text", "text": "half \ud83d"}]), Answer("half \ufffd", None, "stop", Usage())),
    ],
)
def test_messages(body: bytes, answer: Answer) -> None:
    assert anthropic.read_answer(body) == answer


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"[]", "malformed"),
        (b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}', "malformed"),
        (message("text"), "malformed"),
        (message([{"type": "tool_use", "name": "x"}], "tool_use"), "malformed"),
        (message([{"type": "thinking", "thinking": "2 +"}], "max_tokens"), "malformed"),
        (message([], "refusal"), "content_filter"),
    ],
)
def test_messages_without_an_answer(body: bytes, code: str) -> None:
    found = anthropic.read_answer(body)
    assert isinstance(found, NoAnswer)
    assert found.code == code
