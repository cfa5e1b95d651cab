"""All pairs of workflows on one metric: the family in which labels are given together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.comparison.contrast import ALPHA, Contrast, Ends, Untested
from touchstone_jobs.comparison.corpora import Score, compare_corpora, trials_for
from touchstone_jobs.comparison.groups import compare_grouped_means, of_groups, too_few
from touchstone_jobs.comparison.labels import Label, agree, label
from touchstone_jobs.comparison.means import compare_means
from touchstone_jobs.comparison.shares import compare_shares
from touchstone_jobs.comparison.step_down import step_down
from touchstone_jobs.groups import LEAST_GROUPS, Groups, sum_by_group

Scores = NDArray[np.float64]
"""Of one workflow, one line per row of the sample. NaN: not scored. Two-dimensional for a corpus-level metric."""
Pair = tuple[int, int]
Compared = tuple[Pair, Contrast | Untested | None]


@dataclass(frozen=True)
class Verdict:
    """Of the pair's first workflow against its second. `contrast` is None where there is no row that both have; all but
    it is None where it was not tested.
    """

    pair: Pair
    contrast: Contrast | Untested | None
    p_adjusted: float | None
    p_equivalent: float | None
    """Adjusted, of a difference smaller than delta; None where no delta was named."""
    interval_simultaneous: Ends | None
    label: Label | None

    def detectable(self, pairs: int) -> float | None:
        return self.contrast.detectable(ALPHA / pairs) if isinstance(self.contrast, Contrast) else None


def judge(
    contrasts: Sequence[Compared],
    direction: Literal["higher", "lower", "none"],
    delta: float | None,
) -> list[Verdict]:
    """Labels for all pairs together, as `step_down` says; none for a metric without a direction.

    The simultaneous intervals are Bonferroni's: each has level 1 - alpha / pairs, so that all of them hold at once
    with 95 %. Holm's method has no intervals of its own that say more than a sign (see `labels.agree`).
    """
    tested = [(pair, contrast) for pair, contrast in contrasts if isinstance(contrast, Contrast)]
    adjusted = step_down([[c.p] if delta is None else [c.p, c.p_apart(delta)] for _, c in tested])
    found: dict[Pair, Verdict] = {}
    for (pair, contrast), (p, *equivalent) in zip(tested, adjusted, strict=True):
        p_equivalent = equivalent[0] if equivalent else None
        ends = contrast.interval(1 - ALPHA / len(tested))
        found[pair] = Verdict(
            pair=pair,
            contrast=contrast,
            p_adjusted=p,
            p_equivalent=p_equivalent,
            interval_simultaneous=ends and agree(ends, contrast.difference, p),
            label=None if direction == "none" else label(contrast.difference, direction == "higher", p, p_equivalent),
        )
    return [found.get(pair) or Verdict(pair, contrast, None, None, None, None) for pair, contrast in contrasts]


def compare_rows(
    scores: Sequence[Scores], is_share: bool, span: float | None = None, groups: Groups | None = None
) -> list[Compared]:
    """By a metric with one value per row, each pair on the rows that both have. `span`: the largest difference that a
    row can have; None: the largest that these could. `groups`: None where rows are independent.
    """
    is_scored = [~np.isnan(one) for one in scores]
    largest = _span(scores) if span is None else span

    def compare(a: int, b: int) -> Contrast | Untested | None:
        both = is_scored[a] & is_scored[b]
        first, second = scores[a][both], scores[b][both]
        if groups is not None:
            return compare_grouped_means(first - second, groups[both])
        return compare_shares(first, second) if is_share else compare_means(first - second, largest)

    return [((a, b), compare(a, b)) for a, b in combinations(range(len(scores)), 2)]


def _span(scores: Sequence[Scores]) -> float:
    """From the lowest score of any workflow to the highest."""
    seen = np.concatenate([one[~np.isnan(one)] for one in scores])
    return float(np.ptp(seen)) if len(seen) > 0 else 0.0


def compare_statistics(
    scores: Sequence[Scores],
    score: Score,
    groups: Groups | None = None,
    check: Callable[[], None] = lambda: None,
) -> list[Compared]:
    """By a corpus-level metric. Pairs that have the same rows share their draws. With `groups`, whole groups are drawn
    and swapped.
    """
    is_scored = [~np.isnan(one).any(axis=1) for one in scores]
    pairs = list(combinations(range(len(scores)), 2))
    by_rows: dict[bytes, list[Pair]] = {}
    for a, b in pairs:
        by_rows.setdefault((is_scored[a] & is_scored[b]).tobytes(), []).append((a, b))
    found: dict[Pair, Contrast | Untested] = {}
    for mask, group in by_rows.items():
        both = np.frombuffer(mask, dtype=bool)
        if not both.any():
            continue
        rows = int(both.sum())
        members = sorted({place for pair in group for place in pair})
        places = {member: place for place, member in enumerate(members)}
        drawn = [scores[member][both] for member in members]
        if groups is not None:
            drawn = [sum_by_group(one, groups[both])[0] for one in drawn]
            if len(drawn[0]) < LEAST_GROUPS:
                values = {member: score(one.sum(axis=0)[None])[0] for member, one in zip(members, drawn, strict=True)}
                reason = too_few(len(drawn[0]))
                found |= {(a, b): Untested(rows, float(values[a] - values[b]), reason) for a, b in group}
                continue
        contrasts = compare_corpora(
            drawn, [(places[a], places[b]) for a, b in group], score, trials_for(len(pairs)), check
        )
        if groups is not None:
            contrasts = [of_groups(contrast, rows) for contrast in contrasts]
        found |= dict(zip(group, contrasts, strict=True))
    return [(pair, found.get(pair)) for pair in pairs]
