"""The driver's output, teed into storage piece by piece, so that it can be read while the job runs and after Ray has
forgotten it.
"""

import io
import sys
import threading
from datetime import UTC, datetime
from typing import TextIO

from touchstone_jobs import keys
from touchstone_jobs.storage import Storage

REDACTED = "[key]"


def say(text: str) -> None:
    """One line of our own, with the time in UTC."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    print(f"{time} {text}", flush=True)


class LogTee:
    """What is written to stdout and stderr goes there still, and into `log-<seq>.txt` at the next flush. A secret
    goes nowhere.
    """

    def __init__(self, storage: Storage, job_id: str, attempt: int) -> None:
        self._storage = storage
        self._job_id = job_id
        self._attempt = attempt
        self._seq = 0
        self._parts: list[str] = []
        self._adding = threading.Lock()
        self._flushing = threading.Lock()
        self._secret: str | None = None

    def install(self) -> None:
        sys.stdout = _Tee(sys.stdout, self)
        sys.stderr = _Tee(sys.stderr, self)

    def redact(self, secret: str) -> None:
        """From now on `secret` is written as [key]."""
        self._secret = secret

    def add(self, text: str) -> str:
        """Keeps `text` for the next piece, and returns it as it may be shown."""
        if self._secret:
            text = text.replace(self._secret, REDACTED)
        with self._adding:
            self._parts.append(text)
        return text

    def flush(self) -> None:
        """Writes the output since the last piece, if there is any. Raises OSError where storage fails; it is kept for
        the next try.
        """
        with self._flushing:
            with self._adding:
                parts, self._parts = self._parts, []
            if not parts:
                return
            text = "".join(parts)
            try:
                self._storage.write(keys.log(self._job_id, self._attempt, self._seq), text.encode("utf-8", "replace"))
            except BaseException:
                with self._adding:
                    self._parts.insert(0, text)
                raise
            self._seq += 1


class _Tee(io.TextIOBase):
    def __init__(self, stream: TextIO, tee: LogTee) -> None:
        self._stream = stream
        self._tee = tee

    def write(self, text: str) -> int:
        self._stream.write(self._tee.add(text))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding
