"""Scores of rows, over all cores where that pays. A row that a metric fails on is that row's error and nothing
else's.
"""

import math
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process

from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import TYPES, Family, Row, Scorer, Value, families

CHUNK_ROWS = 25
PROCESS_START_S = 1.0
"""What a further process costs before its first score: the interpreter and the libraries."""


@dataclass(slots=True)
class Chunk:
    predictions: list[str | None]
    """None: the row has no answer."""
    references: list[str | None]
    inputs: list[str | None] | None = None
    """None: no metric needs them."""


@dataclass(slots=True)
class Scores:
    """One value per row and metric; None: not scored."""

    columns: dict[MetricName, list[Value | None]]
    errors: dict[MetricName, int] = field(default_factory=dict)
    """Rows that the metric failed on."""
    first_error: dict[MetricName, str] = field(default_factory=dict)


class RowScorer:
    """Scores chunks in this process. Making one imports the libraries."""

    def __init__(self, metrics: Sequence[MetricSettings]) -> None:
        self._names = [metric.name for metric in metrics]
        self._scorers: list[tuple[Scorer, list[MetricSettings]]] = [
            (_make_scorer(family, wanted), wanted) for family, wanted in families(metrics)
        ]

    def score(self, chunk: Chunk, check: Callable[[], None] = lambda: None) -> Scores:
        """`check` is called before each row and ends the work by what it raises."""
        scores = Scores({name: [] for name in self._names})
        inputs = chunk.inputs or [None] * len(chunk.predictions)
        for prediction, reference, text in zip(chunk.predictions, chunk.references, inputs, strict=True):
            check()
            row = None if prediction is None else Row(prediction, reference or "", text or "")
            for scorer, metrics in self._scorers:
                _score_row(scorer, metrics, row, scores)
        return scores


def _make_scorer(family: Family, metrics: Sequence[MetricSettings]) -> Scorer:
    """Where its settings cannot be used, a metric fails on each row, and the others are scored."""
    try:
        return family.scorer(metrics)
    except ValueError as error:
        message = str(error)

    def fail(_row: Row) -> Mapping[MetricName, Value]:
        raise ValueError(message)

    return fail


def _score_row(scorer: Scorer, metrics: Sequence[MetricSettings], row: Row | None, scores: Scores) -> None:
    """`row`: None where there is no answer; an empty one is scored."""
    values: dict[MetricName, Value | None] = {metric.name: None for metric in metrics}
    if row is not None:
        has_reference = not is_blank(row.reference)
        wanted = [metric.name for metric in metrics if has_reference or not TYPES[metric.type].needs_reference]
        try:
            found = scorer(row) if wanted else {}
            values |= {name: _finite(found[name]) for name in wanted}
        except Exception as error:
            for name in wanted:
                scores.errors[name] = scores.errors.get(name, 0) + 1
                scores.first_error.setdefault(name, f"{type(error).__name__}: {error}")
    for name, value in values.items():
        scores.columns[name].append(value)


def is_blank(reference: str | None) -> bool:
    return reference is None or not reference.strip()


def _finite(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"the score is {value}")
    return value


def score_all(
    scorer: RowScorer, metrics: Sequence[MetricSettings], chunks: Iterator[Chunk], rows: int, check: Callable[[], None]
) -> Iterator[tuple[Chunk, Scores]]:
    """Each chunk and its scores, in order. The first is scored here and timed; more processes are started where they
    save time. `check` is called at least every second, or between two rows, and ends it all by what it raises.
    """
    first = next(chunks, None)
    if first is None:
        return
    started = time.perf_counter()
    yield first, scorer.score(first, check)
    rest = rows - len(first.predictions)
    remaining_s = (time.perf_counter() - started) / len(first.predictions) * rest
    workers = min(cpus(), int(remaining_s / PROCESS_START_S))
    if workers < 2:
        yield from ((chunk, scorer.score(chunk, check)) for chunk in chunks)
    else:
        yield from _score_in_processes(metrics, chunks, workers, check)


def _score_in_processes(
    metrics: Sequence[MetricSettings], chunks: Iterator[Chunk], workers: int, check: Callable[[], None]
) -> Iterator[tuple[Chunk, Scores]]:
    """Spawned, not forked: this process has threads. Memory does not grow with the rows: two chunks a worker wait."""
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(list(metrics),)
    )
    waiting: deque[tuple[Chunk, Future[Scores]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_score_in_worker, chunk)))
            if len(waiting) > 2 * workers:
                yield _next_result(waiting, check)
        while waiting:
            yield _next_result(waiting, check)
    except BaseException:
        # Nobody waits for rows that may take minutes; the executor itself can do this from Python 3.14 on.
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _next_result(waiting: deque[tuple[Chunk, Future[Scores]]], check: Callable[[], None]) -> tuple[Chunk, Scores]:
    chunk, future = waiting.popleft()
    while True:
        check()
        try:
            return chunk, future.result(timeout=1)
        except TimeoutError:
            continue


_scorer: RowScorer | None = None


def _start_worker(metrics: list[MetricSettings]) -> None:
    """SIGTERM reaches the whole group: the parent decides what it means. A parent that was killed takes its workers
    along.
    """
    global _scorer
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _scorer = RowScorer(metrics)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _score_in_worker(chunk: Chunk) -> Scores:
    assert _scorer is not None
    return _scorer.score(chunk)


def cpus() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
