"""What the server wants now, as last read from `control.json`."""

import time

from touchstone_jobs import keys
from touchstone_jobs.files import Control
from touchstone_jobs.storage import Storage


class ControlFile:
    """Read by one thread, looked at by others."""

    def __init__(self, storage: Storage, job_id: str, attempt: int) -> None:
        self._storage = storage
        self._key = keys.control(job_id)
        self._attempt = attempt
        self._read_at = time.monotonic()
        self.now: Control | None = None
        """The last content; None: not read yet."""
        self.gone = False
        """The file is missing: the job was deleted."""

    def refresh(self) -> None:
        """Raises OSError or ValidationError where it cannot be read; what was read before stays."""
        try:
            self.now = Control.model_validate_json(self._storage.read(self._key))
        except FileNotFoundError:
            self.gone = True
        self._read_at = time.monotonic()

    def age(self) -> float:
        """Seconds since it was last read."""
        return time.monotonic() - self._read_at

    @property
    def superseded(self) -> bool:
        return self.now is not None and self.now.attempt > self._attempt

    @property
    def fenced(self) -> bool:
        """Nothing that this process does counts any more."""
        return self.gone or self.superseded

    @property
    def stop(self) -> bool:
        return self.now is not None and self.now.stop
