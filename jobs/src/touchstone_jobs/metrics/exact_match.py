"""Whether the prediction equals the reference, character by character (Unicode code points): 1 or 0."""

from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES: tuple[str, ...] = ()


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    return score


def score(row: Row) -> dict[MetricName, Value]:
    return {"exact_match": float(row.prediction == row.reference)}


def signature(metric: MetricSettings) -> str:
    return f"{metric.name}|normalization:none|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
