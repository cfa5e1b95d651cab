"""The notebook of the examples and the Python page of the guide, run as they are written: without Jupyter."""

import ast
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from touchstone_client import Table

FOLDER = Path(__file__).parents[1]
Shown = list[object]


def run_cell(source: str, names: dict[str, Any]) -> Shown:
    """Runs it, and returns the values of its expressions, of which a notebook shows the last."""
    shown: Shown = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Expr):
            shown.append(eval(compile(ast.Expression(statement.value), "<cell>", "eval"), names))
        else:
            exec(compile(ast.Module([statement], []), "<cell>", "exec"), names)
    return shown


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Those of a session that was started in a copy of the examples' folder."""
    shutil.copytree(FOLDER / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return {}


def test_the_notebook_runs(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir("examples")
    cells = json.loads(Path("first-comparison.ipynb").read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    shown = [run_cell("".join(cell["source"]), names)[-1:] for cell in code]
    tables = [value for values in shown for value in values if isinstance(value, Table)]
    assert [len(table) for table in tables] == [3, 3, 3]
    assert all("<table>" in table._repr_html_() for table in tables)
    assert Path("notebook-rows.csv").read_text().startswith("row_id,")
    printed = capsys.readouterr().out
    assert "succeeded: lead-3 60/60, lexrank 60/60, copy 60/60" in printed
    assert names["recommendation"].text in printed
    assert [cell["outputs"] for cell in code if cell["outputs"]] == []


def test_the_guide_runs(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    page = (FOLDER / "python.md").read_text()
    for block in re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S):
        run_cell(block, names)
    assert (names["experiment"].status, names["job"].status) == ("succeeded", "succeeded")
    assert Path("rows.parquet").read_bytes()[:4] == b"PAR1"
    assert "Line 3" in capsys.readouterr().out
