"""The journal: finished rows as lines in segments that are never changed. What is in a segment is acknowledged and
survives everything.

A long job has a segment for every second. Each process makes one of every hundred of its own: the merged segment is
written whole before the first of its parts is removed, and says in its name which parts it holds, so that a reader who
sees both reads it alone.
"""

import re
import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from touchstone_jobs import keys
from touchstone_jobs.files import JournalLine
from touchstone_jobs.fold import Fold, FoldedRow, OrderOfWork, Where
from touchstone_jobs.storage import Storage

T = TypeVar("T")


MERGE_SEGMENTS = 100
MERGE_BYTES = 8 * 1024 * 1024
"""What a process keeps in memory until it merges: at a high rate fewer segments are merged."""
KEEP_PARTS_S = 60.0
"""A reader who listed them before they were merged has so long to read them."""
REMOVALS_A_FLUSH = 5
READ_TRIES = 3
SEGMENTS_KEPT = 8
"""Rows finish nearly in the order of work: each segment is read once, or twice."""

_SEGMENT = re.compile(r"(?P<process>\d+-[0-9a-f-]{32,36})-(?P<first>\d{6,})(?:-(?P<last>\d{6,}))?\.jsonl")


class FoldedJournal:
    """Finished rows of every attempt, as they were when it was made. The lines themselves stay in storage, but for
    those of the segments that were read last.
    """

    def __init__(self, storage: Storage, job_id: str, order: OrderOfWork) -> None:
        """Raises ValidationError on a line that is none."""
        self._storage = storage
        self._segments = without_merged(storage.list(keys.journal(job_id)))
        self._read: OrderedDict[int, bytes] = OrderedDict()
        self.fold = Fold(order)
        for segment in range(len(self._segments)):
            for line, where in self._lines(segment):
                self.fold.add(line, where)

    def _lines(self, segment: int) -> Iterator[tuple[JournalLine, Where]]:
        start = 0
        for line in self._segment(segment).splitlines(keepends=True):
            yield JournalLine.model_validate_json(line), (segment, start, len(line))
            start += len(line)

    def rows(self) -> Iterator[FoldedRow]:
        """In the order of work. Raises FileNotFoundError where a segment was merged away meanwhile."""
        for place in range(len(self.fold.order)):
            if self.fold.is_finished(place):
                segment, start, length = self.fold.where(place)
                line = JournalLine.model_validate_json(self._segment(segment)[start : start + length])
                yield self.fold.row(place, line)

    def _segment(self, segment: int) -> bytes:
        data = self._read.get(segment)
        if data is None:
            data = self._read[segment] = self._storage.read(self._segments[segment])
            if len(self._read) > SEGMENTS_KEPT:
                self._read.popitem(last=False)
        self._read.move_to_end(segment)
        return data


def read_again(read: Callable[[], T]) -> T:
    """From the beginning, where a segment was merged away between the listing and its turn."""
    for _ in range(READ_TRIES - 1):
        with suppress(FileNotFoundError):
            return read()
    return read()


def without_merged(segments: Sequence[str]) -> list[str]:
    """The segments without those that a merged one beside them holds."""
    names = [(key, _SEGMENT.fullmatch(key.rpartition("/")[2])) for key in segments]
    merged: dict[str, list[range]] = {}
    for _, name in names:
        if name and name["last"]:
            merged.setdefault(name["process"], []).append(range(int(name["first"]), int(name["last"]) + 1))
    return [
        key
        for key, name in names
        if not name or name["last"] or not any(int(name["first"]) in held for held in merged.get(name["process"], []))
    ]


class Journal:
    """Writes one process's segments. `add` is for the event loop, `flush` for any thread."""

    def __init__(
        self, storage: Storage, job_id: str, attempt: int, acknowledged: Callable[[Sequence[JournalLine]], None]
    ) -> None:
        """`acknowledged` is called, from the flushing thread, with lines that are in storage now."""
        self._storage = storage
        self._job_id = job_id
        self._attempt = attempt
        self._acknowledged = acknowledged
        self._process = str(uuid.uuid4())
        self._seq = 0
        self._lines: list[JournalLine] = []
        self._oldest: float | None = None
        self._unwritten: tuple[str, list[JournalLine]] | None = None
        self._parts: list[bytes] = []
        """What the segments hold that are not merged yet; the last one is `self._seq`."""
        self._merged: deque[tuple[float, str]] = deque()
        """Parts that a merged segment holds, and since when."""
        self._adding = threading.Lock()
        self._flushing = threading.Lock()
        self.last_flushed_at: float | None = None
        """Unix time of the last segment."""

    def add(self, line: JournalLine) -> None:
        with self._adding:
            if self._oldest is None:
                self._oldest = time.monotonic()
            self._lines.append(line)

    def unflushed_for(self) -> float:
        """Seconds that the oldest line has been waiting to be written."""
        oldest = self._oldest
        return 0.0 if oldest is None else time.monotonic() - oldest

    def flush(self) -> None:
        """Writes what was added as the next segment. Raises OSError where storage fails; the next flush tries again.

        The same lines go to the same name again: the failed write may have arrived after all.
        """
        with self._flushing:
            self._write_unwritten()
            with self._adding:
                if not self._lines:
                    return
                self._seq += 1
                key = keys.segment(self._job_id, self._attempt, self._process, self._seq)
                self._unwritten = (key, self._lines)
                self._lines = []
            self._write_unwritten()
            # Every line is in storage already: where this fails nothing is lost, and the next flush tries again.
            with suppress(OSError):
                self._merge()

    def _write_unwritten(self) -> None:
        if self._unwritten is None:
            return
        key, lines = self._unwritten
        content = "".join(line.model_dump_json() + "\n" for line in lines).encode()
        self._storage.write(key, content)
        self._unwritten = None
        self._parts.append(content)
        with self._adding:
            self._oldest = time.monotonic() if self._lines else None
        self.last_flushed_at = time.time()
        self._acknowledged(lines)

    def _merge(self) -> None:
        """Makes one segment of many that are in storage, and removes some of those that were merged before."""
        now = time.monotonic()
        for _ in range(REMOVALS_A_FLUSH):
            if not self._merged or now - self._merged[0][0] < KEEP_PARTS_S:
                break
            self._storage.remove(self._merged[0][1])
            self._merged.popleft()
        count = len(self._parts)
        if count < MERGE_SEGMENTS and (count < 2 or sum(map(len, self._parts)) < MERGE_BYTES):
            return
        first = self._seq - count + 1
        whole = keys.merged_segment(self._job_id, self._attempt, self._process, first, self._seq)
        self._storage.write(whole, b"".join(self._parts))
        self._parts = []
        parts = (keys.segment(self._job_id, self._attempt, self._process, seq) for seq in range(first, self._seq + 1))
        self._merged.extend((now, part) for part in parts)
