"""Two workflows by the mean of a metric with one value per row."""

import math

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import POWER, Contrast, Ends
from touchstone_jobs.comparison.sign_flip import sign_flip_p, sign_flip_tail
from touchstone_jobs.evaluation.student_t import t_quantile, t_tail

MANY_ROWS = 30
"""From here on the mean of the differences is near enough to normal for Student's t; below, signs are flipped."""


def compare_means(differences: NDArray[np.float64]) -> Contrast | None:
    """By the differences of the rows, in any order. None without rows.

    From 30 rows on the paired t test (Student 1908), below it the sign-flip permutation test (Fisher 1935); the
    interval is Student's t in both. Differences that are all the same have no spread to judge by: their test is the
    sign flip's, 2^(1-n), at any n.
    """
    n = len(differences)
    if n == 0:
        return None
    mean = math.fsum(differences) / n
    spread = _spread(differences)
    error = spread / math.sqrt(n)
    is_t = n >= MANY_ROWS and spread > 0

    def tail(bound: float) -> float:
        """p of "the mean is at most `bound`" against "it is above"."""
        return t_tail((mean - bound) / error, n - 1) if is_t else sign_flip_tail(differences - bound)

    def interval(level: float) -> Ends | None:
        if n < 2:
            return None
        half = t_quantile((1 + level) / 2, n - 1) * error
        return mean - half, mean + half

    def p_apart(delta: float) -> float:
        below = t_tail((delta - mean) / error, n - 1) if is_t else sign_flip_tail(delta - differences)
        return max(tail(-delta), below)

    def detectable(alpha: float) -> float | None:
        return error * (t_quantile(1 - alpha / 2, n - 1) + t_quantile(POWER, n - 1)) if spread > 0 else None

    return Contrast(
        n=n,
        difference=mean,
        p=min(1.0, 2 * t_tail(abs(mean) / error, n - 1)) if is_t else sign_flip_p(differences),
        test="paired t" if is_t else "sign-flip permutation, exact",
        interval_method="Student t",
        interval=interval,
        p_apart=p_apart,
        detectable=detectable,
        effect_size=mean / spread if spread > 0 else None,
        above=int((differences > 0).sum()),
        equal=int((differences == 0).sum()),
        below=int((differences < 0).sum()),
    )


def _spread(differences: NDArray[np.float64]) -> float:
    """Sample standard deviation; 0 below two rows, and where the differences differ by rounding alone."""
    if len(differences) < 2:
        return 0.0
    largest = float(np.abs(differences).max())
    return float(differences.std(ddof=1)) if float(np.ptp(differences)) > 1e-12 * largest else 0.0
