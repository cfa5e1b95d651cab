"""The difference between two workflows, against scipy and sacreBLEU."""

import math
from typing import Any, cast

import numpy as np
import pytest
import sacrebleu
from sacrebleu.significance import PairedTest
from scipy import optimize, stats

from examples import plain, read_rows
from touchstone_jobs.comparison.contrast import Contrast, Untested
from touchstone_jobs.comparison.corpora import compare_corpora, trials_for
from touchstone_jobs.comparison.groups import compare_grouped_means
from touchstone_jobs.comparison.means import compare_means
from touchstone_jobs.comparison.shares import compare_shares, mcnemar_p, score_interval, score_z
from touchstone_jobs.comparison.sign_flip import sign_flip_p, sign_flip_tail
from touchstone_jobs.evaluation.student_t import t_tail
from touchstone_jobs.inference.baselines import lead
from touchstone_jobs.metrics import bleu, chrf, ter
from touchstone_jobs.metrics.registry import Row


def drawn(n: int, seed: int = 1, shift: float = 0.02) -> Any:
    return np.random.default_rng(seed).normal(shift, 0.1, n).round(3)


def is_finite(contrast: Contrast) -> bool:
    ends = contrast.interval(0.95) or (0.0, 0.0)
    numbers = [contrast.difference, contrast.p, contrast.p_apart(0.01), contrast.detectable(0.05) or 0.0, *ends]
    return all(math.isfinite(number) for number in [*numbers, contrast.effect_size or 0.0])


def the(contrast: Contrast | Untested | None) -> Contrast:
    assert isinstance(contrast, Contrast)
    assert is_finite(contrast)
    assert 0 <= contrast.p <= 1
    return contrast


@pytest.mark.parametrize("t", [0.0, 0.7, 2.0, 9.0, 30.0])
@pytest.mark.parametrize("df", [1, 2, 29, 499, 10_000, 100_000, 10**7])
def test_the_tail_of_student_t_is_scipys(t: float, df: int) -> None:
    assert t_tail(t, df) == pytest.approx(float(stats.t.sf(t, df)), rel=1e-7, abs=1e-300)
    assert t_tail(-t, df) == pytest.approx(float(stats.t.cdf(t, df)), rel=1e-9)


@pytest.mark.parametrize("n", [30, 31, 250, 10_000])
def test_from_30_rows_on_it_is_scipys_paired_t(n: int) -> None:
    differences = drawn(n)
    found = the(compare_means(differences, 1.0))
    scipys = stats.ttest_1samp(differences, 0)
    assert found.test == "paired t"
    assert found.p == pytest.approx(scipys.pvalue, rel=1e-8)
    assert found.interval(0.99) == pytest.approx(scipys.confidence_interval(0.99), rel=1e-9)
    assert found.effect_size == pytest.approx(scipys.statistic / math.sqrt(n))
    two = [stats.ttest_1samp(differences, sign * 0.05, alternative=side).pvalue for sign, side in SIDES]
    assert found.p_apart(0.05) == pytest.approx(max(two), rel=1e-7)


SIDES = [(-1, "greater"), (1, "less")]


@pytest.mark.parametrize("n", [2, 3, 5, 9, 13])
def test_below_30_rows_it_is_scipys_exact_permutation_test(n: int) -> None:
    differences = drawn(n, seed=n)
    found = the(compare_means(differences, 1.0))
    everything: dict[str, Any] = {"permutation_type": "samples", "n_resamples": np.inf}
    zeros = np.zeros(n)
    for bound, alternative, ours in [
        (0.0, "two-sided", found.p),
        (0.03, "greater", sign_flip_tail(differences - 0.03)),
    ]:
        scipys = stats.permutation_test(
            (differences - bound, zeros), lambda a, b: a.mean() - b.mean(), alternative=alternative, **everything
        )
        assert ours == pytest.approx(scipys.pvalue, rel=1e-12)


@pytest.mark.parametrize("n", [20, 29])
def test_the_sign_flip_agrees_with_a_hundred_thousand_random_ones(n: int) -> None:
    differences = drawn(n, seed=4, shift=0.04)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (100_000, n))
    share = float((np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12).mean())
    assert sign_flip_p(differences) == pytest.approx(share, abs=4 * math.sqrt(share / 100_000))


def test_no_rows_have_no_contrast() -> None:
    assert compare_means(np.array([]), 1.0) is None
    assert compare_shares(np.array([]), np.array([])) is None
    assert compare_grouped_means(np.array([]), np.array([], dtype=np.int64)) is None


def test_one_row_shows_nothing() -> None:
    found = the(compare_means(np.array([0.4]), 1.0))
    assert (found.difference, found.p, found.interval(0.95), found.effect_size) == (0.4, 1.0, None, None)


def test_two_rows_have_an_interval_and_cannot_show_a_difference() -> None:
    found = the(compare_means(np.array([0.4, 0.5]), 1.0))
    assert found.p == 0.5
    assert found.interval(0.95) == pytest.approx(stats.t.interval(0.95, 1, loc=0.45, scale=0.05))


@pytest.mark.parametrize("n", [2, 12, 30, 45, 2000])
def test_differences_that_are_all_the_same(n: int) -> None:
    found = the(compare_means(np.full(n, 0.1), 1.0))
    assert found.p == pytest.approx(2.0 ** (1 - n), rel=1e-12)
    assert found.interval(0.95) == pytest.approx((0.1, 0.1))
    assert (found.effect_size, found.detectable(0.05)) == (None, None)
    assert (found.above, found.equal, found.below) == (n, 0, 0)
    # Two rows that differ say nothing of how many others do.
    assert found.p_apart(0.2) == (1.0 if n == 2 else pytest.approx(2.0 ** -min(n, 1073)))
    assert found.p_apart(0.05) == 1.0


@pytest.mark.parametrize("n", [2, 12, 500])
def test_differences_that_are_all_zero(n: int) -> None:
    found = the(compare_means(np.zeros(n), 1.0))
    assert (found.difference, found.p) == (0.0, 1.0)
    assert (found.above, found.equal, found.below) == (0, n, 0)
    # Clopper & Pearson (1934): the share of rows that may differ although none of n did.
    most = stats.binomtest(0, n).proportion_ci(0.95, method="exact").high
    assert found.interval(0.95) == pytest.approx((-most, most))
    assert found.p_apart(0.01) == pytest.approx(0.99**n)
    assert the(compare_means(np.zeros(n), 4.0)).p_apart(0.04) == pytest.approx(0.99**n)


@pytest.mark.parametrize("moved", [1, 5, 9])
def test_few_rows_that_differ_are_no_proof_that_others_do_not(moved: int) -> None:
    differences = np.zeros(40)
    differences[:moved] = 0.001
    unseen = float(stats.binom.cdf(moved, 40, 0.01))
    assert the(compare_means(differences, 1.0)).p_apart(0.01) == pytest.approx(unseen)
    assert the(compare_means(np.tile(differences, 100), 1.0)).p_apart(0.01) < 1e-6


@pytest.mark.parametrize("n", [30, 250, 2000])
def test_the_detectable_difference_is_found_with_80_percent(n: int) -> None:
    differences = drawn(n)
    smallest = the(compare_means(differences, 1.0)).detectable(0.05)
    assert smallest is not None
    noncentral = smallest / differences.std(ddof=1) * math.sqrt(n)
    critical = stats.t.ppf(0.975, n - 1)
    assert 1 - stats.nct.cdf(critical, n - 1, noncentral) == pytest.approx(0.8, abs=0.004)


def pair_of_shares(only_a: int, only_b: int, n: int) -> tuple[Any, Any]:
    a, b = np.zeros(n), np.zeros(n)
    a[:only_a] = 1
    b[only_a : only_a + only_b] = 1
    return a, b


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 0), (5, 1), (12, 25), (40, 40), (900, 1100)])
def test_mcnemar_is_scipys_binomial(only_a: int, only_b: int) -> None:
    n = only_a + only_b
    scipys = stats.binomtest(only_a, n).pvalue if n else 1.0
    assert mcnemar_p(only_a, only_b) == pytest.approx(scipys, rel=1e-9)


def test_mcnemar_of_very_many_rows() -> None:
    assert 0 < mcnemar_p(20_000, 21_000) < 1e-5


@pytest.mark.parametrize(("only_a", "only_b", "n"), [(12, 14, 44), (3, 0, 20), (9, 25, 250)])
@pytest.mark.parametrize("bound", [-0.3, -0.02, 0.0, 0.1])
def test_the_score_of_paired_shares_has_the_likeliest_variance(only_a: int, only_b: int, n: int, bound: float) -> None:
    """Under the hypothesis the discordant shares are those that make the data likeliest: here found by search."""

    def unlikelihood(q: float) -> float:
        rest = 1 - 2 * q - bound
        parts = [(only_a, q + bound), (only_b, q), (n - only_a - only_b, rest)]
        return -sum(count * math.log(max(share, 1e-300)) for count, share in parts if count)

    low, high = max(0.0, -bound), (1 - bound) / 2
    q = optimize.minimize_scalar(unlikelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12}).x
    variance = n * (2 * q + bound - bound**2)
    assert score_z(only_a, only_b, n, bound) == pytest.approx((only_a - only_b - n * bound) / variance**0.5, rel=1e-4)


def test_the_score_interval_is_where_the_score_is_1_96() -> None:
    low, high = score_interval(12, 25, 100, 0.95)
    assert score_z(12, 25, 100, low) == pytest.approx(1.959964, rel=1e-5)
    assert score_z(12, 25, 100, high) == pytest.approx(-1.959964, rel=1e-5)


@pytest.mark.parametrize(
    ("only_a", "only_b", "n"), [(0, 0, 1), (0, 0, 50), (50, 0, 50), (0, 7, 7), (1, 0, 1), (3, 3, 6)]
)
def test_shares_at_the_edge_are_finite(only_a: int, only_b: int, n: int) -> None:
    found = the(compare_shares(*pair_of_shares(only_a, only_b, n)))
    ends = found.interval(0.95)
    assert ends is not None
    assert -1 <= ends[0] <= found.difference <= ends[1] <= 1
    assert (found.above, found.equal, found.below) == (only_a, n - only_a - only_b, only_b)


def test_groups_of_one_size_are_judged_by_their_means() -> None:
    differences = drawn(120)
    found = the(compare_grouped_means(differences, np.repeat(np.arange(12), 10)))
    scipys = stats.ttest_1samp(differences.reshape(12, 10).mean(axis=1), 0)
    assert found.p == pytest.approx(scipys.pvalue, rel=1e-9)
    assert found.interval(0.95) == pytest.approx(scipys.confidence_interval(0.95), rel=1e-9)


def test_groups_of_other_sizes_have_the_sandwich_error() -> None:
    """The sandwich of a regression on a constant, written out as matrices."""
    differences, groups = drawn(90), np.random.default_rng(3).integers(0, 14, 90)
    ones = np.ones((90, 1))
    bread = np.linalg.inv(ones.T @ ones)
    residuals = differences - differences.mean()
    scores = [ones[groups == g].T @ residuals[groups == g] for g in range(14)]
    error = math.sqrt((bread @ sum(np.outer(s, s) for s in scores) @ bread).item() * 14 / 13)
    ends = the(compare_grouped_means(differences, groups)).interval(0.95)
    assert ends is not None
    assert (ends[1] - ends[0]) / 2 == pytest.approx(error * stats.t.ppf(0.975, 13), rel=1e-9)


def test_groups_are_judged_as_statsmodels_does() -> None:
    """The figures are those of statsmodels 0.15: `OLS(differences, np.ones(90)).fit(cov_type="cluster", use_t=True,
    cov_kwds={"groups": groups, "df_correction": True})`.
    """
    found = the(compare_grouped_means(drawn(90), np.random.default_rng(3).integers(0, 14, 90)))
    assert found.p == pytest.approx(0.07710586402685286, rel=1e-9)
    assert found.interval(0.95) == pytest.approx((-0.0017060988916784182, 0.028928321113900642), rel=1e-9)


def test_under_ten_groups_nothing_is_tested_and_the_difference_is_said() -> None:
    found = compare_grouped_means(drawn(90), np.arange(90) % 9)
    assert isinstance(found, Untested)
    assert found.n == 90
    assert found.difference == pytest.approx(drawn(90).mean())
    assert found.reason == "not tested: 9 groups of rows, and at least 10 are needed"


def corpus() -> tuple[list[str], list[str], list[str]]:
    """Two systems of 48 answers that are not far apart."""
    rows = read_rows() * 4
    a = [" ".join(lead(row["examples"]).split()[: 6 + i % 11]) for i, row in enumerate(rows)]
    b = [" ".join(lead(row["examples"]).split()[: 6 + i % 13]) for i, row in enumerate(rows)]
    return a, b, [row["ground_truth"] for row in rows]


METRICS = [
    (bleu, "bleu", sacrebleu.BLEU(force=True)),
    (chrf, "chrf", sacrebleu.CHRF()),
    (chrf, "chrf_pp", sacrebleu.CHRF(word_order=2)),
    (ter, "ter", sacrebleu.TER()),
]


@pytest.mark.parametrize(("module", "name", "theirs"), METRICS, ids=["bleu", "chrf", "chrf_pp", "ter"])
def test_corpora_are_compared_as_sacrebleu_does(module: Any, name: Any, theirs: Any) -> None:
    a, b, references = corpus()
    score = module.scorer(plain(name))
    statistics = [
        np.array([score(Row(p, r))[name] for p, r in zip(system, references, strict=True)], dtype=float)
        for system in (a, b)
    ]
    (found,) = compare_corpora(statistics, [(0, 1)], lambda summed: module.corpora(name, summed), 10_000)
    the(found)
    scores = [theirs.corpus_score(system, [references]).score for system in (a, b)]
    assert found.difference == pytest.approx(scores[0] - scores[1], abs=1e-9)
    test = PairedTest([("a", a), ("b", b)], {name: theirs}, [references], test_type="ar", n_samples=10_000)
    *_, (_, second) = test()[1].values()
    p = cast(Any, second).p_value
    assert 0.001 < p < 0.9
    chance = 6 * math.sqrt(p / 10_000)
    # TER counts whole edits, so many trials tie with what was seen: sacreBLEU leaves them out, we count them in.
    assert p - chance < found.p
    assert found.p < p + chance or name == "ter"
    ends = found.interval(0.95)
    assert ends is not None
    assert ends[0] < found.difference < ends[1]


@pytest.mark.parametrize(("module", "name", "theirs"), METRICS, ids=["bleu", "chrf", "chrf_pp", "ter"])
def test_many_corpora_at_once_score_as_one(module: Any, name: Any, theirs: Any) -> None:
    score = module.scorer(plain(name))
    rows = [("", "a"), ("a", "a"), ("the cat", "the cat sat"), ("a b c d e f", "a b c d e f"), ("x", "yy zz"), ("", "")]
    sums = [np.array(score(Row(*row))[name]) for row in rows]
    sums += [sums[i] + sums[j] for i in range(6) for j in range(6)]
    found = module.corpora(name, np.array(sums, dtype=float))
    assert found == pytest.approx([module.corpus(name, one.tolist()) for one in sums], abs=1e-9)


def test_a_corpus_is_not_better_than_itself() -> None:
    statistics = np.random.default_rng(0).integers(1, 9, (40, 2)).astype(float)
    (found,) = compare_corpora([statistics, statistics], [(0, 1)], lambda s: s[:, 0] / s[:, 1], 1000)
    assert (the(found).difference, found.p, found.interval(0.95)) == (0.0, 1.0, (0.0, 0.0))


def test_many_pairs_get_more_trials() -> None:
    assert (trials_for(1), trials_for(45)) == (10_000, 10_000)
    assert 1225 / (trials_for(1225) + 1) < 0.05 / 1.9
