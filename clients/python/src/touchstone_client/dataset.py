"""A dataset, and how one is uploaded."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, runtime_checkable

from touchstone_client import shapes
from touchstone_client.connection import Ref
from touchstone_client.handle import Handle
from touchstone_client.table import Table

if TYPE_CHECKING:
    import pandas


@runtime_checkable
class Frame(Protocol):
    """A pandas DataFrame, without needing pandas."""

    def to_csv(self, *, index: bool) -> str: ...


#: What can be uploaded: a path, a file opened for bytes, a DataFrame, or pieces of bytes.
Source: TypeAlias = str | Path | BinaryIO | Frame | Iterable[bytes]


class Dataset(Handle, shapes.Dataset):
    """One version of a dataset: a table of text."""

    def refresh(self) -> "Dataset":
        """Asks the server for it again; returns itself."""
        self._take(self._client.datasets.get(self))
        return self

    def rows(self, *, offset: int = 0, limit: int | None = None) -> Table:
        """Rows in the order of the file, a dict of text each, with `row_id`."""
        table = Table()
        end = self.row_count if limit is None else min(self.row_count, offset + limit)
        while offset < end:
            page = self._client.datasets.preview(self, offset=offset, limit=min(100, end - offset))
            table += [{"row_id": row.row_id, **dict(zip(page.columns, row.values, strict=True))} for row in page.rows]
            offset += len(page.rows)
            if not page.rows:
                break
        return table

    def to_pandas(self) -> "pandas.DataFrame":
        """All rows, every value the text that it was written as."""
        import tempfile

        import pandas

        with tempfile.TemporaryDirectory() as folder:
            file = self.download(Path(folder) / "rows.csv", as_csv=True)
            return pandas.read_csv(file, dtype=str, keep_default_na=False)

    def download(self, to: str | Path, *, as_csv: bool = False) -> Path:
        """Saves the file as it was uploaded, or the rows as CSV."""
        return self._client.datasets.download(self, to, as_="csv" if as_csv else None)

    def update(self, *, name: str | None = None, description: str | None = None) -> "Dataset":
        """Renames or describes it; returns itself."""
        self._take(self._client.datasets.update(self, name=name, description=description))
        return self

    def edit(self, changes: Sequence[shapes.CellChange], *, note: str | None = None) -> "Dataset":
        """Changes cells, as in `{"row_id": 2, "column": "ground_truth", "value": "…"}`. Returns the new version."""
        return self._client.datasets.edit(self, changes=changes, note=note)

    def versions(self) -> list[shapes.DatasetVersion]:
        """All versions of it."""
        return self._client.datasets.versions(self)

    def diff(self, base: Ref) -> shapes.DatasetDiff:
        """What this version changed against another."""
        return self._client.datasets.diff(self, base_id=base)

    def delete(self, *, all_versions: bool = False) -> None:
        """Deletes this version, or the whole dataset."""
        self._client.datasets.remove(self, all_versions=all_versions)


@contextmanager
def open_source(source: Source, filename: str | None) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The filename of what is uploaded, and its bytes; a path is opened, and closed again."""
    if isinstance(source, str | Path):
        path = Path(source)
        with path.open("rb") as file:
            yield filename or path.name, file
    elif isinstance(source, Frame):
        yield filename or "data.csv", [source.to_csv(index=False).encode()]
    else:
        yield filename or Path(str(getattr(source, "name", "data.csv"))).name, source
