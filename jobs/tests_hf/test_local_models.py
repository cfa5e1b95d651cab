"""Models that run on the cluster, whole: spec, driver, Ray, transformers, journal, result."""

import asyncio
import json
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

import tiny
from conftest import on, run
from harness import Job, until

ROWS = [{"examples": text, "ground_truth": "x"} for text in tiny.LINES[:4]]
ENGLISH_TO = {
    lang: {"translation": {"source": "English", "target": lang}} for lang in ("de", "French", "Klingon", "pt-BR")
}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def answers(job: Job) -> dict[int, str]:
    return {row["row_id"]: row["prediction"] for row in job.rows()}


@pytest.mark.parametrize(
    ("model", "task", "words"),
    [
        ("bart", "summarization", "the text itself, without a prompt"),
        ("t5", "summarization", 'the text after "summarize: "'),
        ("t5", ENGLISH_TO["de"], 'the text after "translate English to German: "'),
        ("mt5", "summarization", "the prompt"),
        ("chat", "text-generation", "chat template"),
        ("plain", "summarization", "no chat template"),
        ("m2m100", ENGLISH_TO["French"], "from en to fr"),
        ("nllb", ENGLISH_TO["French"], "from eng_Latn to fra_Latn"),
        ("mbart", ENGLISH_TO["French"], "from en_XX to fr_XX"),
        ("marian", ENGLISH_TO["de"], "one pair of languages"),
        ("marian-many", ENGLISH_TO["pt-BR"], ">>por_br<<"),
    ],
)
def test_each_architecture_answers_every_row(cluster: Any, tmp_path: Path, model: str, task: Any, words: str) -> None:
    job = Job(tmp_path, ROWS)
    job.local(f"local/{model}", task=task)
    run(cluster, job)
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered, result.outcome.truncated) == ("complete", 4, 0), result
    assert words in job.log()
    for row in job.rows():
        assert row["prediction"] is not None
        assert row["finish_reason"] in ("stop", "length")
        assert 0 < row["completion_tokens"] <= 8 < row["prompt_tokens"]
        assert row["latency_ms"] > 0
    assert {"torch", "transformers"} <= set(result.versions)


def test_a_long_input_is_cut_and_says_so(cluster: Any, tmp_path: Path) -> None:
    rows = [*ROWS, {"examples": tiny.LINES[0] * 20, "ground_truth": "x"}]
    job = Job(tmp_path, rows)
    job.local("local/bart")
    run(cluster, job)
    assert {row["row_id"]: row["truncated"] for row in job.rows()} == {0: False, 1: False, 2: False, 3: False, 4: True}
    assert max(row["prompt_tokens"] for row in job.rows()) == 64
    assert job.inference_result().outcome.truncated == 1


def test_a_prompt_that_does_not_fit_fails_unless_it_may_be_cut(cluster: Any, tmp_path: Path) -> None:
    rows = [*ROWS, {"examples": tiny.LINES[0] * 20, "ground_truth": "x"}]
    job = Job(tmp_path, rows)
    job.local("local/chat")
    run(cluster, job)
    assert [row["error_code"] for row in job.rows()] == [None] * 4 + ["context_length"]
    job = Job(tmp_path / "cut", rows)
    job.local("local/chat", max_input_tokens=40)
    run(cluster, job)
    last = job.rows()[-1]
    assert (last["error_code"], last["truncated"], last["prompt_tokens"] <= 40) == (None, True, True)


def test_parameters_of_generation_are_obeyed(cluster: Any, tmp_path: Path) -> None:
    beams = {"num_beams": 3, "max_length": 20, "min_length": 12, "no_repeat_ngram_size": 2, "early_stopping": True}
    job = Job(tmp_path, ROWS)
    job.local("local/bart", generation=beams | {"length_penalty": 2.0})
    run(cluster, job)
    assert all(11 <= row["completion_tokens"] <= 19 for row in job.rows()), job.rows()


@pytest.mark.parametrize(
    ("model", "settings", "reason"),
    [
        ("local/bart", {"device": "gpu"}, "has none: add a node with one"),
        ("hf/nobody/nothing", {}, "cannot be loaded"),
    ],
)
def test_what_cannot_run_says_why_and_runs_no_row(
    cluster: Any, tmp_path: Path, model: str, settings: dict[str, Any], reason: str
) -> None:
    job = Job(tmp_path, ROWS)
    job.local(model, **settings)
    run(cluster, job)
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.not_run, result.seconds) == ("breaker", 4, 0)
    assert reason in (result.reason or "")


CUSTOM = """
import os
from transformers import BartConfig, BartForConditionalGeneration

class CustomConfig(BartConfig):
    model_type = "custom"

class CustomModel(BartForConditionalGeneration):
    config_class = CustomConfig

    def generate(self, input_ids=None, **more):
        if DEADLY in input_ids.flatten().tolist():
            os._exit(1)
        return super().generate(input_ids=input_ids, **more)
"""


def custom(models: Path, hub: Path) -> None:
    """A model with Python of its own in the Hub's cache, whose process dies where a text has an "&"."""
    repository = hub / "hub" / "models--tiny--custom"
    folder = repository / "snapshots" / COMMIT
    if folder.exists():
        return
    shutil.copytree(models / "bart", folder)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    config = json.loads((folder / "config.json").read_text())
    names = {"AutoConfig": "custom.CustomConfig", "AutoModelForSeq2SeqLM": "custom.CustomModel"}
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "custom", "auto_map": names}))
    from transformers import AutoTokenizer

    deadly = AutoTokenizer.from_pretrained(models / "bart")("&", add_special_tokens=False)["input_ids"][0]
    (folder / "custom.py").write_text(CUSTOM.replace("DEADLY", str(deadly)))


def test_a_row_that_kills_its_process_twice_is_set_aside(cluster: Any, models: Path, hub: Path, tmp_path: Path) -> None:
    rows = [
        {"examples": f"{text}{' & more' if n in (3, 9) else ''}", "ground_truth": "x"}
        for n, text in enumerate(tiny.LINES[:14])
    ]
    job = Job(tmp_path, rows)
    custom(models, hub)
    job.local("hf/tiny/custom", revision=COMMIT, trust_remote_code=True)
    said = run(cluster, job)
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered, result.outcome.rows.failed) == ("complete", 12, 2), said
    assert {row["row_id"]: row["error_code"] for row in job.rows() if row["error_code"]} == {
        3: "row_crashed",
        9: "row_crashed",
    }


async def test_a_killed_process_costs_its_batch_a_second_run_and_no_row(cluster: Any, tmp_path: Path) -> None:
    rows = [{"examples": f"{n} {tiny.LINES[n % 4]}", "ground_truth": "x"} for n in range(200)]
    job = on(cluster, Job(tmp_path, rows))
    job.local("local/bart", generation={"max_new_tokens": 40, "min_length": 40})
    driver = await job.start()
    await until(lambda: len(job.journal()) > 8, timeout=240)
    pid = re.search(r"process (\d+):", job.log())
    assert pid
    os.kill(int(pid[1]), signal.SIGKILL)
    async with asyncio.timeout(300):
        await driver.communicate()
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered, result.outcome.extra_answers) == ("complete", 200, 0)
    assert "died with 4 rows: each is run alone" in job.log()


async def test_stop_keeps_what_is_done_and_resume_runs_the_rest(cluster: Any, tmp_path: Path) -> None:
    rows = [{"examples": f"{n} {tiny.LINES[n % 4]}", "ground_truth": "x"} for n in range(400)]
    job = on(cluster, Job(tmp_path, rows))
    job.local("local/bart", generation={"max_new_tokens": 40, "min_length": 40})
    driver = await job.start()
    await until(lambda: len(job.journal()) > 8, timeout=240)
    job.control(stop=True)
    async with asyncio.timeout(5):
        await driver.communicate()
    counts = job.inference_result().outcome.rows
    assert 0 < counts.answered < 400
    job.next_attempt(stop=False)
    run(cluster, job)
    result = job.inference_result()
    assert (result.outcome.rows.answered, result.outcome.extra_answers) == (400, 0)


def limited(cluster: Any, folder: Path, **settings: Any) -> Job:
    rows = [{"examples": f"{n} {tiny.LINES[n % 4]}", "ground_truth": "x"} for n in range(100)]
    job = on(cluster, Job(folder, rows))
    job.local("local/bart", batch_size=2, generation={"max_new_tokens": 4}, **settings)
    return job


@pytest.mark.parametrize(
    ("price", "limit"), [(None, {"calls": 21}), ({"per_hour": 3600.0}, {"cost": 0.001})], ids=["calls", "time"]
)
def test_a_budget_ends_it_on_the_first_rows(cluster: Any, tmp_path: Path, price: Any, limit: dict[str, Any]) -> None:
    job = limited(cluster, tmp_path, price=price)
    job.control(budget={"cost": None, "tokens": None, "calls": None} | limit)
    run(cluster, job)
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.failed) == ("budget", 0)
    answered = result.outcome.rows.answered
    assert answered == 21 if "calls" in limit else 0 < answered < 100
    done = [row["row_id"] for row in job.rows() if row["prediction"] is not None]
    assert done == list(range(answered))


async def test_it_runs_the_first_rows_and_waits_for_a_yes(cluster: Any, tmp_path: Path) -> None:
    job = limited(cluster, tmp_path)
    job.control(hold_after=11)
    driver = await job.start()
    await until(lambda: (progress := job.progress()) is not None and progress.rows.answered == 11, timeout=120)
    await until(lambda: (job.progress().waiting_for or "").startswith("a yes"))  # type: ignore[union-attr]
    job.control(hold_after=None)
    async with asyncio.timeout(120):
        await driver.communicate()
    assert job.inference_result().outcome.rows.answered == 100
