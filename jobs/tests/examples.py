"""Data for tests: a small file of our own, and DialogSum where the shared data lies beside the clone."""

import csv
import json
from pathlib import Path
from typing import Any, cast

from touchstone_jobs.files import MetricSettings, PlainMetric, PlainType

HERE = Path(__file__).parent
FIXTURES = HERE.parents[1] / "packages" / "schemas" / "fixtures"
DIALOGSUM = HERE.parents[2] / "shared" / "data" / "dialogsum_250.csv"
DATASETS = [HERE / "data" / "dialogues.csv", *([DIALOGSUM] if DIALOGSUM.exists() else [])]


def read_rows(path: Path = DATASETS[0]) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def plain(*names: str) -> list[MetricSettings]:
    """Metrics without settings."""
    return [PlainMetric(type=cast(PlainType, name), name=name) for name in names]
