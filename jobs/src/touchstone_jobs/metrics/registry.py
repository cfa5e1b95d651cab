"""Which module computes which metric."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from touchstone_jobs.files import MetricName

Value = float | list[int]
Scorer = Callable[[str, str], Mapping[MetricName, Value]]


class Family(Protocol):
    NAMES: tuple[MetricName, ...]
    LIBRARIES: tuple[str, ...]

    def scorer(self, names: Sequence[MetricName]) -> Scorer: ...
    def signature(self, name: MetricName) -> str: ...


class CorpusFamily(Family, Protocol):
    def corpus(self, name: MetricName, statistics: Sequence[int]) -> float: ...
    def corpora(self, name: MetricName, statistics: NDArray[np.float64]) -> NDArray[np.float64]: ...


CORPUS: frozenset[MetricName] = frozenset({"bleu", "chrf", "chrf_pp", "ter"})
"""One value for all rows together, none per row."""
YES_OR_NO: frozenset[MetricName] = frozenset({"exact_match", "normalized_match", "contains_reference", "json_valid"})
"""0 or 1 per row: a share, whose interval is not that of a mean."""
WITHOUT_REFERENCE: frozenset[MetricName] = frozenset(
    {"json_valid", "repetition", "length_words", "length_chars", "length_tokens"}
)

_MODULES: dict[MetricName, str] = {
    "rouge1": "rouge",
    "rouge2": "rouge",
    "rougeL": "rouge",
    "rougeLsum": "rouge",
    "meteor": "meteor",
    "bleu": "bleu",
    "sentence_bleu": "bleu",
    "chrf": "chrf",
    "sentence_chrf": "chrf",
    "chrf_pp": "chrf",
    "sentence_chrf_pp": "chrf",
    "ter": "ter",
    "sentence_ter": "ter",
    "exact_match": "exact_match",
    "normalized_match": "short_answer",
    "contains_reference": "short_answer",
    "token_f1": "short_answer",
    "levenshtein_ratio": "levenshtein",
    "json_valid": "json_valid",
    "repetition": "repetition",
    "length_words": "length",
    "length_chars": "length",
    "length_tokens": "length",
}


def family(name: MetricName) -> Family:
    return cast(Family, import_module(f"touchstone_jobs.metrics.{_MODULES[name]}"))


def families(names: Sequence[MetricName]) -> list[tuple[Family, list[MetricName]]]:
    """Each family that is needed, with the metrics that are wanted of it."""
    modules = dict.fromkeys(_MODULES[name] for name in names)
    return [
        (family(wanted[0]), wanted)
        for module in modules
        if (wanted := [name for name in names if _MODULES[name] == module])
    ]
