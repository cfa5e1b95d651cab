import json
from pathlib import Path

from touchstone_client import Dataset, Touchstone


def test_an_inference_alone_whose_answers_become_a_dataset(ts: Touchstone, items: Dataset, tmp_path: Path) -> None:
    job = ts.jobs.create_inference(
        name="Lead alone",
        dataset_id=items,
        input_column="examples",
        task="summarization",
        model={"model": "baseline/lead-3"},
        store_to_dataset={"name": "Leads", "output_column": "lead"},
    ).wait(progress=False)
    assert (job.kind, job.status) == ("inference", "succeeded")
    assert job.stored_dataset is not None
    assert ts.datasets.get(job.stored_dataset).rows()[3]["lead"].startswith("Item 3 came.")
    assert [row.prediction is not None for row in job.rows()] == [True] * 12
    assert job.log() == ts.jobs.download_log(job, tmp_path / "log.txt").read_text()
    assert job.id in [one.id for one in ts.jobs.list(kind="inference", search="Lead alone")]


def test_evaluations_alone_are_compared(ts: Touchstone, tmp_path: Path) -> None:
    lines = "".join(f"a b {n},a b {n},a c {n}\n" for n in range(8))
    answers = ts.datasets.upload([f"reference,good,worse\n{lines}".encode()], filename="answers.csv")
    evaluations = [
        ts.jobs.create_evaluation(
            name=column,
            dataset_id=answers,
            prediction_column=column,
            reference_column="reference",
            metrics=["exact_match", "rouge1"],
        )
        for column in ("good", "worse")
    ]
    for evaluation in evaluations:
        assert evaluation.wait(progress=False).status == "succeeded"
    result = evaluations[1].result
    assert result is not None
    assert result.kind == "evaluation"
    assert result.metrics["exact_match"].value == 0
    assert evaluations[0].answers(limit=1)[0]["exact_match"] == 1
    assert evaluations[0].export(tmp_path / "rows.jsonl", format="jsonl").read_text().count("\n") == 8

    comparison = ts.jobs.create_comparison(name="Good or worse", evaluation_ids=evaluations).wait(progress=False)
    assert [one.name for one in comparison.compared] == ["good", "worse"]
    file = ts.jobs.download_result(comparison, tmp_path / "result.json")
    assert json.loads(file.read_text())["rows"] == 8
    comparison.delete()
