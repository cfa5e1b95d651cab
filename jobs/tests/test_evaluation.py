"""The evaluation job as Ray starts it."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import sacrebleu
from scipy import stats

from examples import plain, read_rows
from harness import Job
from touchstone_jobs import keys
from touchstone_jobs.evaluation.aggregates import Collected
from touchstone_jobs.evaluation.scoring import Chunk, Scores
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


def test_rows_that_come_in_groups_have_wider_intervals_and_none_under_ten_groups(tmp_path: Path) -> None:
    """Each customer's rows are all right or all wrong, so that forty rows say no more than ten."""
    right, wrong = "yes it is so today", "no it may be so"
    for size, groups in ((4, 10), (5, 8)):
        rows = [
            {"ground_truth": right, "answer": wrong if (i // size) % 3 else right, "customer": f"{i // size}"}
            for i in range(40)
        ]
        found = {}
        for group_column in ("customer", None):
            job = Job(tmp_path, rows)
            job.base |= {"group_column": group_column}
            job.evaluation_of_column(["exact_match", "bleu"], "answer")
            assert job.run().returncode == 0
            found[group_column] = job.evaluation_result().metrics
        grouped, alone = found["customer"]["exact_match"], found[None]["exact_match"]
        assert (grouped.value, grouped.scored) == (alone.value, 40)
        corpus = found["customer"]["bleu"]
        if groups < 10:
            assert (grouped.interval, grouped.standard_error, corpus.interval) == (None, None, None)
            continue
        assert grouped.interval is not None
        assert grouped.interval.method == "cluster-robust t, 10 groups"
        means = np.array([1.0, 0, 0, 1, 0, 0, 1, 0, 0, 1])
        expected = stats.ttest_1samp(means, 0).confidence_interval(0.95)
        assert (grouped.interval.low, grouped.interval.high) == pytest.approx(expected, rel=1e-9)
        assert corpus.interval is not None
        assert corpus.interval.method.endswith(", by 10 groups")
        whole = found[None]["bleu"].interval
        assert whole is not None
        assert corpus.interval.high - corpus.interval.low > whole.high - whole.low


def test_scores_on_a_scale_have_a_median_too() -> None:
    metrics = plain("levenshtein_ratio", "exact_match", "token_f1")
    collected = Collected(metrics)
    columns: Any = {
        "levenshtein_ratio": [1.0, 2.0, 2.0, 5.0] * 5,
        "exact_match": [0.0, 1.0] * 10,
        "token_f1": [i / 100 for i in range(20)],
    }
    collected.add(Chunk(["a"] * 20, ["b"] * 20), Scores(columns))
    medians = {metric.name: collected.aggregate(metric).median for metric in metrics}
    assert medians == {"levenshtein_ratio": 2.0, "exact_match": None, "token_f1": None}


@pytest.mark.parametrize("stop", [True, False])
def test_told_to_end_leaves_no_result(tmp_path: Path, stop: bool) -> None:
    rows = read_rows() * 200
    inference = inferred(tmp_path, rows)
    job = Job(tmp_path, rows)
    job.evaluation(METRICS, inference, inference.inference_result().rows_file.model_dump())
    job.control(**({"stop": True} if stop else {"attempt": 2}))
    assert job.run().returncode == (143 if stop else 3)
    assert not job.has_result()
