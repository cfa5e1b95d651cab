"""Results as tables: plain dicts, and a DataFrame where pandas is installed."""

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


class Table(list[dict[str, Any]]):
    """A list with a dict for each line, all with the same keys. A notebook shows it as a table."""

    def to_pandas(self) -> "pandas.DataFrame":
        """Raises ModuleNotFoundError where pandas is not installed: `pip install pandas`."""
        import pandas

        return pandas.DataFrame(list(self))

    def _repr_html_(self) -> str:
        if not self:
            return "<p>No lines.</p>"
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self[0])
        lines = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in line.values())}</tr>" for line in self)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else html.escape(str(value))
