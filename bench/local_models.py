"""Tokens a second of a model that runs on the cluster, against a plain batch loop of transformers on the same model.

Prints one line of JSON: {"plain": …, "ours": …} in tokens a second, the median of three runs each.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "jobs" / folder) for folder in ("src", "tests", "tests_hf")]
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "HF_HUB_OFFLINE": "1"}

import ray
import tiny
import torch
import transformers
from harness import Job
from touchstone_jobs.driver import read_spec
from touchstone_jobs.inference.local.model import LocalModels
from touchstone_jobs.inference.model import Row

ROWS, BATCH, TOKENS, RUNS = 256, 8, 48, 3
TEXTS = [f"{n} {tiny.LINES[n % 4]}"[: 20 + n % 50] for n in range(ROWS)]


class Rows:
    """What the engine hands out, without an engine."""

    def __init__(self) -> None:
        self._left = iter([Row(n, {"examples": text}) for n, text in enumerate(TEXTS)])
        self.began = 0.0

    async def next(self) -> Row | None:
        self.began = self.began or time.perf_counter()
        return next(self._left, None)

    @property
    def is_ready(self) -> bool:
        return True

    async def may_call(self) -> bool:
        return True

    @property
    def concurrency(self) -> int:
        return 1

    def report(self, *_: object, **__: object) -> None:
        pass


def plain(folder: Path) -> float:
    """As the documentation of transformers has it."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder)
    began = time.perf_counter()
    for at in range(0, ROWS, BATCH):
        inputs = tokenizer(TEXTS[at : at + BATCH], return_tensors="pt", padding=True, truncation=True)
        output = model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=TOKENS,
            min_new_tokens=TOKENS,
            do_sample=False,
        )
        tokenizer.batch_decode(output, skip_special_tokens=True)
    return ROWS * TOKENS / (time.perf_counter() - began)


def ours(folder: Path) -> float:
    job = Job(folder / "job", [{"examples": text} for text in TEXTS])
    job.local("local/model", batch_size=BATCH, generation={"max_new_tokens": TOKENS, "min_new_tokens": TOKENS})
    spec = read_spec(job.spec_bytes)
    rows = Rows()

    async def run() -> int:
        return sum(
            [
                completion.completion_tokens or 0
                async for completion in LocalModels(spec, spec.model, None).generate(rows)
            ]
        )

    tokens = asyncio.run(run())
    return tokens / (time.perf_counter() - rows.began)


def median(measure: Callable[[Path], float], folder: Path) -> float:
    return statistics.median(measure(folder) for _ in range(RUNS))


def main() -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    cpus = os.cpu_count() or 1
    torch.set_num_threads(cpus)
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"TOUCHSTONE_MODELS_DIR": name, "PYTHONPATH": str(ROOT / "jobs" / "src")}
        folder = Path(name) / "model"
        folder.mkdir()
        tiny.SIZE.update(d_model=256, encoder_layers=3, decoder_layers=3, encoder_ffn_dim=1024, decoder_ffn_dim=1024)
        tiny.bart(folder)
        transformers.utils.logging.disable_progress_bar()
        measured = {"plain": median(plain, folder)}
        ray.init(address="local", num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        measured["ours"] = median(ours, folder.parent)
        print(json.dumps(measured))


if __name__ == "__main__":
    main()
