"""The fold: a job's journal, written by any number of attempts, as one finished row per row and repeat. Pure.

An answer beats an error. Among answers the lowest (attempt, time) wins; every further answer was paid for and not
used, so its cost is added and it is counted. Among errors the highest (attempt, time) wins: it is what happened last.
Calls and costs are sums over all lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from touchstone_jobs.files import ErrorCode, ErrorCount, InferenceOutcome, JournalLine, LatencyMs, RowCounts, Tokens

Key = tuple[int, int]
"""`row_id` and `repeat`: one answer that is asked for."""


def order_of_work(sample: Sequence[int], repeats: int) -> Iterator[Key]:
    """Every row once, in the sample's order, then every row again: so whatever has run when it ends early is a random
    sample of the rows, with as many answers each as there was time for.
    """
    return ((row_id, repeat) for repeat in range(repeats) for row_id in sample)


@dataclass(slots=True)
class FoldedRow:
    line: JournalLine
    """The line that stands for the row."""
    calls: int
    cost: float | None
    """In US dollars; None: unknown."""
    extra_answers: int


def fold(lines: Iterable[JournalLine]) -> dict[Key, FoldedRow]:
    """Finished rows, whatever the order of the lines."""
    rows: dict[Key, FoldedRow] = {}
    for line in lines:
        key = line.row_id, line.repeat
        row = rows.get(key)
        if row is None:
            rows[key] = FoldedRow(line, line.calls, line.cost, 0)
            continue
        row.calls += line.calls
        row.cost = add_cost(row.cost, line.cost)
        if row.line.error is None and line.error is None:
            row.extra_answers += 1
        if _beats(line, row.line):
            row.line = line
    return rows


def _beats(line: JournalLine, other: JournalLine) -> bool:
    if (line.error is None) != (other.error is None):
        return line.error is None
    earlier = (line.attempt, line.finished_at) < (other.attempt, other.finished_at)
    return earlier if line.error is None else not earlier


def add_cost(a: float | None, b: float | None) -> float | None:
    """A sum in which unknown counts for nothing, and is unknown only where both are."""
    return b if a is None else a if b is None else a + b


class Tally:
    """Counts over finished rows: what progress and result say about them. Rows may be added one by one."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.answered = 0
        self.failed = 0
        self.errors: dict[ErrorCode, ErrorCount] = {}
        self.latencies: list[float] = []
        self.first_tokens: list[float] = []
        self.tokens: Tokens | None = None
        self.cost: float | None = None
        self.extra_answers = 0
        self.truncated = 0

    def add(self, row: FoldedRow) -> None:
        line = row.line
        if line.error is None:
            self.answered += 1
            self.truncated += line.truncated
        else:
            self.failed += 1
            seen = self.errors.get(line.error.code)
            message = seen.message if seen else line.error.message
            self.errors[line.error.code] = ErrorCount(count=seen.count + 1 if seen else 1, message=message)
        # A timeout says that the endpoint takes at least that long: leaving it out would flatter a slow endpoint.
        if line.latency_ms is not None and (line.error is None or line.error.code == "timeout"):
            self.latencies.append(line.latency_ms)
        if line.first_token_ms is not None and line.error is None:
            self.first_tokens.append(line.first_token_ms)
        if line.prompt_tokens is not None or line.completion_tokens is not None:
            before = self.tokens or Tokens(prompt=0, completion=0, reasoning=0)
            self.tokens = Tokens(
                prompt=before.prompt + (line.prompt_tokens or 0),
                completion=before.completion + (line.completion_tokens or 0),
                reasoning=before.reasoning + (line.reasoning_tokens or 0),
            )
        self.cost = add_cost(self.cost, row.cost)
        self.extra_answers += row.extra_answers

    def counts(self, *, over: bool) -> RowCounts:
        """Rows without a line are pending while the job runs, and not run once it is over."""
        rest = self.total - self.answered - self.failed
        return RowCounts(
            total=self.total,
            answered=self.answered,
            failed=self.failed,
            not_run=rest if over else 0,
            pending=0 if over else rest,
        )

    def outcome(self) -> InferenceOutcome:
        return InferenceOutcome(
            rows=self.counts(over=True),
            errors=self.errors,
            latency_ms=percentiles(self.latencies),
            first_token_ms=percentiles(self.first_tokens),
            tokens=self.tokens,
            cost=self.cost,
            extra_answers=self.extra_answers,
            truncated=self.truncated,
        )


def outcome(rows: dict[Key, FoldedRow], sample: Sequence[int], repeats: int) -> InferenceOutcome:
    """What inference found over the sample's rows."""
    tally = Tally(len(sample) * repeats)
    for key in order_of_work(sample, repeats):
        if row := rows.get(key):
            tally.add(row)
    return tally.outcome()


def percentiles(values: Sequence[float]) -> LatencyMs | None:
    if not values:
        return None
    ordered = sorted(values)
    return LatencyMs(p50=quantile(ordered, 0.5), p95=quantile(ordered, 0.95))


def quantile(ordered: Sequence[float], q: float) -> float:
    """Linear interpolation between the two nearest of a sorted sequence, as numpy's default. At least one value."""
    place = (len(ordered) - 1) * q
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def active_seconds(lines: Iterable[JournalLine]) -> float:
    """Seconds in which attempts worked: for each, from the start of its first finished row to the end of its last."""
    spans: dict[int, tuple[float, float]] = {}
    for line in lines:
        start = line.finished_at - (line.latency_ms or 0.0) / 1000
        low, high = spans.get(line.attempt, (start, line.finished_at))
        spans[line.attempt] = (min(low, start), max(high, line.finished_at))
    return sum(high - low for low, high in spans.values())
