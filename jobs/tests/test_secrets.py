import base64
import json
from pathlib import Path
from typing import Any

import pytest

from examples import read_fixture
from touchstone_jobs.errors import JobError
from touchstone_jobs.secrets import open_secret, origin, read_private_key, secret_info

FIXTURE: dict[str, Any] = read_fixture("sealed-secret")
PRIVATE_KEY = base64.b64decode(FIXTURE["private_key"])
INFO = FIXTURE["info"].encode()
FILE = FIXTURE["file"]


def test_opens_what_the_server_seals() -> None:
    assert open_secret(json.dumps(FILE).encode(), PRIVATE_KEY, INFO) == FIXTURE["plaintext"]


def test_info_names_job_attempt_spec_and_origin() -> None:
    info = secret_info("j", 3, b"spec", "HTTPS://API.Example.com:443/v1").decode().split("\n")
    assert info[:3] == ["touchstone-secret-v1", "j", "3"]
    assert info[4] == "https://api.example.com"
    assert FIXTURE["info"].split("\n")[4] == origin(FIXTURE["base_url"]) == FIXTURE["origin"]


@pytest.mark.parametrize(
    "file",
    [
        b"no json",
        b"{}",
        b"[]",
        json.dumps({**FILE, "enc": "AAAA"}).encode(),
        json.dumps({**FILE, "ciphertext": ""}).encode(),
        json.dumps({**FILE, "ciphertext": FILE["enc"]}).encode(),
        json.dumps({**FILE, "version": 2}).encode(),
    ],
)
def test_refuses_another_file(file: bytes) -> None:
    with pytest.raises(JobError, match="sealed key"):
        open_secret(file, PRIVATE_KEY, INFO)


@pytest.mark.parametrize("changed", ["\n2\n", "http://127.0.0.1:9100"])
def test_refuses_another_attempt_or_address(changed: str) -> None:
    info = FIXTURE["info"].replace(changed, changed.replace("2", "3"))
    assert info != FIXTURE["info"]
    with pytest.raises(JobError, match="cannot be opened"):
        open_secret(json.dumps(FILE).encode(), PRIVATE_KEY, info.encode())


def test_reads_the_private_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(FIXTURE["private_key"] + "\n")
    assert read_private_key(str(path)) == PRIVATE_KEY
    path.write_text("AAAA")
    with pytest.raises(JobError, match="3 bytes"):
        read_private_key(str(path))
    with pytest.raises(JobError, match="cannot be read"):
        read_private_key(str(tmp_path / "none"))
