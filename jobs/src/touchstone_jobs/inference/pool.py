"""Rows in flight: each makes its calls on its own, within the limiter's slots, until there is an answer or none to be
had.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from touchstone_jobs.fold import add_cost
from touchstone_jobs.inference.answers import NO_USAGE, Answer, Usage, add_usage
from touchstone_jobs.inference.breaker import PROBE_EVERY_S, Breaker
from touchstone_jobs.inference.limiter import Limiter
from touchstone_jobs.inference.model import Completion, EndpointRefuses, Row, Rows, failed
from touchstone_jobs.inference.provider_errors import Refusal
from touchstone_jobs.log import say

MAX_FAILURES = 5
"""Calls for one row that the endpoint or the network fails, the first included. Being refused for the rate is no
failure.
"""
MAX_REFUSALS = 20
REFUSALS_FOR_S = 900.0
"""A row that was refused for its rate so often and for so long, while others were answered, is that row's error."""
FIRST_BACKOFF_S = 0.5
FIRST_BACKOFF_WHEN_LIMITED_S = 2.0
MAX_BACKOFF_S = 8.0
"""Pauses double from call to call, less up to half at random; what the endpoint asks for is the least."""
MAX_RETRY_AFTER_S = 600.0
"""A row whose endpoint fails and asks for a longer pause fails at once."""
BACKING_OFF_PER_SLOT = 4
"""With more rows between two calls than so many times the calls at once no new row is begun."""
BREAKER_GRACE_S = 1.0
"""What calls under way get to finish once the breaker has tripped."""
REPORT_S = 0.25


@dataclass(slots=True)
class Called:
    """What one call came to."""

    result: Answer | Refusal
    latency_ms: float | None = None
    first_token_ms: float | None = None
    finish_reason: str | None = None
    usage: Usage = NO_USAGE
    cost: float | None = None
    """In US dollars; None: unknown."""
    billed: bool = True
    """It may have been charged: not where it was refused, or never arrived."""


@dataclass(slots=True)
class Tries:
    """What was tried for one row."""

    began: float
    """Time of the event loop."""
    calls: int = 0
    failures: int = 0
    refusals: int = 0
    usage: Usage = NO_USAGE
    """Of all calls but the last, as `cost`."""
    cost: float | None = None


class Pool:
    """One `generate` of a model that is called over a network. `call` makes one call and never raises for the
    endpoint's faults.
    """

    def __init__(self, call: Callable[[Row], Awaitable[Called]], rows: Rows) -> None:
        self._call = call
        self._rows = rows
        self._limiter = Limiter(rows.concurrency, rows.first_concurrency, say)
        self._breaker = Breaker(asyncio.get_running_loop().time)
        self._paused = False
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
            self._rows.report(self._limiter.limit, None, held=self._limiter.held)
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
        while self._backing_off >= BACKING_OFF_PER_SLOT * max(self._limiter.aim, 1) and not self._breaker.tripped:
            self._fewer_wait.clear()
            await self._fewer_wait.wait()
        await self._acquire_for_new_row()
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

    async def _acquire_for_new_row(self) -> None:
        """A slot, once a new row may begin. What it waits for may be an old row, which needs the slot."""
        while True:
            if not self._breaker.tripped:
                await self._rows.ready()
            await self._limiter.acquire()
            if self._breaker.tripped or self._rows.is_ready:
                return
            self._limiter.release()

    async def _run(self, row: Row) -> None:
        """Calls until there is an answer or a reason to give up. Comes with a slot."""
        loop = asyncio.get_running_loop()
        tries = Tries(loop.time())
        while True:
            started = loop.time()
            tries.calls += 1
            try:
                called = await self._call(row)
                if isinstance(called.result, Answer):
                    self._settle(row, called)
                    self._succeed(row, called, called.result, started, tries)
                    return
                pause = self._fail(called.result, started, tries)
                self._settle(row, called, again=pause is not None)
            except Exception as error:
                # The name alone: the text might quote a header.
                message = f"Running this row failed: {type(error).__name__}."
                self._finished.put_nowait(failed(row, "row_crashed", message, calls=tries.calls))
                return
            finally:
                # Not before the limit has taken in what the call came to: the next one starts under it.
                self._limiter.release()
            if pause is None:
                self._give_up(row, called, called.result, tries)
                return
            if not await self._wait_for_another_call(pause):
                return
            if not self._rows.may_pay(row):
                self._limiter.release()
                self._give_up(row, called, called.result, tries)
                return
            tries.usage, tries.cost = add_usage(tries.usage, called.usage), add_cost(tries.cost, called.cost)

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

    def _settle(self, row: Row, called: Called, *, again: bool = False) -> None:
        usage = called.usage
        known = usage.prompt_tokens is not None and usage.completion_tokens is not None
        tokens = (usage.prompt_tokens or 0) + (usage.completion_tokens or 0) if known else None
        self._rows.settle(row, tokens=tokens, cost=called.cost, billed=called.billed, again=again)

    def _succeed(self, row: Row, called: Called, answer: Answer, started: float, tries: Tries) -> None:
        self._breaker.succeeded()
        self._limiter.finished(started, succeeded=True)
        if self._paused:
            self._follow_breaker()
        completion = Completion(row.row_id, row.repeat, answer.text, reasoning=answer.reasoning, calls=tries.calls)
        self._finish(completion, called, tries)

    def _fail(self, refusal: Refusal, started: float, tries: Tries) -> float | None:
        """Seconds to wait before the next call for this row; None: there is none."""
        if refusal.message not in self._logged and len(self._logged) < 100:
            self._logged.add(refusal.message)
            say(f"{refusal.code}: {refusal.message}")
        if refusal.action == "ask_again":
            self._breaker.heard()
            self._limiter.finished(started, succeeded=True)
            self._follow_breaker()
            return 0.0
        self._breaker.call_failed(refusal)
        wait = refusal.retry_after_s or 0.0
        if refusal.action == "slow_down":
            self._breaker.asked_to_wait(wait)
            why = "rate limited" if refusal.code == "rate_limited" else "the endpoint is overloaded"
            self._limiter.slow_down(started, wait, why)
        else:
            self._limiter.finished(started, succeeded=False)
        self._follow_breaker(probe_failed=True)
        return self._pause(refusal, wait, tries)

    def _pause(self, refusal: Refusal, wait: float, tries: Tries) -> float | None:
        if refusal.action == "fail":
            return None
        if refusal.action == "slow_down":
            tries.refusals += 1
            waited = asyncio.get_running_loop().time() - tries.began
            if tries.refusals >= MAX_REFUSALS and waited >= REFUSALS_FOR_S and not self._breaker.tripped:
                return None
            return max(_backoff(FIRST_BACKOFF_WHEN_LIMITED_S, tries.refusals), wait)
        tries.failures += 1
        is_spared = refusal.away and (self._breaker.spares_rows or self._breaker.tripped is not None)
        if not is_spared and (tries.failures >= MAX_FAILURES or wait > MAX_RETRY_AFTER_S or self._breaker.tripped):
            return None
        return max(_backoff(FIRST_BACKOFF_S, tries.failures), wait)

    def _follow_breaker(self, *, probe_failed: bool = False) -> None:
        """Pauses, goes on, or lets everything that waits see that it is over."""
        breaker = self._breaker
        if breaker.tripped:
            if breaker.tripped not in self._logged:
                self._logged.add(breaker.tripped)
                say(f"stopped calling: {breaker.tripped}")
            self._limiter.resume()
            self._fewer_wait.set()
        elif breaker.paused:
            if not self._paused:
                say(f"paused, one call every {PROBE_EVERY_S:.0f} s from now on: {breaker.suspicion()}")
            if probe_failed or not self._paused:
                self._limiter.probe_after(PROBE_EVERY_S)
        elif self._paused:
            say("the endpoint answers again")
            self._limiter.resume()
        self._paused = breaker.paused

    def _give_up(self, row: Row, called: Called, refusal: Refusal, tries: Tries) -> None:
        self._breaker.row_failed(refusal, self._limiter.aim)
        self._follow_breaker()
        self._finish(failed(row, refusal.code, refusal.message, calls=tries.calls), called, tries)

    def _finish(self, completion: Completion, called: Called, tries: Tries) -> None:
        """With what the last call says of itself, and what all of them counted; an answer that was refused here has
        tokens and a cost too.
        """
        usage = add_usage(tries.usage, called.usage)
        completion.finish_reason = called.finish_reason
        completion.latency_ms = called.latency_ms
        completion.first_token_ms = called.first_token_ms
        completion.prompt_tokens = usage.prompt_tokens
        completion.completion_tokens = usage.completion_tokens
        completion.reasoning_tokens = usage.reasoning_tokens
        completion.cost = add_cost(tries.cost, called.cost)
        self._finished.put_nowait(completion)

    async def _report(self) -> None:
        """Follows the server's grant, lets the breaker look at the time, and says what is waited for."""
        while True:
            self._limiter.set_grant(self._rows.concurrency, self._rows.first_concurrency)
            self._breaker.look()
            self._follow_breaker()
            paused_for = self._limiter.paused_for()
            next_call_at = time.time() + paused_for if paused_for else None
            waiting_for = None
            if reason := self._breaker.suspicion():
                waiting_for = f"the endpoint to answer again: {reason.rstrip('.')}"
            elif paused_for:
                waiting_for = "the endpoint's rate limit"
            elif self._rows.concurrency == 0:
                waiting_for = "other jobs to leave it a part of the endpoint's calls at once"
            self._rows.report(self._limiter.limit, waiting_for, held=self._limiter.held, next_call_at=next_call_at)
            await asyncio.sleep(REPORT_S)


def _backoff(first_s: float, times: int) -> float:
    return min(first_s * 2.0 ** (times - 1), MAX_BACKOFF_S) * random.uniform(0.5, 1.0)
