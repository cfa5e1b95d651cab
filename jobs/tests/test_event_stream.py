"""Borders of pieces, and what an event stream may have in it."""

import json

import pytest

from touchstone_jobs.inference import anthropic, openai
from touchstone_jobs.inference.answers import Answer, NoAnswer, Stream, Usage
from touchstone_jobs.inference.event_stream import Event, EventReader

TEXT = (
    ": a comment\n\n"
    'data: {"a": "né 🙂"}\n\n'
    "event: ping\ndata: first\ndata: second\nid: 7\nretry: 10\n\n"
    "event: nothing\n\n"
    "data:unspaced\n\ndata: last\n\n"
    "data: never ended"
)
EVENTS = [
    Event("message", '{"a": "né 🙂"}'.encode()),
    Event("ping", b"first\nsecond"),
    Event("message", b"unspaced"),
    Event("message", b"last"),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_of_any_size_and_every_kind_of_line_end(newline: str, size: int) -> None:
    data = TEXT.replace("\n", newline).encode()
    reader = EventReader()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert [event for piece in pieces for event in reader.feed(piece)] == EVENTS


def feed(stream: Stream, *events: object) -> NoAnswer | None:
    for event in events:
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        if failure := stream.add(Event("message", data)):
            return failure
    return None


def delta(finish_reason: str | None = None, **fields: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish_reason}]}


def test_chunks_of_openai() -> None:
    stream = openai.Streamed()
    assert feed(stream, delta(role="assistant", content=""), {"choices": []}) is None
    assert (stream.first_text, stream.whole) == (False, False)
    assert feed(stream, delta(reasoning_content="Let me "), delta(reasoning_content="see.")) is None
    assert (stream.first_text, stream.whole) == (True, False)
    assert feed(stream, delta(content="Yes"), delta(content=", so"), delta("stop")) is None
    assert (stream.whole, stream.over) == (True, False)
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 3}}
    assert feed(stream, {"choices": [], "usage": usage}, b"[DONE]") is None
    assert stream.over
    assert stream.answer() == Answer("Yes, so", "Let me see.", "stop", Usage(9, 5, 3))


def test_other_shapes_of_openai() -> None:
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    stream = openai.Streamed()
    assert feed(stream, delta(content=thinking), delta("stop", content=[{"type": "text", "text": "ok"}])) is None
    assert stream.answer() == Answer("ok", "hm", "stop", Usage())
    stream = openai.Streamed()
    assert feed(stream, delta(content="<thi"), delta(content="nk>a</think>b"), delta("stop")) is None
    assert stream.answer() == Answer("b", "a", "stop", Usage())
    stream = openai.Streamed()
    assert feed(stream, delta(tool_calls=[{"index": 0}]), delta("tool_calls")) is None
    failure = stream.answer()
    assert isinstance(failure, NoAnswer)
    assert failure.code == "malformed"


@pytest.mark.parametrize(
    ("event", "code", "status"),
    [
        ({"error": {"message": "Overloaded", "code": 503}}, "malformed", 503),
        ({"error": {"message": "Something broke", "type": "server_error"}}, "malformed", 500),
        (b"{", "malformed", None),
    ],
)
def test_an_error_in_the_middle_of_openais_stream(event: object, code: str, status: int | None) -> None:
    failure = feed(openai.Streamed(), delta(content="Half"), event)
    assert failure is not None
    assert (failure.code, failure.status) == (code, status)


def test_events_of_anthropic() -> None:
    def block(index: int, kind: str, delta_type: str, *parts: str) -> list[dict[str, object]]:
        start = {"type": "content_block_start", "index": index, "content_block": {"type": kind, kind: ""}}
        deltas = [
            {"type": "content_block_delta", "index": index, "delta": {"type": delta_type, kind: part}} for part in parts
        ]
        signature = {"type": "signature_delta", "signature": "x"}
        more = [{"type": "content_block_delta", "index": index, "delta": signature}] if kind == "thinking" else []
        return [start, *deltas, *more, {"type": "content_block_stop", "index": index}]

    stream = anthropic.Streamed()
    usage = {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1}
    assert feed(stream, {"type": "message_start", "message": {"content": [], "usage": usage}}, {"type": "ping"}) is None
    assert not stream.first_text
    assert feed(stream, *block(0, "thinking", "thinking_delta", "h", "m")) is None
    assert feed(stream, *block(1, "text", "text_delta", "né", " 🙂")) is None
    assert (stream.first_text, stream.whole) == (True, False)
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 8}}
    assert feed(stream, end, {"type": "message_stop"}) is None
    assert stream.over
    assert stream.answer() == Answer("né 🙂", "hm", "stop", Usage(15, 8))


@pytest.mark.parametrize(("kind", "status"), [("overloaded_error", 529), ("rate_limit_error", 429), ("new_error", 500)])
def test_an_error_in_the_middle_of_anthropics_stream(kind: str, status: int) -> None:
    failure = feed(anthropic.Streamed(), {"type": "error", "error": {"type": kind, "message": "No"}})
    assert failure is not None
    assert failure.status == status
