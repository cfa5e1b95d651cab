"""A model of an endpoint, called through aiohttp alone: 0.3 ms of CPU a call, where client libraries take 4 to 16.
How an endpoint is spoken to is in a module for each protocol.
"""

import asyncio
import json
import os
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

import touchstone_jobs
from touchstone_jobs.files import EndpointModel, Price, Spending, TokenPrice
from touchstone_jobs.inference import anthropic, openai
from touchstone_jobs.inference.answers import Answer, NoAnswer, Stream, Usage
from touchstone_jobs.inference.model import Completion, Row, Rows, seed_for
from touchstone_jobs.inference.pool import Called, Pool
from touchstone_jobs.inference.provider_errors import Refusal, explain_status, one_line
from touchstone_jobs.inference.reading import IDLE_TIMEOUT_S, Received, UnreadableBody, read_body, read_stream
from touchstone_jobs.inference.retry_after import parse_wait
from touchstone_jobs.log import REDACTED
from touchstone_jobs.prompt import prompt_columns, render_prompt

CONNECT_TIMEOUT_S = 10.0
DEAD_PEER = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 60_000}
"""A peer that acknowledges nothing for a minute is gone, however long its answer may take."""
KEEPALIVE_S = 4.0
"""Below the five seconds after which many servers close an idle connection, so that a call does not run into the
closing.
"""
TEMPLATE_TOKENS = 64
"""What a chat template adds to the messages, at most."""
MIN_SECRET_LENGTH = 8
"""A shorter key is no secret ("none", "ollama"), and would be found in harmless text."""


class Wire(Protocol):
    """How endpoints of one protocol are spoken to: what each of its modules has."""

    PATH: str

    def headers(self, secret: str | None) -> dict[str, str]: ...
    def settings(self, model: EndpointModel) -> dict[str, Any]: ...
    def messages(self, prompt: str, system_prompt: str | None) -> dict[str, Any]: ...
    def answer_format(self, schema: dict[str, Any]) -> dict[str, Any]: ...
    def read_answer(self, body: bytes) -> Answer | NoAnswer: ...

    def start_stream(self) -> Stream: ...


PROTOCOLS: dict[str, Wire] = {"openai": openai, "anthropic": anthropic}


class Endpoint:
    """One model of one endpoint. The key goes to `base_url` and nowhere else: redirects are not followed."""

    def __init__(self, model: EndpointModel, prompt: str, system_prompt: str | None, secret: str | None) -> None:
        self._model = model
        self._prompt = prompt
        self._system_prompt = system_prompt
        self._protocol = PROTOCOLS[model.protocol]
        self._url = URL(f"{model.base_url.rstrip('/')}/{self._protocol.PATH}")
        self._proxy = _proxy_for(self._url)
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream" if model.stream else "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"touchstone/{touchstone_jobs.__version__}",
            **self._protocol.headers(secret),
        }
        self._secret_forms = _forms(secret)
        self._settings: dict[str, Any] = self._protocol.settings(model)

    def most(self, row: Row) -> Spending:
        """What one call for this row may come to: no tokenizer makes more of a prompt than it has bytes, and an answer
        is as long as max_tokens allows.
        """
        system = "" if self._system_prompt is None else render_prompt(self._system_prompt, row.values)
        prompt = len((system + render_prompt(self._prompt, row.values)).encode("utf-8", "replace")) + TEMPLATE_TOKENS
        answer = self._settings.get("max_completion_tokens") or self._settings.get("max_tokens") or 0
        most = Usage(prompt, answer)
        return Spending(cost=cost(most, self._model.price) or 0.0, tokens=prompt + answer, calls=1)

    def columns(self) -> list[str]:
        return list(dict.fromkeys(prompt_columns(self._prompt) + prompt_columns(self._system_prompt or "")))

    def libraries(self) -> list[str]:
        return ["aiohttp"]

    async def generate(self, rows: Rows) -> AsyncIterator[Completion]:
        async with self.session() as session:
            async for completion in Pool(partial(self.call, session), rows).completions():
                yield completion

    def session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, ttl_dns_cache=300, keepalive_timeout=KEEPALIVE_S, socket_factory=make_socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
            auto_decompress=False,
            trace_configs=[_trace_sending()],
        )

    def request(self, row: Row) -> bytes:
        system_prompt = None if self._system_prompt is None else render_prompt(self._system_prompt, row.values)
        messages = self._protocol.messages(render_prompt(self._prompt, row.values), system_prompt)
        body = {**self._settings, **seed_for(self._model.params, row), **messages}
        return json.dumps(body, ensure_ascii=False).encode()

    async def call(self, session: aiohttp.ClientSession, row: Row) -> Called:
        """One call. What the endpoint or the network does wrong comes back as a Refusal, never as an exception."""
        started = time.perf_counter()
        sent = SimpleNamespace(at=started)
        connected = False
        try:
            async with (
                asyncio.timeout(self._model.timeout_s) as deadline,
                session.post(
                    self._url, data=self.request(row), allow_redirects=False, proxy=self._proxy, trace_request_ctx=sent
                ) as response,
            ):
                connected = True
                if self._model.stream and response.status == 200 and response.content_type == "text/event-stream":
                    received = await read_stream(response, deadline, self._protocol.start_stream())
                else:
                    received = await read_body(response, deadline)
                status, wait = response.status, parse_wait(response.headers, time.time())
        except TimeoutError as error:
            return self._explain_timeout(error, time.perf_counter() - started)
        except UnreadableBody as error:
            return Called(Refusal("malformed", str(error)))
        except (aiohttp.ClientError, OSError) as error:
            refusal = self._explain_connection(error, connected)
            return Called(refusal, billed=not (refusal.away or refusal.fatal))
        return self._read(status, received, wait, sent.at)

    def _explain_timeout(self, error: TimeoutError, waited_s: float) -> Called:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            what = f"Cannot connect to {self._url.origin()} within {CONNECT_TIMEOUT_S:.0f} s."
            return Called(Refusal("provider_unavailable", what, "retry", away=True), billed=False)
        if waited_s < self._model.timeout_s:
            what = f"The endpoint's answer broke off: no byte of it came for {IDLE_TIMEOUT_S:.0f} s."
            return Called(Refusal("timeout", what, "retry"), latency_ms=waited_s * 1000)
        what = f"No complete answer within {self._model.timeout_s} s."
        return Called(Refusal("timeout", what), latency_ms=waited_s * 1000)

    def _read(self, status: int, received: Received, wait: float | None, sent_at: float) -> Called:
        body = self._redact(received.body)
        latency_ms = (received.ended_at - sent_at) * 1000
        if status != 200:
            answer = None
        elif received.streamed is None:
            answer = self._protocol.read_answer(body)
        else:
            answer = self._redact_streamed(received.streamed)
        first_text_at = received.first_text_at
        if answer is None or (not isinstance(answer, Answer) and answer.status is not None):
            refusal = explain_status((answer and answer.status) or status, body, wait)
            return Called(refusal, latency_ms=latency_ms, billed=False)
        return Called(
            answer if isinstance(answer, Answer) else Refusal(answer.code, answer.message),
            latency_ms=latency_ms,
            first_token_ms=first_text_at and (first_text_at - sent_at) * 1000,
            finish_reason=answer.finish_reason,
            usage=answer.usage,
            cost=cost(answer.usage, self._model.price),
        )

    def _explain_connection(self, error: Exception, connected: bool) -> Refusal:
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
            what = f"The endpoint's certificate is not trusted: {one_line(str(error))}"
            return Refusal("provider_unavailable", what, fatal=True)
        if isinstance(error, aiohttp.InvalidURL):
            return Refusal("bad_request", f"base_url is not an address: {one_line(str(error))}", fatal=True)
        if isinstance(error, aiohttp.ServerDisconnectedError):
            what = "The endpoint closed the connection without an answer."
        elif connected:
            what = f"The endpoint's answer broke off: {one_line(str(error))}"
        else:
            what = f"Cannot connect to {self._url.origin()}: {_cause(error)}"
            return Refusal("provider_unavailable", what, "retry", away=True)
        return Refusal("provider_unavailable", what, "retry")

    def _redact(self, body: bytes) -> bytes:
        for form in self._secret_forms:
            body = body.replace(form, REDACTED.encode())
        return body

    def _redact_streamed(self, answer: Answer | NoAnswer) -> Answer | NoAnswer:
        """A key may have come in pieces."""
        if isinstance(answer, NoAnswer):
            return replace(answer, message=self._redact(answer.message.encode()).decode())
        reasoning = answer.reasoning and self._redact(answer.reasoning.encode()).decode()
        return replace(answer, text=self._redact(answer.text.encode()).decode(), reasoning=reasoning)


def cost(usage: Usage, price: Price | None) -> float | None:
    """In US dollars: the endpoint's own figure, else by the price of the tokens it counted; None where one of them is
    unknown, and where the model is paid by the hour, of which no row has a part. Discounts, as for a prompt that the
    endpoint has cached, are in the endpoint's own figure alone.
    """
    if usage.cost is not None:
        return usage.cost
    if not isinstance(price, TokenPrice) or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return (usage.prompt_tokens * price.input + usage.completion_tokens * price.output) / 1e6


def _cause(error: Exception) -> str:
    """`Connection refused`: aiohttp's own words say the address again."""
    cause = getattr(error, "os_error", error)
    number = getattr(cause, "errno", None) or 0
    # Below zero are the resolver's own numbers.
    said = os.strerror(number) if number > 0 else getattr(cause, "strerror", None) or str(error)
    return one_line(said or type(error).__name__)


def make_socket(address: Any) -> socket.socket:
    """One that notices when the other side is gone without a word: a machine that lost its power says nothing."""
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in DEAD_PEER.items():
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


def _trace_sending() -> aiohttp.TraceConfig:
    """Notes when a request's body was written: latency is the endpoint's, not ours."""
    config = aiohttp.TraceConfig()

    async def note(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        context.trace_request_ctx.at = time.perf_counter()

    config.on_request_chunk_sent.append(note)
    return config


def _proxy_for(url: URL) -> str | None:
    """From HTTPS_PROXY, HTTP_PROXY and NO_PROXY; never for this machine. (aiohttp's trust_env would also send what
    ~/.netrc holds.)
    """
    host = url.host or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    return getproxies().get(url.scheme)


def _forms(secret: str | None) -> list[bytes]:
    """The key as it may be echoed in a body."""
    if secret is None or len(secret) < MIN_SECRET_LENGTH:
        return []
    escaped = json.dumps(secret)[1:-1]
    return list(dict.fromkeys(form.encode() for form in (secret, escaped, escaped.replace("/", "\\/"))))
