"""Two workflows by the share of rows that are right, of a metric that is 0 or 1 on each row."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import POWER, Contrast, Ends


def compare_shares(a: NDArray[np.float64], b: NDArray[np.float64]) -> Contrast | None:
    """By the rows on which just one is right. None without rows.

    Exact McNemar test (McNemar 1947; the binomial of the discordant rows). Interval and equivalence by the score test
    of a difference of paired shares (Tango 1998), which holds for few rows and for few discordant ones, where the
    ordinary one does not.
    """
    n = len(a)
    if n == 0:
        return None
    only_a, only_b = int((a > b).sum()), int((a < b).sum())
    difference = (only_a - only_b) / n
    variance = (only_a + only_b) / n - difference * difference

    def p_apart(delta: float) -> float:
        above = _normal_tail(score_z(only_a, only_b, n, -delta))
        return max(above, _normal_tail(-score_z(only_a, only_b, n, delta)))

    def detectable(alpha: float) -> float | None:
        normal = NormalDist()
        quantiles = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(POWER)
        return math.sqrt(variance / n) * quantiles if variance > 0 else None

    return Contrast(
        n=n,
        difference=difference,
        p=mcnemar_p(only_a, only_b),
        test="exact McNemar",
        interval_method="Tango score",
        interval=lambda level: score_interval(only_a, only_b, n, level),
        p_apart=p_apart,
        detectable=detectable,
        spread=math.sqrt(variance) if variance > 0 else None,
        effect_size=difference / math.sqrt(variance * n / (n - 1)) if n > 1 and variance > 0 else None,
        above=only_a,
        equal=n - only_a - only_b,
        below=only_b,
    )


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Two-sided binomial test of a half, over the rows on which just one of the two is right."""
    n, few = only_a + only_b, min(only_a, only_b)
    # By logarithms: 2^n is beyond a float from 1,024 discordant rows on.
    largest = math.lgamma(n + 1) - math.lgamma(few + 1) - math.lgamma(n - few + 1) - n * math.log(2)
    # The terms of fewer, each as a share of the largest; from there on they are too small to count.
    term = total = 1.0
    for k in range(few, 0, -1):
        term *= k / (n - k + 1)
        total += term
        if term < 1e-17 * total:
            break
    return min(1.0, 2 * math.exp(largest) * total)


def score_z(only_a: int, only_b: int, n: int, bound: float) -> float:
    """Tango's score statistic of a difference `bound`, approximately standard normal where that is the true one."""
    linear = -only_a - only_b + (2 * n - only_a + only_b) * bound
    constant = -only_b * bound * (1 - bound)
    q = (math.sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2 * q + bound * (1 - bound))
    distance = only_a - only_b - n * bound
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def score_interval(only_a: int, only_b: int, n: int, level: float) -> Ends:
    """All differences that the score test does not reject, from -1 to 1."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    difference = (only_a - only_b) / n

    def end(outer: float, sign: int) -> float:
        """The score falls as the bound rises, so the end is found by halving."""
        inner = difference
        for _ in range(60):
            middle = (inner + outer) / 2
            if abs(score_z(only_a, only_b, n, middle)) <= z:
                inner = middle
            else:
                outer = middle
        return min(1.0, max(-1.0, inner if abs(inner) < 1 - 1e-12 else float(sign)))

    return end(-1.0, -1), end(1.0, 1)


def _normal_tail(z: float) -> float:
    """P(Z >= z)."""
    return 0.5 * math.erfc(z / math.sqrt(2))
