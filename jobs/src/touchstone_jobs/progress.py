"""What the job says about itself while it runs: `progress.json`, with a beat that rises every second."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from touchstone_jobs import keys
from touchstone_jobs.files import Grant, JournalLine, LatencyMs, Progress, RowCounts, Spending, Stage
from touchstone_jobs.fold import FoldedRow, Tally, percentiles
from touchstone_jobs.storage import Storage

RATE_WINDOW_S = 10
LIVE_LATENCIES = 20_000


class ProgressFile:
    """Any thread may change it; the heartbeat writes it."""

    def __init__(self, storage: Storage, job_id: str, attempt: int) -> None:
        self._storage = storage
        self._key = keys.progress(job_id, attempt)
        self._lock = threading.Lock()
        self._beat = 0
        self._tally = Tally(0)
        self._scored: RowCounts | None = None
        self._began = time.monotonic()
        self._started: float | None = None
        self._finished_before = 0
        self._hourly: tuple[float, float] | None = None
        self._finished: deque[tuple[float, int]] = deque()
        self.stage: Stage = "starting"
        self.concurrency: int | None = None
        self.held_concurrency: int | None = None
        self.waiting_for: str | None = None
        self.next_call_at: float | None = None
        self.spending: Callable[[], tuple[Spending, Spending, Grant | None]] | None = None
        """What was spent, what calls under way may come to, and what was granted."""
        self.hold_after: int | None = None

    def set_tally(self, tally: Tally) -> None:
        """Starts from rows that earlier attempts finished."""
        with self._lock:
            self._tally = tally
            self._finished_before = tally.answered + tally.failed

    def set_hourly(self, per_hour: float, seconds_before: float) -> None:
        """Of a model that is paid by the hour, in US dollars: cost is what the time of all attempts comes to."""
        with self._lock:
            self._hourly = per_hour, seconds_before

    def cost(self) -> float | None:
        """In US dollars; None: unknown."""
        if self._hourly is None:
            return self._tally.cost
        per_hour, before = self._hourly
        return (before + self._elapsed()) / 3600 * per_hour

    def _elapsed(self) -> float:
        return 0.0 if self._started is None else time.monotonic() - self._started

    def start_clock(self) -> None:
        """At the first call or score."""
        if self._started is None:
            self._started = time.monotonic()

    def acknowledge(self, lines: Sequence[JournalLine]) -> None:
        """Counts rows that are in the journal."""
        with self._lock:
            for line in lines:
                self._tally.add(FoldedRow(line, line.calls, line.cost, 0))

    def set_scored(self, counts: RowCounts) -> None:
        """In an evaluation rows are counted as scored (`answered`), in error (`failed`) and without an answer to
        score (`not_run`).
        """
        with self._lock:
            self._scored = counts

    def snapshot(self) -> Progress:
        with self._lock:
            self._beat += 1
            over = self.stage == "done"
            spent, in_flight, budget = self.spending() if self.spending else (None, None, None)
            counts = self._scored or self._tally.counts(over=over)
            return Progress(
                beat=self._beat,
                stage=self.stage,
                rows=counts,
                errors=dict(self._tally.errors),
                rows_per_second=self._rate(counts.answered + counts.failed),
                elapsed_s=round(self._elapsed(), 3),
                active_s=round(time.monotonic() - self._began, 3),
                latency_ms=_live(self._tally.latencies),
                first_token_ms=_live(self._tally.first_tokens),
                tokens=self._tally.tokens,
                cost=self.cost(),
                truncated=self._tally.truncated,
                concurrency=self.concurrency,
                held_concurrency=self.held_concurrency,
                waiting_for=self.waiting_for,
                next_call_at=self.next_call_at,
                spent=spent,
                in_flight=in_flight,
                budget=budget,
                hold_after=self.hold_after,
            )

    def write(self) -> None:
        self._storage.write(self._key, self.snapshot().model_dump_json().encode())

    def _rate(self, finished: int) -> float | None:
        """Rows a second over the last ten seconds, or since the first call where that is later."""
        if self._started is None:
            return None
        now = time.monotonic()
        if not self._finished:
            self._finished.append((self._started, self._finished_before))
        self._finished.append((now, finished))
        while len(self._finished) > 2 and self._finished[1][0] <= now - RATE_WINDOW_S:
            self._finished.popleft()
        since, before = self._finished[0]
        return round((finished - before) / (now - since), 2) if now > since else None


def _live(values: Sequence[float]) -> LatencyMs | None:
    """Of so many evenly chosen rows that sorting them each second costs nothing; the result has them all."""
    return percentiles(values[:: 1 + len(values) // LIVE_LATENCIES])
