"""The engine over the answers that a job asks for: what earlier attempts finished is kept, the rest runs. The fold of
the journal is what comes of it.
"""

import asyncio
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from touchstone_jobs import keys
from touchstone_jobs.attempt import Attempt
from touchstone_jobs.files import (
    BaselineModel,
    EndpointModel,
    HourPrice,
    InferenceOutcome,
    LocalModel,
    Progress,
    Spending,
    Stage,
)
from touchstone_jobs.fold import Fold, OrderOfWork, Tally
from touchstone_jobs.inference import engine
from touchstone_jobs.inference.budget import ONE_CALL, Budget, plus
from touchstone_jobs.inference.model import Model, Row, failed
from touchstone_jobs.inference.suspects import MESSAGE, Suspects
from touchstone_jobs.journal import FoldedJournal, Journal, read_again
from touchstone_jobs.log import say


@dataclass(frozen=True, slots=True)
class Work:
    """The answers that a job asks of a model."""

    order: OrderOfWork
    values_at: Callable[[int], Mapping[str, str]]
    """What the model needs of the answer at a place in the order of work."""
    skipped: bytes = b""
    """For each place 1 where nothing is asked; empty: all is."""
    stage: Stage = "inference"


@dataclass(frozen=True, slots=True)
class Ran:
    ended: engine.Ended
    reason: str | None
    """In words, where it did not run to the end."""
    seconds: float
    """In which attempts worked."""
    spent: Spending
    """Over all attempts."""
    cost_of_time: float | None
    """In US dollars, of a model that is paid by the hour."""

    def settle(self, outcome: InferenceOutcome) -> tuple[engine.Ended, str | None, InferenceOutcome]:
        """How it ended and why, and what the journal came to: with the price of time, where time is what is paid; a
        stop that came when all was done did not end it.
        """
        if self.cost_of_time is not None:
            outcome = outcome.model_copy(update={"cost": self.cost_of_time})
        if self.ended == "stopped" and outcome.rows.not_run == 0:
            return "complete", None, outcome
        return self.ended, self.reason, outcome


def run_model(attempt: Attempt, model: Model, settings: BaselineModel | EndpointModel | LocalModel, work: Work) -> Ran:
    """Raises JobError, Fenced, Interrupted."""
    order = work.order
    skipped = sum(work.skipped)
    total = len(order) - skipped
    earlier, tally = read_again(lambda: _read_earlier(attempt, order, total))
    kept = bytearray(
        bool(work.skipped and work.skipped[place])
        or earlier.is_finished(place, retry_failed_before=_retry_before(attempt))
        for place in range(len(order))
    )
    attempt.progress.set_tally(tally)
    say(
        f"{len(order.sample)} rows{f', {order.repeats} times' if order.repeats > 1 else ''}: {kept.count(False)} to "
        f"run, {tally.answered} answered and {tally.failed} failed by earlier attempts"
    )
    earlier_seconds = earlier.active_seconds()
    price = getattr(settings, "price", None)
    if isinstance(price, HourPrice):
        attempt.progress.set_hourly(price.per_hour, earlier_seconds)
    budget = Budget(
        _spent_earlier(attempt, earlier),
        lambda: attempt.control.now.budget if attempt.control.now else None,
        getattr(model, "most", lambda _: ONE_CALL),
        attempt.progress.cost if isinstance(price, HourPrice) else None,
    )
    attempt.progress.spending = lambda: (budget.spent, budget.in_flight, budget.grant)
    del earlier, tally

    journal = Journal(attempt.storage, attempt.job_id, attempt.number, attempt.progress.acknowledge)
    attempt.heartbeat.flush_journal = journal.flush
    with _set_aside(attempt, settings, order, kept, journal) as suspects:
        alone = ((_row(work, place), partial(_begin_alone, journal, suspects, place)) for place in suspects.places)
        under_way = engine.Work(
            _rows(work, kept, frozenset(suspects.places)),
            attempt,
            journal,
            alone,
            budget,
            kept.count(True) - skipped,
        )
        attempt.progress.stage = work.stage
        ended, reason = asyncio.run(engine.run(model, under_way, journal, attempt))
    seconds = earlier_seconds + _seconds(under_way, journal)
    cost_of_time = seconds / 3600 * price.per_hour if isinstance(price, HourPrice) else None
    return Ran(ended, reason, seconds, plus(budget.spent, budget.in_flight), cost_of_time)


def _spent_earlier(attempt: Attempt, journal: Fold) -> Spending:
    """By the journal, and by calls that were under way when an earlier attempt wrote its last progress: what became of
    them nobody knows, so they count as what they could have come to.
    """
    spent = Spending(cost=journal.spent_cost, tokens=journal.spent_tokens, calls=journal.spent_calls)
    for number in range(1, attempt.number):
        try:
            progress = Progress.model_validate_json(attempt.storage.read(keys.progress(attempt.job_id, number)))
        except FileNotFoundError:
            continue
        if progress.in_flight:
            spent = plus(spent, progress.in_flight)
    return spent


def _read_earlier(attempt: Attempt, order: OrderOfWork, total: int) -> tuple[Fold, Tally]:
    """What earlier attempts finished, and how much of it is not run again: answers, and errors that nobody asked to
    retry.
    """
    journal = FoldedJournal(attempt.storage, attempt.job_id, order)
    tally = Tally(total)
    retry_before = _retry_before(attempt)
    for row in journal.rows():
        if row.line.error is None or row.line.attempt >= retry_before:
            tally.add(row)
    return journal.fold, tally


def _retry_before(attempt: Attempt) -> int:
    control = attempt.control.now
    return control.retry_failed_before if control else 0


@contextmanager
def _set_aside(
    attempt: Attempt,
    settings: BaselineModel | EndpointModel | LocalModel,
    order: OrderOfWork,
    finished: bytearray,
    journal: Journal,
) -> Iterator[Suspects]:
    """Journals the row that killed the last attempt, and says which ones might have."""
    suspects = Suspects(attempt.storage, attempt.job_id, attempt.number)
    crashed = suspects.crashed(finished)
    if crashed is not None:
        row_id, repeat = order[crashed]
        say(f"row {row_id} is set aside: {MESSAGE}")
        journal.add(engine.line_of(failed(Row(row_id, {}, repeat), "row_crashed", MESSAGE), attempt.number))
        finished[crashed] = True
    # A model on actors is not in this process: the driver sees them die.
    if settings.protocol != "transformers":
        control = attempt.control.now
        granted = control.concurrency if control else 1
        suspects.begin(finished, concurrency=None if settings.protocol == "baseline" else granted)
    if suspects.places:
        say(f"the last attempt died: {len(suspects.places)} rows that may be why run alone")
    try:
        yield suspects
    finally:
        with suppress(OSError):
            suspects.end()


def _begin_alone(journal: Journal, suspects: Suspects, place: int) -> None:
    """Raises OSError where storage fails."""
    journal.flush()
    suspects.run_alone(place)


def _rows(work: Work, finished: Sequence[int], but: Container[int]) -> Iterator[Row]:
    """The rows that are left, in the order of work."""
    for place in range(len(work.order)):
        if not finished[place] and place not in but:
            yield _row(work, place)


def _row(work: Work, place: int) -> Row:
    row_id, repeat = work.order[place]
    return Row(row_id, work.values_at(place), repeat)


def _seconds(work: engine.Work, journal: Journal) -> float:
    """First call sent to last row journaled, of this attempt."""
    if work.first_call_at is None:
        return 0.0
    return max((journal.last_flushed_at or time.time()) - work.first_call_at, 0.0)
