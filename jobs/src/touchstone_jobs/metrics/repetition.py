"""Share of a prediction's 4-grams that repeat an earlier one (seq-rep-4, Welleck et al. 2020), 0 to 1: lower is better.

Words are split at white space; fewer than four have no 4-gram and repeat nothing.
"""

from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName
from touchstone_jobs.metrics.registry import Scorer, Value

NAMES: tuple[MetricName, ...] = ("repetition",)
LIBRARIES: tuple[str, ...] = ()
ORDER = 4


def scorer(names: Sequence[MetricName]) -> Scorer:
    return score


def score(prediction: str, reference: str) -> dict[MetricName, Value]:
    words = prediction.split()
    ngrams = [tuple(words[i : i + ORDER]) for i in range(len(words) - ORDER + 1)]
    return {"repetition": 1 - len(set(ngrams)) / len(ngrams) if ngrams else 0.0}


def signature(name: MetricName) -> str:
    return f"{name}|order:{ORDER}|words:whitespace|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
