"""Several answers to each row: asked for, kept, scored and compared."""

import math
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
from aiohttp import web

from endpoint import Call, Endpoint, always, answer
from harness import Job, new_id, until
from test_comparison import compared
from touchstone_jobs.comparison.scores import by_row
from touchstone_jobs.files import ComparisonResult

ROWS = [{"examples": f"word {i}", "ground_truth": f"echo word {i}"} for i in range(12)]
PARAMS = {"temperature": 1, "seed": 40}


def repeat_of(call: Call) -> int:
    seed: int = call.body["seed"]
    return seed - PARAMS["seed"]


async def test_each_row_is_asked_once_before_any_is_asked_again(tmp_path: Path) -> None:
    job = Job(tmp_path, ROWS, sample=[5, 3, 8])
    async with Endpoint(always(lambda call: answer(call, f"{repeat_of(call)}"))) as endpoint:
        job.openai(endpoint.url, repeats=3, params=PARAMS, prompt="{{examples}}")
        job.control(concurrency=1)
        status, output = await job.run_async()
    assert status == 0, output
    asked = [(call.prompt, repeat_of(call)) for call in endpoint.calls]
    assert asked == [(f"word {row_id}", repeat) for repeat in range(3) for row_id in (5, 3, 8)]
    result = job.inference_result()
    assert (result.outcome.rows.total, result.outcome.rows.answered) == (9, 9)
    assert [(row["row_id"], row["repeat"], row["prediction"]) for row in job.rows()] == [
        (row_id, repeat, str(repeat)) for repeat in range(3) for row_id in (5, 3, 8)
    ]


async def test_a_new_attempt_asks_for_what_is_left_alone(tmp_path: Path) -> None:
    job = Job(tmp_path, ROWS)
    async with Endpoint(always(answer)) as endpoint:
        job.openai(endpoint.url, repeats=4, params=PARAMS, prompt="{{examples}}")
        job.control(concurrency=1)
        process = await job.start()
        await until(lambda: len({(line.row_id, line.repeat) for line in job.journal()}) > 15)
        job.control(stop=True)
        await process.communicate()
        done = len(job.journal())
        job.next_attempt(stop=False, concurrency=8)
        status, output = await job.run_async()
    assert status == 0, output
    assert 15 < done <= len(ROWS) * 4
    asked = [(call.prompt, repeat_of(call)) for call in endpoint.calls]
    assert len(set(asked)) == len(ROWS) * 4
    assert len(asked) - len(set(asked)) <= 1
    assert job.inference_result().outcome.rows.answered == len(ROWS) * 4


async def scored(folder: Path, name: str, reply: web.Response | None = None, *, repeats: int = 2) -> dict[str, object]:
    """A workflow whose second answer is the reference, and whose first is wrong in odd rows, or fails in row 4."""

    def handle(call: Call) -> web.Response:
        row = int(call.prompt.rsplit(" ", 1)[1])
        if reply is not None and row == 4 and repeat_of(call) == 0:
            return reply
        return answer(call, "no" if repeat_of(call) == 0 and row % 2 else f"echo word {row}")

    job = Job(folder, ROWS)
    async with Endpoint(always(handle)) as endpoint:
        job.openai(endpoint.url, repeats=repeats, params=PARAMS, prompt="{{examples}}")
        assert (await job.run_async())[0] == 0
    answers = job.inference_result().rows_file
    evaluation = Job(folder, ROWS)
    evaluation.base |= {"repeats": repeats}
    evaluation.evaluation(["exact_match", "rougeL", "chrf"], job, answers.model_dump())
    status, output = await evaluation.run_async()
    assert status == 0, output
    result = evaluation.evaluation_result()
    scores = result.rows_file
    return {
        "workflow": {
            "workflow_id": new_id(),
            "scores": [{"key": scores.key, "sha256": scores.sha256}],
            "answers": {"key": answers.key, "sha256": answers.sha256},
        },
        "metrics": result.metrics,
        "rows": evaluation.rows(),
    }


async def test_the_mean_is_over_rows_and_so_is_its_interval(tmp_path: Path) -> None:
    found = await scored(tmp_path, "m")
    rows = found["rows"]
    assert isinstance(rows, list)
    assert [(row["row_id"], row["repeat"]) for row in rows] == [(i, repeat) for repeat in (0, 1) for i in range(12)]
    metrics = found["metrics"]
    assert isinstance(metrics, dict)
    match = metrics["exact_match"]
    assert (match.value, match.scored, match.total) == (0.75, 24, 24)
    by_hand = np.array([1.0, 0.5] * 6)
    assert match.standard_error == pytest.approx(by_hand.std(ddof=1) / math.sqrt(12))
    assert match.interval.method == "Student t"
    answers = [f"echo word {i}" if repeat or i % 2 == 0 else "no" for repeat in (0, 1) for i in range(12)]
    references = [row["ground_truth"] for row in ROWS] * 2
    assert metrics["chrf"].value == pytest.approx(sacrebleu.corpus_chrf(answers, [references]).score)


def compare(folder: Path, workflows: list[object], repeats: int) -> ComparisonResult:
    job = Job(folder, ROWS)
    metrics = [
        {"name": "exact_match", "direction": "higher", "delta": 0.01, "worst": 0.0},
        {"name": "chrf", "direction": "higher", "delta": 1.0, "worst": 0.0},
    ]
    job.comparison({"metrics": metrics, "primary_metric": "exact_match", "workflows": workflows, "repeats": repeats})
    return compared(job)


async def test_rows_are_compared_by_the_mean_of_their_answers(tmp_path: Path) -> None:
    twice = await scored(tmp_path, "twice")
    # As a baseline, which answers each row once.
    once = await scored(tmp_path, "once", repeats=1)
    match, chrf = compare(tmp_path, [twice["workflow"], once["workflow"]], 2).pairs
    assert (match.n, match.difference, match.wins, match.ties) == (12, 0.25, 6, 6)
    assert match.test == "sign-flip permutation, exact"
    assert chrf.n == 12
    assert chrf.difference is not None
    assert chrf.difference > 0


async def test_a_row_that_failed_once_is_compared_by_its_other_answer(tmp_path: Path) -> None:
    refusal = web.json_response({"choices": [{"message": {"content": None}, "finish_reason": "content_filter"}]})
    fails = await scored(tmp_path, "fails", refusal)
    whole = await scored(tmp_path, "whole")
    result = compare(tmp_path, [fails["workflow"], whole["workflow"]], 2)
    match = result.pairs[0]
    assert (match.n, match.difference) == (12, 0.0)
    assert [workflow.failed for workflow in result.workflows] == [1, 0]
    assert match.with_failures is not None
    assert match.with_failures.difference == pytest.approx(-0.5 / 12)


def test_a_row_none_of_whose_answers_was_scored_has_no_score() -> None:
    nan = math.nan
    assert by_row(np.array([1.0, nan, nan, 0.0, 1.0, nan]), 2).tolist() == pytest.approx([0.5, 1.0, nan], nan_ok=True)
    sums = by_row(np.array([[1.0, 2.0], [nan, nan], [3.0, 4.0], [nan, nan]]), 2)
    assert sums.tolist() == [[4.0, 6.0], pytest.approx([nan, nan], nan_ok=True)]
