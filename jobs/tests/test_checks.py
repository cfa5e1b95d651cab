"""Checks that a person makes: what each says of answers, edge cases too."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from examples import plain
from touchstone_jobs.evaluation.scoring import Chunk, RowScorer
from touchstone_jobs.files import MetricSettings
from touchstone_jobs.metrics import registry

LONG = "word " * 10_000
SETTINGS: TypeAdapter[MetricSettings] = TypeAdapter(MetricSettings)


def check(type: str, name: str = "check", **settings: Any) -> MetricSettings:
    return SETTINGS.validate_python({"type": type, "name": name} | settings)


def passes(metric: MetricSettings, answer: str, reference: str = "") -> bool | None:
    """None: the metric failed on the row."""
    scores = RowScorer([metric]).score(Chunk([answer], [reference]))
    [value] = scores.columns[metric.name]
    assert value in (0.0, 1.0, None)
    assert (value is None) == (scores.errors.get(metric.name) == 1)
    return None if value is None else bool(value)


CASES: list[tuple[str, dict[str, Any], dict[str, bool]]] = [
    ("contains", {"text": "refund"}, {"A refund.": True, "A Refund.": False, "refunds": True, "": False}),
    ("contains", {"text": "REFUND", "ignore_case": True}, {"A Refund.": True, "refun": False}),
    ("contains", {"text": "straße", "ignore_case": True}, {"STRASSE": True}),
    ("contains", {"text": "é"}, {"cafe\u0301": True, "cafe": False}),
    ("contains", {"text": "👍"}, {"👍🏽": True, "👎": False}),
    ("contains", {"text": "שלום"}, {"אמר שלום": True}),
    ("contains", {"text": "a\nb"}, {"a\nb": True, "a b": False}),
    ("contains", {"text": "end"}, {LONG + "end": True, LONG: False}),
    (
        "starts_with",
        {"text": "Dear"},
        {"Dear Ann": True, " \nDear Ann": True, "My Dear": False, "dear": False, "": False},
    ),
    ("starts_with", {"text": "dear", "ignore_case": True}, {"DEAR Ann": True}),
    ("contains_any", {"texts": ["Monday", "Tuesday"]}, {"On Tuesday": True, "On Friday": False, "": False}),
    ("contains_all", {"texts": ["Monday", "Tuesday"]}, {"Tuesday or Monday": True, "On Tuesday": False, "": False}),
]


@pytest.mark.parametrize(("type", "settings", "answers"), CASES)
def test_what_passes(type: str, settings: dict[str, Any], answers: dict[str, bool]) -> None:
    metric = check(type, **settings)
    assert {answer: passes(metric, answer) for answer in answers} == answers


def test_two_checks_of_one_type_are_two_columns() -> None:
    metrics = [check("contains", "has_a", text="a"), check("contains", "has_b", text="b"), *plain("exact_match")]
    columns = RowScorer(metrics).score(Chunk(["a", "b", None], ["a", None, "a"])).columns
    assert columns == {"has_a": [1.0, 0.0, None], "has_b": [0.0, 1.0, None], "exact_match": [1.0, None, None]}


def test_a_hundred_checks() -> None:
    metrics = [check("contains", f"has_{i}", text=str(i)) for i in range(100)]
    scores = RowScorer(metrics).score(Chunk(["7 42"], [None]))
    assert [name for name, [value] in scores.columns.items() if value] == ["has_2", "has_4", "has_7", "has_42"]


def test_the_signature_has_the_settings() -> None:
    def sign(metric: MetricSettings) -> str:
        return registry.family(metric.type).signature(metric)

    short = sign(check("contains", "has_pipe", text="a|b"))
    assert short.startswith('has_pipe|type:contains|text:"a\\u007cb"|ignore_case:false|')
    assert "|lib:" in short
    assert "|version:" in short
    one, other = (sign(check("contains", text="x" * 100 + end)) for end in "ab")
    assert one != other
    assert len(one) < 200
