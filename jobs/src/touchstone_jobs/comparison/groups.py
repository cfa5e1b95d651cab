"""Two workflows on rows that come in groups."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import POWER, Contrast, Ends, Untested
from touchstone_jobs.evaluation.student_t import t_quantile, t_tail
from touchstone_jobs.groups import LEAST_GROUPS, Groups, cluster_robust


def compare_grouped_means(differences: NDArray[np.float64], groups: Groups) -> Contrast | Untested | None:
    """The mean of the differences with a cluster-robust standard error (Liang & Zeger 1986), judged by Student's t with
    groups - 1 degrees of freedom. None without rows; untested below ten groups.
    """
    n = len(differences)
    if n == 0:
        return None
    mean = math.fsum(differences.tolist()) / n
    error, count = cluster_robust(differences, groups)
    above, equal, below = (int(part.sum()) for part in (differences > 0, differences == 0, differences < 0))
    if count < LEAST_GROUPS:
        return Untested(n, mean, too_few(count), above, equal, below)
    df = count - 1
    if error <= 1e-15 * abs(mean):
        error = 0.0

    def tail(distance: float) -> float:
        if error == 0:
            return 2.0**-count if distance > 0 else 1.0
        return t_tail(distance / error, df)

    def interval(level: float) -> Ends | None:
        half = t_quantile((1 + level) / 2, df) * error
        return mean - half, mean + half

    spread = float(differences.std(ddof=1))
    return Contrast(
        n=n,
        difference=mean,
        p=min(1.0, 2 * tail(abs(mean))),
        test=f"cluster-robust t, {count} groups",
        interval_method=f"cluster-robust t, {count} groups",
        interval=interval,
        p_apart=lambda delta: max(tail(mean + delta), tail(delta - mean)),
        detectable=lambda alpha: error * (t_quantile(1 - alpha / 2, df) + t_quantile(POWER, df)) if error > 0 else None,
        spread=error * math.sqrt(n) if error > 0 else None,
        effect_size=mean / spread if spread > 0 else None,
        above=above,
        equal=equal,
        below=below,
    )


def of_groups(contrast: Contrast, n: int) -> Contrast:
    """Of a comparison in which groups were drawn as if they were rows: with the number of rows, `n`."""
    count = contrast.n
    return replace(
        contrast,
        n=n,
        test=f"{contrast.test}, by {count} groups",
        interval_method=f"{contrast.interval_method}, by {count} groups",
        spread=contrast.spread and contrast.spread * math.sqrt(n / count),
    )


def too_few(count: int) -> str:
    return f"not tested: {count} groups of rows, and at least {LEAST_GROUPS} are needed"
