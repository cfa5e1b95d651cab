"""A row that kills the process it runs in, in drivers as Ray starts them."""

import asyncio
import sys
from pathlib import Path

import pytest

from endpoint import Endpoint, after
from harness import Job
from touchstone_jobs import keys

DEADLY = "deadly"
DRIVER = f"""
import os, signal, sys
from touchstone_jobs.inference import baselines
copy = baselines._SUMMARIZERS["baseline/copy"]
def deadly(text):
    if "{DEADLY}" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    return copy(text)
baselines._SUMMARIZERS["baseline/copy"] = deadly
from touchstone_jobs.inference.endpoint import Endpoint
request = Endpoint.request
def deadly_request(self, row):
    deadly(row.values["examples"])
    return request(self, row)
Endpoint.request = deadly_request
from touchstone_jobs.driver import run_attempt
sys.exit(run_attempt(sys.argv[1], int(sys.argv[2])))
"""


class DeadlyJob(Job):
    @property
    def command(self) -> list[str]:
        return [sys.executable, "-c", DRIVER, self.id, str(self.attempt)]


def run_to_the_end(job: Job) -> int:
    """Attempts that died before one left a result."""
    deaths = 0
    while job.run().returncode == -9:
        deaths += 1
        assert deaths < 12
        job.next_attempt()
    return deaths


@pytest.mark.parametrize("deadly", [[0], [10], [29], [3, 4], [0, 1, 2]])
def test_deadly_rows_are_set_aside_and_the_others_run(tmp_path: Path, deadly: list[int]) -> None:
    job = DeadlyJob(tmp_path, [{"examples": f"{DEADLY if row in deadly else 'text'} {row}"} for row in range(30)])
    job.baseline("baseline/copy")
    deaths = run_to_the_end(job)
    assert deaths == 1 + len(deadly)
    rows = job.rows()
    assert [row["row_id"] for row in rows] == list(range(30))
    assert {row["row_id"]: row["error_code"] for row in rows if row["error_code"]} == dict.fromkeys(
        deadly, "row_crashed"
    )
    outcome = job.inference_result().outcome
    assert (outcome.rows.answered, outcome.rows.failed, outcome.extra_answers) == (30 - len(deadly), len(deadly), 0)
    assert "died at least twice" in outcome.errors["row_crashed"].message


async def test_a_row_that_kills_the_driver_of_an_endpoint_is_set_aside(tmp_path: Path) -> None:
    job = DeadlyJob(tmp_path, [{"examples": f"{DEADLY if row == 2 else 'text'} {row}"} for row in range(20)])
    async with Endpoint(after(0.05)) as endpoint:
        job.openai(endpoint.url)
        job.control(concurrency=4)
        deaths = await asyncio.to_thread(run_to_the_end, job)
    assert deaths == 2
    assert [row["row_id"] for row in job.rows() if row["error_code"] == "row_crashed"] == [2]
    assert job.inference_result().outcome.rows.answered == 19


def test_what_came_to_an_end_by_itself_leaves_no_suspects(tmp_path: Path) -> None:
    job = DeadlyJob(tmp_path, [{"examples": f"text {row}"} for row in range(3)])
    job.baseline("baseline/copy")
    assert run_to_the_end(job) == 0
    assert not [key for key in job.storage.list(f"jobs/{job.id}/attempts/1/") if "under-way" in key]
    assert keys.under_way(job.id, 1).endswith("under-way.json")
