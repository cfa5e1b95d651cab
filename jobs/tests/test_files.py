"""The examples that packages/schemas parses with zod, parsed with Pydantic."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from examples import read_fixture
from touchstone_jobs.files import JOB_RESULT, JOB_SPEC, Control, EndpointModel, InferenceSpec, JournalLine, Progress

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "inference-spec": JOB_SPEC,
    "baseline-spec": JOB_SPEC,
    "local-spec": JOB_SPEC,
    "evaluation-spec": JOB_SPEC,
    "evaluation-of-journal-spec": JOB_SPEC,
    "evaluation-of-column-spec": JOB_SPEC,
    "judging-spec": JOB_SPEC,
    "control": TypeAdapter(Control),
    "journal-line": TypeAdapter(list[JournalLine]),
    "progress": TypeAdapter(Progress),
    "progress-starting": TypeAdapter(Progress),
    "inference-result": JOB_RESULT,
    "evaluation-result": JOB_RESULT,
    "judging-result": JOB_RESULT,
    "comparison-spec": JOB_SPEC,
    "comparison-spec-alone": JOB_SPEC,
    "comparison-result": JOB_RESULT,
}


@pytest.mark.parametrize("name", ADAPTERS)
def test_parses_to_itself(name: str) -> None:
    fixture = read_fixture(name)
    adapter = ADAPTERS[name]
    assert json.loads(adapter.dump_json(adapter.validate_json(json.dumps(fixture)))) == fixture


def test_files_of_earlier_versions_are_read() -> None:
    """A job that was under way when Touchstone was brought up to date goes on."""
    new = ("reasoning", "reasoning_tokens", "repeat", "counted")
    lines = [{k: v for k, v in line.items() if k not in new} for line in read_fixture("journal-line")]
    read = ADAPTERS["journal-line"].validate_json(json.dumps(lines))
    assert {(line.reasoning, line.repeat) for line in read} == {(None, 0)}
    spec = read_fixture("inference-spec")
    del spec["model"]["price"], spec["repeats"]
    found = ADAPTERS["inference-spec"].validate_json(json.dumps(spec))
    assert (found.model.price, found.repeats) == (None, 1)
    comparison = read_fixture("comparison-spec-alone")
    older = [workflow | {"scores": workflow["scores"][0]} for workflow in comparison["workflows"]]
    found = ADAPTERS["comparison-spec"].validate_json(json.dumps(comparison | {"workflows": older}))
    assert found.model_dump() == comparison


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_key_too_many_is_refused(name: str) -> None:
    fixture = read_fixture(name)
    longer = [{**fixture[0], "unheard_of": 1}] if isinstance(fixture, list) else {**fixture, "unheard_of": 1}
    with pytest.raises(ValidationError, match="unheard_of"):
        ADAPTERS[name].validate_json(json.dumps(longer))


@pytest.mark.parametrize(
    ("params", "reason"),
    [({"temprature": 0}, "temprature"), ({"temperature": None}, "number"), ({"max_tokens": 0}, "1")],
)
def test_params_are_checked(params: dict[str, Any], reason: str) -> None:
    spec = read_fixture("inference-spec")
    spec["model"]["params"] = params
    with pytest.raises(ValidationError, match=reason):
        JOB_SPEC.validate_json(json.dumps(spec))


def test_params_that_are_not_set_are_not_there() -> None:
    spec = JOB_SPEC.validate_json(json.dumps(read_fixture("inference-spec")))
    assert isinstance(spec, InferenceSpec)
    assert isinstance(spec.model, EndpointModel)
    assert spec.model.params == {"temperature": 0, "max_tokens": 128, "seed": 7}


@pytest.mark.parametrize(
    "both", [{"prediction": "a", "error": {"code": "timeout", "message": ""}}, {"prediction": None, "error": None}]
)
def test_a_line_is_an_answer_or_an_error(both: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="exactly one"):
        JournalLine.model_validate_json(json.dumps(read_fixture("journal-line")[0] | both))


def test_metrics_that_a_spec_only_names_are_read() -> None:
    """Before metrics had settings, an evaluation's spec had their names, and a comparison's no types."""
    spec = read_fixture("evaluation-spec") | {"metrics": ["bleu", "exact_match"]}
    assert [metric.type for metric in ADAPTERS["evaluation-spec"].validate_json(json.dumps(spec)).metrics] == [
        "bleu",
        "exact_match",
    ]
    spec = read_fixture("comparison-spec")
    for metric in spec["metrics"]:
        del metric["type"], metric["yes_or_no"]
    spec["metrics"].append(spec["metrics"][0] | {"name": "exact_match"})
    found = ADAPTERS["comparison-spec"].validate_json(json.dumps(spec)).metrics
    assert [(metric.type, metric.yes_or_no) for metric in found] == [
        ("rougeL", False),
        ("ter", False),
        ("length_words", False),
        ("exact_match", True),
    ]
