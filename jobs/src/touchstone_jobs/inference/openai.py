"""Any endpoint that speaks OpenAI's chat completions, through aiohttp alone: 0.3 ms of CPU a call, where client
libraries take 4 to 16.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

import touchstone_jobs
from touchstone_jobs.files import OpenAiModel
from touchstone_jobs.inference.answers import Answer, read_answer
from touchstone_jobs.inference.breaker import Breaker
from touchstone_jobs.inference.limiter import Limiter
from touchstone_jobs.inference.model import Completion, EndpointRefuses, Row, Rows, failed
from touchstone_jobs.inference.provider_errors import Refusal, explain_status, one_line
from touchstone_jobs.log import REDACTED, say
from touchstone_jobs.prompt import prompt_columns, render_prompt

MAX_CALLS = 5
"""Calls for one row, the first included."""
MAX_BODY = 10_000_000
CONNECT_TIMEOUT_S = 10.0
FIRST_BACKOFF_S = 0.5
MAX_RETRY_AFTER_S = 600.0
"""A row whose endpoint asks for a longer pause fails instead."""
KEEPALIVE_S = 4.0
"""Below the five seconds after which many servers close an idle connection, so that a call does not run into the
closing.
"""
BREAKER_GRACE_S = 1.0
REPORT_S = 0.25
MIN_SECRET_LENGTH = 8
"""A shorter key is no secret ("none", "ollama"), and would be found in harmless text."""


class OpenAi:
    """One model of one endpoint. The key goes to `base_url` and nowhere else: redirects are not followed."""

    def __init__(self, model: OpenAiModel, prompt: str, system_prompt: str | None, secret: str | None) -> None:
        self._model = model
        self._prompt = prompt
        self._system_prompt = system_prompt
        self._url = URL(f"{model.base_url.rstrip('/')}/chat/completions")
        self._proxy = _proxy_for(self._url)
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"touchstone/{touchstone_jobs.__version__}",
        }
        if secret is not None:
            self._headers["Authorization"] = f"Bearer {secret}"
        self._secret_forms = _forms(secret)
        stop = {"stop": model.stop} if model.stop else {}
        self._body: dict[str, Any] = {**model.extra_body, **model.params, **stop, "model": model.model}

    def columns(self) -> list[str]:
        return list(dict.fromkeys(prompt_columns(self._prompt) + prompt_columns(self._system_prompt or "")))

    def libraries(self) -> list[str]:
        return ["aiohttp"]

    async def generate(self, rows: Rows) -> AsyncIterator[Completion]:
        connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=KEEPALIVE_S)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
            trace_configs=[_trace_sending()],
        ) as session:
            run = _Run(self, session, rows)
            async for completion in run.completions():
                yield completion

    def request(self, row: Row) -> bytes:
        messages = [{"role": "user", "content": render_prompt(self._prompt, row.values)}]
        if self._system_prompt is not None:
            messages.insert(0, {"role": "system", "content": render_prompt(self._system_prompt, row.values)})
        return json.dumps({**self._body, "messages": messages}, ensure_ascii=False).encode()

    async def call(self, session: aiohttp.ClientSession, row: Row) -> "_Called":
        """One call. What the endpoint or the network does wrong comes back as a Refusal, never as an exception."""
        started = time.perf_counter()
        sent = SimpleNamespace(at=started)
        connected = False
        try:
            async with (
                asyncio.timeout(self._model.timeout_s),
                session.post(
                    self._url, data=self.request(row), allow_redirects=False, proxy=self._proxy, trace_request_ctx=sent
                ) as response,
            ):
                connected = True
                body = await _read(response)
                latency_ms = (time.perf_counter() - sent.at) * 1000
                status, retry_after = response.status, response.headers.get("Retry-After")
        except aiohttp.ConnectionTimeoutError:
            return _Called(
                Refusal(
                    "provider_unavailable",
                    f"Cannot connect to {self._url.origin()} within {CONNECT_TIMEOUT_S:.0f} s.",
                    "retry",
                )
            )
        except TimeoutError:
            latency_ms = (time.perf_counter() - started) * 1000
            message = f"No complete answer within {self._model.timeout_s} s."
            return _Called(Refusal("timeout", message), latency_ms=latency_ms, connected=True)
        except _TooLarge:
            return _Called(
                Refusal("malformed", f"The answer is larger than {MAX_BODY // 1_000_000} MB."), connected=True
            )
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            message = f"The endpoint's certificate is not trusted: {one_line(str(error))}"
            return _Called(Refusal("provider_unavailable", message, fatal=True), connected=True)
        except aiohttp.InvalidURL as error:
            return _Called(
                Refusal("bad_request", f"base_url is not an address: {one_line(str(error))}", fatal=True),
                connected=True,
            )
        except (aiohttp.ClientError, OSError) as error:
            return _Called(self._explain_connection(error, connected), connected=connected)
        return self._read(status, self._redact(body), retry_after, latency_ms)

    def _read(self, status: int, body: bytes, retry_after: str | None, latency_ms: float) -> "_Called":
        if status == 200:
            answer = read_answer(body)
            if isinstance(answer, Answer):
                return _Called(answer, latency_ms=latency_ms, connected=True)
            if answer.status is None:
                return _Called(Refusal(answer.code, answer.message), answer.finish_reason, latency_ms, connected=True)
            status = answer.status
        return _Called(explain_status(status, body, retry_after, time.time()), latency_ms=latency_ms, connected=True)

    def _explain_connection(self, error: Exception, connected: bool) -> Refusal:
        if isinstance(error, aiohttp.ServerDisconnectedError):
            what = "The endpoint closed the connection without an answer."
        elif connected:
            what = f"The endpoint's answer broke off: {one_line(str(error))}"
        else:
            what = f"Cannot connect to {self._url.origin()}: {one_line(str(error) or type(error).__name__)}"
        return Refusal("provider_unavailable", what, "retry")

    def _redact(self, body: bytes) -> bytes:
        for form in self._secret_forms:
            body = body.replace(form, REDACTED.encode())
        return body


class _Called:
    """What one call came to."""

    __slots__ = ("connected", "finish_reason", "latency_ms", "result")

    def __init__(
        self,
        result: Answer | Refusal,
        finish_reason: str | None = None,
        latency_ms: float | None = None,
        *,
        connected: bool = False,
    ) -> None:
        self.result = result
        self.finish_reason = finish_reason
        self.latency_ms = latency_ms
        self.connected = connected


class _Run:
    """One `generate`: rows in flight, the limiter and the breaker."""

    def __init__(self, model: OpenAi, session: aiohttp.ClientSession, rows: Rows) -> None:
        self._model = model
        self._session = session
        self._rows = rows
        self._limiter = Limiter(rows.concurrency)
        self._breaker = Breaker()
        self._finished: asyncio.Queue[Completion | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._backing_off = 0
        self._fewer_wait = asyncio.Event()
        self._logged: set[str] = set()

    async def completions(self) -> AsyncIterator[Completion]:
        dispatcher = asyncio.create_task(self._dispatch())
        reporter = asyncio.create_task(self._report())
        try:
            while (completion := await self._finished.get()) is not None:
                yield completion
            await dispatcher
        finally:
            for task in (dispatcher, reporter, *self._tasks):
                task.cancel()
            await asyncio.gather(dispatcher, reporter, *self._tasks, return_exceptions=True)
        if self._breaker.tripped is not None:
            raise EndpointRefuses(self._breaker.tripped)

    async def _dispatch(self) -> None:
        """Starts a task for each row as slots come free; ends with None in the queue when all are done."""
        try:
            while await self._start_next():
                pass
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=BREAKER_GRACE_S if self._breaker.tripped else None)
        finally:
            self._finished.put_nowait(None)

    async def _start_next(self) -> bool:
        while self._backing_off >= self._limiter.grant and not self._breaker.tripped:
            self._fewer_wait.clear()
            await self._fewer_wait.wait()
        await self._limiter.acquire()
        row = None
        try:
            row = None if self._breaker.tripped else await self._rows.next()
        finally:
            if row is None:
                self._limiter.release()
        if row is None:
            return False
        task = asyncio.create_task(self._run(row))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _run(self, row: Row) -> None:
        """Calls until there is an answer or a reason to give up. Comes with a slot."""
        for calls in range(1, MAX_CALLS + 1):
            started = asyncio.get_running_loop().time()
            try:
                called = await self._model.call(self._session, row)
            except Exception as error:
                self._finished.put_nowait(
                    failed(row.row_id, "row_crashed", f"Running this row failed: {one_line(repr(error))}", calls=calls)
                )
                return
            finally:
                self._limiter.release()
            if isinstance(called.result, Answer):
                self._succeed(row, called.result, called.latency_ms, calls)
                return
            pause = self._fail(called.result, called.connected, started, calls)
            if pause is None:
                self._give_up(row, called, called.result, calls)
                return
            if not await self._wait_for_another_call(pause):
                return

    async def _wait_for_another_call(self, pause_s: float) -> bool:
        """Gives a slot, or False where no call may start any more."""
        self._backing_off += 1
        try:
            await asyncio.sleep(pause_s)
        finally:
            self._backing_off -= 1
            self._fewer_wait.set()
        await self._limiter.acquire(again=True)
        allowed = False
        try:
            allowed = not self._breaker.tripped and await self._rows.may_call()
        finally:
            if not allowed:
                self._limiter.release()
        return allowed

    def _succeed(self, row: Row, answer: Answer, latency_ms: float | None, calls: int) -> None:
        self._breaker.succeeded()
        self._limiter.succeeded()
        completion = Completion(
            row.row_id,
            prediction=answer.text,
            finish_reason=answer.finish_reason,
            latency_ms=latency_ms,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            calls=calls,
        )
        self._finished.put_nowait(completion)

    def _fail(self, refusal: Refusal, connected: bool, started: float, calls: int) -> float | None:
        """Seconds to wait before the next call for this row; None: there is none."""
        was_whole = self._breaker.tripped is None
        self._breaker.call_failed(refusal, connected=connected)
        if was_whole and self._breaker.tripped:
            say(f"stopped calling: {self._breaker.tripped}")
            self._fewer_wait.set()
        if refusal.message not in self._logged and len(self._logged) < 100:
            self._logged.add(refusal.message)
            say(f"{refusal.code}: {refusal.message}")
        wait = refusal.retry_after_s or 0.0
        if refusal.action == "slow_down" and self._limiter.slow_down(started, min(wait, MAX_RETRY_AFTER_S)):
            say(
                f"rate limited: {self._limiter.limit} calls at once from now on"
                + (f", none for {wait:.1f} s" if wait else "")
            )
        if refusal.action == "fail" or calls == MAX_CALLS or wait > MAX_RETRY_AFTER_S or self._breaker.tripped:
            return None
        backoff: float = FIRST_BACKOFF_S * 2 ** (calls - 1) * random.uniform(0.5, 1.0)
        return max(backoff, wait)

    def _give_up(self, row: Row, called: _Called, refusal: Refusal, calls: int) -> None:
        self._breaker.row_failed(refusal, self._limiter.grant)
        completion = failed(row.row_id, refusal.code, refusal.message, calls=calls, latency_ms=called.latency_ms)
        completion.finish_reason = called.finish_reason
        self._finished.put_nowait(completion)

    async def _report(self) -> None:
        """Follows the server's grant, and says what is waited for."""
        while True:
            self._limiter.set_grant(self._rows.concurrency)
            paused = self._limiter.paused_for()
            next_call = datetime.now(UTC) + timedelta(seconds=paused)
            waiting_for = f"the endpoint's rate limit, until {next_call:%H:%M:%S} UTC" if paused else None
            self._rows.report(self._limiter.limit, waiting_for)
            await asyncio.sleep(REPORT_S)


class _TooLarge(Exception):
    pass


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MAX_BODY:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


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
