"""Reading the dataset and the sample, writing rows: the Parquet files of a job."""

from array import array
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from touchstone_jobs.errors import JobError
from touchstone_jobs.files import FileRef, JournalLine, ResultFile, RowError
from touchstone_jobs.fold import FoldedRow
from touchstone_jobs.storage import Storage, verify

INFERENCE_ROWS = pa.schema(
    [
        pa.field("row_id", pa.int64(), nullable=False),
        pa.field("repeat", pa.int32(), nullable=False),
        ("prediction", pa.string()),
        ("error_code", pa.string()),
        ("error_message", pa.string()),
        ("reasoning", pa.string()),
        ("finish_reason", pa.string()),
        ("truncated", pa.bool_()),
        ("latency_ms", pa.float64()),
        ("first_token_ms", pa.float64()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("cost", pa.float64()),
        pa.field("calls", pa.int32(), nullable=False),
    ]
)


def read_table(storage: Storage, ref: FileRef, columns: Sequence[str]) -> pa.Table:
    """The named columns of a Parquet file whose hash is checked. Raises JobError where the file or a column is
    missing.
    """
    verify(storage, ref.key, ref.sha256)
    with storage.open(ref.key) as stream:
        try:
            file = pq.ParquetFile(stream)
        except pa.ArrowInvalid as error:
            raise JobError(f"{ref.key} is not a Parquet file: {error}") from None
        names = file.schema_arrow.names
        for column in columns:
            if column not in names:
                raise JobError(f'There is no column "{column}" in {ref.key}. Its columns: {", ".join(names)}.')
        return file.read(columns=list(columns))


def column_names(storage: Storage, ref: FileRef) -> list[str]:
    with storage.open(ref.key) as stream:
        return list(pq.read_schema(stream).names)


def read_sample(storage: Storage, ref: FileRef) -> pa.Array:
    """The row_ids to run, in order."""
    return read_table(storage, ref, ["row_id"])["row_id"].combine_chunks()


def read_columns(
    storage: Storage, ref: FileRef, row_ids: pa.Array, columns: Iterable[str]
) -> dict[str, pa.ChunkedArray]:
    """Columns of a file with a `row_id`, one value per row of `row_ids` in its order; null where the file has no such
    row.
    """
    wanted = list(dict.fromkeys(columns))
    table = read_table(storage, ref, ["row_id", *wanted])
    places = pc.index_in(row_ids, value_set=table["row_id"])
    return {column: table[column].take(places) for column in wanted}


class RowValues:
    """Columns of a file with a `row_id`, looked up a row at a time: in memory once, as the file has them."""

    def __init__(self, storage: Storage, ref: FileRef, row_ids: pa.Array, columns: Iterable[str]) -> None:
        wanted = list(dict.fromkeys(columns))
        table = read_table(storage, ref, ["row_id", *wanted])
        self._places = array("i", pc.index_in(row_ids, value_set=table["row_id"]).fill_null(-1).to_pylist())
        self._columns = {name: table[name] for name in wanted}
        # What reading took besides, which Arrow would keep for the next time.
        pa.default_memory_pool().release_unused()

    def at(self, place: int) -> dict[str, str]:
        """Of the row at this place of `row_ids`; a value that is null or missing is empty."""
        found = self._places[place]
        return {name: (column[found].as_py() if found >= 0 else None) or "" for name, column in self._columns.items()}


def read_answers(
    storage: Storage, ref: FileRef, row_ids: pa.Array, repeats: int, columns: Iterable[str]
) -> dict[str, pa.ChunkedArray]:
    """Columns of a file with a `row_id` and a `repeat`, one value per answer in the order of work; null where the file
    has none. A file of before there were repeats has one answer per row.
    """
    wanted = list(dict.fromkeys(columns))
    has_repeats = "repeat" in column_names(storage, ref)
    table = read_table(storage, ref, ["row_id", *(["repeat"] if has_repeats else []), *wanted])
    repeat = table["repeat"].cast(pa.int64()) if has_repeats else pa.scalar(0, pa.int64())
    known = _answer_ids(table["row_id"], repeat, repeats)
    asked = pa.concat_arrays([_answer_ids(row_ids, pa.scalar(n, pa.int64()), repeats) for n in range(repeats)])
    places = pc.index_in(asked, value_set=known)
    return {column: table[column].take(places) for column in wanted}


def _answer_ids(row_ids: Any, repeat: Any, repeats: int) -> Any:
    """One number for a row and a repeat below `repeats`."""
    return pc.add(pc.multiply(row_ids, pa.scalar(repeats, pa.int64())), repeat)


ROW_GROUP = 5000
"""Rows that a reader unpacks for the sake of one: a page sorted by a score has its rows all over the file."""


def write_inference_rows(storage: Storage, key: str, rows: Iterable[FoldedRow]) -> ResultFile:
    """One line per answer or error, in their order; no more than a row group of them is in memory."""
    with storage.create(key) as output, pq.ParquetWriter(output, INFERENCE_ROWS, compression="zstd") as writer:
        remaining = iter(rows)
        while group := list(islice(remaining, ROW_GROUP)):
            writer.write_table(_inference_table(group))
    return ResultFile(key=key, size=output.size, sha256=output.sha256)


def _inference_table(finished: Sequence[FoldedRow]) -> pa.Table:
    lines: list[JournalLine] = [row.line for row in finished]
    errors: list[RowError | None] = [line.error for line in lines]
    columns: dict[str, list[Any]] = {
        "row_id": [line.row_id for line in lines],
        "repeat": [line.repeat for line in lines],
        "prediction": [line.prediction for line in lines],
        "error_code": [error and error.code for error in errors],
        "error_message": [error and error.message for error in errors],
        "reasoning": [line.reasoning for line in lines],
        "finish_reason": [line.finish_reason for line in lines],
        "truncated": [line.truncated for line in lines],
        "latency_ms": [line.latency_ms for line in lines],
        "first_token_ms": [line.first_token_ms for line in lines],
        "prompt_tokens": [line.prompt_tokens for line in lines],
        "completion_tokens": [line.completion_tokens for line in lines],
        "reasoning_tokens": [line.reasoning_tokens for line in lines],
        "cost": [row.cost for row in finished],
        "calls": [row.calls for row in finished],
    }
    return pa.table(columns, schema=INFERENCE_ROWS)


def write_table(storage: Storage, key: str, table: pa.Table) -> ResultFile:
    with storage.create(key) as output:
        pq.write_table(table, output, compression="zstd", row_group_size=ROW_GROUP)
    return ResultFile(key=key, size=output.size, sha256=output.sha256)
