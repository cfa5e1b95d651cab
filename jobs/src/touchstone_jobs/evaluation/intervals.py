"""95 % intervals: how sure a value is, given the rows it comes from. Each names its method."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.evaluation.student_t import t_quantile
from touchstone_jobs.files import Interval
from touchstone_jobs.groups import LEAST_GROUPS, Groups, cluster_robust

LEVEL = 0.95
RESAMPLES = 1000
SEED = 12345


def standard_error(values: NDArray[np.float64]) -> float | None:
    """Of the mean: sample standard deviation over the root of n; None below two values."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None


def t_interval(values: NDArray[np.float64]) -> Interval | None:
    """Of a mean, by Student's t; None below two values."""
    error = standard_error(values)
    if error is None:
        return None
    half = t_quantile((1 + LEVEL) / 2, len(values) - 1) * error
    mean = float(values.mean())
    return Interval(low=mean - half, high=mean + half, level=LEVEL, method="Student t")


def grouped_interval(values: NDArray[np.float64], groups: Groups) -> tuple[float | None, Interval | None]:
    """Cluster-robust standard error of a mean, and its interval by Student's t with groups - 1 degrees of freedom; None
    below ten groups.
    """
    if len(values) == 0:
        return None, None
    error, count = cluster_robust(values, groups)
    if count < LEAST_GROUPS:
        return None, None
    half = t_quantile((1 + LEVEL) / 2, count - 1) * error
    mean = float(values.mean())
    return error, Interval(low=mean - half, high=mean + half, level=LEVEL, method=f"cluster-robust t, {count} groups")


def wilson_interval(successes: int, n: int) -> Interval | None:
    """Of a share (Wilson 1927); stays within 0 and 1 and is right for few rows and for 0 or n successes, where a t
    interval is not.
    """
    if n == 0:
        return None
    z = 1.959963984540054
    share = successes / n
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else center - half
    high = 1.0 if successes == n else center + half
    return Interval(low=low, high=high, level=LEVEL, method="Wilson score")


def bootstrap(
    statistics: NDArray[np.int32], score: Callable[[Sequence[int]], float]
) -> tuple[float | None, Interval | None]:
    """Standard error and percentile interval of a corpus-level score (Koehn 2004), shape of `statistics`: (rows,
    numbers).

    Rows are drawn with replacement, their statistics summed and scored, 1,000 times; the seed is fixed, so the same
    rows give the same interval. None below two rows.
    """
    n = len(statistics)
    if n < 2:
        return None, None
    random = np.random.default_rng(SEED)
    scores = np.array([score(_resample(statistics, random)) for _ in range(RESAMPLES)])
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    method = f"bootstrap percentile, {RESAMPLES} resamples, seed {SEED}"
    return float(scores.std(ddof=1)), Interval(low=float(low), high=float(high), level=LEVEL, method=method)


def _resample(statistics: NDArray[np.int32], random: np.random.Generator) -> Any:
    """Summed statistics of as many rows, drawn with replacement: a list of integers."""
    n = len(statistics)
    drawn = random.integers(0, n, size=n)
    if n < 1000:
        return statistics[drawn].sum(axis=0, dtype=np.int64).tolist()
    # How often each row was drawn, times its statistics: no copy of the rows.
    return (np.bincount(drawn, minlength=n) @ statistics).tolist()
