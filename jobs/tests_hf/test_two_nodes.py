"""One job on a cluster of two nodes, with its files in a bucket."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tiny
from conftest import node, on
from harness import Job, until
from test_s3 import Server, credentials, move, on_s3, server  # noqa: F401

pytestmark = on_s3
ROWS = [{"examples": f"{n} {tiny.LINES[n % 4]}", "ground_truth": "x"} for n in range(240)]
STARTED = re.compile(r"a copy of the model on \S+, process (\d+)")


@pytest.fixture
def two_nodes(cluster: Any) -> Iterator[Any]:
    """The second node of the cluster, which may be gone afterwards."""
    second = cluster.add_node(wait=True, **node(1))
    yield second
    if second in cluster.worker_nodes:
        cluster.remove_node(second)


def job_on_s3(cluster: Any, bucket: Server, folder: Path, prefix: str) -> Job:
    job = on(cluster, Job(folder, ROWS))
    job.local("local/bart", batch_size=2, generation={"max_new_tokens": 60, "min_length": 60})
    move(job, bucket.storage(prefix), bucket.url(prefix))
    return job


async def test_rows_are_split_over_the_nodes(
    cluster: Any,
    two_nodes: Any,
    server: Server,  # noqa: F811
    tmp_path: Path,
) -> None:
    job = job_on_s3(cluster, server, tmp_path, "split")
    driver = await job.start()
    await until(lambda: len(STARTED.findall(job.log())) == 2, timeout=240)
    async with asyncio.timeout(300):
        await driver.communicate()
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered, result.outcome.extra_answers) == ("complete", 240, 0)


async def test_a_node_that_leaves_costs_its_rows_in_flight_a_second_run_and_no_row(
    cluster: Any,
    two_nodes: Any,
    server: Server,  # noqa: F811
    tmp_path: Path,
) -> None:
    job = job_on_s3(cluster, server, tmp_path, "leaves")
    driver = await job.start()
    await until(lambda: len(STARTED.findall(job.log())) == 2 and len(job.journal()) > 8, timeout=240)
    # Killed, not asked to leave.
    cluster.remove_node(two_nodes, allow_graceful=False)
    async with asyncio.timeout(300):
        await driver.communicate()
    result = job.inference_result()
    assert (result.ended, result.outcome.rows.answered, result.outcome.rows.failed) == ("complete", 240, 0)
    assert result.outcome.extra_answers == 0
    again = re.search(r"(\d+) rows in flight are run elsewhere|died with (\d+) rows", job.log())
    assert again
    assert int(again[1] or again[2]) <= 2
