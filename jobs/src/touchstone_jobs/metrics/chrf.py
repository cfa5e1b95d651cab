"""chrF (Popović 2015) and chrF++ (Popović 2017) by sacreBLEU, 0 to 100: `chrf` and `chrf_pp` over the whole corpus,
`sentence_chrf` and `sentence_chrf_pp` of each row.

sacreBLEU's defaults: character n-grams to order 6, beta 2, white space left out; chrF++ has word n-grams to order 2
besides. An empty prediction scores 0. Statistics of a row: for each order the n-grams of the prediction, of the
reference, and in both.
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
def _metric(word_order: int) -> Any:
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF(word_order=word_order)
    metric.num_refs = 1
    return metric


def _metric_of(type: str) -> Any:
    return _metric(2 if type.endswith("_pp") else 0)


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    names = [metric.name for metric in metrics]
    of_order = {
        word_order: [name for name in names if _metric_of(name).word_order == word_order] for word_order in (0, 2)
    }

    def score(row: Row) -> dict[MetricName, Value]:
        values: dict[MetricName, Value] = {}
        for word_order, wanted in of_order.items():
            if wanted:
                metric = _metric(word_order)
                statistics: list[int] = metric._extract_corpus_statistics([row.prediction], [[row.reference]])[0]
                for name in wanted:
                    is_corpus = not name.startswith("sentence_")
                    values[name] = statistics if is_corpus else float(metric._compute_f_score(statistics))
        return values

    return score


def corpus(name: MetricName, statistics: Sequence[int]) -> float:
    return float(_metric_of(name)._compute_f_score(list(statistics)))


def corpora(name: MetricName, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """`corpus` of many sums at once, shape (sums, 18 or 24): the same formula in numpy, for resampling."""
    predicted, reference, matched = (statistics[:, start::3] for start in range(3))
    has_order = (predicted > 0) & (reference > 0)
    orders = np.maximum(has_order.sum(axis=1), 1)
    precision = np.where(has_order, matched / np.maximum(predicted, 1), 0.0).sum(axis=1) / orders
    recall = np.where(has_order, matched / np.maximum(reference, 1), 0.0).sum(axis=1) / orders
    factor = float(_metric_of(name).beta) ** 2
    weighted = factor * precision + recall
    return np.where(weighted > 0, 100 * (1 + factor) * precision * recall / np.where(weighted > 0, weighted, 1.0), 0.0)


def signature(metric: MetricSettings) -> str:
    settings = str(_metric_of(metric.type).get_signature()).split("|version:")[0]
    return f"{metric.name}|{settings}|lib:sacrebleu|version:{version('sacrebleu')}"
