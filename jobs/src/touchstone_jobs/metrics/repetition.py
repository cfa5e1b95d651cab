"""Share of a prediction's 4-grams that repeat an earlier one (seq-rep-4, Welleck et al. 2020), 0 to 1: lower is better.

Words are split at white space; fewer than four have no 4-gram and repeat nothing.
"""

from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES: tuple[str, ...] = ()
ORDER = 4


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    return score


def score(row: Row) -> dict[MetricName, Value]:
    words = row.prediction.split()
    ngrams = [tuple(words[i : i + ORDER]) for i in range(len(words) - ORDER + 1)]
    return {"repetition": 1 - len(set(ngrams)) / len(ngrams) if ngrams else 0.0}


def signature(metric: MetricSettings) -> str:
    return f"{metric.name}|order:{ORDER}|words:whitespace|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
