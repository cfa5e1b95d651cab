"""The fold: a job's journal, written by any number of attempts, as one finished row per row and repeat. Pure.

An answer beats an error. Among answers the lowest (attempt, time) wins; every further answer was paid for and not
used, so its cost is added and it is counted. Among errors the highest (attempt, time) wins: it is what happened last.
Calls and costs are sums over all lines.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan

from touchstone_jobs.files import ErrorCode, ErrorCount, InferenceOutcome, JournalLine, LatencyMs, RowCounts, Tokens

Key = tuple[int, int]
"""`row_id` and `repeat`: one answer that is asked for."""


class OrderOfWork:
    """Every row once, in the sample's order, then every row again: so whatever has run when it ends early is a random
    sample of the rows, with as many answers each as there was time for.
    """

    def __init__(self, sample: Sequence[int], repeats: int) -> None:
        self.sample = array("q", sample)
        self.repeats = repeats
        self._place_of_row = array("i", [-1]) * (max(sample, default=-1) + 1)
        for place, row_id in enumerate(sample):
            self._place_of_row[row_id] = place

    def __len__(self) -> int:
        return len(self.sample) * self.repeats

    def __iter__(self) -> Iterator[Key]:
        return ((row_id, repeat) for repeat in range(self.repeats) for row_id in self.sample)

    def __getitem__(self, place: int) -> Key:
        repeat, place_of_row = divmod(place, len(self.sample))
        return self.sample[place_of_row], repeat

    def place(self, row_id: int, repeat: int) -> int | None:
        """From 0; None: not asked for."""
        if row_id >= len(self._place_of_row) or self._place_of_row[row_id] < 0 or repeat >= self.repeats:
            return None
        return self._place_of_row[row_id] + repeat * len(self.sample)


@dataclass(slots=True)
class FoldedRow:
    line: JournalLine
    """The line that stands for the row."""
    calls: int
    cost: float | None
    """In US dollars; None: unknown."""
    extra_answers: int


Where = tuple[int, int, int]
"""Of a line in the journal: its segment, where it begins there, how long it is."""

_NOT_RUN, _FAILED, _ANSWERED = range(3)


class Fold:
    """Told of every line, whatever their order, it knows which of them stands for each answer. It keeps no line, only
    where it is: some fifty bytes an answer, however long the answers are.
    """

    def __init__(self, order: OrderOfWork) -> None:
        self.order = order
        count = len(order)
        self._state = bytearray(count)
        self._attempt = array("i", [0]) * count
        self._finished_at = array("d", [0.0]) * count
        self._calls = array("i", [0]) * count
        self._cost = array("d", [nan]) * count
        self._extra_answers = array("i", [0]) * count
        self._segment = array("i", [0]) * count
        self._start = array("q", [0]) * count
        self._length = array("i", [0]) * count
        self._spans: dict[int, tuple[float, float]] = {}
        self.spent_cost = 0.0
        self.spent_tokens = 0
        self.spent_calls = 0
        """What all lines count against a budget."""

    def add(self, line: JournalLine, where: Where = (0, 0, 0)) -> None:
        start = line.finished_at - (line.latency_ms or 0.0) / 1000
        low, high = self._spans.get(line.attempt, (start, line.finished_at))
        self._spans[line.attempt] = (min(low, start), max(high, line.finished_at))
        self._count(line)
        place = self.order.place(line.row_id, line.repeat)
        if place is None:
            return
        state = _ANSWERED if line.error is None else _FAILED
        self._calls[place] += line.calls
        if line.cost is not None:
            self._cost[place] = line.cost + (0.0 if isnan(self._cost[place]) else self._cost[place])
        if state == self._state[place] == _ANSWERED:
            self._extra_answers[place] += 1
        if self._beats(place, state, line):
            self._state[place] = state
            self._attempt[place], self._finished_at[place] = line.attempt, line.finished_at
            self._segment[place], self._start[place], self._length[place] = where

    def _count(self, line: JournalLine) -> None:
        counted = line.counted
        self.spent_cost += counted.cost if counted else line.cost or 0.0
        self.spent_tokens += counted.tokens if counted else (line.prompt_tokens or 0) + (line.completion_tokens or 0)
        self.spent_calls += counted.calls if counted else line.calls

    def _beats(self, place: int, state: int, line: JournalLine) -> bool:
        if state != self._state[place]:
            return state > self._state[place]
        earlier = (line.attempt, line.finished_at) < (self._attempt[place], self._finished_at[place])
        return earlier if state == _ANSWERED else not earlier

    def is_finished(self, place: int, *, retry_failed_before: int = 0) -> bool:
        """Whether there is an answer, or an error that no attempt below that number left."""
        state = self._state[place]
        return state == _ANSWERED or (state == _FAILED and self._attempt[place] >= retry_failed_before)

    def where(self, place: int) -> Where:
        """Of the line that stands for a finished row."""
        return self._segment[place], self._start[place], self._length[place]

    def row(self, place: int, line: JournalLine) -> FoldedRow:
        cost = self._cost[place]
        return FoldedRow(line, self._calls[place], None if isnan(cost) else cost, self._extra_answers[place])

    def active_seconds(self) -> float:
        """In which attempts worked: for each, from the start of its first finished row to the end of its last."""
        return sum(high - low for low, high in self._spans.values())


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
        self.latencies = array("d")
        self.first_tokens = array("d")
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
