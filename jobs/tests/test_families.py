"""Labels over all pairs of workflows."""

import math
import time
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from touchstone_jobs.comparison.contrast import Contrast
from touchstone_jobs.comparison.family import compare_rows, compare_statistics, judge
from touchstone_jobs.comparison.labels import agree, label
from touchstone_jobs.comparison.step_down import step_down


def closed_test(hypotheses: list[list[float]]) -> list[list[float]]:
    """The principle that stepping down abbreviates: a hypothesis is as sure as the least sure set of hypotheses that it
    is in, of those that can be true together (Marcus, Peritz & Gabriel 1976); a set is judged by Bonferroni.
    """
    worst = [[0.0] * len(pair) for pair in hypotheses]
    for chosen in product(*[[None, *range(len(pair))] for pair in hypotheses]):
        members = [(i, j) for i, j in enumerate(chosen) if j is not None]
        if members:
            p = min(1.0, len(members) * min(hypotheses[i][j] for i, j in members))
            for i, j in members:
                worst[i][j] = max(worst[i][j], p)
    return worst


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("each", [1, 2])
def test_stepping_down_is_never_surer_than_the_closed_test(seed: int, each: int) -> None:
    p_values = (np.random.default_rng(seed).uniform(0, 0.2, (4, each)) ** 2).tolist()
    for found, closed in zip(step_down(p_values), closed_test(p_values), strict=True):
        if each == 1:
            assert found == pytest.approx(closed)
        else:
            assert all(ours >= theirs - 1e-15 for ours, theirs in zip(found, closed, strict=True))


def test_holms_own_example() -> None:
    """Four hypotheses (Wright 1992): 0.01 · 4, 0.02 · 3, then never less than the one before."""
    adjusted = step_down([[0.02], [0.01], [0.04], [0.03]])
    assert [one[0] for one in adjusted] == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_one_pair_pays_nothing_for_asking_twice() -> None:
    assert step_down([[0.03, 0.04]]) == [[0.03, 0.04]]
    assert step_down([]) == []


@pytest.mark.parametrize(
    ("difference", "higher", "p", "p_equivalent", "expected"),
    [
        (0.1, True, 0.01, None, "better"),
        (0.1, False, 0.01, None, "worse"),
        (-0.1, True, 0.05, 0.9, "worse"),
        (-0.1, True, 0.051, 0.9, "no_difference"),
        (0.0, True, 1.0, 0.01, "equivalent"),
        (0.002, True, 0.001, 0.01, "equivalent"),
        (0.0, True, 0.01, 0.9, "no_difference"),
    ],
)
def test_labels(difference: float, higher: bool, p: float, p_equivalent: float | None, expected: str) -> None:
    assert label(difference, higher, p, p_equivalent) == expected


def test_the_picture_says_what_the_label_says() -> None:
    assert agree((-0.1, 0.4), 0.15, 0.04) == (0.0, 0.4)
    assert agree((-0.4, 0.1), -0.15, 0.04) == (-0.4, 0.0)
    assert agree((0.1, 0.4), 0.2, 0.06) == (0.0, 0.4)
    assert agree((0.1, 0.4), 0.2, 0.01) == (0.1, 0.4)


def scores_of(models: int, rows: int, seed: int = 0, step: float = 0.0) -> list[Any]:
    random = np.random.default_rng(seed)
    difficulty = random.normal(0.5, 0.2, rows)
    return [difficulty + random.normal(step * i, 0.1, rows) for i in range(models)]


def test_a_better_model_is_found_and_intervals_agree() -> None:
    verdicts = judge(compare_rows(scores_of(4, 300, step=0.03), is_share=False), "higher", 0.01)
    assert [v.pair for v in verdicts] == list(combinations(range(4), 2))
    assert {v.label for v in verdicts if v.pair in [(0, 2), (0, 3), (1, 3)]} == {"worse"}
    for v in verdicts:
        assert v.interval_simultaneous is not None
        low, high = v.interval_simultaneous
        assert (v.label in ("better", "worse")) == (not low < 0 < high)
        assert isinstance(v.contrast, Contrast)
        narrow = v.contrast.interval(0.95)
        assert narrow is not None
        assert low <= narrow[0] <= narrow[1] <= high


@pytest.mark.parametrize(("rows", "label"), [(50, "no_difference"), (1000, "equivalent")])
def test_the_same_answers_are_equivalent_where_there_are_enough_of_them(rows: int, label: str) -> None:
    one = scores_of(1, rows)[0]
    (verdict,) = judge(compare_rows([one, one.copy()], is_share=False), "higher", 0.01)
    assert (verdict.label, verdict.p_adjusted) == (label, 1.0)
    assert verdict.interval_simultaneous is not None
    assert verdict.interval_simultaneous[0] == -verdict.interval_simultaneous[1] < 0


def test_only_rows_that_both_have_count() -> None:
    a, b, c = scores_of(3, 100)
    a[:40], b[70:], c[:] = math.nan, math.nan, math.nan
    verdicts = judge(compare_rows([a, b, c], is_share=False), "higher", 0.01)
    assert verdicts[0].contrast is not None
    assert verdicts[0].contrast.n == 30
    assert verdicts[0].contrast.difference == pytest.approx((a - b)[40:70].mean())
    assert [(v.contrast, v.label, v.p_adjusted) for v in verdicts[1:]] == [(None, None, None)] * 2


def test_one_model_has_no_pairs() -> None:
    assert judge(compare_rows(scores_of(1, 10), is_share=False), "higher", 0.01) == []


def test_a_metric_without_direction_has_no_label() -> None:
    (verdict,) = judge(compare_rows(scores_of(2, 100, step=1.0), is_share=False), "none", None)
    assert verdict.label is None
    assert verdict.p_adjusted is not None


def test_pairs_of_corpora_are_compared_on_their_own_rows() -> None:
    random = np.random.default_rng(2)
    systems = [random.integers(1, 9, (50, 2)).astype(float) for _ in range(3)]
    systems[2][:20] = math.nan
    found = dict(compare_statistics(systems, lambda sums: sums[:, 0] / sums[:, 1]))
    assert [contrast and contrast.n for contrast in found.values()] == [50, 30, 30]
    a, c = systems[0][20:].sum(axis=0), systems[2][20:].sum(axis=0)
    ac = found[0, 2]
    assert ac is not None
    assert ac.difference == pytest.approx(a[0] / a[1] - c[0] / c[1])


def test_with_no_true_difference_a_label_is_rare() -> None:
    """Any wrong label among the six pairs of four models, 400 times: at most 5 %, so 20, give or take."""
    wrong = 0
    for seed in range(400):
        scores = scores_of(4, 60, seed)
        verdicts = judge(compare_rows([np.clip(s, 0, 1) for s in scores], is_share=False), "higher", None)
        wrong += any(v.label in ("better", "worse") for v in verdicts)
    assert wrong <= 20 + 2 * math.sqrt(20)


def test_models_that_differ_by_delta_are_rarely_called_equivalent() -> None:
    wrong = 0
    for seed in range(300):
        shifted = [s + 0.05 * i for i, s in enumerate(scores_of(3, 80, seed))]
        wrong += any(v.label == "equivalent" for v in judge(compare_rows(shifted, is_share=False), "higher", 0.05))
    assert wrong <= 15 + 2 * math.sqrt(15)


def test_fifty_models_on_ten_thousand_rows_take_seconds() -> None:
    scores = scores_of(50, 10_000)
    started = time.process_time()
    verdicts = judge(compare_rows(scores, is_share=False), "higher", 0.01)
    assert len(verdicts) == 1225
    assert time.process_time() - started < 10
