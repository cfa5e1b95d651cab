"""The evaluation job as Ray starts it."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sacrebleu

from examples import read_rows
from harness import Job
from touchstone_jobs import keys
from touchstone_jobs.inference.baselines import lead

METRICS = ["rouge1", "rougeLsum", "bleu", "sentence_bleu", "chrf", "exact_match", "length_words"]


def inferred(tmp_path: Path, rows: list[dict[str, str]]) -> Job:
    job = Job(tmp_path, rows)
    job.baseline("baseline/lead-3")
    assert job.run().returncode == 0
    return job


def test_scores_rows_and_aggregates(tmp_path: Path) -> None:
    rows = read_rows()
    rows[2]["ground_truth"] = " \n"
    inference = inferred(tmp_path, rows)
    job = Job(tmp_path, rows)
    job.evaluation(METRICS, inference, inference.inference_result().rows_file.model_dump())
    run = job.run()
    assert run.returncode == 0, run.stdout + run.stderr
    result = job.evaluation_result()
    assert list(result.metrics) == METRICS
    assert result.folded is None
    pairs = [(lead(row["examples"]), row["ground_truth"]) for row in rows if row["ground_truth"].strip()]
    predictions, references = zip(*pairs, strict=True)
    assert result.metrics["bleu"].value == sacrebleu.corpus_bleu(predictions, [references]).score
    assert (result.metrics["bleu"].scored, result.metrics["bleu"].no_reference) == (len(rows) - 1, 1)
    assert result.metrics["length_words"].scored == len(rows)
    interval = result.metrics["exact_match"].interval
    assert interval is not None
    assert interval.method == "Wilson score"
    scored = job.rows()
    per_row = ["row_id", "repeat", "rouge1", "rougeLsum", "sentence_bleu", "exact_match", "length_words"]
    assert list(scored[0]) == [*per_row, "bleu_statistics", "chrf_statistics"]
    assert [row["row_id"] for row in scored] == list(range(len(rows)))
    assert (scored[2]["rouge1"], scored[2]["length_words"] is None) == (None, False)
    assert (scored[2]["bleu_statistics"], len(scored[3]["bleu_statistics"])) == (None, 10)
    assert result.versions["sacrebleu"] == sacrebleu.__version__
    progress = job.progress()
    assert progress is not None
    assert (progress.stage, progress.rows.answered) == ("done", len(rows))


def test_folds_the_journal_of_an_inference_without_a_result(tmp_path: Path) -> None:
    rows = read_rows()
    inference = inferred(tmp_path, rows)
    first = inference.storage.list(keys.journal(inference.id))[0]
    lines = inference.storage.read(first).splitlines(keepends=True)
    inference.storage.write(first, b"".join(lines[:5]))
    job = Job(tmp_path, rows)
    job.evaluation(["rouge1", "length_chars"], inference, None)
    run = job.run()
    assert run.returncode == 0, run.stdout + run.stderr
    result = job.evaluation_result()
    assert result.folded is not None
    assert result.folded.outcome.rows.model_dump() == {
        "total": len(rows),
        "answered": 5,
        "failed": 0,
        "not_run": len(rows) - 5,
        "pending": 0,
    }
    table = pq.read_table(io.BytesIO(job.storage.read(result.folded.rows_file.key)))
    assert table["prediction"].to_pylist() == [lead(row["examples"]) for row in rows[:5]]
    aggregate = result.metrics["rouge1"]
    assert (aggregate.scored, aggregate.not_answered, aggregate.total) == (5, len(rows) - 5, len(rows))


def test_without_a_reference_column(tmp_path: Path) -> None:
    rows = [{"examples": row["examples"]} for row in read_rows()]
    inference = inferred(tmp_path, rows)
    job = Job(tmp_path, rows)
    job.evaluation(["rouge1", "length_chars"], inference, inference.inference_result().rows_file.model_dump())
    assert job.run().returncode == 0
    result = job.evaluation_result()
    assert (result.metrics["rouge1"].scored, result.metrics["rouge1"].no_reference) == (0, len(rows))
    assert result.metrics["length_chars"].scored == len(rows)


def test_scores_a_column_of_the_data(tmp_path: Path) -> None:
    rows = [{**row, "mine": lead(row["examples"])} for row in read_rows()]
    rows[1]["mine"] = " \n"
    job = Job(tmp_path, rows)
    job.evaluation_of_column(["rouge1", "bleu", "length_words"], "mine")
    run = job.run()
    assert run.returncode == 0, run.stdout + run.stderr
    result = job.evaluation_result()
    assert result.folded is None
    answered = [row for row in rows if row["mine"].strip()]
    predictions, references = zip(*[(row["mine"], row["ground_truth"]) for row in answered], strict=True)
    assert result.metrics["bleu"].value == sacrebleu.corpus_bleu(predictions, [references]).score
    assert (result.metrics["rouge1"].scored, result.metrics["rouge1"].not_answered) == (len(rows) - 1, 1)
    assert job.rows()[1]["length_words"] is None


@pytest.mark.parametrize("stop", [True, False])
def test_told_to_end_leaves_no_result(tmp_path: Path, stop: bool) -> None:
    rows = read_rows() * 200
    inference = inferred(tmp_path, rows)
    job = Job(tmp_path, rows)
    job.evaluation(METRICS, inference, inference.inference_result().rows_file.model_dump())
    job.control(**({"stop": True} if stop else {"attempt": 2}))
    assert job.run().returncode == (143 if stop else 3)
    assert not job.has_result()
