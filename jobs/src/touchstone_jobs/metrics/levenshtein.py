"""Levenshtein ratio by RapidFuzz, 0 to 1: one minus the edit distance (insert, delete, replace a character at cost 1)
over the length of the longer text, in Unicode code points. Two empty texts are equal.
"""

from collections.abc import Sequence
from importlib.metadata import version

from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES = ("rapidfuzz",)


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    from rapidfuzz.distance.Levenshtein import normalized_similarity

    def score(row: Row) -> dict[MetricName, Value]:
        return {"levenshtein_ratio": float(normalized_similarity(row.prediction, row.reference))}

    return score


def signature(metric: MetricSettings) -> str:
    return f"{metric.name}|costs:1,1,1|unit:code-point|lib:rapidfuzz|version:{version('rapidfuzz')}"
