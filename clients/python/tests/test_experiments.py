import uuid
from pathlib import Path

import pytest

from touchstone_client import ConflictError, Dataset, Experiment, InvalidError, NotFoundError, Touchstone
from touchstone_client.shapes import ModelSettingsInput


def create(ts: Touchstone, dataset: Dataset, name: str, *models: ModelSettingsInput) -> Experiment:
    return ts.experiments.create(
        name=name,
        dataset_id=dataset,
        input_column="examples",
        reference_column="ground_truth",
        task="summarization",
        models=models or [{"model": "baseline/lead-3"}, {"model": "baseline/copy"}],
        metrics=["rouge", "length"],
    )


@pytest.fixture(scope="module")
def finished(ts: Touchstone) -> Experiment:
    body = "".join(f'"First {n} words. Then, more words.",First {n} words{" in all" * (n % 4)}.\n' for n in range(12))
    dataset = ts.datasets.upload([f"examples,ground_truth\n{body}".encode()], filename="finished.csv")
    experiment = create(ts, dataset, "Finished")
    looks: list[str] = []
    assert experiment.wait(progress=lambda run: looks.append(run.progress_line)) is experiment
    assert looks[-1] == "succeeded: lead-3 12/12, copy 12/12"
    return experiment


def test_it_is_found_described_and_counted(ts: Touchstone, finished: Experiment) -> None:
    assert (finished.status, finished.is_over) == ("succeeded", True)
    assert finished.update(description="Of two baselines").description == "Of two baselines"
    dataset = finished.dataset
    assert [one.id for one in ts.experiments.list(dataset_id=dataset, status="succeeded")] == [finished.id]
    assert ts.experiments.counts(dataset_id=dataset).succeeded == 1
    assert ts.experiments.get(finished).url == f"{ts.url}/experiments/{finished.id}"


def test_what_one_would_use_is_estimated_before_it_is_made(ts: Touchstone, finished: Experiment) -> None:
    model: ModelSettingsInput = {
        "model": "never-called",
        "base_url": "http://127.0.0.1:9/v1",
        "price": {"input": 1, "output": 2},
    }
    estimate = ts.experiments.estimate(
        name="Later",
        dataset_id=finished.dataset,
        input_column="examples",
        reference_column="ground_truth",
        task="summarization",
        models=[{"model": "baseline/copy"}, model],
        metrics=["rouge"],
    )
    assert (estimate.rows, estimate.total.calls, estimate.total.seconds) == (12, 12, None)
    assert estimate.total.cost is not None
    assert estimate.total.cost > 0
    assert "answered once" in " ".join(estimate.models[1].assumptions)
    assert ts.experiments.counts(search="Later").created == 0


def test_its_numbers_have_intervals_and_say_what_they_stand_on(finished: Experiment) -> None:
    score = next(one for one in finished.scores() if (one["workflow"], one["metric"]) == ("lead-3", "rouge1"))
    assert 0 < score["low"] < score["value"] < score["high"] < 1
    assert (score["scored"], score["total"]) == (12, 12)
    assert finished.workflow("lead-3").metrics["rouge1"].value == score["value"]
    [lead, copy] = finished.summary()
    assert (lead["workflow"], lead["answered"], lead["cost"]) == ("lead-3", 12, 0)
    assert copy["rouge1"] < 1
    assert list(finished.scores().to_pandas()["metric"].unique()) == [metric.name for metric in finished.metrics]
    assert "<td>lead-3</td>" in finished.summary()._repr_html_()
    with pytest.raises(KeyError, match="lead-3, copy"):
        finished.workflow("lead")


def test_its_rows_are_read_one_by_one_and_as_a_table(finished: Experiment, tmp_path: Path) -> None:
    assert len(list(finished.rows())) == 12
    assert len(list(finished.rows(limit=5))) == 5
    answers = finished.answers(search="First 7 words")
    assert [(one["workflow"], one["input"]) for one in answers] == [
        ("lead-3", "First 7 words. Then, more words."),
        ("copy", "First 7 words. Then, more words."),
    ]
    assert answers[1]["prediction"] == answers[1]["input"]
    workflow = finished.workflow("copy")
    worst = next(finished.rows(sort={"workflow_id": workflow.id, "metric": "rouge1", "descending": False}))
    assert worst.cells[1].metrics["rouge1"] == min(answer["rouge1"] for answer in finished.answers())
    assert finished.export(tmp_path / "rows.csv").read_text().startswith("row_id,")
    assert finished.export(tmp_path / "rows.parquet", format="parquet").read_bytes()[:4] == b"PAR1"


def test_models_are_compared_in_pairs_and_one_is_recommended(finished: Experiment) -> None:
    pair = next(one for one in finished.pairs() if one["metric"] == "rougeL")
    assert {pair["a"], pair["b"]} == {"lead-3", "copy"}
    assert pair["label"] in ("better", "worse", "no_difference", "equivalent")
    recommendation = finished.recommendation()
    assert recommendation is not None
    assert recommendation.text
    stricter = finished.recommendation(delta=0.5, prefer="fastest")
    assert stricter is not None
    assert stricter.rule != recommendation.rule


def test_stop_resume_and_retry(ts: Touchstone, endpoint: str) -> None:
    run = uuid.uuid4().hex
    lines = "".join(f"Row {n} of {run} [fake: latency=200]\n" for n in range(60))
    slow = ts.datasets.upload([f"examples\n{lines}[fake: 400 first=1] once in {run}\n".encode()], filename="slow.csv")
    experiment = ts.experiments.create(
        name="Stopped",
        dataset_id=slow,
        input_column="examples",
        reference_column=None,
        task="text-generation",
        prompt="{{examples}}",
        models=[{"name": "slow", "model": "any", "base_url": endpoint, "concurrency": 2}],
        metrics=["length"],
    )
    with pytest.raises(ConflictError, match="still runs"):
        experiment.delete()
    answered: list[int] = []

    def stop_early(run: Experiment) -> None:
        answered.append(run.workflows[0].rows.answered)
        if answered[-1] > 0 and not run.stop_requested:
            run.stop()

    assert experiment.wait(progress=stop_early).status == "stopped"
    assert 0 < experiment.workflows[0].rows.answered < 60
    assert experiment.resume().wait(progress=False).status == "partial"
    assert [answer["error"] is None for answer in experiment.answers(filter="failed")] == [False]
    assert experiment.retry_failed().wait(progress=False).workflows[0].rows.answered == 61
    experiment.delete()
    with pytest.raises(NotFoundError):
        experiment.refresh()


def test_what_breaks_a_rule_names_the_field(ts: Touchstone, items: Dataset) -> None:
    with pytest.raises(InvalidError, match="examples"):
        ts.experiments.create(
            name="Wrong column",
            dataset_id=items,
            input_column="text",
            reference_column=None,
            task="summarization",
            models=[{"model": "baseline/copy"}],
            metrics=["length"],
        )


def test_a_model_is_added_later_and_its_answers_kept_as_a_dataset(ts: Touchstone, finished: Experiment) -> None:
    grown = ts.experiments.get(finished)
    grown.add_workflows([{"model": "baseline/copy", "name": "as it is"}])
    assert grown.status in ("created", "running")
    assert grown.wait(progress=False).workflow("as it is").rows.answered == 12
    saved = grown.save_predictions("as it is", "What it said")
    assert (saved.row_count, saved.provenance.kind) == (12, "generated")
    assert [one.name for one in grown.remove_workflow("lead-3").workflows] == ["copy", "as it is"]
    with pytest.raises(InvalidError, match="already"):
        grown.wait(progress=False).add_metrics(["rouge1"])


def test_what_is_expensive_waits_for_a_yes(ts: Touchstone, endpoint: str) -> None:
    lines = "".join(f"Row {n}\n" for n in range(100))
    experiment = ts.experiments.create(
        name="Expensive",
        dataset_id=ts.datasets.upload([f"examples\n{lines}".encode()], filename="expensive.csv"),
        input_column="examples",
        reference_column=None,
        task="text-generation",
        prompt="{{examples}}",
        models=[{"name": "dear", "model": "any", "base_url": endpoint, "price": {"input": 9, "output": 9}}],
        metrics=["length"],
        budget={"confirm_above": 0.000001},
    )
    assert experiment.wait(progress=False).waits_for_you
    assert experiment.confirmation is not None
    assert experiment.confirmation.cost is not None
    assert experiment.confirmation.cost > 0
    assert "confirm() goes on" in experiment.progress_line
    assert experiment.workflows[0].rows.answered < 100
    assert experiment.confirm().wait(progress=False).workflows[0].rows.answered == 100
