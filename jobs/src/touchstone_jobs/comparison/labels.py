"""From adjusted p values to words, and to intervals that say the same in a picture."""

from typing import Literal

from touchstone_jobs.comparison.contrast import ALPHA, Ends

Label = Literal["better", "worse", "no_difference", "equivalent"]


def label(difference: float, higher_is_better: bool, p: float, p_equivalent: float | None) -> Label:
    """Of the first against the second, by adjusted p values; `p_equivalent` is None where no delta was named.

    A difference that is shown to be there and to be smaller than delta is `equivalent`: not worth acting on.
    """
    if p_equivalent is not None and p_equivalent <= ALPHA:
        return "equivalent"
    if p > ALPHA or difference == 0:
        return "no_difference"
    return "better" if (difference > 0) == higher_is_better else "worse"


def agree(ends: Ends, difference: float, p: float) -> Ends:
    """The end nearest zero is moved to zero where the interval and the adjusted p do not say the same.

    Interval and p come apart where they are made by different methods (below 30 rows, yes or no, whole corpora), and
    where Holm's later steps reject more than single-step intervals can show; the intervals that belong to Holm's
    method say no more of such a pair than its sign either (Guilbaud 2008).
    """
    low, high = ends
    if p > ALPHA:
        return min(low, 0.0), max(high, 0.0)
    return (max(low, 0.0), high) if difference > 0 else (low, min(high, 0.0))
