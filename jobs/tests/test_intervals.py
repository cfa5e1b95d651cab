"""Intervals against scipy and sacreBLEU."""

import random

import numpy as np
import pytest
import sacrebleu
from scipy import stats

from examples import plain, read_rows
from touchstone_jobs.evaluation.intervals import bootstrap, standard_error, t_interval, wilson_interval
from touchstone_jobs.evaluation.student_t import t_distribution, t_quantile
from touchstone_jobs.inference.baselines import lead
from touchstone_jobs.metrics import bleu
from touchstone_jobs.metrics.registry import Row


@pytest.mark.parametrize("p", [0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.9999])
@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 9, 10, 29, 30, 99, 249, 1000, 12_345, 10**6, 10**7])
def test_t_quantile_is_scipys(p: float, df: int) -> None:
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("t", [0.0, 0.3, 1.96, 5.0, 40.0])
@pytest.mark.parametrize("df", [1, 2, 7, 100, 10**5])
def test_t_distribution_is_scipys(t: float, df: int) -> None:
    assert t_distribution(t, df) == pytest.approx(stats.t.cdf(t, df), rel=1e-11)


def test_t_interval_is_scipys() -> None:
    values = np.random.default_rng(1).beta(2, 5, 37)
    found = t_interval(values)
    assert found is not None
    low, high = stats.t.interval(0.95, 36, loc=values.mean(), scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-10)
    assert (found.level, found.method) == (0.95, "Student t")
    assert standard_error(values) == pytest.approx(stats.sem(values))


def test_one_value_has_no_interval() -> None:
    assert t_interval(np.array([0.5])) is None
    assert standard_error(np.array([0.5])) is None


def test_equal_values_have_an_interval_of_no_width() -> None:
    found = t_interval(np.full(10, 0.25))
    assert found is not None
    assert (found.low, found.high) == (0.25, 0.25)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 10), (10, 10), (3, 10), (250, 500), (1, 100_000)])
def test_wilson_is_scipys(successes: int, n: int) -> None:
    found = wilson_interval(successes, n)
    assert found is not None
    scipys = stats.binomtest(successes, n).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((scipys.low, scipys.high), abs=1e-12)


def test_wilson_of_nothing() -> None:
    assert wilson_interval(0, 0) is None


def statistics_of(rows: list[dict[str, str]]) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    score = bleu.scorer(plain("bleu"))
    return np.array([score(Row(lead(row["examples"]), row["ground_truth"]))["bleu"] for row in rows], dtype=np.int32)


def test_bootstrap_is_repeatable_and_around_the_value() -> None:
    statistics = statistics_of(read_rows())
    error, interval = bootstrap(statistics, lambda summed: bleu.corpus("bleu", summed))
    assert (error, interval) == bootstrap(statistics, lambda summed: bleu.corpus("bleu", summed))
    assert interval is not None
    assert error is not None
    value = bleu.corpus("bleu", statistics.sum(axis=0).tolist())
    assert interval.low < value < interval.high
    assert "1000 resamples" in interval.method


def test_bootstrap_agrees_with_sacrebleus_own() -> None:
    """sacreBLEU gives half the width of its 95 % interval from 1,000 resamples: two such estimates differ by a few
    percent.
    """
    rows = random.Random(3).choices(read_rows(), k=60)
    _, ours = bootstrap(statistics_of(rows), lambda summed: bleu.corpus("bleu", summed))
    predictions, references = [lead(row["examples"]) for row in rows], [[row["ground_truth"] for row in rows]]
    theirs = sacrebleu.BLEU().corpus_score(predictions, references, n_bootstrap=1000)
    assert ours is not None
    assert (ours.high - ours.low) / 2 == pytest.approx(theirs._ci, rel=0.2)


@pytest.mark.parametrize("n", [999, 1000, 3000])
def test_bootstrap_of_few_and_of_many_rows(n: int) -> None:
    """Both ways to draw: the standard error of a share is known in closed form."""
    statistics = np.array([[i % 4 == 0, 1] for i in range(n)], dtype=np.int32)
    error, interval = bootstrap(statistics, lambda summed: summed[0] / summed[1])
    assert error == pytest.approx((0.25 * 0.75 / n) ** 0.5, rel=0.1)
    assert interval is not None
    assert interval.low < 0.25 < interval.high


def test_bootstrap_of_one_row() -> None:
    assert bootstrap(np.array([[1, 1]], dtype=np.int32), lambda summed: summed[0]) == (None, None)
