"""Storage in an S3 bucket, through pyarrow. Credentials are those that the AWS SDK finds on the Ray node:
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role.
"""

import mmap
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from pyarrow.fs import AwsStandardS3RetryStrategy, FileSelector, FileType, S3FileSystem

from touchstone_jobs.errors import JobError
from touchstone_jobs.storage import Output, ReadableFile, check_key

CONNECT_WITHIN_S = 1.0
IDLE_S = 3.0
"""A request through which nothing passes for so long is tried again."""
ATTEMPTS = 3

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?")
_ENDPOINT = re.compile(r"(https?)://([^/?#@]+)/?")


@dataclass(frozen=True, slots=True)
class S3Address:
    """What `s3://bucket/prefix?endpoint=http://host:port&region=…&path_style=true` says. The server reads the same
    address (`packages/storage/src/s3-address.ts`).
    """

    bucket: str
    prefix: str
    """Before every key: empty, or ends with "/"."""
    scheme: str
    host: str | None
    """With its port. None: AWS itself."""
    region: str
    path_style: bool

    @classmethod
    def parse(cls, url: str) -> "S3Address":
        """Raises JobError, which never shows what may be a password."""
        parts = urlsplit(url)
        bucket, prefix = parts.netloc, parts.path.strip("/")
        shown = f"s3://{bucket.rpartition('@')[2]}{parts.path}"
        options = dict(parse_qsl(parts.query))
        endpoint = options.get("endpoint")
        found = _ENDPOINT.fullmatch(endpoint) if endpoint else None
        if (
            not _BUCKET.fullmatch(bucket)
            or not _PREFIX.fullmatch(prefix)
            or any(part in (".", "..") for part in prefix.split("/"))
            or options.keys() - {"endpoint", "region", "path_style"}
            or options.get("path_style") not in (None, "true", "false")
            or (endpoint and not found)
        ):
            raise JobError(
                f"The storage address {shown} cannot be used: "
                "write s3://bucket/prefix?endpoint=http://host:port&region=…&path_style=true."
            )
        return cls(
            bucket=bucket,
            prefix=f"{prefix}/" if prefix else "",
            scheme=found[1] if found else "https",
            host=found[2] if found else None,
            region=options.get("region")
            or os.environ.get("AWS_REGION")
            or os.environ.get("AWS_DEFAULT_REGION")
            or "us-east-1",
            path_style=options["path_style"] == "true" if "path_style" in options else found is not None,
        )


class S3Storage:
    """Keys are objects below the address's prefix."""

    def __init__(self, address: S3Address) -> None:
        self._address = address
        # pyarrow puts the bucket into the path wherever it is given an endpoint, unless told otherwise.
        aws = f"s3.{address.region}.amazonaws.com" if address.path_style else None
        self._fs: Any = S3FileSystem(
            region=address.region,
            scheme=address.scheme,
            endpoint_override=address.host or aws,
            force_virtual_addressing=not address.path_style,
            connect_timeout=CONNECT_WITHIN_S,
            request_timeout=IDLE_S,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
            # What fits into one request is sent with one.
            allow_delayed_open=True,
            tls_ca_file_path=os.environ.get("SSL_CERT_FILE") or None,
        )

    def _path(self, key: str) -> str:
        return f"{self._address.bucket}/{self._address.prefix}{check_key(key)}"

    def read(self, key: str) -> bytes:
        # An object that is replaced by a longer one meanwhile is cut to the size it had: JSON that is cut is none, and
        # is read again.
        path = self._path(key)
        try:
            with self._fs.open_input_stream(path) as stream:
                return cast(bytes, stream.read())
        except FileNotFoundError:
            self._check_bucket()
            raise

    def write(self, key: str, data: bytes) -> None:
        self._put(self._path(key), data)

    def remove(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self._fs.delete_file(self._path(key))

    def list(self, folder: str) -> list[str]:
        path = self._path(folder)
        try:
            found = self._fs.get_file_info(FileSelector(path))
        except FileNotFoundError:
            return []
        return sorted(folder + info.base_name for info in found if info.type == FileType.File)

    def open(self, key: str) -> ReadableFile:
        path = self._path(key)
        try:
            return cast(ReadableFile, self._fs.open_input_file(path))
        except FileNotFoundError:
            self._check_bucket()
            raise

    @contextmanager
    def create(self, key: str) -> Iterator[Output]:
        # Through a local file: pyarrow publishes what was written to a stream also when an exception ends it.
        path = self._path(key)
        with tempfile.TemporaryFile() as file:
            output = Output(file)
            yield output
            file.flush()
            if output.size == 0:
                self._put(path, b"")
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                self._put(path, content)

    def _put(self, path: str, data: "bytes | mmap.mmap") -> None:
        """In one call of `write`, so that there is no moment in which a part would be published."""
        with self._fs.open_output_stream(path) as stream:
            stream.write(data)

    def _check_bucket(self) -> None:
        """A missing bucket looks like a missing object to pyarrow; a driver would think that its job was deleted."""
        bucket = self._address.bucket
        if self._fs.get_file_info(bucket).type == FileType.NotFound:
            raise OSError(f'There is no bucket "{bucket}" at {self._address.host or "Amazon S3"}.')
