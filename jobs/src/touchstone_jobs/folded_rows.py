"""The journal of an inference as its `rows.parquet`, and what it comes to."""

from collections.abc import Iterator

from touchstone_jobs.data import write_inference_rows
from touchstone_jobs.files import Folded
from touchstone_jobs.fold import FoldedRow, OrderOfWork, Tally
from touchstone_jobs.journal import FoldedJournal, read_again
from touchstone_jobs.storage import Storage


def write_folded_rows(storage: Storage, job_id: str, order: OrderOfWork, key: str) -> Folded:
    """A line for each answer or error of any attempt of `job_id`, in the order of work, in the file `key`."""

    def fold() -> Folded:
        tally = Tally(len(order))
        rows = _counted(FoldedJournal(storage, job_id, order).rows(), tally)
        return Folded(rows_file=write_inference_rows(storage, key, rows), outcome=tally.outcome())

    return read_again(fold)


def _counted(rows: Iterator[FoldedRow], tally: Tally) -> Iterator[FoldedRow]:
    for row in rows:
        tally.add(row)
        yield row
