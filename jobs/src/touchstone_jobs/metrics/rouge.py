"""ROUGE-1, -2, -L and -Lsum (Lin 2004) by Google's rouge-score: F measure, 0 to 1, Porter stemmer on.

Lsum takes each line of prediction and reference as a sentence. An empty prediction scores 0. Tokens are runs of a-z
and 0-9, as rouge-score defines them: a text in another script has none and scores 0.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES = ("rouge-score", "nltk")
DISTINCT_WORDS = 200_000


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    from nltk.stem.porter import PorterStemmer
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.tokenizers import DefaultTokenizer

    tokenizer = DefaultTokenizer(use_stemmer=True)
    # Stemming is a third of the time and the same few thousand words come again and again.
    tokenizer._stemmer = _CachingStemmer(PorterStemmer())
    names = [metric.name for metric in metrics]
    rouge = RougeScorer(names, tokenizer=tokenizer)

    def score(row: Row) -> dict[MetricName, Value]:
        scores = rouge.score(row.reference, row.prediction)
        return {name: float(scores[name].fmeasure) for name in names}

    return score


class _CachingStemmer:
    def __init__(self, stemmer: Any) -> None:
        self.stem = lru_cache(maxsize=DISTINCT_WORDS)(stemmer.stem)


def signature(metric: MetricSettings) -> str:
    return (
        f"{metric.name}|measure:f1|stemmer:porter|nltk:{version('nltk')}"
        f"|lib:rouge-score|version:{version('rouge-score')}"
    )
