"""What a test says of the difference between two workflows on one metric."""

from collections.abc import Callable
from dataclasses import dataclass

Ends = tuple[float, float]

ALPHA = 0.05
"""Of every family of labels: the probability that any of them is wrong where there is nothing to find."""
POWER = 0.8


@dataclass(frozen=True)
class Untested:
    """A difference of which nothing can be said but its value, and why."""

    n: int
    difference: float
    reason: str
    above: int | None = None
    equal: int | None = None
    below: int | None = None


@dataclass(frozen=True)
class Contrast:
    """`difference` is the first minus the second, in the metric's unit. No number is ever NaN or infinite."""

    n: int
    difference: float
    p: float
    """Two-sided, of the hypothesis that there is no difference."""
    test: str
    interval_method: str
    interval: Callable[[float], Ends | None]
    """By level; None where the rows are too few for one."""
    p_apart: Callable[[float], float]
    """Of the hypothesis that the difference is `delta` or more, in either direction: two one-sided tests
    (Schuirmann 1987), the larger p.
    """
    detectable: Callable[[float], float | None]
    """The smallest true difference that a two-sided test at this level finds with a probability of 80 % on as many
    rows. From the spread alone, never from the difference that was seen.
    """
    spread: float | None = None
    """Standard error of the difference times the root of n; None where it cannot be said, or there is none."""
    effect_size: float | None = None
    """Mean of the differences over their standard deviation (Cohen's d for pairs, d_z); None without spread."""
    above: int | None = None
    equal: int | None = None
    below: int | None = None
    """Rows on which the first has the higher, the same or the lower value; None for a value of the whole corpus."""
