"""Whether an answer is one JSON text that a JSON Schema (draft 2020-12) allows, by jsonschema: 1 or 0.

What is no JSON is not allowed (see `json_valid`); nor is a whole number of more than 1,000 digits. `format` only
describes, as the draft has it by default; nothing is fetched: a `$ref` leads to a place in the schema itself. Patterns
in a schema are Python's. A check that takes more than a second of processor time, by a schema that comes back to itself
or a pattern that tries everything, is an error of that row.
"""

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from touchstone_jobs.files import JsonSchemaCheck, MetricName, MetricSettings
from touchstone_jobs.metrics.registry import Row, Scorer, Value, sign

LIBRARIES = ("jsonschema",)
LIMIT_S = 1.0
MOST_DIGITS = 1000


def scorer(metrics: Sequence[MetricSettings]) -> Scorer:
    """Raises ValueError where the schema is none."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry

    [check] = metrics
    assert isinstance(check, JsonSchemaCheck)
    try:
        with _limit():
            Draft202012Validator.check_schema(check.schema_)
    except SchemaError as error:
        raise ValueError(f"it is no JSON Schema: {error.message}") from None
    # The registry of its own has no way to fetch anything.
    validator = Draft202012Validator(check.schema_, registry=Registry())

    def score(row: Row) -> dict[MetricName, Value]:
        try:
            answer = json.loads(row.prediction, parse_constant=_refuse, parse_int=_whole)
        except (ValueError, RecursionError):
            return {check.name: 0.0}
        with _limit():
            return {check.name: float(validator.is_valid(answer))}

    return score


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError("a number too long")
    return int(digits)


@contextmanager
def _limit() -> Iterator[None]:
    """Of processor time, so that a busy machine changes no score. Python runs signals' handlers in the main thread,
    where answers are scored.
    """

    def end(_signal: int, _frame: Any) -> None:
        raise TimeoutError(f"it takes more than {LIMIT_S:g} s")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def signature(metric: MetricSettings) -> str:
    return f"{sign(metric)}|draft:2020-12|format:not-checked|lib:jsonschema|version:{version('jsonschema')}"
