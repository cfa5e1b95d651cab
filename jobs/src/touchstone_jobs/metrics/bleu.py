"""BLEU (Papineni et al. 2002) by sacreBLEU (Post 2018), 0 to 100: `bleu` over the whole corpus, `sentence_bleu` of
each row.

Both are sacreBLEU's defaults: tokenizer 13a, exponential smoothing; a sentence counts only the n-gram orders it has
(effective order), as `sacrebleu.sentence_bleu` does. An empty prediction scores 0. Statistics of a row: prediction
length, reference length, matches of order 1 to 4, n-grams of order 1 to 4.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES = ("sacrebleu",)


@cache
def _metric(effective_order: bool) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(effective_order=effective_order, force=True)
    metric.num_refs = 1
    return metric


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    sentence = _metric(True)
    names = {metric.name for metric in metrics}

    def score(row: Row) -> dict[MetricName, Value]:
        statistics: list[int] = sentence._extract_corpus_statistics([row.prediction], [[row.reference]])[0]
        values: dict[MetricName, Value] = {"bleu": statistics}
        if "sentence_bleu" in names:
            values["sentence_bleu"] = float(sentence._compute_score_from_stats(list(statistics)).score)
        return values

    return score


def corpus(name: MetricName, statistics: Sequence[int]) -> float:
    return float(_metric(False)._compute_score_from_stats(list(statistics)).score)


def corpora(name: MetricName, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """`corpus` of many sums at once, shape (sums, 10): the same formula in numpy, for resampling."""
    length, reference = statistics[:, 0], statistics[:, 1]
    matches, counts = statistics[:, 2:6], statistics[:, 6:10]
    with np.errstate(divide="ignore", invalid="ignore"):
        brevity = np.where(length < reference, np.exp(1 - reference / length), 1.0)
        # Exponential smoothing: the k-th order without a match counts as 1 / 2^k matches.
        smoothed = np.where(matches > 0, matches, 0.5 ** np.cumsum(matches == 0, axis=1))
        precisions = np.log(100 * smoothed / counts)
        scores = brevity * np.exp(precisions.mean(axis=1))
    # An order without n-grams, or nothing that matches, is 0, as in sacreBLEU.
    return np.where((matches.sum(axis=1) > 0) & (counts > 0).all(axis=1) & (length > 0), scores, 0.0)


def signature(metric: MetricSettings) -> str:
    settings = str(_metric(metric.type == "sentence_bleu").get_signature()).split("|version:")[0]
    return f"{metric.name}|{settings}|lib:sacrebleu|version:{version('sacrebleu')}"
