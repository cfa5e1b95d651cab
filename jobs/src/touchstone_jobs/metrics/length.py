"""Length of the prediction: in words, split at white space, and in characters (Unicode code points). No reference is
needed.
"""

from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName
from touchstone_jobs.metrics.registry import Scorer, Value

NAMES: tuple[MetricName, ...] = ("length_words", "length_chars")
LIBRARIES: tuple[str, ...] = ()


def scorer(names: Sequence[MetricName]) -> Scorer:
    return score


def score(prediction: str, reference: str) -> dict[MetricName, Value]:
    return {"length_words": float(len(prediction.split())), "length_chars": float(len(prediction))}


def signature(name: MetricName) -> str:
    unit = "words:whitespace" if name == "length_words" else "unit:code-point"
    return f"{name}|{unit}|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
