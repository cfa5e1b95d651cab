"""An inference job on an endpoint, laid out in a folder as the server does it: for bench/inference.ts.

python make_job.py FOLDER JOB_ID BASE_URL ROWS CONCURRENCY FINISHED
FINISHED: rows that an earlier attempt answered, in segments of a second each at 800 rows a second.
"""

import json
import sys
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from touchstone_jobs import keys
from touchstone_jobs.files import JournalLine
from touchstone_jobs.journal import Journal
from touchstone_jobs.storage import FileStorage

SEGMENT_ROWS = 800
WORDS = "the parcel came on a rainy morning and nobody knew who had sent it so they left it by the door until noon"


def put(storage: FileStorage, key: str, table: pa.Table) -> dict[str, str]:
    with storage.create(key) as output:
        pq.write_table(table, output)
    return {"key": key, "sha256": output.sha256}


def line(row_id: int) -> JournalLine:
    return JournalLine(
        row_id=row_id,
        attempt=1,
        finished_at=1_700_000_000 + row_id / SEGMENT_ROWS,
        prediction=f"Row {row_id}: {WORDS}.",
        error=None,
        finish_reason="stop",
        latency_ms=200.0,
        prompt_tokens=40,
        completion_tokens=24,
        cost=None,
        calls=1,
    )


def main(folder: str, job_id: str, base_url: str, rows: int, concurrency: int, finished: int) -> None:
    storage = FileStorage(Path(folder))
    row_ids = pa.array(range(rows), pa.int64())
    texts = pa.array([f"Row {i}: {WORDS}. It was {i % 97} grams heavier than the last one." for i in range(rows)])
    spec = {
        "version": 1,
        "kind": "inference",
        "job_id": job_id,
        "experiment_id": str(uuid.uuid4()),
        "workflow_id": str(uuid.uuid4()),
        "data": put(storage, "datasets/d/data.parquet", pa.table({"row_id": row_ids, "text": texts})),
        "sample": put(storage, "experiments/e/sample.parquet", pa.table({"row_id": row_ids})),
        "task": "summarization",
        "input_column": "text",
        "reference_column": None,
        "prompt": "{{text}}",
        "system_prompt": None,
        "model": {
            "protocol": "openai",
            "base_url": base_url,
            "model": "m",
            "params": {},
            "stop": [],
            "extra_body": {},
            "has_secret": False,
            "timeout_s": 120,
        },
    }
    storage.write(keys.spec(job_id), json.dumps(spec).encode())
    attempt = 2 if finished else 1
    control = {"attempt": attempt, "stop": False, "concurrency": concurrency, "retry_failed_before": 0}
    storage.write(keys.control(job_id), json.dumps(control).encode())
    journal = Journal(storage, job_id, 1, lambda lines: None)
    for start in range(0, finished, SEGMENT_ROWS):
        for row_id in range(start, min(start + SEGMENT_ROWS, finished)):
            journal.add(line(row_id))
        journal.flush()


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:7]))  # type: ignore[arg-type]
