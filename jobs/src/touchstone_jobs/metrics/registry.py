"""What is known of each type of metric, and which module computes it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.files import MetricName, MetricSettings, MetricType, PlainMetric

Value = float | list[int]


class Row(NamedTuple):
    """One answer, and what it is held against."""

    prediction: str
    reference: str
    """Empty where the metric needs none and there is none."""
    input: str = ""
    """Empty where no metric of the job needs it."""


Scorer = Callable[[Row], Mapping[MetricName, Value]]


class Family(Protocol):
    LIBRARIES: tuple[str, ...]

    def scorer(self, metrics: Sequence[MetricSettings]) -> Scorer: ...
    def signature(self, metric: MetricSettings) -> str: ...


class CorpusFamily(Family, Protocol):
    def corpus(self, name: MetricName, statistics: Sequence[int]) -> float: ...
    def corpora(self, name: MetricName, statistics: NDArray[np.float64]) -> NDArray[np.float64]: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one type; packages/schemas/src/metric.ts says the same, and a fixture holds the two together."""

    module: str
    needs_reference: bool = True
    needs_input: bool = False
    yes_or_no: bool = False
    """0 or 1 per row: a share, whose interval is not that of a mean."""
    is_corpus: bool = False
    """One value for all rows together, none per row."""


TYPES: dict[MetricType, Facts] = {
    "rouge1": Facts("rouge"),
    "rouge2": Facts("rouge"),
    "rougeL": Facts("rouge"),
    "rougeLsum": Facts("rouge"),
    "meteor": Facts("meteor"),
    "bleu": Facts("bleu", is_corpus=True),
    "sentence_bleu": Facts("bleu"),
    "chrf": Facts("chrf", is_corpus=True),
    "sentence_chrf": Facts("chrf"),
    "chrf_pp": Facts("chrf", is_corpus=True),
    "sentence_chrf_pp": Facts("chrf"),
    "ter": Facts("ter", is_corpus=True),
    "sentence_ter": Facts("ter"),
    "exact_match": Facts("exact_match", yes_or_no=True),
    "normalized_match": Facts("short_answer", yes_or_no=True),
    "contains_reference": Facts("short_answer", yes_or_no=True),
    "token_f1": Facts("short_answer"),
    "levenshtein_ratio": Facts("levenshtein"),
    "json_valid": Facts("json_valid", needs_reference=False, yes_or_no=True),
    "repetition": Facts("repetition", needs_reference=False),
    "contains": Facts("contains", needs_reference=False, yes_or_no=True),
    "starts_with": Facts("contains", needs_reference=False, yes_or_no=True),
    "contains_any": Facts("contains", needs_reference=False, yes_or_no=True),
    "contains_all": Facts("contains", needs_reference=False, yes_or_no=True),
    "regex": Facts("regex", needs_reference=False, yes_or_no=True),
    "json_schema": Facts("json_schema", needs_reference=False, yes_or_no=True),
    "number_match": Facts("number_match", yes_or_no=True),
    "length_words": Facts("length", needs_reference=False),
    "length_chars": Facts("length", needs_reference=False),
    "length_tokens": Facts("length", needs_reference=False),
    # Not computed by a module here: touchstone_jobs.judges asks a model.
    "judge": Facts("", needs_reference=False),
}


def sign(metric: MetricSettings) -> str:
    """How the signature of a metric with settings begins: its name and type, and each setting as JSON, or where that is
    long the beginning of its SHA-256.
    """
    parts = [metric.name, f"type:{metric.type}"]
    for key, value in metric.model_dump(exclude={"name", "type"}).items():
        text = json.dumps(value, ensure_ascii=False, sort_keys=True).replace("|", "\\u007c")
        short = text if len(text) <= 80 else f"sha256-{sha256(text.encode()).hexdigest()[:12]}"
        parts.append(f"{key}:{short}")
    return "|".join(parts)


def family(type: MetricType) -> Family:
    return cast(Family, import_module(f"touchstone_jobs.metrics.{TYPES[type].module}"))


def families(metrics: Sequence[MetricSettings]) -> list[tuple[Family, list[MetricSettings]]]:
    """Metrics that share their work, with their module; one with settings of its own shares none, so that it fails
    alone.
    """
    groups: dict[str, list[MetricSettings]] = {}
    for metric in metrics:
        key = TYPES[metric.type].module if isinstance(metric, PlainMetric) else f"{metric.type} {metric.name}"
        groups.setdefault(key, []).append(metric)
    return [(family(wanted[0].type), wanted) for wanted in groups.values()]
