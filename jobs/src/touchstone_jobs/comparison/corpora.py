"""Workflows by a score of the whole corpus (BLEU, chrF), which is no mean over rows: by resampling."""

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import ALPHA, POWER, Contrast, Ends

Array = NDArray[np.float64]
Score = Callable[[Array], Array]
"""From summed statistics, shape (draws, numbers), to the score of each draw."""

SEED = 12345
RESAMPLES = 2000
BLOCK_CELLS = 4_000_000
"""Cells of the matrix of draws that are in memory at once: 32 MB."""


def trials_for(pairs: int) -> int:
    """sacreBLEU's 10,000, and more where so many pairs are compared that half of alpha would be out of reach."""
    return max(10_000, math.ceil(2 * pairs / ALPHA))


def compare_corpora(
    statistics: Sequence[Array],
    pairs: Sequence[tuple[int, int]],
    score: Score,
    trials: int,
    check: Callable[[], None] = lambda: None,
) -> list[Contrast]:
    """Each of `pairs` (places in `statistics`) on the same rows; `statistics` have the shape (rows, numbers).

    p by paired approximate randomisation (Riezler & Maxwell 2005, as sacreBLEU has it; Post 2018): each row's two
    answers are swapped or not, and p is the share of trials whose difference is at least the one seen, that one among
    them. sacreBLEU counts only those that are larger, which calls a system better than itself. Intervals by the paired
    bootstrap (Koehn 2004): its standard error and the normal distribution, since percentiles as far out as many pairs
    need would take millions of draws. The seed is fixed, and every pair has the same draws. `check` is called now and
    then and may raise.
    """
    rows = len(statistics[0])
    totals = [score(one.sum(axis=0)[None])[0] for one in statistics]
    swapped = _summed(statistics, _swaps(rows, trials), trials, check)
    resampled = [score(one) for one in _summed(statistics, _resamples(rows), RESAMPLES, check)]
    contrasts = []
    for a, b in pairs:
        check()
        difference = float(totals[a] - totals[b])
        moved = swapped[a] - swapped[b]
        trial = np.abs(score(statistics[a].sum(axis=0) - moved) - score(statistics[b].sum(axis=0) + moved))
        as_large = int((trial >= abs(difference) - 1e-9).sum())
        error = float((resampled[a] - resampled[b]).std(ddof=1)) if rows > 1 else 0.0
        contrasts.append(_contrast(rows, difference, (as_large + 1) / (trials + 1), trials, error))
    return contrasts


def _contrast(rows: int, difference: float, p: float, trials: int, error: float) -> Contrast:
    normal = NormalDist()

    def interval(level: float) -> Ends | None:
        if rows < 2:
            return None
        half = normal.inv_cdf((1 + level) / 2) * error
        return difference - half, difference + half

    def tail(distance: float) -> float:
        """p of a difference that far on the right side of the bound, by the bootstrap's standard error."""
        if error == 0:
            return 2.0 ** -min(rows, 1000) if distance > 0 else 1.0
        return 0.5 * math.erfc(distance / error / math.sqrt(2))

    def detectable(alpha: float) -> float | None:
        return error * (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(POWER)) if error > 0 else None

    return Contrast(
        n=rows,
        difference=difference,
        p=p,
        test=f"paired approximate randomisation, {trials} trials, seed {SEED}",
        interval_method=f"paired bootstrap standard error, normal, {RESAMPLES} resamples, seed {SEED}",
        interval=interval,
        p_apart=lambda delta: max(tail(difference + delta), tail(delta - difference)),
        detectable=detectable,
        spread=error * math.sqrt(rows) if error > 0 else None,
    )


def _summed(statistics: Sequence[Array], draws: Iterator[Array], count: int, check: Callable[[], None]) -> list[Array]:
    """For each workflow the statistics summed as each draw weighs the rows, shape (count, numbers)."""
    columns = np.concatenate(statistics, axis=1)
    summed = np.empty((count, columns.shape[1]))
    place = 0
    for weights in draws:
        check()
        summed[place : place + len(weights)] = weights @ columns
        place += len(weights)
    return np.split(summed, len(statistics), axis=1)


def _blocks(rows: int, count: int) -> Iterator[int]:
    size = max(1, BLOCK_CELLS // max(1, rows))
    for start in range(0, count, size):
        yield min(size, count - start)


def _swaps(rows: int, trials: int) -> Iterator[Array]:
    random = np.random.default_rng(SEED)
    for size in _blocks(rows, trials):
        yield random.integers(2, size=(size, rows), dtype=bool).astype(np.float64)


def _resamples(rows: int) -> Iterator[Array]:
    """How often each row is drawn."""
    random: Any = np.random.default_rng(SEED)
    for size in _blocks(rows, RESAMPLES):
        yield np.stack([np.bincount(random.integers(0, rows, rows), minlength=rows) for _ in range(size)]).astype(
            np.float64
        )
