"""TER, translation edit rate (Snover et al. 2006), by sacreBLEU: `ter` over the whole corpus, `sentence_ter` of each
row. Edits per 100 words of the reference: 0 is equal, lower is better, more than 100 is possible.

sacreBLEU's defaults: Tercom's tokenizer without normalisation, case ignored, punctuation kept. The search for shifted
phrases takes seconds for a few hundred words and minutes for a thousand, so a longer text is an error of that row's
metric. Statistics of a row: edits, words of the reference.
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
MOST_WORDS = 500


@cache
def _metric() -> Any:
    from sacrebleu.metrics.ter import TER

    metric = TER()
    metric.num_refs = 1
    return metric


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    metric = _metric()

    def score(row: Row) -> dict[MetricName, Value]:
        if max(len(row.prediction.split()), len(row.reference.split())) > MOST_WORDS:
            raise ValueError(f"TER is computed for texts of at most {MOST_WORDS} words")
        # The mean length over references, so a float; there is one.
        edits, length = metric._extract_corpus_statistics([row.prediction], [[row.reference]])[0]
        statistics = [int(edits), int(length)]
        return {"ter": statistics, "sentence_ter": corpus("sentence_ter", statistics)}

    return score


def corpus(name: MetricName, statistics: Sequence[int]) -> float:
    return float(_metric()._compute_score_from_stats(list(statistics)).score)


def corpora(name: MetricName, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """`corpus` of many sums at once, shape (sums, 2): the same formula in numpy, for resampling."""
    edits, length = statistics[:, 0], statistics[:, 1]
    # Without words in the reference any edit is all wrong, as in sacreBLEU.
    return np.where(length > 0, 100 * edits / np.maximum(length, 1), np.where(edits > 0, 100.0, 0.0))


def signature(metric: MetricSettings) -> str:
    settings = str(_metric().get_signature()).split("|version:")[0]
    return f"{metric.name}|{settings}|lib:sacrebleu|version:{version('sacrebleu')}"
