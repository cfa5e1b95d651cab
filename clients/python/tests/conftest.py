"""The client against a real server, and the stand-in for an endpoint at FAKE_LLM_URL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy import Proxy
from touchstone_client import Dataset, Touchstone


@pytest.fixture(scope="session")
def ts() -> Iterator[Touchstone]:
    with Touchstone() as client:
        yield client


@pytest.fixture(scope="session")
def endpoint() -> str:
    return os.environ["FAKE_LLM_URL"]


@pytest.fixture
def proxy(ts: Touchstone) -> Iterator[Proxy]:
    with Proxy(ts.url) as one:
        yield one


@pytest.fixture
def through(proxy: Proxy) -> Iterator[Touchstone]:
    """The client behind a proxy that a test can break."""
    with Touchstone(proxy.url, os.environ["TOUCHSTONE_API_KEY"]) as client:
        yield client


@pytest.fixture
def items_csv(tmp_path: Path) -> Path:
    file = tmp_path / "items.csv"
    lines = [f'"Item {n} came. It was ""wrapped"", in paper.\nNobody opened it.",Item {n} came.' for n in range(12)]
    file.write_text("\n".join(["examples,ground_truth", *lines, ""]))
    return file


@pytest.fixture
def items(ts: Touchstone, items_csv: Path) -> Dataset:
    return ts.datasets.upload(items_csv)
