"""The journal: finished rows as lines in segments that are never changed. What is in a segment is acknowledged and
survives everything.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from touchstone_jobs import keys
from touchstone_jobs.files import JournalLine
from touchstone_jobs.storage import Storage


def read_journal(storage: Storage, job_id: str) -> Iterator[JournalLine]:
    """Every line of every attempt. Raises ValidationError on a line that is none."""
    for key in storage.list(keys.journal(job_id)):
        for line in storage.read(key).splitlines():
            yield JournalLine.model_validate_json(line)


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

    def _write_unwritten(self) -> None:
        if self._unwritten is None:
            return
        key, lines = self._unwritten
        self._storage.write(key, "".join(line.model_dump_json() + "\n" for line in lines).encode())
        self._unwritten = None
        with self._adding:
            self._oldest = time.monotonic() if self._lines else None
        self.last_flushed_at = time.time()
        self._acknowledged(lines)
