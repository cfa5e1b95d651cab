"""The inference job: what earlier attempts finished is kept, the rest runs, the fold of everything is the result."""

import asyncio
import time
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from touchstone_jobs import keys
from touchstone_jobs.attempt import Attempt
from touchstone_jobs.data import RowValues, read_sample
from touchstone_jobs.files import HourPrice, InferenceResult, InferenceSpec, Progress, Spending
from touchstone_jobs.fold import Fold, OrderOfWork, Tally
from touchstone_jobs.folded_rows import write_folded_rows
from touchstone_jobs.inference import engine
from touchstone_jobs.inference.baselines import Baseline
from touchstone_jobs.inference.budget import ONE_CALL, Budget, plus
from touchstone_jobs.inference.model import Model, Row, failed
from touchstone_jobs.inference.suspects import MESSAGE, Suspects
from touchstone_jobs.journal import FoldedJournal, Journal, read_again
from touchstone_jobs.log import say
from touchstone_jobs.secrets import SealedSecret
from touchstone_jobs.versions import versions

HUB_ORIGIN = "https://huggingface.co"
"""Where the key of a model from the Hub belongs."""


def run_inference(attempt: Attempt, spec: InferenceSpec, spec_bytes: bytes) -> InferenceResult:
    """Raises JobError, Fenced, Interrupted."""
    model = _make_model(attempt, spec, spec_bytes)
    sample = read_sample(attempt.storage, spec.sample)
    values = RowValues(attempt.storage, spec.data, sample, model.columns())
    order = OrderOfWork(sample.to_pylist(), spec.repeats)

    earlier, tally = read_again(lambda: _read_earlier(attempt, order))
    kept = bytearray(
        earlier.is_finished(place, retry_failed_before=_retry_before(attempt)) for place in range(len(order))
    )
    attempt.progress.set_tally(tally)
    say(
        f"{len(sample)} rows{f', {spec.repeats} times' if spec.repeats > 1 else ''}: {kept.count(False)} to run, "
        f"{tally.answered} answered and {tally.failed} failed by earlier attempts"
    )
    earlier_seconds = earlier.active_seconds()
    price = getattr(spec.model, "price", None)
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
    with _set_aside(attempt, spec, order, kept, journal) as suspects:
        alone = (
            (_row(order, values, place), partial(_begin_alone, journal, suspects, place)) for place in suspects.places
        )
        work = engine.Work(
            _rows(order, values, kept, frozenset(suspects.places)), attempt, journal, alone, budget, kept.count(True)
        )
        attempt.progress.stage = "inference"
        ended, reason = asyncio.run(engine.run(model, work, journal, attempt))
    seconds = earlier_seconds + _seconds(work, journal)

    attempt.progress.stage = "folding"
    folded = write_folded_rows(attempt.storage, attempt.job_id, order, keys.rows(attempt.job_id, attempt.number))
    found = folded.outcome
    if isinstance(price, HourPrice):
        found = found.model_copy(update={"cost": seconds / 3600 * price.per_hour})
    if ended == "stopped" and found.rows.not_run == 0:
        ended, reason = "complete", None
    counts = f"{found.rows.answered} answered, {found.rows.failed} failed, {found.rows.not_run} not run"
    say(f"{ended}: {counts}, {seconds:.2f} s" + (f": {reason}" if reason else ""))
    return InferenceResult(
        version=1,
        kind="inference",
        job_id=attempt.job_id,
        attempt=attempt.number,
        rows_file=folded.rows_file,
        versions=versions(model.libraries()),
        seconds=round(seconds, 3),
        ended=ended,
        reason=reason,
        outcome=found,
        spent=plus(budget.spent, budget.in_flight),
    )


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


def _make_model(attempt: Attempt, spec: InferenceSpec, spec_bytes: bytes) -> Model:
    if spec.model.protocol == "baseline":
        return Baseline(spec.model.model, spec.input_column)
    origin = HUB_ORIGIN if spec.model.protocol == "transformers" else spec.model.base_url
    sealed = SealedSecret(attempt.job_id, attempt.number, spec_bytes, origin) if spec.model.has_secret else None
    secret = sealed.open(attempt.storage) if sealed else None
    if secret is not None:
        attempt.log.redact(secret)
    if spec.model.protocol == "transformers":
        from touchstone_jobs.inference.local.model import LocalModels

        return LocalModels(spec, spec.model, sealed)
    from touchstone_jobs.inference.endpoint import Endpoint

    return Endpoint(spec.model, spec.prompt, spec.system_prompt, secret)


def _read_earlier(attempt: Attempt, order: OrderOfWork) -> tuple[Fold, Tally]:
    """What earlier attempts finished, and how much of it is not run again: answers, and errors that nobody asked to
    retry.
    """
    journal = FoldedJournal(attempt.storage, attempt.job_id, order)
    tally = Tally(len(order))
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
    attempt: Attempt, spec: InferenceSpec, order: OrderOfWork, finished: bytearray, journal: Journal
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
    if spec.model.protocol != "transformers":
        control = attempt.control.now
        granted = control.concurrency if control else 1
        suspects.begin(finished, concurrency=None if spec.model.protocol == "baseline" else granted)
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


def _rows(order: OrderOfWork, values: RowValues, finished: Sequence[int], but: Container[int]) -> Iterator[Row]:
    """The rows that are left, in the order of work."""
    for place in range(len(order)):
        if not finished[place] and place not in but:
            yield _row(order, values, place)


def _row(order: OrderOfWork, values: RowValues, place: int) -> Row:
    row_id, repeat = order[place]
    return Row(row_id, values.at(place % len(order.sample)), repeat)


def _seconds(work: engine.Work, journal: Journal) -> float:
    """First call sent to last row journaled, of this attempt."""
    if work.first_call_at is None:
        return 0.0
    return max((journal.last_flushed_at or time.time()) - work.first_call_at, 0.0)
