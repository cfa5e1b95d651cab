"""Jobs as the server would lay them out in storage, and drivers as Ray would start them."""

import asyncio
import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from touchstone_jobs import keys
from touchstone_jobs.files import JOB_RESULT, EvaluationResult, InferenceResult, JournalLine, Progress
from touchstone_jobs.journal import read_again, without_merged
from touchstone_jobs.secrets import secret_info
from touchstone_jobs.storage import FileStorage, Storage

SOURCES = Path(__file__).parents[1] / "src"


def new_id() -> str:
    return str(uuid.uuid4())


class Job:
    """One job in a storage folder of its own."""

    def __init__(self, folder: Path, rows: Sequence[dict[str, str]], sample: Sequence[int] | None = None) -> None:
        self.folder = folder
        self.storage = FileStorage(folder / "storage")
        self.id = new_id()
        self.attempt = 1
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCES),
            "TOUCHSTONE_STORAGE_URL": (folder / "storage").as_uri(),
        }
        columns = list(rows[0]) if rows else ["examples"]
        table = {"row_id": pa.array(range(len(rows)), pa.int64())}
        table |= {name: pa.array([row[name] for row in rows], pa.string()) for name in columns}
        chosen = range(len(rows)) if sample is None else sample
        self.base: dict[str, Any] = {
            "version": 1,
            "job_id": self.id,
            "experiment_id": new_id(),
            "workflow_id": new_id(),
            "data": self._put("datasets/d/data.parquet", pa.table(table)),
            "sample": self._put("experiments/e/sample.parquet", pa.table({"row_id": pa.array(chosen, pa.int64())})),
            "task": "summarization",
            "input_column": "examples",
            "reference_column": "ground_truth" if "ground_truth" in columns else None,
        }

    def _put(self, key: str, table: pa.Table) -> dict[str, str]:
        with self.storage.create(key) as output:
            pq.write_table(table, output)
        return {"key": key, "sha256": output.sha256}

    def baseline(self, name: str) -> None:
        model = {"protocol": "baseline", "model": name}
        self.spec({"kind": "inference", "prompt": "{{examples}}", "system_prompt": None, "model": model})

    def openai(self, base_url: str, *, prompt: str = "Summarize:\n\n{{examples}}", **settings: Any) -> None:
        model = {
            "protocol": "openai",
            "base_url": base_url,
            "model": "m",
            "params": {"temperature": 0, "max_tokens": 128},
            "stop": [],
            "extra_body": {},
            "has_secret": False,
            "timeout_s": 30,
        }
        own = {name: settings.pop(name, default) for name, default in (("system_prompt", None), ("repeats", 1))}
        self.spec({"kind": "inference", "prompt": prompt, "model": model | settings} | own)

    def local(self, model: str, *, prompt: str = "Summarize: {{examples}}", **settings: Any) -> None:
        """A model that runs on the cluster."""
        fields = {
            "protocol": "transformers",
            "model": model,
            "revision": None,
            "dtype": None,
            "device": None,
            "max_input_tokens": None,
            "batch_size": 4,
            "generation": {"max_new_tokens": 8},
            "input": "auto",
            "trust_remote_code": False,
            "has_secret": False,
        }
        task = settings.pop("task", "summarization")
        self.spec(
            {"kind": "inference", "task": task, "prompt": prompt, "system_prompt": None, "model": fields | settings}
        )

    def evaluation(self, metrics: Sequence[str], inference: "Job", rows_file: dict[str, Any] | None) -> None:
        rows = rows_file and {"key": rows_file["key"], "sha256": rows_file["sha256"]}
        self.spec({"kind": "evaluation", "metrics": list(metrics), "inference": {"job_id": inference.id, "rows": rows}})

    def judging(self, base_url: str, inference: "Job", rows_file: dict[str, Any] | None, **changes: Any) -> None:
        """An evaluation by a judge; `changes`: of the metric, and `repeats`."""
        model = {
            "protocol": "openai",
            "base_url": base_url,
            "model": "judge-1",
            "params": {"temperature": 0, "max_tokens": 128},
            "stop": [],
            "extra_body": {},
            "has_secret": False,
            "timeout_s": 30,
            "price": {"input": 1.0, "output": 2.0},
        }
        repeats = changes.pop("repeats", 1)
        metric = {
            "type": "judge",
            "name": "helpful",
            "model": {"model": "judge-1", "base_url": base_url},
            "instructions": "Is the answer helpful?",
            "scale": {"kind": "range", "low": 1, "high": 5},
            "uses_input": True,
            "uses_reference": False,
        }
        rows = rows_file and {"key": rows_file["key"], "sha256": rows_file["sha256"]}
        self.spec(
            {
                "kind": "evaluation",
                "metrics": [metric | changes],
                "judge": model,
                "inference": {"job_id": inference.id, "rows": rows},
                "repeats": repeats,
            }
        )

    def evaluation_of_column(self, metrics: Sequence[str], prediction_column: str) -> None:
        self.spec(
            {
                "kind": "evaluation",
                "experiment_id": None,
                "workflow_id": None,
                "task": None,
                "input_column": None,
                "metrics": list(metrics),
                "inference": None,
                "prediction_column": prediction_column,
            }
        )

    def comparison(self, fields: dict[str, Any]) -> None:
        own = ("version", "job_id", "experiment_id", "sample")
        self.base = {name: self.base[name] for name in own}
        self.spec({"kind": "comparison"} | fields)

    def spec(self, fields: dict[str, Any]) -> None:
        self.spec_bytes = json.dumps(self.base | fields).encode()
        self.storage.write(keys.spec(self.id), self.spec_bytes)
        self.control()

    def control(self, **changes: Any) -> None:
        """Writes control.json, keeping what is not named."""
        before = {"attempt": self.attempt, "stop": False, "concurrency": 8, "retry_failed_before": 0}
        with suppress(FileNotFoundError):
            before = json.loads(self.storage.read(keys.control(self.id)))
        self.storage.write(keys.control(self.id), json.dumps(before | changes).encode())

    def next_attempt(self, **changes: Any) -> None:
        self.attempt += 1
        self.control(attempt=self.attempt, **changes)

    def seal(self, secret: str, base_url: str) -> None:
        """As the server does, to a key pair made for this job."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
        from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

        private = X25519PrivateKey.generate()
        key_file = self.folder / "job.key"
        key_file.write_text(base64.b64encode(private.private_bytes_raw()).decode())
        self.environment["TOUCHSTONE_JOB_KEY_FILE"] = str(key_file)
        info = secret_info(self.id, self.attempt, self.spec_bytes, base_url)
        sealed = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM).encrypt(
            secret.encode(), private.public_key(), info
        )
        enc, ciphertext = (base64.b64encode(part).decode() for part in (sealed[:32], sealed[32:]))
        file = json.dumps({"version": 1, "enc": enc, "ciphertext": ciphertext})
        self.storage.write(keys.sealed_secret(self.id, self.attempt), file.encode())

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "touchstone_jobs", "--job", self.id, "--attempt", str(self.attempt)]

    def run(self, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.command, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )

    async def run_async(self, timeout: float = 60) -> tuple[int, str]:
        """Exit status and output."""
        process = await self.start()
        async with asyncio.timeout(timeout):
            output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()

    def has_result(self) -> bool:
        return keys.result(self.id, self.attempt) in self.storage.list(f"jobs/{self.id}/attempts/{self.attempt}/")

    def inference_result(self) -> InferenceResult:
        result = JOB_RESULT.validate_json(self.storage.read(keys.result(self.id, self.attempt)))
        assert isinstance(result, InferenceResult)
        self._check_rows_file(result)
        counts = result.outcome.rows
        assert counts.total == counts.answered + counts.failed + counts.not_run + counts.pending
        return result

    def evaluation_result(self) -> EvaluationResult:
        result = JOB_RESULT.validate_json(self.storage.read(keys.result(self.id, self.attempt)))
        assert isinstance(result, EvaluationResult)
        self._check_rows_file(result)
        return result

    def _check_rows_file(self, result: InferenceResult | EvaluationResult) -> None:
        data = self.storage.read(result.rows_file.key)
        assert len(data) == result.rows_file.size
        assert hashlib.sha256(data).hexdigest() == result.rows_file.sha256

    def rows(self) -> list[dict[str, Any]]:
        table = pq.read_table(pa.BufferReader(self.storage.read(keys.rows(self.id, self.attempt))))
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def progress(self) -> Progress | None:
        try:
            return Progress.model_validate_json(self.storage.read(keys.progress(self.id, self.attempt)))
        except FileNotFoundError:
            return None

    def journal(self) -> list[JournalLine]:
        return read_journal(self.storage, self.id)

    def log(self) -> str:
        folder = f"jobs/{self.id}/attempts/{self.attempt}/"
        pieces = [key for key in self.storage.list(folder) if "/log-" in key]
        return "".join(self.storage.read(key).decode() for key in pieces)


def read_journal(storage: Storage, job_id: str) -> list[JournalLine]:
    """Every line of every attempt."""

    def read() -> list[JournalLine]:
        segments = without_merged(storage.list(keys.journal(job_id)))
        lines = [line for segment in segments for line in storage.read(segment).splitlines()]
        return [JournalLine.model_validate_json(line) for line in lines]

    return read_again(read)


async def until(condition: Callable[[], bool], timeout: float = 20) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)
