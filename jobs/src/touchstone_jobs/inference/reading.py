"""Reads what an endpoint sends, whole or as a stream: up to a size, unpacked, and only while bytes come."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp

from touchstone_jobs.inference.answers import Answer, NoAnswer, Stream
from touchstone_jobs.inference.event_stream import EventReader
from touchstone_jobs.inference.provider_errors import one_line

MAX_BODY = 10_000_000


IDLE_TIMEOUT_S = 60.0
"""Between two pieces of an answer. The wait for the first is the deadline's alone: a model may think for long."""


class UnreadableBody(Exception):
    """The message says why, in words."""


@dataclass(slots=True)
class Received:
    body: bytes
    """Of a stream: the event that ended it, where that is an error."""
    ended_at: float
    """Of `time.perf_counter`, as the other one."""
    streamed: Answer | NoAnswer | None = None
    """What a stream came to; None: it was none."""
    first_text_at: float | None = None


async def read_body(response: aiohttp.ClientResponse, deadline: asyncio.Timeout) -> Received:
    """Raises UnreadableBody, TimeoutError, and aiohttp.ClientError where it breaks off."""
    body = b"".join([part async for part in _parts(response, deadline)])
    return Received(body, time.perf_counter())


async def read_stream(response: aiohttp.ClientResponse, deadline: asyncio.Timeout, stream: Stream) -> Received:
    """Raises UnreadableBody, TimeoutError, and aiohttp.ClientError where it breaks off: half an answer is none."""
    reader = EventReader()
    first_text_at = ended_at = None
    async for part in _parts(response, deadline):
        now = time.perf_counter()
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


async def _parts(response: aiohttp.ClientResponse, deadline: asyncio.Timeout) -> AsyncIterator[bytes]:
    """An answer's bytes as they come: at most MAX_BODY of them, unpacked; `deadline` comes sooner while none do."""
    unpack = _unpacking(response.headers.get("Content-Encoding", "identity"))
    now, end = asyncio.get_running_loop().time, deadline.when()
    left = MAX_BODY
    async for part in response.content.iter_any():
        if end is not None:
            deadline.reschedule(min(end, now() + IDLE_TIMEOUT_S))
        plain = unpack(part, left + 1) if unpack else part
        left -= len(plain)
        if left < 0:
            raise UnreadableBody(f"The answer is larger than {MAX_BODY // 1_000_000} MB.")
        if plain:
            yield plain


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes] | None:
    """Of an answer that is packed although none was asked for: no more than so many bytes are made of a piece, however
    many are in it.
    """
    if encoding.lower() == "identity":
        return None
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableBody(f"The answer is packed as {one_line(encoding, 40)}, which was not asked for.")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS + 32)

    def unpack(part: bytes, limit: int) -> bytes:
        try:
            return unpacker.decompress(part, limit)
        except zlib.error as error:
            raise UnreadableBody(f"The answer cannot be unpacked: {error}") from None

    return unpack
