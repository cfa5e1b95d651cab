"""Runs a model over rows: hands them out while it may, journals what finishes, and ends in time when told to."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Literal

from pydantic import ValidationError

from touchstone_jobs.attempt import Attempt
from touchstone_jobs.errors import Fenced, Interrupted
from touchstone_jobs.files import JournalLine
from touchstone_jobs.inference.budget import Budget
from touchstone_jobs.inference.model import Completion, EndpointRefuses, Model, Row
from touchstone_jobs.journal import Journal
from touchstone_jobs.log import say

STORAGE_PATIENCE_S = 3.0
"""A driver that could not read control.json or write its journal for so long starts no new call."""
STOP_GRACE_S = 1.0
"""What calls under way get to finish: Ray kills three seconds after its SIGTERM."""
TERMINATED_GRACE_S = 0.5
WATCH_S = 0.1

_STORAGE = "storage, which cannot be reached"

_HELD = "a yes: the estimate of the whole run is above what was set"

Ended = Literal["complete", "stopped", "breaker", "budget"]


class Work:
    """The rows that are left, and leave to call: what a model sees as Rows."""

    def __init__(
        self,
        rows: Iterator[Row],
        attempt: Attempt,
        journal: Journal,
        alone: Iterator[tuple[Row, Callable[[], None]]],
        budget: Budget,
        finished_before: int,
    ) -> None:
        """`alone`: rows that run before the others, each with nothing beside it, and what is done before it starts: it
        may raise OSError, and is tried again. `finished_before`: rows that earlier attempts finished.
        """
        self._work: Iterator[tuple[Row, Callable[[], None] | None]] = chain(alone, ((row, None) for row in rows))
        self._next: tuple[Row, Callable[[], None] | None] | None = None
        self._handed_out = finished_before
        self.budget = budget
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._attempt = attempt
        self._journal = journal
        self._runs_alone = False
        self._closed = False
        self.cut_short = False
        """Rows were left when calls came to an end."""
        self.out_of_budget = False
        """The next row was more than is left."""
        self.first_call_at: float | None = None
        """Unix time."""

    def close(self) -> None:
        """No call starts from now on."""
        self._closed = True

    async def ready(self) -> None:
        while True:
            if self.is_ready:
                return
            await asyncio.sleep(WATCH_S)

    @property
    def is_ready(self) -> bool:
        found = None if self._is_over() else self._peek()
        if found is None:
            return True
        is_alone = self._runs_alone and not self._idle.is_set()
        return not (is_alone or self._held() or self.budget.must_wait(found[0]))

    async def next(self) -> Row | None:
        await self.ready()
        if not await self._is_open():
            self.cut_short |= self._peek() is not None
            return None
        found = self._peek()
        if found is None:
            return None
        row, prepare = found
        if not self.budget.reserve(row):
            self.out_of_budget = True
            return None
        self._next = None
        self._handed_out += 1
        self._runs_alone = prepare is not None
        if self.first_call_at is None:
            self.first_call_at = time.time()
            self._attempt.progress.start_clock()
        if prepare and not await self._prepare(prepare):
            self.cut_short = True
            return None
        self._under_way += 1
        self._idle.clear()
        return row

    async def _prepare(self, prepare: Callable[[], None]) -> bool:
        while await self._is_open():
            with suppress(OSError):
                await asyncio.to_thread(prepare)
                return True
            await asyncio.sleep(WATCH_S)
        return False

    def finished(self) -> None:
        """Of each row that came out of `next`, when it is in the journal's hands."""
        self._under_way -= 1
        if self._under_way == 0:
            self._idle.set()

    def _peek(self) -> tuple[Row, Callable[[], None] | None] | None:
        if self._next is None:
            self._next = next(self._work, None)
        return self._next

    def _held(self) -> bool:
        """The first rows have run, and somebody has to say that the others shall."""
        control = self._attempt.control.now
        hold_after = control.hold_after if control else None
        self._attempt.progress.hold_after = hold_after
        held = hold_after is not None and self._handed_out >= hold_after
        if held:
            self._attempt.progress.waiting_for = _HELD
        return held

    def settle(self, row: Row, *, tokens: int | None, cost: float | None, billed: bool, again: bool) -> None:
        self.budget.settle(row, tokens=tokens, cost=cost, billed=billed, again=again)

    def may_pay(self, row: Row) -> bool:
        return self.budget.reserve(row)

    async def may_call(self) -> bool:
        is_open = await self._is_open()
        self.cut_short |= not is_open
        return is_open

    async def _is_open(self) -> bool:
        """Looks at what was last read of control.json itself: `run` may see it a few calls later."""
        while not self._is_over() and self._storage_lost():
            self._attempt.progress.waiting_for = _STORAGE
            await asyncio.sleep(WATCH_S)
        return not self._is_over()

    def _is_over(self) -> bool:
        return self._closed or _told_to_end(self._attempt)

    def _storage_lost(self) -> bool:
        return max(self._attempt.control.age(), self._journal.unflushed_for()) > STORAGE_PATIENCE_S

    @property
    def concurrency(self) -> int:
        control = self._attempt.control.now
        return control.concurrency if control else 1

    @property
    def first_concurrency(self) -> int | None:
        control = self._attempt.control.now
        return control.first_concurrency if control else None

    def report(
        self,
        concurrency: int,
        waiting_for: str | None,
        *,
        held: int | None = None,
        next_call_at: float | None = None,
    ) -> None:
        progress = self._attempt.progress
        progress.concurrency = concurrency
        progress.held_concurrency = held
        if self._held():
            waiting_for = _HELD
        lost = self._storage_lost()
        progress.waiting_for = _STORAGE if lost else waiting_for
        progress.next_call_at = None if lost else next_call_at


async def run(model: Model, work: Work, journal: Journal, attempt: Attempt) -> tuple[Ended, str | None]:
    """How it ended, and why in words where it did not run to the end. Every finished row is in storage when this
    returns.

    Raises Fenced where nobody waits for a result, Interrupted where the process has to end without one.
    """
    consumer = asyncio.create_task(_journal_completions(model, work, journal, attempt.number))
    while not consumer.done() and not _told_to_end(attempt):
        await asyncio.wait({consumer}, timeout=WATCH_S)
    by_itself = consumer.done()
    work.close()
    if not by_itself:
        say("told to end: no new calls")
        if not attempt.control.gone:
            # Also of a superseded attempt: the next one finds in the journal what was paid for here.
            await asyncio.wait({consumer}, timeout=TERMINATED_GRACE_S if attempt.terminated else STOP_GRACE_S)
        consumer.cancel()
    await asyncio.wait({consumer})
    await _flush_all(journal, attempt)
    error = None if consumer.cancelled() else consumer.exception()
    if error is not None and not isinstance(error, EndpointRefuses):
        raise error
    if attempt.terminated:
        # The file may say why: whoever ends a job writes it first.
        with suppress(OSError, ValidationError):
            attempt.control.refresh()
    if attempt.control.fenced:
        raise Fenced
    if error is not None:
        return "breaker", str(error)
    if by_itself and work.out_of_budget and not attempt.control.stop:
        return "budget", "The budget is used up: raise it and resume."
    if by_itself and not work.cut_short and not work.out_of_budget:
        return "complete", None
    if not attempt.control.stop:
        raise Interrupted
    # Who wanted it, and why, the server knows.
    return "stopped", None


def _told_to_end(attempt: Attempt) -> bool:
    return attempt.terminated or attempt.control.fenced or attempt.control.stop


async def _journal_completions(model: Model, work: Work, journal: Journal, attempt: int) -> None:
    async for completion in model.generate(work):
        line = line_of(completion, attempt)
        if used := work.budget.finish(line):
            line = line.model_copy(update={"counted": used})
        journal.add(line)
        work.finished()


def line_of(completion: Completion, attempt: int) -> JournalLine:
    return JournalLine(
        row_id=completion.row_id,
        repeat=completion.repeat,
        attempt=attempt,
        finished_at=time.time(),
        prediction=completion.prediction,
        error=completion.error,
        reasoning=completion.reasoning,
        finish_reason=completion.finish_reason,
        truncated=completion.truncated,
        latency_ms=completion.latency_ms,
        first_token_ms=completion.first_token_ms,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        reasoning_tokens=completion.reasoning_tokens,
        cost=completion.cost,
        calls=completion.calls,
    )


async def _flush_all(journal: Journal, attempt: Attempt) -> None:
    """Until it is written, or nobody wants it: answers are paid for, so also a superseded attempt leaves its own."""
    while not attempt.control.gone:
        try:
            journal.flush()
            return
        except OSError as error:
            if attempt.terminated or attempt.control.superseded:
                raise Interrupted from error
            await asyncio.sleep(WATCH_S * 5)
