"""Reads what an endpoint sends, whole or as a stream, up to a size."""

import time
from dataclasses import dataclass

import aiohttp

from touchstone_jobs.inference.answers import Answer, NoAnswer, Stream
from touchstone_jobs.inference.event_stream import EventReader

MAX_BODY = 10_000_000


class TooLarge(Exception):
    """More than MAX_BODY bytes came."""


@dataclass(slots=True)
class Received:
    body: bytes
    """Of a stream: the event that ended it, where that is an error."""
    ended_at: float
    """Of `time.perf_counter`, as the other one."""
    streamed: Answer | NoAnswer | None = None
    """What a stream came to; None: it was none."""
    first_text_at: float | None = None


async def read_body(response: aiohttp.ClientResponse) -> Received:
    """Raises TooLarge, and aiohttp.ClientError where it breaks off."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MAX_BODY:
            raise TooLarge
        parts.append(part)
    return Received(b"".join(parts), time.perf_counter())


async def read_stream(response: aiohttp.ClientResponse, stream: Stream) -> Received:
    """Raises TooLarge, and aiohttp.ClientError where it breaks off: half an answer is none."""
    reader = EventReader()
    size = 0
    first_text_at = ended_at = None
    async for part in response.content.iter_any():
        now = time.perf_counter()
        size += len(part)
        if size > MAX_BODY:
            raise TooLarge
        for event in reader.feed(part):
            failure = None if ended_at else stream.add(event)
            if failure is not None:
                return Received(event.data, now, failure)
            if stream.first_text and first_text_at is None:
                first_text_at = now
            # Read on to the body's end, so that the connection can be used again.
            if stream.over and ended_at is None:
                ended_at = now
    if not stream.whole:
        raise aiohttp.ClientPayloadError("the stream ended in the middle")
    return Received(b"", ended_at or time.perf_counter(), stream.answer(), first_text_at)
