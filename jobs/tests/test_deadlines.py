"""Answers that never end, stall, or are too much: what ends each of them, against real sockets."""

import asyncio
import json
import socket
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from endpoint import Call, answer
from endpoint import Endpoint as Server
from touchstone_jobs.files import EndpointModel
from touchstone_jobs.inference import endpoint as endpoint_module
from touchstone_jobs.inference import reading
from touchstone_jobs.inference.answers import Answer
from touchstone_jobs.inference.endpoint import Endpoint
from touchstone_jobs.inference.model import Row
from touchstone_jobs.inference.pool import Called
from touchstone_jobs.inference.provider_errors import Refusal

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[str]:
    """A server of bytes."""
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def call(url: str, timeout_s: int) -> Called:
    """One call, as the pool makes it."""
    model = EndpointModel(
        protocol="openai",
        base_url=url,
        model="m",
        params={},
        stop=[],
        extra_body={},
        has_secret=False,
        timeout_s=timeout_s,
    )
    endpoint = Endpoint(model, "{{examples}}", None, None)
    async with endpoint.session() as session:
        return await endpoint.call(session, Row(0, {"examples": "text"}))


async def refused(url: str, timeout_s: int = 30) -> Refusal:
    result = (await call(url, timeout_s)).result
    assert isinstance(result, Refusal)
    return result


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_a_body_that_drips_is_ended_by_the_deadline() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        while not reader.at_eof():
            writer.write(b"1\r\n \r\n")
            await asyncio.sleep(0.05)

    async with listening(drip) as url:
        started = time.monotonic()
        called = await call(url, timeout_s=1)
        assert time.monotonic() - started < 5
    assert isinstance(called.result, Refusal)
    assert (called.result.code, called.result.action) == ("timeout", "fail")
    assert called.result.message == "No complete answer within 1 s."
    assert called.latency_ms is not None
    assert called.latency_ms >= 1000


async def test_headers_that_drip_are_ended_by_the_deadline() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not reader.at_eof():
            writer.write(b"x")
            await asyncio.sleep(0.05)

    async with listening(drip) as url:
        assert (await refused(url, 1)).code == "timeout"


async def test_a_peer_that_says_nothing_is_ended_by_the_deadline_and_the_socket_closed() -> None:
    closed = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        closed.set()

    async with listening(hang) as url:
        assert (await refused(url, 1)).code == "timeout"
        async with asyncio.timeout(5):
            await closed.wait()


async def test_an_answer_that_stalls_is_ended_long_before_the_deadline_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "IDLE_TIMEOUT_S", 0.3)

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.6)  # Until its first byte a model may think.
        writer.write(HEAD + b"1\r\n{\r\n")
        await reader.read()

    async with listening(stall) as url:
        started = time.monotonic()
        refusal = await refused(url, 30)
        assert 0.9 <= time.monotonic() - started < 5
    assert (refusal.code, refusal.action) == ("timeout", "retry")
    assert "no byte" in refusal.message


async def test_a_backlog_that_nobody_takes_is_a_connection_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that drops packets."""
    monkeypatch.setattr(endpoint_module, "CONNECT_TIMEOUT_S", 0.5)
    refusal = await refused("http://192.0.2.1:9/v1")
    assert (refusal.code, refusal.action, refusal.away) == ("provider_unavailable", "retry", True)
    assert refusal.message.startswith("Cannot connect to http://192.0.2.1:9")


async def test_a_peer_that_dies_without_a_word_is_noticed() -> None:
    """Its machine is gone: the kernel is told to ask for a sign of life."""
    made = endpoint_module.make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 9)))
    with made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


async def test_a_cut_answer_is_tried_again() -> None:
    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b'5\r\n{"cho')
        writer.close()

    async with listening(cut) as url:
        refusal = await refused(url)
    assert (refusal.code, refusal.action, refusal.away) == ("provider_unavailable", "retry", False)
    assert "broke off" in refusal.message


async def test_what_is_larger_than_ten_megabytes_is_cut_off() -> None:
    sent = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD)
        piece = b"%x\r\n" % 100_000 + b"x" * 100_000 + b"\r\n"
        try:
            for _ in range(10_000):
                writer.write(piece)
                await writer.drain()
                sent += 100_000
        except ConnectionError:
            pass

    async with listening(flood) as url:
        refusal = await refused(url)
    assert (refusal.code, refusal.action) == ("malformed", "fail")
    assert "larger than 10 MB" in refusal.message
    assert sent < 30_000_000


def packed(body: bytes, encoding: str) -> Callable[[Call], Awaitable[web.StreamResponse]]:
    async def handle(_: Call) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": encoding, "Content-Type": "application/json"})

    return handle


async def test_a_gzip_bomb_is_not_unpacked() -> None:
    async with Server(packed(make_bomb(2_000), "gzip")) as server:
        tracemalloc.start()
        try:
            refusal = await refused(server.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert refusal.code == "malformed"
    assert "larger than 10 MB" in refusal.message
    assert peak < 60_000_000


def make_bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15), ("GZIP", 31)])
async def test_an_answer_that_is_packed_although_none_was_asked_for_is_read(encoding: str, wbits: int) -> None:
    body = json.dumps({"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}).encode()
    packer = zlib.compressobj(wbits=wbits)
    async with Server(packed(packer.compress(body) + packer.flush(), encoding)) as server:
        result = (await call(server.url, 30)).result
        assert server.calls[0].request.headers["Accept-Encoding"] == "identity"
    assert isinstance(result, Answer)
    assert result.text == "hello"


@pytest.mark.parametrize(("encoding", "words"), [("br", "packed as br"), ("gzip", "cannot be unpacked")])
async def test_an_answer_that_cannot_be_unpacked_is_malformed(encoding: str, words: str) -> None:
    async with Server(packed(b"no such thing", encoding)) as server:
        refusal = await refused(server.url)
    assert refusal.code == "malformed"
    assert words in refusal.message


async def test_a_whole_answer_takes_as_long_as_it_takes() -> None:
    async def slow(call: Call) -> web.StreamResponse:
        await asyncio.sleep(1.2)
        return answer(call)

    async with Server(slow) as server:
        called = await call(server.url, 30)
    assert isinstance(called.result, Answer)
    assert called.latency_ms is not None
    assert 1200 <= called.latency_ms < 2000
