"""Levenshtein ratio by RapidFuzz, 0 to 1: one minus the edit distance (insert, delete, replace a character at cost 1)
over the length of the longer text, in Unicode code points. Two empty texts are equal.
"""

from collections.abc import Sequence
from importlib.metadata import version

from touchstone_jobs.files import MetricName
from touchstone_jobs.metrics.registry import Scorer, Value

NAMES: tuple[MetricName, ...] = ("levenshtein_ratio",)
LIBRARIES = ("rapidfuzz",)


def scorer(names: Sequence[MetricName]) -> Scorer:
    from rapidfuzz.distance.Levenshtein import normalized_similarity

    def score(prediction: str, reference: str) -> dict[MetricName, Value]:
        return {"levenshtein_ratio": float(normalized_similarity(prediction, reference))}

    return score


def signature(name: MetricName) -> str:
    return f"{name}|costs:1,1,1|unit:code-point|lib:rapidfuzz|version:{version('rapidfuzz')}"
