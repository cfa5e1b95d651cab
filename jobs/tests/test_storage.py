from pathlib import Path

import pytest

from touchstone_jobs.errors import JobError
from touchstone_jobs.storage import FileStorage, open_storage, verify


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    return FileStorage(tmp_path)


def test_writes_and_reads(storage: FileStorage) -> None:
    storage.write("jobs/a/b.json", b"1")
    storage.write("jobs/a/b.json", b"2")
    assert storage.read("jobs/a/b.json") == b"2"
    with pytest.raises(FileNotFoundError):
        storage.read("jobs/a/c.json")


def test_lists_a_folder_sorted_and_without_files_being_written(storage: FileStorage) -> None:
    for name in ["2", "1", ".tmp-x"]:
        (storage.folder / "j").mkdir(exist_ok=True)
        (storage.folder / "j" / name).write_bytes(b"")
    assert storage.list("j/") == ["j/1", "j/2"]
    assert storage.list("none/") == []


def test_removes_what_is_there_or_not(storage: FileStorage) -> None:
    storage.write("j/1", b"")
    for _ in range(2):
        storage.remove("j/1")
    assert storage.list("j/") == []


def test_what_breaks_off_leaves_nothing(storage: FileStorage) -> None:
    def write_half() -> None:
        with storage.create("a/b") as output:
            output.write(b"half")
            raise RuntimeError

    storage.write("a/b", b"before")
    with pytest.raises(RuntimeError):
        write_half()
    assert storage.read("a/b") == b"before"
    assert [path.name for path in (storage.folder / "a").iterdir()] == ["b"]


def test_counts_and_hashes_what_it_writes(storage: FileStorage) -> None:
    with storage.create("a") as output:
        output.write(b"ab")
        output.write(b"c")
    assert (output.size, output.sha256) == (3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    verify(storage, "a", output.sha256)
    with pytest.raises(JobError, match="changed"):
        verify(storage, "a", "0" * 64)
    with pytest.raises(JobError, match="missing"):
        verify(storage, "b", "0" * 64)


@pytest.mark.parametrize("key", ["../a", "a/../b", "/a", "a b", "", "a\n"])
def test_refuses_what_is_no_key(storage: FileStorage, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        storage.read(key)


def test_opens_by_url(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    opened = open_storage(folder.as_uri())
    opened.write("k", b"1")
    assert (folder / "k").read_bytes() == b"1"
    with pytest.raises(JobError, match="gs://"):
        open_storage("gs://bucket/prefix")
