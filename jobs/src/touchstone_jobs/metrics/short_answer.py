"""For short answers, where wording matters and writing does not: `normalized_match` and `contains_reference` (1 or 0)
and `token_f1` (0 to 1).

Texts are normalised as for SQuAD (Rajpurkar et al. 2016), in any language: compatibility forms unified (NFKC), case
folded, punctuation left out unless nothing else is there, white space collapsed. Articles stay, since they are
English. `token_f1` counts the tokens that both have; Chinese and Japanese characters are tokens of their own, as for
MLQA (Lewis et al. 2020). `contains_reference` looks for the reference's tokens in a row, so "yes" is not in
"yesterday".
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import touchstone_jobs
from touchstone_jobs.files import MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value

LIBRARIES: tuple[str, ...] = ()

_CHARACTER = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Hiragana, katakana, and Chinese characters: written without spaces between words."""
_TOKEN = re.compile(f"[{_CHARACTER}]|[^\\s{_CHARACTER}]+")


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    return score


def score(row: Row) -> dict[MetricName, Value]:
    predicted, expected = tokens(row.prediction), tokens(row.reference)
    return {
        "normalized_match": float(predicted == expected),
        "contains_reference": float(_contains(predicted, expected)),
        "token_f1": _f1(predicted, expected),
    }


def tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(" " if unicodedata.category(character).startswith("P") else character for character in folded)
    return _TOKEN.findall(bare) or _TOKEN.findall(folded)


def _contains(predicted: Sequence[str], expected: Sequence[str]) -> bool:
    """No token holds a space."""
    return f" {' '.join(expected)} " in f" {' '.join(predicted)} "


def _f1(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """Harmonic mean of precision and recall; 1 where both are empty."""
    if not predicted or not expected:
        return float(predicted == expected)
    shared = (Counter(predicted) & Counter(expected)).total()
    return 2 * shared / (len(predicted) + len(expected))


def signature(metric: MetricSettings) -> str:
    return (
        f"{metric.name}|normalization:nfkc,casefold,no-punctuation,whitespace|tok:words,cjk-characters"
        f"|lib:touchstone_jobs|version:{touchstone_jobs.__version__}"
    )
