"""What edge cases give is written down in one table of the guide, and is what the metrics say."""

from pathlib import Path
from typing import get_args

import pytest

from test_metrics import evaluate
from touchstone_jobs.files import PlainType

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "metrics.md"
CASES: dict[str, tuple[str, str]] = {
    "empty answer": ("", "The cat sat."),
    "empty reference": ("The cat sat.", ""),
    "only punctuation": ("?!", "?!"),
    "emoji": ("🙂🙂", "🙂🙂"),
    "Chinese": ("会议改到三点", "会议改到三点"),
    "right to left": ("שלום עולם", "שלום עולם"),
    "50,000 characters": (("The cat sat. " * 4000)[:50_000], "The cat sat."),
}


def cell(name: PlainType, prediction: str, reference: str) -> str:
    columns, aggregates = evaluate([prediction], [reference], [name])
    found = aggregates[name]
    if found.no_reference:
        return "not scored"
    if found.metric_error:
        return "error"
    value = columns[name][0] if name in columns else found.value
    assert value is not None
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def table() -> dict[str, dict[str, str]]:
    """From the guide, by metric and case."""
    lines = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    start = next(n for n, line in enumerate(lines) if "empty answer" in line)
    _, *cases = _cells(lines[start])
    rows = [_cells(line) for line in lines[start + 2 :]]
    return {name.strip("`"): dict(zip(cases, values, strict=True)) for name, *values in rows}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.mark.parametrize("name", get_args(PlainType))
def test_an_edge_case_gives_what_the_guide_says(name: PlainType) -> None:
    assert table()[name] == {case: cell(name, *pair) for case, pair in CASES.items()}
