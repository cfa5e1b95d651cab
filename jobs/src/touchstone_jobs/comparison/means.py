"""Two workflows by the mean of a metric with one value per row."""

import math

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import POWER, Contrast, Ends
from touchstone_jobs.comparison.sign_flip import sign_flip_p, sign_flip_tail
from touchstone_jobs.evaluation.student_t import t_quantile, t_tail

MANY_ROWS = 30
"""From here on the mean of the differences is near enough to normal for Student's t; below, signs are flipped."""
FEW_MOVED = 10
"""With fewer rows than this on which the two differ, the spread of the differences says little of what others do."""


def compare_means(differences: NDArray[np.float64], span: float) -> Contrast | None:
    """By the differences of the rows, in any order. `span`: the largest difference that a row can have. None without
    rows.

    From 30 rows on the paired t test (Student 1908), below it the sign-flip permutation test (Fisher 1935); the
    interval is Student's t in both. Differences that are all the same have no spread to judge by: their test is the
    sign flip's, 2^(1-n), at any n. Where fewer than ten rows differ at all, "smaller than delta" has to hold for rows
    that were not drawn, too: a mean of delta takes rows that differ on a share of at least delta / span, and it is
    asked how likely so few of them are then (binomial).
    """
    n = len(differences)
    if n == 0:
        return None
    # As a list: one number at a time out of an array takes three times as long.
    mean = math.fsum(differences.tolist()) / n
    spread = _spread(differences)
    error = spread / math.sqrt(n)
    moved = int((differences != 0).sum())
    is_t = n >= MANY_ROWS and spread > 0

    def tail(bound: float) -> float:
        """p of "the mean is at most `bound`" against "it is above"."""
        return t_tail((mean - bound) / error, n - 1) if is_t else sign_flip_tail(differences - bound)

    def interval(level: float) -> Ends | None:
        if n < 2:
            return None
        # Where none of n rows differs, at this level at most such a share of all does (Clopper & Pearson 1934).
        none_moved = span * (1 - ((1 - level) / 2) ** (1 / n))
        half = t_quantile((1 + level) / 2, n - 1) * error if moved > 0 else none_moved
        return mean - half, mean + half

    def p_apart(delta: float) -> float:
        below = t_tail((delta - mean) / error, n - 1) if is_t else sign_flip_tail(delta - differences)
        unseen = at_most(moved, n, delta / span) if moved < FEW_MOVED and span > 0 else 0.0
        return max(tail(-delta), below, unseen)

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
        spread=spread if spread > 0 else None,
        effect_size=mean / spread if spread > 0 else None,
        above=int((differences > 0).sum()),
        equal=int((differences == 0).sum()),
        below=int((differences < 0).sum()),
    )


def at_most(count: int, n: int, share: float) -> float:
    """P(X <= count) of a binomial of n draws, each a hit with probability `share`."""
    if share >= 1:
        return 1.0 if count >= n else 0.0
    return min(1.0, math.fsum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(count + 1)))


def _spread(differences: NDArray[np.float64]) -> float:
    """Sample standard deviation; 0 below two rows, and where the differences differ by rounding alone."""
    if len(differences) < 2:
        return 0.0
    largest = float(np.abs(differences).max())
    return float(differences.std(ddof=1)) if float(np.ptp(differences)) > 1e-12 * largest else 0.0
