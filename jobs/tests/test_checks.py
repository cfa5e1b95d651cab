"""Checks that a person makes: what each says of answers, edge cases too."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from examples import plain
from touchstone_jobs.evaluation.scoring import Chunk, RowScorer
from touchstone_jobs.files import MetricSettings
from touchstone_jobs.metrics import registry

LONG = "word " * 10_000
ORDER = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
DOUBLING = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i - 1}"}] * 2} for i in range(1, 41)} | {"d0": {}}
"""Each is checked twice as often as the one before it."""
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
    ("regex", {"pattern": r"\d{4}-\d\d"}, {"On 2026-11.": True, "On ٢٠٢٦-١١": False, "": False}),
    ("regex", {"pattern": "^yes$"}, {"yes": True, "yes\n": False, "yes, no": False}),
    ("regex", {"pattern": "YES", "ignore_case": True}, {"yes": True}),
    ("regex", {"pattern": "^.👍.$"}, {"é👍é": True, "👍": False}),
    ("regex", {"pattern": "(a*)*b"}, {"a" * 50_000: False, "a" * 50_000 + "b": True}),
    (
        "json_schema",
        {"schema": ORDER},
        {'{"id": 7}': True, ' {"id": 7, "x": []} ': True, '{"id": "7"}': False, "": False},
    ),
    ("json_schema", {"schema": ORDER}, {'```json\n{"id": 7}\n```': False, '{"id": NaN}': False, "[" * 100_000: False}),
    ("json_schema", {"schema": {"maxItems": 10}}, {"[" + "1," * 25_000 + "1]": False, "[👍]": False, '["👍"]': True}),
    ("json_schema", {"schema": {"type": "integer"}}, {"9" * 1000: True, "9" * 5000: False, "1.0": True, "1.5": False}),
]
NUMBERS: list[tuple[str, str, dict[str, float], bool | None]] = [
    ("The total is 1,234.50 USD.", "1234.5", {}, True),
    ("It was 12, then 13", "13", {}, True),
    ("It was 13, then 12", "13", {}, False),
    ("about 3.1", "3.14", {"absolute_tolerance": 0.04}, True),
    ("about 3.1", "3.14", {"absolute_tolerance": 0.03}, False),
    ("105", "100", {"relative_tolerance": 0.05}, True),
    ("106", "100", {"relative_tolerance": 0.05}, False),
    ("\u22125 °C", "-5", {}, True),
    ("6.02e23", "602,000,000,000,000,000,000,000", {}, True),
    # A decimal comma is not guessed: 3, then 14.
    ("3,14", "3.14", {}, False),
    ("3,14", "14", {}, True),
    ("on 2026-11-24", "24", {}, True),
    ("GPT4", "4", {}, False),
    ("ten", "10", {}, False),
    ("", "10", {}, False),
    ("10", "ten", {}, None),
    ("٣", "3", {}, False),
    (LONG + "42", "42", {}, True),
    ("7" * 50_000, "7", {}, False),
    ("1e999", "1", {}, False),
]


@pytest.mark.parametrize(("type", "settings", "answers"), CASES)
def test_what_passes(type: str, settings: dict[str, Any], answers: dict[str, bool]) -> None:
    metric = check(type, **settings)
    assert {answer: passes(metric, answer) for answer in answers} == answers


@pytest.mark.parametrize(("answer", "reference", "settings", "expected"), NUMBERS)
def test_numbers(answer: str, reference: str, settings: dict[str, Any], expected: bool | None) -> None:
    assert passes(check("number_match", **settings), answer, reference) == expected


@pytest.mark.parametrize(
    ("type", "settings", "message"),
    [
        ("regex", {"pattern": "("}, "RE2 does not take the pattern: missing ): ("),
        ("regex", {"pattern": "(?=x)"}, "RE2 does not take the pattern: invalid perl operator: (?="),
        ("json_schema", {"schema": {"type": "objekt"}}, "it is no JSON Schema: 'objekt' is not valid"),
        ("json_schema", {"schema": {"$ref": "https://example.com/a.json"}}, "Unresolvable"),
        ("json_schema", {"schema": {"$ref": "#"}}, "RecursionError"),
        ("json_schema", {"schema": {"pattern": "^(a+)+$"}}, "it takes more than 1 s"),
        ("json_schema", {"schema": {"$defs": DOUBLING, "$ref": "#/$defs/d40"}}, "it takes more than 1 s"),
    ],
)
def test_settings_that_cannot_be_used_fail_on_each_row_and_alone(
    type: str, settings: dict[str, Any], message: str
) -> None:
    metrics = [check(type, **settings), *plain("length_chars")]
    scores = RowScorer(metrics).score(Chunk([json.dumps("a" * 40 + "!")], [None]))
    assert scores.columns == {"check": [None], "length_chars": [43.0]}
    assert message in scores.first_error["check"]


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
