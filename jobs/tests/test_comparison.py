"""The comparison job as Ray starts it."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from examples import read_rows
from harness import Job, new_id
from touchstone_jobs import keys
from touchstone_jobs.files import JOB_RESULT, ComparisonResult
from touchstone_jobs.storage import FileStorage

METRICS: list[dict[str, Any]] = [
    {"name": "rougeL", "direction": "higher", "delta": 0.01, "worst": 0.0},
    {"name": "bleu", "direction": "higher", "delta": 1.0, "worst": 0.0},
    {"name": "exact_match", "direction": "higher", "delta": 0.01, "worst": 0.0},
    {"name": "length_words", "direction": "none", "delta": None, "worst": None},
]


def ref(job: Job, file: dict[str, Any]) -> dict[str, str]:
    return {"key": file["key"], "sha256": file["sha256"]}


def scored(folder: Path, rows: list[dict[str, str]], model: str) -> dict[str, Any]:
    """One workflow that was run and scored."""
    inference = Job(folder, rows)
    inference.baseline(model)
    assert inference.run().returncode == 0
    answers = inference.inference_result().rows_file.model_dump()
    evaluation = Job(folder, rows)
    evaluation.evaluation([str(metric["name"]) for metric in METRICS], inference, answers)
    assert evaluation.run().returncode == 0
    scores = evaluation.evaluation_result().rows_file.model_dump()
    return {"workflow_id": new_id(), "scores": [ref(evaluation, scores)], "answers": ref(inference, answers)}


def compared(job: Job) -> ComparisonResult:
    run = job.run()
    assert run.returncode == 0, run.stdout + run.stderr
    result = JOB_RESULT.validate_json(job.storage.read(keys.result(job.id, job.attempt)))
    assert isinstance(result, ComparisonResult)
    return result


def test_workflows_that_ran_are_compared(tmp_path: Path) -> None:
    rows = read_rows() * 4
    rows[3] = {**rows[3], "ground_truth": " "}
    workflows = [scored(tmp_path, rows, f"baseline/{name}") for name in ("lead-3", "copy", "lexrank")]
    job = Job(tmp_path, rows)
    job.comparison({"metrics": METRICS, "primary_metric": "rougeL", "workflows": workflows})
    result = compared(job)
    ids = [workflow["workflow_id"] for workflow in workflows]
    assert [(pair.metric, pair.a, pair.b) for pair in result.pairs[:3]] == [
        ("rougeL", ids[0], ids[1]),
        ("rougeL", ids[0], ids[2]),
        ("rougeL", ids[1], ids[2]),
    ]
    assert {pair.family for pair in result.pairs[:3]} == {"primary"}
    assert {pair.family for pair in result.pairs[3:]} == {"exploratory"}
    assert [pair.n for pair in result.pairs] == [47] * 9 + [48] * 3
    assert {pair.test for pair in result.pairs[:3]} == {"paired t"}
    for pair in result.pairs[:9]:
        assert pair.interval_simultaneous is not None
        excludes_zero = not pair.interval_simultaneous.low < 0 < pair.interval_simultaneous.high
        assert pair.label == "equivalent" or (pair.label in ("better", "worse")) == excludes_zero
    bleu = result.pairs[3]
    assert bleu.test is not None
    assert bleu.test.startswith("paired approximate randomisation")
    assert (bleu.wins, bleu.with_failures) == (None, None)
    assert (result.pairs[6].test, result.pairs[6].label) == ("exact McNemar", "no_difference")
    assert {pair.label for pair in result.pairs[9:]} == {None}
    assert (result.rows, [workflow.failed for workflow in result.workflows]) == (48, [0, 0, 0])
    progress = job.progress()
    assert progress is not None
    assert (progress.stage, progress.rows.total, progress.rows.answered) == ("done", 48, 48)


def made_up(
    storage: FileStorage, job: Job, scores: list[float | None], errors: dict[int, str] | None = None
) -> dict[str, Any]:
    rows = pa.array(range(len(scores)), pa.int64())
    codes = pa.array([(errors or {}).get(row) for row in range(len(scores))], pa.string())
    id = new_id()
    return {
        "workflow_id": id,
        "scores": [job._put(f"jobs/{id}/scores.parquet", pa.table({"row_id": rows, "rougeL": pa.array(scores)}))],
        "answers": job._put(f"jobs/{id}/answers.parquet", pa.table({"row_id": rows, "error_code": codes})),
    }


def test_rows_that_a_model_failed_are_not_dropped_silently(tmp_path: Path) -> None:
    """Better on what it answers, and not once what it refused counts."""
    rows = [{"examples": "a", "ground_truth": "b"}] * 40
    job = Job(tmp_path, rows)
    refusing: list[float | None] = [None if i < 20 else 0.50 + 0.01 * (i % 3) for i in range(40)]
    steady: list[float | None] = [0.45 + 0.01 * (i % 5) for i in range(40)]
    errors = {i: "content_filter" if i < 18 else "timeout" for i in range(20)}
    workflows = [made_up(job.storage, job, refusing, errors), made_up(job.storage, job, steady)]
    job.comparison({"metrics": METRICS[:1], "primary_metric": "rougeL", "workflows": workflows})
    result = compared(job)
    (pair,) = result.pairs
    assert (pair.n, pair.label) == (20, "better")
    assert pair.with_failures is not None
    assert (pair.with_failures.n, pair.with_failures.label) == (38, "worse")
    assert [workflow.failed for workflow in result.workflows] == [18, 0]


def test_answers_that_are_a_column_have_no_failures_that_are_known(tmp_path: Path) -> None:
    rows = [{"examples": "a", "ground_truth": "b"}] * 40
    job = Job(tmp_path, rows)
    blank: list[float | None] = [None if i < 20 else 0.50 + 0.01 * (i % 3) for i in range(40)]
    steady: list[float | None] = [0.45 + 0.01 * (i % 5) for i in range(40)]
    workflows = [made_up(job.storage, job, scores) | {"answers": None} for scores in (blank, steady)]
    job.comparison({"experiment_id": None, "metrics": METRICS[:1], "primary_metric": "rougeL", "workflows": workflows})
    result = compared(job)
    (pair,) = result.pairs
    assert (pair.n, pair.label, pair.with_failures) == (20, "better", None)
    assert [workflow.failed for workflow in result.workflows] == [0, 0]


@pytest.mark.parametrize(("size", "is_tested"), [(4, True), (5, False)])
def test_rows_of_one_group_count_together_and_under_ten_groups_nothing_is_tested(
    tmp_path: Path, size: int, is_tested: bool
) -> None:
    """A few of the customers are better served by the one, on all of their rows."""
    rows = [{"examples": "a", "ground_truth": "b", "customer": f"{i // size}"} for i in range(40)]
    job = Job(tmp_path, rows)
    first: list[float | None] = [0.6 if (i // size) % 4 == 0 else 0.5 for i in range(40)]
    workflows = [made_up(job.storage, job, first), made_up(job.storage, job, [0.5] * 40)]
    groups = {"data": job.base["data"], "column": "customer"}
    spec = {"metrics": METRICS[:1], "primary_metric": "rougeL", "workflows": workflows}
    job.comparison(spec | {"groups": groups})
    (pair,) = compared(job).pairs
    assert (pair.n, pair.wins) == (40, 12 if is_tested else 10)
    assert pair.difference == pytest.approx(0.03 if is_tested else 0.025)
    if is_tested:
        assert (pair.test, pair.label) == ("cluster-robust t, 10 groups", "no_difference")
        independent = Job(tmp_path, rows)
        independent.comparison(spec)
        assert compared(independent).pairs[0].label == "better"
    else:
        assert pair.test == "not tested: 8 groups of rows, and at least 10 are needed"
        assert (pair.p, pair.label, pair.interval, pair.bounds, pair.spread) == (None,) * 5


def test_of_several_evaluations_the_last_that_has_the_metric_counts(tmp_path: Path) -> None:
    rows = [{"examples": "a", "ground_truth": "b"}] * 4
    job = Job(tmp_path, rows)
    older, steady = (made_up(job.storage, job, [score] * 4) for score in (0.9, 0.5))
    newer = made_up(job.storage, job, [0.6, 0.7, 0.6, 0.7])
    table = pa.table({"row_id": pa.array(range(4), pa.int64()), "exact_match": pa.array([1.0, 0.0, 1.0, 1.0])})
    other = job._put("jobs/other/scores.parquet", table)
    several = older | {"scores": [*older["scores"], *newer["scores"], other]}
    job.comparison({"metrics": METRICS, "primary_metric": "rougeL", "workflows": [several, steady]})
    found = {pair.metric: pair for pair in compared(job).pairs}
    assert found["rougeL"].difference == pytest.approx(0.15)
    assert (found["exact_match"].n, found["exact_match"].difference) == (0, None)


def test_one_workflow_and_workflows_without_common_rows_have_nothing_to_say(tmp_path: Path) -> None:
    rows = [{"examples": "a", "ground_truth": "b"}] * 4
    for scores in ([[0.1, 0.2, 0.3, 0.4]], [[0.1, 0.2, None, None], [None, None, 0.3, 0.4]]):
        job = Job(tmp_path, rows)
        workflows = [made_up(job.storage, job, list(one)) for one in scores]
        job.comparison({"metrics": METRICS[:1], "primary_metric": "rougeL", "workflows": workflows})
        assert [(pair.n, pair.difference, pair.label) for pair in compared(job).pairs] == [(0, None, None)] * (
            len(scores) - 1
        )


@pytest.mark.parametrize("stop", [True, False])
def test_told_to_end_leaves_no_result(tmp_path: Path, stop: bool) -> None:
    rows = [{"examples": "a", "ground_truth": "b"}] * 4
    job = Job(tmp_path, rows)
    workflow = made_up(job.storage, job, [0.1, 0.2, 0.3, 0.4])
    job.comparison({"metrics": METRICS[:1], "primary_metric": "rougeL", "workflows": [workflow]})
    job.control(**({"stop": True} if stop else {"attempt": 2}))
    assert job.run().returncode == (143 if stop else 3)
    assert not job.has_result()
