"""Rows in flight: each makes its calls on its own, within the limiter's slots, until there is an answer or none to be
had.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from touchstone_jobs.inference.answers import NO_USAGE, Answer, Usage
from touchstone_jobs.inference.breaker import Breaker
from touchstone_jobs.inference.limiter import Limiter
from touchstone_jobs.inference.model import Completion, EndpointRefuses, Row, Rows, failed
from touchstone_jobs.inference.provider_errors import Refusal
from touchstone_jobs.log import say

MAX_CALLS = 5
"""Calls for one row, the first included."""
FIRST_BACKOFF_S = 0.5
FIRST_BACKOFF_WHEN_LIMITED_S = 2.0
"""Pauses double from call to call, less up to half at random; what the endpoint asks for is the least."""
MAX_RETRY_AFTER_S = 600.0
"""A row whose endpoint asks for a longer pause fails instead."""
BREAKER_GRACE_S = 1.0
"""What calls under way get to finish once the breaker has tripped."""
REPORT_S = 0.25


@dataclass(slots=True)
class Called:
    """What one call came to."""

    result: Answer | Refusal
    connected: bool
    """The endpoint said something."""
    latency_ms: float | None = None
    first_token_ms: float | None = None
    finish_reason: str | None = None
    usage: Usage = NO_USAGE
    cost: float | None = None
    """In US dollars; None: unknown."""


class Pool:
    """One `generate` of a model that is called over a network. `call` makes one call and never raises for the
    endpoint's faults.
    """

    def __init__(self, call: Callable[[Row], Awaitable[Called]], rows: Rows) -> None:
        self._call = call
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
                called = await self._call(row)
            except Exception as error:
                # The name alone: the text might quote a header.
                message = f"Running this row failed: {type(error).__name__}."
                self._finished.put_nowait(failed(row, "row_crashed", message, calls=calls))
                return
            finally:
                self._limiter.release()
            if isinstance(called.result, Answer):
                self._succeed(row, called, called.result, calls)
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

    def _succeed(self, row: Row, called: Called, answer: Answer, calls: int) -> None:
        self._breaker.succeeded()
        self._limiter.succeeded()
        completion = Completion(row.row_id, row.repeat, answer.text, reasoning=answer.reasoning, calls=calls)
        self._finish(completion, called)

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
        first = FIRST_BACKOFF_WHEN_LIMITED_S if refusal.action == "slow_down" else FIRST_BACKOFF_S
        backoff: float = first * 2 ** (calls - 1) * random.uniform(0.5, 1.0)
        return max(backoff, wait)

    def _give_up(self, row: Row, called: Called, refusal: Refusal, calls: int) -> None:
        self._breaker.row_failed(refusal, self._limiter.grant)
        self._finish(failed(row, refusal.code, refusal.message, calls=calls), called)

    def _finish(self, completion: Completion, called: Called) -> None:
        """With what the last call says of itself; an answer that was refused here has tokens and a cost too."""
        completion.finish_reason = called.finish_reason
        completion.latency_ms = called.latency_ms
        completion.first_token_ms = called.first_token_ms
        completion.prompt_tokens = called.usage.prompt_tokens
        completion.completion_tokens = called.usage.completion_tokens
        completion.reasoning_tokens = called.usage.reasoning_tokens
        completion.cost = called.cost
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
