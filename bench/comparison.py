"""Comparison jobs laid out and run as the server and Ray do it, for bench/comparison.ts: a JSON line on standard output.

python comparison.py FOLDER ROWS KIND WORKFLOWS
KIND: `closed` (ten metrics with a value per row, three of them yes or no), `resampled` (BLEU, chrF and TER).
Says the seconds from start to end of the process, those that the comparison took, those of a processor, and the most memory it held.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from touchstone_jobs import keys
from touchstone_jobs.storage import FileStorage

SHARES = ("exact_match", "normalized_match", "contains_reference")
MEANS = ("rouge1", "rouge2", "rougeL", "rougeLsum", "meteor", "token_f1", "levenshtein_ratio")
CORPORA = {"bleu": 10, "chrf": 18, "ter": 2}
"""With how many numbers each sums up a row."""


def put(storage: FileStorage, key: str, table: pa.Table) -> dict[str, str]:
    with storage.create(key) as output:
        pq.write_table(table, output, compression="zstd")
    return {"key": key, "sha256": output.sha256}


def lists(values: NDArray[np.int32]) -> pa.Array:
    sizes = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(sizes, pa.array(values.ravel()))


def columns(kind: str, rows: int, random: np.random.Generator, difficulty: NDArray[np.float64]) -> dict[str, Any]:
    latent = difficulty + random.normal(0, 0.1, rows)
    if kind == "closed":
        means = {name: pa.array(np.clip(latent + random.normal(0, 0.02, rows), 0, 1)) for name in MEANS}
        return means | {name: pa.array((latent > 0.5).astype(float)) for name in SHARES}
    found: dict[str, Any] = {}
    for name, size in CORPORA.items():
        totals = random.integers(20, 60, (rows, size)).astype(np.int32)
        if name == "bleu":
            # Lengths of answer and reference, then what was right of each order, then how many there were.
            totals[:, 2:6] = (totals[:, 6:10] * np.clip(latent, 0, 1)[:, None]).astype(np.int32)
        found[f"{name}_statistics"] = lists(totals)
    return found


def main(folder: str, rows: int, kind: str, workflows: int) -> None:
    storage = FileStorage(Path(folder))
    random = np.random.default_rng(1)
    ids = pa.array(range(rows), pa.int64())
    difficulty = random.normal(0.5, 0.15, rows)
    job_id = str(uuid.uuid4())
    compared = []
    for _ in range(workflows):
        workflow_id = str(uuid.uuid4())
        scores = pa.table({"row_id": ids} | columns(kind, rows, random, difficulty))
        answers = pa.table({"row_id": ids, "error_code": pa.nulls(rows, pa.string())})
        compared.append(
            {
                "workflow_id": workflow_id,
                "scores": [put(storage, f"jobs/{workflow_id}/scores.parquet", scores)],
                "answers": put(storage, f"jobs/{workflow_id}/answers.parquet", answers),
            }
        )
    names = [*MEANS, *SHARES] if kind == "closed" else list(CORPORA)
    lower = ("ter",)
    spec = {
        "version": 1,
        "kind": "comparison",
        "job_id": job_id,
        "experiment_id": str(uuid.uuid4()),
        "sample": put(storage, f"jobs/{job_id}/sample.parquet", pa.table({"row_id": ids})),
        "metrics": [
            {
                "name": name,
                "type": name,
                "yes_or_no": name in SHARES,
                "direction": "lower" if name in lower else "higher",
                "delta": 0.01,
                "worst": 0.0,
                "span": 1.0,
            }
            for name in names
        ],
        "primary_metric": names[0],
        "workflows": compared,
    }
    storage.write(keys.spec(job_id), json.dumps(spec).encode())
    control = {"attempt": 1, "stop": False, "concurrency": 1, "retry_failed_before": 0}
    storage.write(keys.control(job_id), json.dumps(control).encode())
    environment = os.environ | {"TOUCHSTONE_STORAGE_URL": Path(folder).as_uri()}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "touchstone_jobs", "--job", job_id, "--attempt", "1"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"The comparison ended with status {status}.")
    result = json.loads(storage.read(keys.result(job_id, 1)))
    test = next((pair["test"] for pair in result["pairs"]), "")
    said = {
        "wall_s": wall,
        "seconds": result["seconds"],
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
        "test": test,
    }
    print(json.dumps(said | {"result_file": str(Path(folder) / keys.result(job_id, 1))}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
