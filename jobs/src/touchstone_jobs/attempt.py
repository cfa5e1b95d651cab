"""One attempt of a job: what its parts share, and the thread that keeps it alive in the server's eyes."""

import os
import threading
import time
from collections.abc import Callable

from pydantic import ValidationError

from touchstone_jobs.control import ControlFile
from touchstone_jobs.errors import Fenced, Interrupted
from touchstone_jobs.log import LogTee, say
from touchstone_jobs.progress import ProgressFile
from touchstone_jobs.storage import Storage

BEAT_S = 1.0
FENCED_EXIT = 3
FENCED_PATIENCE_S = 5.0


class Attempt:
    def __init__(self, storage: Storage, job_id: str, number: int) -> None:
        self.storage = storage
        self.job_id = job_id
        self.number = number
        self.control = ControlFile(storage, job_id, number)
        self.progress = ProgressFile(storage, job_id, number)
        self.log = LogTee(storage, job_id, number)
        self.terminated = False
        """SIGTERM has come: a few seconds are left."""
        self.heartbeat = Heartbeat(self)

    def check(self) -> None:
        """Raises Fenced or Interrupted where a job that cannot end early has to."""
        if self.control.fenced:
            raise Fenced
        if self.terminated or self.control.stop:
            raise Interrupted


class Heartbeat(threading.Thread):
    """Every second: flush the journal, read control, write progress and log.

    A thread, so that nothing that blocks the job stops it.
    """

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._attempt = attempt
        self._over = threading.Event()
        self._fenced_at: float | None = None
        self._failing: set[str] = set()
        self.flush_journal: Callable[[], None] = lambda: None

    def run(self) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            self._beat()
            due = max(due + BEAT_S, time.monotonic())
            self._over.wait(due - time.monotonic())

    def end(self) -> None:
        """Waits for the beat under way; nothing is written after it."""
        self._over.set()
        if self.is_alive():
            self.join()

    def _beat(self) -> None:
        attempt = self._attempt
        self._try("control.json", attempt.control.refresh)
        if attempt.control.gone:
            self._exit_if_stuck()
            return
        self._try("the journal", self.flush_journal)
        if attempt.control.superseded:
            self._exit_if_stuck()
            return
        self._try("progress.json", attempt.progress.write)
        self._try("the log", attempt.log.flush)

    def _try(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, ValidationError) as error:
            if name not in self._failing:
                self._failing.add(name)
                say(f"storage: {name} fails, trying on: {error}")
        else:
            if name in self._failing:
                self._failing.remove(name)
                say(f"storage: {name} works again")

    def _exit_if_stuck(self) -> None:
        """A fenced process that does not end by itself (a library that hangs) is ended: its calls might still cost
        money.
        """
        self._fenced_at = self._fenced_at or time.monotonic()
        if time.monotonic() - self._fenced_at > FENCED_PATIENCE_S:
            os._exit(FENCED_EXIT)
