"""Rows against endpoints that exist in virtual time alone: every second counts, and none is waited for."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from touchstone_jobs.inference.answers import NO_USAGE, Answer
from touchstone_jobs.inference.model import Completion, EndpointRefuses, Row
from touchstone_jobs.inference.pool import Called, Pool
from touchstone_jobs.inference.provider_errors import Refusal
from virtual_time import run_virtually

DOWN = Refusal("provider_unavailable", "Cannot connect to http://here.", "retry", away=True)
ERROR_500 = Refusal("provider_unavailable", "The endpoint failed (HTTP 500).", "retry")


def limited(retry_after_s: float | None = None) -> Refusal:
    return Refusal("rate_limited", "Too many (HTTP 429).", "slow_down", retry_after_s=retry_after_s)


@dataclass
class Work:
    """What a model sees as Rows, and what was seen of it."""

    left: int
    concurrency: int = 8
    first_concurrency: int | None = None
    reports: list[tuple[float, str | None, float | None]] = field(default_factory=list)
    _next: int = 0

    async def next(self) -> Row | None:
        if self._next == self.left:
            return None
        self._next += 1
        return Row(self._next - 1, {})

    is_ready: bool = True

    async def ready(self) -> None:
        pass

    def settle(self, row: Row, *, tokens: int | None, cost: float | None, billed: bool, again: bool) -> None:
        pass

    def may_pay(self, row: Row) -> bool:
        return True

    async def may_call(self) -> bool:
        return True

    def report(
        self,
        concurrency: int,
        waiting_for: str | None,
        *,
        held: int | None = None,
        next_call_at: float | None = None,
    ) -> None:
        now = asyncio.get_running_loop().time()
        self.reports.append((now, waiting_for, next_call_at))


@dataclass
class Ledger:
    calls: list[tuple[float, int]] = field(default_factory=list)
    completions: list[tuple[float, Completion]] = field(default_factory=list)
    reason: str | None = None
    """Why it stopped calling."""

    @property
    def errors(self) -> Counter[str]:
        return Counter(done.error.code for _, done in self.completions if done.error)

    @property
    def answered(self) -> int:
        return sum(1 for _, done in self.completions if done.error is None)

    def calls_between(self, start: float, end: float) -> int:
        return sum(start <= at < end for at, _ in self.calls)

    def answered_between(self, start: float, end: float) -> int:
        return sum(start <= at < end and done.error is None for at, done in self.completions)


def run(work: Work, endpoint: Callable[[float, Row], Refusal | None], latency_s: float = 0.2) -> Ledger:
    """`endpoint` says how it refuses a call at a time, or None: then it answers."""
    ledger = Ledger()

    async def main() -> None:
        loop = asyncio.get_running_loop()

        async def call(row: Row) -> Called:
            ledger.calls.append((loop.time(), row.row_id))
            refusal = endpoint(loop.time(), row)
            if refusal:
                await asyncio.sleep(0.005)
                return Called(refusal)
            await asyncio.sleep(latency_s)
            return Called(Answer("yes", None, "stop", NO_USAGE))

        try:
            async for completion in Pool(call, work).completions():
                ledger.completions.append((loop.time(), completion))
        except EndpointRefuses as error:
            ledger.reason = str(error)

    random.seed(1)
    run_virtually(main)
    return ledger


@pytest.mark.parametrize("retry_after_s", [None, 1.0, 5.0])
def test_a_storm_of_429_fails_no_row_and_full_speed_is_back_within_thirty_seconds(retry_after_s: float | None) -> None:
    full = 64 / 0.2
    work = Work(40_000, concurrency=64)
    ledger = run(work, lambda now, _: limited(retry_after_s) if 10 <= now < 40 else None)
    assert (ledger.answered, ledger.errors, ledger.reason) == (40_000, Counter(), None)
    assert ledger.answered_between(70, 80) >= 0.9 * full * 10
    # It was left alone meanwhile: where no time was named, for longer and longer.
    assert ledger.calls_between(20, 40) < 40


def test_a_rate_limit_is_shown_with_the_time_of_the_next_call() -> None:
    work = Work(100)
    run(work, lambda now, _: limited(30) if now < 1 else None)
    shown = [(at, waiting_for) for at, waiting_for, next_call_at in work.reports if next_call_at]
    assert {waiting_for for _, waiting_for in shown} == {"the endpoint's rate limit"}
    assert shown[-1][0] > 25
    assert work.reports[-1][1:] == (None, None)


def test_a_limited_endpoint_is_used_to_what_it_allows() -> None:
    """Three calls a minute, for which each refused call waits its turn."""
    allowed: list[float] = []

    def endpoint(now: float, _: Row) -> Refusal | None:
        if len([at for at in allowed if at > now - 60]) >= 3:
            return limited()
        allowed.append(now)
        return None

    ledger = run(Work(90, concurrency=16), endpoint)
    assert (ledger.answered, ledger.errors) == (90, Counter())
    assert ledger.completions[-1][0] < 30 * 60 * 1.2
    assert len(ledger.calls) < 90 * 6


def test_a_row_that_alone_is_refused_for_its_rate_is_its_own_error() -> None:
    ledger = run(Work(20_000), lambda _, row: limited() if row.row_id == 3 else None, latency_s=1)
    assert (ledger.answered, ledger.errors) == (19_999, Counter(rate_limited=1))


def test_failures_are_tried_again_and_never_shrink_the_limit() -> None:
    tried: Counter[int] = Counter()

    def endpoint(_: float, row: Row) -> Refusal | None:
        tried[row.row_id] += 1
        return ERROR_500 if row.row_id % 10 == 0 and tried[row.row_id] < 5 else None

    ledger = run(Work(1000), endpoint)
    assert (ledger.answered, max(tried.values())) == (1000, 5)
    assert ledger.completions[-1][0] < 1.1 * (1000 / 8 * 0.2) + 8


def test_an_endpoint_that_is_away_for_five_minutes_costs_five_rows() -> None:
    work = Work(2000)
    ledger = run(work, lambda now, _: DOWN if 20 <= now < 320 else None)
    assert ledger.reason is None
    assert ledger.errors == Counter(provider_unavailable=5)
    assert ledger.answered == 1995
    # Paused after a minute: one call every fifteen seconds.
    assert ledger.calls_between(85, 320) <= 235 / 15 + 1
    waited = [report for report in work.reports if 100 < report[0] < 310]
    assert all(waiting_for and "Cannot connect" in waiting_for for _, waiting_for, _ in waited)
    assert sum(next_call_at is not None for *_, next_call_at in waited) > 0.9 * len(waited)
    assert ledger.answered_between(335, 345) >= 0.9 * 8 / 0.2 * 10


def test_an_endpoint_that_stays_away_leaves_the_rest_not_run_after_eleven_minutes() -> None:
    ledger = run(Work(2000), lambda _, __: DOWN)
    assert ledger.errors == Counter(provider_unavailable=5)
    assert ledger.reason == "Every call failed for 11 min. Cannot connect to http://here."
    assert 640 < ledger.calls[-1][0] < 665


def test_failures_of_the_server_pause_it_too() -> None:
    ledger = run(Work(2000), lambda now, _: ERROR_500 if now < 100 else None)
    assert ledger.calls_between(61, 100) <= 4
    assert ledger.answered > 1500
    assert ledger.reason is None


def test_an_endpoint_that_asks_for_a_day_ends_it_at_once_and_no_row_fails() -> None:
    ledger = run(Work(2000), lambda now, _: limited(86_400) if now > 10 else None)
    assert ledger.reason is not None
    assert "1440 min" in ledger.reason
    assert ledger.errors == Counter()
    assert ledger.calls[-1][0] < 12


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_wrong_key_costs_five_calls_and_those_at_once(concurrency: int) -> None:
    wrong = Refusal("auth", "The endpoint refuses the key (HTTP 401).", fatal=True)
    ledger = run(Work(2000, concurrency=concurrency), lambda _, __: wrong)
    assert len(ledger.calls) <= 5 + concurrency
    assert ledger.reason == wrong.message
