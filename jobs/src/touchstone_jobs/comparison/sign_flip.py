"""The sign-flip permutation test: under "no difference" each row's difference is as likely to have the other sign.

Fisher (1935), The Design of Experiments, section 21. Exact for any number of rows that it is asked about here: of the
2^n ways to flip, those as extreme as what was seen are counted by halves (Horowitz & Sahni 1974), never listed.
"""

import numpy as np
from numpy.typing import NDArray

LISTED = 40
"""More differences than this that are not zero are not counted by halves: 2^20 sums are 8 MB."""


def sign_flip_p(differences: NDArray[np.float64]) -> float:
    """Two-sided, of a mean of zero."""
    total = float(differences.sum())
    return min(1.0, 2 * sign_flip_tail(differences if total >= 0 else -differences))


def sign_flip_tail(differences: NDArray[np.float64]) -> float:
    """One-sided: the share of all flips whose sum is at least the sum seen, itself among them.

    A flip has at least that sum where the differences that it flips sum to zero or less. At most 40 differences may
    be other than zero, unless all are the same. Never 0: at least 2^-n.
    """
    moving = differences[differences != 0]
    n = len(moving)
    if n == 0:
        return 1.0
    if n > LISTED:
        # All the same (compare_means asks for nothing else here): only the flip of nothing leaves a positive sum whole.
        return 2.0**-n if moving[0] > 0 else 1.0
    rounding = 1e-12 * float(np.abs(moving).sum())
    left = _subset_sums(moving[: n // 2])
    right = np.sort(_subset_sums(moving[n // 2 :]))
    return int(np.searchsorted(right, rounding - left, side="right").sum()) / 2.0**n


def _subset_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums
