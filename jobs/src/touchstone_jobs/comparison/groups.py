"""Rows that come in groups (dialogues of one customer, pages of one book) are not independent."""

import math

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import POWER, Contrast, Ends
from touchstone_jobs.evaluation.student_t import t_quantile, t_tail

LEAST_GROUPS = 10


class TooFewGroups(ValueError):
    """Below ten groups the cluster-robust error is far too small (Cameron, Gelbach & Miller 2008)."""


def compare_grouped_means(differences: NDArray[np.float64], groups: NDArray[np.int64]) -> Contrast | None:
    """The mean of the differences with a cluster-robust standard error (Liang & Zeger 1986) with the correction
    G / (G - 1), judged by Student's t with G - 1 degrees of freedom. None without rows. Raises TooFewGroups.
    """
    n = len(differences)
    if n == 0:
        return None
    _, places = np.unique(groups, return_inverse=True)
    count = int(places.max()) + 1
    if count < LEAST_GROUPS:
        raise TooFewGroups(f"The rows come in {count} groups; an interval needs at least {LEAST_GROUPS}.")
    mean = math.fsum(differences) / n
    sums = np.bincount(places, weights=differences - mean)
    error = math.sqrt(count / (count - 1) * float((sums * sums).sum())) / n
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
        above=int((differences > 0).sum()),
        equal=int((differences == 0).sum()),
        below=int((differences < 0).sum()),
    )
