"""Whether the whole prediction is one JSON text (RFC 8259): 1 or 0. White space around it is allowed, a Markdown fence
or a word before it is not; nor are NaN and Infinity. Nesting deeper than Python's parser goes is not valid.
"""

import json
from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES: tuple[str, ...] = ()


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    return score


def score(row: Row) -> dict[MetricName, Value]:
    return {"json_valid": float(is_json(row.prediction))}


def is_json(text: str) -> bool:
    try:
        # A number stays text: its size does not matter here, and Python refuses to read very long ones.
        json.loads(text, parse_constant=_refuse, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def signature(metric: MetricSettings) -> str:
    return f"{metric.name}|rfc:8259|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
