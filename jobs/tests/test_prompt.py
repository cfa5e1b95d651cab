from typing import Any

import pytest

from examples import read_fixture
from touchstone_jobs.prompt import prompt_columns, render_prompt


@pytest.mark.parametrize("case", read_fixture("prompt"), ids=lambda case: case["name"])
def test_same_as_in_typescript(case: dict[str, Any]) -> None:
    assert prompt_columns(case["template"]) == case["columns"]
    assert render_prompt(case["template"], case["row"]) == case["text"]


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="missing"):
        render_prompt("{{missing}}", {"a": "1"})
