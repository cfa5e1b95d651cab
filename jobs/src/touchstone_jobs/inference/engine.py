"""Runs a model over rows: hands them out while it may, journals what finishes, and ends in time when told to."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal

from pydantic import ValidationError

from touchstone_jobs.attempt import Attempt
from touchstone_jobs.errors import Fenced, Interrupted
from touchstone_jobs.files import JournalLine
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

Ended = Literal["complete", "stopped", "breaker"]


class Work:
    """The rows that are left, and leave to call: what a model sees as Rows."""

    def __init__(
        self, rows: Iterator[Row], attempt: Attempt, journal: Journal, alone: Iterator[tuple[Row, Callable[[], None]]]
    ) -> None:
        """`alone`: rows that run before the others, each with nothing beside it, and what is done before it starts: it
        may raise OSError, and is tried again.
        """
        self._rows = rows
        self._alone = alone
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._attempt = attempt
        self._journal = journal
        self._runs_alone = False
        self._closed = False
        self.cut_short = False
        """Rows were left when calls came to an end."""
        self.first_call_at: float | None = None
        """Unix time."""

    def close(self) -> None:
        """No call starts from now on."""
        self._closed = True

    async def next(self) -> Row | None:
        if not await self._is_open():
            self.cut_short |= (next(self._alone, None) or next(self._rows, None)) is not None
            return None
        if self.first_call_at is None:
            self.first_call_at = time.time()
            self._attempt.progress.start_clock()
        row = await self._next_alone() or (None if self.cut_short else next(self._rows, None))
        if row is not None:
            self._under_way += 1
            self._idle.clear()
        return row

    async def _next_alone(self) -> Row | None:
        found = next(self._alone, None)
        if self._runs_alone:
            await self._idle.wait()
        self._runs_alone = found is not None
        if found is None:
            return None
        row, prepare = found
        while await self._is_open():
            with suppress(OSError):
                await asyncio.to_thread(prepare)
                return row
            await asyncio.sleep(WATCH_S)
        self.cut_short = True
        return None

    def finished(self) -> None:
        """Of each row that came out of `next`, when it is in the journal's hands."""
        self._under_way -= 1
        if self._under_way == 0:
            self._idle.set()

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
    if by_itself and not work.cut_short:
        return "complete", None
    if not attempt.control.stop:
        raise Interrupted
    # Who wanted it, and why, the server knows.
    return "stopped", None


def _told_to_end(attempt: Attempt) -> bool:
    return attempt.terminated or attempt.control.fenced or attempt.control.stop


async def _journal_completions(model: Model, work: Work, journal: Journal, attempt: int) -> None:
    async for completion in model.generate(work):
        journal.add(line_of(completion, attempt))
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
