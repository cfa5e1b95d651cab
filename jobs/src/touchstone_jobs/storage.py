"""Storage as a job sees it: read, write whole or not at all, list a folder, open for random access.

Two drivers: a folder (`file:///path`, here) and an S3 bucket (`s3://bucket/prefix`, s3.py).
"""

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self
from urllib.parse import unquote, urlsplit

from touchstone_jobs.errors import JobError

KEY = re.compile(r"[A-Za-z0-9._/-]+")
CHUNK_BYTES = 8 * 1024 * 1024


class ReadableFile(Protocol):
    """A binary file for random access: of Python, or of pyarrow."""

    def read(self, size: int = -1, /) -> bytes: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class Output:
    """A file being written: counts and hashes what passes. pyarrow takes it as a Python file object."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        view = memoryview(data)
        self._hash.update(view)
        self.size += view.nbytes
        self._stream.write(view)
        return view.nbytes

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class Storage(Protocol):
    def read(self, key: str) -> bytes:
        """Raises FileNotFoundError where there is none, another OSError where storage cannot be reached."""

    def write(self, key: str, data: bytes) -> None:
        """A reader sees the old content or the new one, never a part."""

    def remove(self, key: str) -> None:
        """No error where there is none."""

    def list(self, folder: str) -> list[str]:
        """Keys directly in `folder` (ends with "/"), sorted; empty where there is no such folder."""

    def open(self, key: str) -> ReadableFile:
        """Raises as `read` does."""

    def create(self, key: str) -> AbstractContextManager[Output]:
        """A stream that becomes `key` when its block ends well, and nothing when it does not."""


def check_key(key: str) -> str:
    """Raises ValueError where it is none."""
    if not KEY.fullmatch(key) or key.startswith("/") or ".." in key.split("/"):
        raise ValueError(f"not a storage key: {key!r}")
    return key


class FileStorage:
    """Keys are paths below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, key: str) -> Path:
        return self.folder / check_key(key)

    def read(self, key: str) -> bytes:
        return self._path(key).read_bytes()

    def write(self, key: str, data: bytes) -> None:
        with self.create(key) as output:
            output.write(data)

    def remove(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def list(self, folder: str) -> list[str]:
        try:
            names = os.listdir(self._path(folder))
        except FileNotFoundError:
            return []
        return [folder + name for name in sorted(names) if not name.startswith(".tmp-")]

    def open(self, key: str) -> BufferedReader:
        return self._path(key).open("rb")

    @contextmanager
    def create(self, key: str) -> Iterator[Output]:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".tmp-{uuid.uuid4().hex}")
        try:
            with temporary.open("xb") as stream:
                yield Output(stream)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def open_storage(url: str) -> Storage:
    """The storage at TOUCHSTONE_STORAGE_URL. Raises JobError for a kind this version does not know."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return FileStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        # Loaded only where it is used.
        from touchstone_jobs.s3 import S3Address, S3Storage

        return S3Storage(S3Address.parse(url))
    raise JobError(f"TOUCHSTONE_STORAGE_URL is {url!r}: the jobs read file:///path and s3://bucket/prefix.")


def verify(storage: Storage, key: str, sha256: str) -> None:
    """Raises JobError where the file is missing or is not the one that was promised."""
    try:
        with storage.open(key) as stream:
            digest = hashlib.sha256()
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        raise JobError(f"{key} is missing from storage.") from None
    found = digest.hexdigest()
    if found != sha256:
        raise JobError(f"{key} has changed: its SHA-256 is {found}, expected {sha256}.")
