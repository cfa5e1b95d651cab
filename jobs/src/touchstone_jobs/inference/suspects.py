"""Rows that kill the process they run in: found without a note for every call, and set aside.

Each attempt notes, before its first call, the rows that it begins with. Where it died, the next attempt runs its
suspects first, each alone, noted before it starts and journaled after. The row on which a process dies then has killed
it at least twice, and is not run again until somebody retries what failed. Suspects are, of a model in this process,
the rows that come next; of an endpoint, where other causes are likelier, those of them that the dead attempt began
with too.

(Models on actors have their own way: there the driver lives on and sees which actor died with which rows.)
"""

from collections.abc import Sequence
from contextlib import suppress
from itertools import islice

from touchstone_jobs import keys
from touchstone_jobs.files import Count, File
from touchstone_jobs.storage import Storage

IN_PROCESS_SUSPECTS = 1000
"""More rows than a model in this process runs in the second after which they are in the journal: what is beyond is
found by a later attempt.
"""
MESSAGE = "The process died at least twice while it ran this row, the last time on it alone."


class Note(File):
    """Rows by their place in the order of work."""

    first: list[Count]
    """Those that the attempt begins with."""
    alone: Count | None = None
    """The one that runs alone now."""


class Suspects:
    """Of one attempt. Every method may raise OSError where storage fails."""

    def __init__(self, storage: Storage, job_id: str, attempt: int) -> None:
        self._storage = storage
        self._key = keys.under_way(job_id, attempt)
        self._note = Note(first=[])
        self._before: Note | None = None
        """Of the last attempt, where it died."""
        with suppress(FileNotFoundError):
            self._before = Note.model_validate_json(storage.read(keys.under_way(job_id, attempt - 1)))
        self.places: list[int] = []
        """To be run first and alone."""

    def crashed(self, finished: Sequence[int]) -> int | None:
        """The row on which the last attempt died."""
        alone = None if self._before is None else self._before.alone
        return None if alone is None or finished[alone] else alone

    def begin(self, finished: Sequence[int], *, concurrency: int | None) -> None:
        """Once it is known what is not run any more; before the first call. `concurrency`: None of a model in this
        process.
        """
        unfinished = (place for place, is_over in enumerate(finished) if not is_over)
        first = list(islice(unfinished, concurrency or IN_PROCESS_SUSPECTS))
        if self._before is not None:
            begun = set(self._before.first)
            self.places = [place for place in first if concurrency is None or place in begun]
        self._write(Note(first=first))

    def run_alone(self, place: int) -> None:
        """Before that row starts."""
        self._write(self._note.model_copy(update={"alone": place}))

    def end(self) -> None:
        """The attempt comes to an end by itself, so no row has killed it."""
        self._storage.remove(self._key)

    def _write(self, note: Note) -> None:
        self._note = note
        self._storage.write(self._key, note.model_dump_json().encode())
