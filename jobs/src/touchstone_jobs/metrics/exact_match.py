"""Whether the prediction equals the reference, character by character (Unicode code points): 1 or 0."""

from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName
from touchstone_jobs.metrics.registry import Scorer, Value

NAMES: tuple[MetricName, ...] = ("exact_match",)
LIBRARIES: tuple[str, ...] = ()


def scorer(names: Sequence[MetricName]) -> Scorer:
    return score


def score(prediction: str, reference: str) -> dict[MetricName, Value]:
    return {"exact_match": float(prediction == reference)}


def signature(name: MetricName) -> str:
    return f"{name}|normalization:none|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
