"""Adjusted p values: how sure one claim is, given all the claims that are made with it."""

from collections.abc import Sequence


def step_down(hypotheses: Sequence[Sequence[float]]) -> list[list[float]]:
    """Holm's step-down (1979) over pairs, each with the p of one or more hypotheses of which at most one is true.

    With one hypothesis a pair this is Holm's method. With two, "no difference" and "a difference of delta or more",
    which cannot both be true, the multiplier counts the pairs with a hypothesis left, not the hypotheses (Shaffer 1986,
    method S1): the probability of any wrong label, "better" and "equivalent" together, stays at most alpha.
    """
    left = [len(p_values) for p_values in hypotheses]
    pairs_left = sum(count > 0 for count in left)
    ordered = sorted((p, i, j) for i, p_values in enumerate(hypotheses) for j, p in enumerate(p_values))
    adjusted = [[1.0] * len(p_values) for p_values in hypotheses]
    largest = 0.0
    for p, i, j in ordered:
        largest = max(largest, min(1.0, pairs_left * p))
        adjusted[i][j] = largest
        left[i] -= 1
        pairs_left -= left[i] == 0
    return adjusted
