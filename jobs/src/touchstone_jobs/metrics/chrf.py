"""chrF (Popović 2015) by sacreBLEU, 0 to 100: `chrf` over the whole corpus, `sentence_chrf` of each row.

sacreBLEU's defaults: character n-grams to order 6, no word n-grams, beta 2, white space left out. An empty prediction
scores 0. Statistics of a row: for each order the n-grams of the prediction, of the reference, and in both.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.files import MetricName
from touchstone_jobs.metrics.registry import Scorer, Value

NAMES: tuple[MetricName, ...] = ("chrf", "sentence_chrf")
LIBRARIES = ("sacrebleu",)


@cache
def _metric() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF()
    metric.num_refs = 1
    return metric


def scorer(names: Sequence[MetricName]) -> Scorer:
    metric = _metric()

    def score(prediction: str, reference: str) -> dict[MetricName, Value]:
        statistics: list[int] = metric._extract_corpus_statistics([prediction], [[reference]])[0]
        values: dict[MetricName, Value] = {"chrf": statistics}
        if "sentence_chrf" in names:
            values["sentence_chrf"] = float(metric._compute_f_score(statistics))
        return values

    return score


def corpus(name: MetricName, statistics: Sequence[int]) -> float:
    return float(_metric()._compute_f_score(list(statistics)))


def corpora(name: MetricName, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """`corpus` of many sums at once, shape (sums, 18): the same formula in numpy, for resampling."""
    predicted, reference, matched = (statistics[:, start::3] for start in range(3))
    has_order = (predicted > 0) & (reference > 0)
    orders = np.maximum(has_order.sum(axis=1), 1)
    precision = np.where(has_order, matched / np.maximum(predicted, 1), 0.0).sum(axis=1) / orders
    recall = np.where(has_order, matched / np.maximum(reference, 1), 0.0).sum(axis=1) / orders
    factor = float(_metric().beta) ** 2
    weighted = factor * precision + recall
    return np.where(weighted > 0, 100 * (1 + factor) * precision * recall / np.where(weighted > 0, weighted, 1.0), 0.0)


def signature(name: MetricName) -> str:
    settings = str(_metric().get_signature()).split("|version:")[0]
    return f"{name}|{settings}|lib:sacrebleu|version:{version('sacrebleu')}"
