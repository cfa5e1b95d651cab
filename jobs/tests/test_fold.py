"""The fold: journal lines of any attempts, in any order, to one row each."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from touchstone_jobs.files import ErrorCode, InferenceOutcome, JournalLine, LatencyMs, RowError, Tokens
from touchstone_jobs.fold import Fold, FoldedRow, OrderOfWork, Tally, quantile


def line(
    attempt: int, at: float, answer: str | None = None, *, error: ErrorCode | None = None, **changes: Any
) -> JournalLine:
    fields: dict[str, Any] = {
        "row_id": 1,
        "attempt": attempt,
        "finished_at": at,
        "prediction": answer,
        "error": error and RowError(code=error, message=f"{error} at {at:g}"),
        "finish_reason": None,
        "latency_ms": 100.0,
        "prompt_tokens": None,
        "completion_tokens": None,
        "cost": None,
        "calls": 1,
    }
    return JournalLine(**(fields | changes))


def fold(lines: list[JournalLine], sample: Sequence[int] = (1,), repeats: int = 1) -> list[FoldedRow | None]:
    """The rows in the order of work; a line's place in the list is where it is in the journal."""
    folded = Fold(OrderOfWork(sample, repeats))
    for place, one in enumerate(lines):
        folded.add(one, (place, 0, 0))
    return [
        folded.row(place, lines[folded.where(place)[0]]) if folded.is_finished(place) else None
        for place in range(len(folded.order))
    ]


def outcome(lines: list[JournalLine], sample: Sequence[int] = (1,), repeats: int = 1) -> InferenceOutcome:
    tally = Tally(len(sample) * repeats)
    for row in fold(lines, sample, repeats):
        if row:
            tally.add(row)
    return tally.outcome()


CASES: dict[str, tuple[list[JournalLine], str, int, int]] = {
    "one answer": ([line(1, 1, "a")], "a", 1, 0),
    "an answer beats an earlier error": ([line(1, 1, error="timeout"), line(2, 2, "a")], "a", 2, 0),
    "an answer beats a later error": ([line(1, 1, "a"), line(2, 2, error="timeout")], "a", 2, 0),
    "of answers the lowest attempt wins, whatever its time": ([line(2, 1, "b"), line(1, 5, "a")], "a", 2, 1),
    "of answers of an attempt the earliest wins": ([line(1, 2, "b"), line(1, 1, "a")], "a", 2, 1),
    "of errors the last wins": ([line(1, 9, error="timeout"), line(2, 1, error="auth")], "auth at 1", 2, 0),
    "every further answer is counted": ([line(1, 1, "a"), line(2, 2, "b"), line(3, 3, "c", calls=3)], "a", 5, 2),
    "answers and errors mixed": (
        [line(1, 1, error="timeout", calls=5), line(2, 2, "a"), line(3, 3, error="auth"), line(3, 4, "b")],
        "a",
        8,
        1,
    ),
    "an empty answer is an answer": ([line(1, 1, error="timeout"), line(2, 2, "")], "", 2, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_fold(name: str) -> None:
    lines, text, calls, extra = CASES[name]
    shuffled = list(lines)
    for seed in range(5):
        [row] = fold(shuffled)
        assert row is not None
        found = row.line.prediction if row.line.error is None else row.line.error.message
        assert (found, row.calls, row.extra_answers) == (text, calls, extra)
        random.Random(seed).shuffle(shuffled)


def test_repeats_of_a_row_are_rows_of_their_own() -> None:
    lines = [line(1, 1, "a"), line(1, 2, "b", repeat=1), line(2, 3, "b again", repeat=1), line(1, 9, "c", row_id=2)]
    rows = fold(lines, [2, 1], 2)
    assert [row and row.line.prediction for row in rows] == ["c", "a", None, "b"]
    found = outcome(lines, [2, 1], 2)
    assert (found.rows.total, found.rows.answered, found.rows.not_run, found.extra_answers) == (4, 3, 1, 1)
    order = OrderOfWork([2, 1], 2)
    assert list(order) == [(2, 0), (1, 0), (2, 1), (1, 1)]
    assert [order.place(*key) for key in order] == [0, 1, 2, 3]
    assert [order.place(0, 0), order.place(9, 0), order.place(1, 2)] == [None] * 3


def test_errors_are_run_again_where_that_was_asked_for() -> None:
    folded = Fold(OrderOfWork([1, 2, 3], 1))
    for one in [line(1, 1, error="timeout"), line(2, 2, error="timeout", row_id=2), line(1, 3, "a", row_id=3)]:
        folded.add(one)
    assert [folded.is_finished(place, retry_failed_before=2) for place in range(3)] == [False, True, True]


def test_costs_of_all_answers_add_up_and_unknown_stays_unknown() -> None:
    [known] = fold([line(1, 1, "a", cost=0.25), line(2, 2, "b", cost=0.5), line(3, 3, "c")])
    [unknown] = fold([line(1, 1, "a"), line(2, 2, "b")])
    assert known is not None
    assert unknown is not None
    assert (known.cost, unknown.cost) == (0.75, None)


def test_outcome_counts_every_row_of_the_sample_once() -> None:
    lines = [
        line(1, 1, "a", row_id=5, latency_ms=100.0, prompt_tokens=10, completion_tokens=2),
        line(1, 2, "b", row_id=6, latency_ms=300.0, prompt_tokens=20, completion_tokens=None),
        line(2, 3, "b again", row_id=6, latency_ms=900.0),
        line(1, 3, error="auth", row_id=7, latency_ms=5.0),
        line(1, 4, error="auth", row_id=8, latency_ms=5.0),
        line(1, 4, "not in the sample", row_id=99),
    ]
    found = outcome(lines, [8, 7, 6, 5, 4])
    assert found.rows.model_dump() == {"total": 5, "answered": 2, "failed": 2, "not_run": 1, "pending": 0}
    assert {code: (error.count, error.message) for code, error in found.errors.items()} == {"auth": (2, "auth at 4")}
    assert found.latency_ms == LatencyMs(p50=200.0, p95=290.0)
    assert found.tokens == Tokens(prompt=30, completion=2)
    assert found.extra_answers == 1


def test_a_timeout_counts_in_the_latency_and_another_error_does_not() -> None:
    found = outcome([line(1, 1, error="timeout", latency_ms=60_000.0)])
    assert found.latency_ms == LatencyMs(p50=60_000.0, p95=60_000.0)
    assert outcome([line(1, 1, error="auth")]).latency_ms is None


def test_rows_are_pending_until_it_is_over() -> None:
    tally = Tally(3)
    assert (tally.counts(over=False).pending, tally.counts(over=True).not_run) == (3, 3)


@pytest.mark.parametrize(("q", "value"), [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0), (0.95, 3.85)])
def test_quantile_is_numpys(q: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], q) == pytest.approx(value)


def test_active_seconds_leaves_out_the_time_between_attempts() -> None:
    lines = [line(1, 10.1, "a"), line(1, 12.0, "b"), line(2, 100.1, "c"), line(2, 101.0, "d")]
    folded = Fold(OrderOfWork([1], 1))
    assert folded.active_seconds() == 0
    for one in lines:
        folded.add(one)
    assert folded.active_seconds() == pytest.approx(3.0)
