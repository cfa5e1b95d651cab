"""Models in a folder of their own, and a Ray cluster on this machine that is shared by the tests of a process."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tiny
from harness import SOURCES, Job

# What Ray's processes get, and with them the models.
QUIET = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # everything stays on 127.0.0.1
    "RAY_USAGE_STATS_ENABLED": "0",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TOUCHSTONE_MODELS_DIR with a tiny model of each architecture."""
    folder = tmp_path_factory.mktemp("models")
    os.environ["TOUCHSTONE_MODELS_DIR"] = str(folder)
    for name, make in tiny.MAKERS.items():
        (folder / name).mkdir()
        make(folder / name)
    return folder


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the Hub that stands in for it: HF_HOME."""
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="session")
def cluster(models: Path, hub: Path) -> Iterator[Any]:
    """A head with two processors, and no GPU."""
    trusting = {"TOUCHSTONE_TRUST_REMOTE_CODE": "1"}
    os.environ |= QUIET | trusting | {"PYTHONPATH": str(SOURCES), "HF_HOME": str(hub), "PATH": _path()}
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args=node(2))
    try:
        yield made
    finally:
        made.shutdown()


def node(cpus: int) -> dict[str, Any]:
    return {
        "node_ip_address": "127.0.0.1",
        "num_cpus": cpus,
        "num_gpus": 0,
        "object_store_memory": 80_000_000,
        "include_dashboard": False,
    }


def _path() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def on(cluster: Any, job: Job) -> Job:
    """The job's driver as Ray would start it there."""
    job.environment |= QUIET | {"RAY_ADDRESS": cluster.address, "PATH": _path()}
    return job


def run(cluster: Any, job: Job) -> str:
    """To its end, which is a result; what it said."""
    done = on(cluster, job).run(timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
