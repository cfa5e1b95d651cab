"""Storage on a real S3 server (versitygw); left out where none is installed."""

import asyncio
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from endpoint import Endpoint, after
from harness import Job, until
from touchstone_jobs.control import ControlFile
from touchstone_jobs.data import read_table, write_table
from touchstone_jobs.errors import JobError
from touchstone_jobs.files import FileRef
from touchstone_jobs.s3 import S3Address, S3Storage
from touchstone_jobs.storage import open_storage, verify

ROOT = Path(__file__).parents[2]
TOOLCHAIN = Path(os.environ.get("TOUCHSTONE_TOOLCHAIN") or ROOT / ".toolchain")
VERSITYGW = Path(os.environ.get("TOUCHSTONE_TEST_S3") or TOOLCHAIN / "versitygw" / "versitygw")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "jobs-test", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
BUCKET = "jobs-test"

on_s3 = pytest.mark.skipif(not VERSITYGW.exists(), reason="versitygw is not installed: npm test -- --all")


@dataclass
class Server:
    process: "subprocess.Popen[bytes]"
    host: str

    def url(self, prefix: str, bucket: str = BUCKET) -> str:
        return f"s3://{bucket}/{prefix}?endpoint=http://{self.host}"

    def storage(self, prefix: str, bucket: str = BUCKET) -> S3Storage:
        storage = open_storage(self.url(prefix, bucket))
        assert isinstance(storage, S3Storage)
        return storage


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("s3")
    (folder / "objects" / BUCKET).mkdir(parents=True)
    (folder / "accounts").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    names = dict(zip(["ROOT_ACCESS_KEY", "ROOT_SECRET_KEY"], CREDENTIALS.values(), strict=True))
    options = ["--port", host, "--health", "/health", "--quiet", "--iam-dir", str(folder / "accounts")]
    process = subprocess.Popen([VERSITYGW, *options, "posix", folder / "objects"], env=os.environ | names)
    try:
        _wait_until_it_answers(f"http://{host}/health")
        yield Server(process, host)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(url: str) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    return "test/" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


@pytest.fixture
def storage(server: Server, prefix: str) -> S3Storage:
    return server.storage(prefix)


@on_s3
def test_writes_and_reads(storage: S3Storage) -> None:
    storage.write("jobs/a/b.json", b"a longer text")
    storage.write("jobs/a/b.json", b"2")
    storage.write("jobs/a/empty", b"")
    assert storage.read("jobs/a/b.json") == b"2"
    assert storage.read("jobs/a/empty") == b""
    for missing in ["jobs/a/c.json", "jobs/a", "jobs/a/b.json/c"]:
        with pytest.raises(FileNotFoundError):
            storage.read(missing)
        with pytest.raises(FileNotFoundError):
            storage.open(missing)


@on_s3
def test_lists_a_folder_sorted_without_what_lies_deeper(storage: S3Storage) -> None:
    for number in range(1_050):
        storage.write(f"j/{number:05}", b"")
    storage.write("j/deeper/1", b"")
    assert storage.list("j/") == [f"j/{number:05}" for number in range(1_050)]
    assert storage.list("none/") == []


@on_s3
def test_removes_what_is_there_or_not(storage: S3Storage) -> None:
    storage.write("j/1", b"")
    storage.write("j/2", b"")
    for _ in range(2):
        storage.remove("j/1")
    assert storage.list("j/") == ["j/2"]
    storage.remove("j/2")
    assert storage.list("j/") == []


@on_s3
def test_what_breaks_off_leaves_what_was_there(storage: S3Storage) -> None:
    def write_half(key: str, size: int) -> None:
        with storage.create(key) as output:
            output.write(bytes(size))
            raise RuntimeError

    storage.write("a/b", b"before")
    for size in [4, 30_000_000]:
        with pytest.raises(RuntimeError):
            write_half("a/b", size)
        with pytest.raises(RuntimeError):
            write_half("a/new", size)
    assert storage.read("a/b") == b"before"
    assert storage.list("a/") == ["a/b"]


@on_s3
@pytest.mark.parametrize("size", [0, 3, 25_000_000])
def test_counts_and_hashes_what_it_writes(storage: S3Storage, size: int) -> None:
    content = os.urandom(size)
    with storage.create("a") as output:
        output.write(content[:2])
        output.write(content[2:])
    assert (output.size, output.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert storage.read("a") == content
    verify(storage, "a", output.sha256)
    with pytest.raises(JobError, match="changed"):
        verify(storage, "a", "0" * 64)
    with pytest.raises(JobError, match="missing"):
        verify(storage, "b", "0" * 64)


@on_s3
def test_tables_are_read_by_column(storage: S3Storage) -> None:
    table = pa.table({"row_id": range(10_000), "text": [f"row {i}" for i in range(10_000)]})
    written = write_table(storage, "t.parquet", table)
    ref = FileRef(key="t.parquet", sha256=written.sha256)
    assert read_table(storage, ref, ["row_id"]).column_names == ["row_id"]
    assert read_table(storage, ref, ["row_id", "text"]) == table
    with storage.open("t.parquet") as stream:
        assert pq.ParquetFile(stream).metadata.num_rows == 10_000


@on_s3
@pytest.mark.parametrize("key", ["../a", "a/../b", "/a", "a b", "", "a\n"])
def test_refuses_what_is_no_key(storage: S3Storage, key: str) -> None:
    for ask in [storage.read, storage.open, storage.list]:
        with pytest.raises(ValueError, match="not a storage key"):
            ask(key)


@on_s3
def test_a_missing_bucket_is_no_missing_file(server: Server) -> None:
    storage = server.storage("x", bucket="no-such-bucket")
    acts: list[Callable[[], object]] = [
        lambda: storage.read("jobs/1/control.json"),
        lambda: storage.open("a"),
        lambda: storage.list("jobs/"),
        lambda: storage.write("a", b"1"),
    ]
    for act in acts:
        with pytest.raises(OSError, match=r"bucket|BUCKET") as error:
            act()
        assert not isinstance(error.value, FileNotFoundError)
    control = ControlFile(storage, "1", 1)
    with pytest.raises(OSError, match="bucket"):
        control.refresh()
    assert not control.gone


@on_s3
@pytest.mark.parametrize("wrong", CREDENTIALS)
def test_wrong_credentials_are_no_missing_file(server: Server, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv(wrong, "wrong")
    storage = server.storage("x")
    acts: list[Callable[[], object]] = [
        lambda: storage.read("a"),
        lambda: storage.list("a/"),
        lambda: storage.write("a", b"1"),
    ]
    for act in acts:
        with pytest.raises(OSError, match=r"ACCESS_DENIED|SIGNATURE|INVALID_ACCESS_KEY") as error:
            act()
        assert not isinstance(error.value, FileNotFoundError)


@on_s3
def test_nobody_there_is_told_soon(server: Server) -> None:
    storage = open_storage("s3://jobs-test?endpoint=http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(OSError, match="NETWORK_CONNECTION"):
        storage.read("a")
    with pytest.raises(OSError, match="NETWORK_CONNECTION"):
        storage.write("a", b"1")
    assert time.monotonic() - started < 10


@on_s3
def test_a_server_that_hangs_is_told_in_time_and_used_again(server: Server, storage: S3Storage) -> None:
    """A control file that cannot be read grows old, which is what stops new calls; nothing waits for ever."""
    storage.write("jobs/1/control.json", b'{"attempt": 1, "stop": false, "concurrency": 1, "retry_failed_before": 1}')
    control = ControlFile(storage, "1", 1)
    control.refresh()
    failed: list[OSError] = []

    def refresh() -> None:
        try:
            control.refresh()
        except OSError as error:
            failed.append(error)

    freeze(server)
    try:
        thread = threading.Thread(target=refresh)
        thread.start()
        time.sleep(3.5)
        assert control.age() > 3  # the thread that reads does not hold up those that look
        thread.join(20)
        assert not thread.is_alive()
        assert failed
    finally:
        server.process.send_signal(signal.SIGCONT)
    control.refresh()
    assert control.age() < 1


def freeze(server: Server) -> None:
    """Returns when the server does nothing any more: a signal takes effect a moment after it was sent."""
    server.process.send_signal(signal.SIGSTOP)
    os.waitpid(server.process.pid, os.WUNTRACED)


def move(job: Job, storage: S3Storage, url: str) -> None:
    """A job of the harness, with its files in a bucket."""
    for path in (job.folder / "storage").rglob("*"):
        if path.is_file():
            storage.write(path.relative_to(job.folder / "storage").as_posix(), path.read_bytes())
    cast(Any, job).storage = storage
    job.environment |= CREDENTIALS | {"TOUCHSTONE_STORAGE_URL": url}


@on_s3
async def test_a_driver_whose_storage_hangs_starts_no_call_until_it_is_back(
    server: Server, storage: S3Storage, prefix: str, tmp_path: Path
) -> None:
    job = Job(tmp_path, [{"examples": f"text {i}"} for i in range(600)])
    async with Endpoint(after(0.05)) as endpoint:
        job.openai(endpoint.url)
        move(job, storage, server.url(prefix))
        process = await job.start()
        await until(lambda: len(job.journal()) > 0)
        freeze(server)
        try:
            await asyncio.sleep(5)
            calls = len(endpoint.calls)
            # Longer than a write is tried for before it is given up, which is some 28 s; a read takes 10.
            await asyncio.sleep(35)
            assert len(endpoint.calls) == calls
        finally:
            server.process.send_signal(signal.SIGCONT)
        await until(lambda: len(endpoint.calls) > calls)
        job.control(concurrency=100)
        async with asyncio.timeout(60):
            assert await process.wait() == 0
        assert job.inference_result().outcome.rows.answered == 600
        assert set(endpoint.prompts().values()) == {1}
    assert [row["row_id"] for row in job.rows()] == list(range(600))
    # Whichever of its files the driver was at when storage began to hang.
    assert re.search(r"storage: .+ fails, trying on", job.log())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://bucket", S3Address("bucket", "", "https", None, "us-east-1", False)),
        (
            "s3://my.bucket-1/team/a/?endpoint=http://127.0.0.1:9000/&region=eu-west-1&path_style=false",
            S3Address("my.bucket-1", "team/a/", "http", "127.0.0.1:9000", "eu-west-1", False),
        ),
        (
            "s3://bucket?endpoint=https://s3.example.org",
            S3Address("bucket", "", "https", "s3.example.org", "us-east-1", True),
        ),
    ],
)
def test_an_address_says_the_same_as_on_the_server(url: str, address: S3Address) -> None:
    assert S3Address.parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3://b",
        "s3://Bucket",
        "s3://bucket/a//b",
        "s3://bucket/../b",
        "s3://bucket/a%20b",
        "s3://bucket?endpoint=127.0.0.1:9000",
        "s3://bucket?endpoint=http://host/path",
        "s3://bucket?endpiont=http://host",
        "s3://bucket?path_style=yes",
        "s3://key:hidden@bucket",
    ],
)
def test_an_address_that_is_none_is_refused_without_a_password(url: str) -> None:
    with pytest.raises(JobError, match="cannot be used") as error:
        S3Address.parse(url)
    assert "hidden" not in str(error.value)


def test_a_folder_does_not_load_s3(tmp_path: Path) -> None:
    script = (
        "import sys; from touchstone_jobs.storage import open_storage; "
        f"open_storage({tmp_path.as_uri()!r}); print('touchstone_jobs.s3' in sys.modules, 'pyarrow' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(ROOT / "jobs" / "src")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == ["False", "False"]
