"""The journal of a long job: segments become fewer, and no reader notices."""

import itertools
import re
from pathlib import Path

import pytest

from harness import read_journal
from touchstone_jobs import journal as journals
from touchstone_jobs import keys
from touchstone_jobs.files import JournalLine
from touchstone_jobs.fold import FoldedRow, OrderOfWork
from touchstone_jobs.journal import FoldedJournal, Journal, read_again, without_merged
from touchstone_jobs.storage import FileStorage

JOB = "0190d8a6-5b1e-7c3d-9f00-1234567890ab"


def line(row_id: int, attempt: int = 1) -> JournalLine:
    return JournalLine(
        row_id=row_id,
        attempt=attempt,
        finished_at=1000.0 + row_id,
        prediction=f"answer {row_id}",
        error=None,
        finish_reason="stop",
        latency_ms=1.0,
        prompt_tokens=1,
        completion_tokens=1,
        cost=0.01,
        calls=1,
    )


def new_journal(storage: FileStorage) -> Journal:
    return Journal(storage, JOB, 1, lambda lines: None)


def write(journal: Journal, rows: range) -> None:
    """A segment for each row."""
    for row_id in rows:
        journal.add(line(row_id))
        journal.flush()


def folded(storage: FileStorage, rows: range) -> list[FoldedRow]:
    return read_again(lambda: list(FoldedJournal(storage, JOB, OrderOfWork(rows, 1)).rows()))


def segments(storage: FileStorage) -> list[str]:
    return storage.list(keys.journal(JOB))


def test_a_hundred_segments_become_one_and_the_parts_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "KEEP_PARTS_S", 0.0)
    storage = FileStorage(tmp_path)
    journal = new_journal(storage)
    write(journal, range(350))
    assert len(without_merged(segments(storage))) == 3 + 50
    assert len(segments(storage)) < 350 - 5 * 50
    rows = folded(storage, range(350))
    assert [row.line.row_id for row in rows] == list(range(350))
    assert {(row.calls, row.cost, row.extra_answers) for row in rows} == {(1, 0.01, 0)}


def test_parts_stay_for_a_while_and_count_once(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    write(new_journal(storage), range(130))
    assert len(segments(storage)) == 131
    assert [one.row_id for one in read_journal(storage, JOB)] == list(range(130))


@pytest.mark.parametrize("lost", [0, 1, 50, 99, 100])
def test_whatever_parts_a_crash_left(tmp_path: Path, lost: int) -> None:
    storage = FileStorage(tmp_path)
    write(new_journal(storage), range(110))
    parts = [key for key in segments(storage) if key not in without_merged(segments(storage))]
    assert len(parts) == 100
    for key in parts[:lost]:
        storage.remove(key)
    assert folded(storage, range(110)) == [FoldedRow(line(row_id), 1, 0.01, 0) for row_id in range(110)]


def test_many_rows_are_merged_before_they_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "MERGE_BYTES", 1000)
    storage = FileStorage(tmp_path)
    write(new_journal(storage), range(40))
    whole = without_merged(segments(storage))
    assert 5 < len(whole) < 20
    assert max(len(storage.read(key)) for key in whole) < 2000
    assert len(read_journal(storage, JOB)) == 40


def test_storage_that_fails_while_merging_loses_nothing(tmp_path: Path) -> None:
    class Failing(FileStorage):
        fails = False

        def write(self, key: str, data: bytes) -> None:
            if self.fails and re.search(r"-\d{6}-\d{6}\.jsonl$", key):
                raise OSError("no space")
            super().write(key, data)

    storage = Failing(tmp_path)
    journal = new_journal(storage)
    write(journal, range(99))
    storage.fails = True
    write(journal, range(99, 103))
    assert len(without_merged(segments(storage))) == 103
    storage.fails = False
    write(journal, range(103, 105))
    assert [one.row_id for one in read_journal(storage, JOB)] == list(range(105))
    assert len(without_merged(segments(storage))) == 2


def test_a_reader_whose_segment_was_merged_away_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = FileStorage(tmp_path)
    write(new_journal(storage), range(100))
    merged = without_merged(segments(storage))
    parts = [key for key in segments(storage) if key not in merged]
    listings = itertools.chain([parts], itertools.repeat(segments(storage)))
    storage.remove(parts[60])
    monkeypatch.setattr(storage, "list", lambda folder: next(listings))
    assert [row.line.row_id for row in folded(storage, range(100))] == list(range(100))


def test_another_process_of_the_attempt_is_not_merged_with_it() -> None:
    process, other = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "8c9e6679-7425-40de-944b-e07fc1f90ae7"
    whole = keys.merged_segment(JOB, 1, process, 1, 100)
    kept = [keys.segment(JOB, 1, other, 5), keys.segment(JOB, 2, process, 5), keys.segment(JOB, 1, process, 101), whole]
    assert without_merged([*kept, keys.segment(JOB, 1, process, 1), keys.segment(JOB, 1, process, 100)]) == kept


def test_rows_are_read_in_the_order_of_work_whatever_their_order_in_the_journal(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    write(new_journal(storage), range(30))
    order = OrderOfWork([*range(0, 30, 2), *range(29, 0, -2), 77], 1)
    rows = FoldedJournal(storage, JOB, order).rows()
    assert [row.line.row_id for row in rows] == [*range(0, 30, 2), *range(29, 0, -2)]
