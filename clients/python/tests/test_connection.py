import os
import traceback
import uuid
from pathlib import Path
from typing import Any

import pytest

from proxy import Proxy
from touchstone_client import (
    BadAnswerError,
    CredentialError,
    Dataset,
    ForbiddenError,
    Job,
    Touchstone,
    UnauthorizedError,
    UnreachableError,
    WaitTimeoutError,
    shapes,
)
from touchstone_client.credential import find_credential, find_home
from touchstone_client.errors import _BY_STATUS


def create(ts: Touchstone, dataset: Dataset, name: str) -> Job:
    return ts.jobs.create_inference(
        name=name,
        dataset_id=dataset,
        input_column="examples",
        task="summarization",
        model={"model": "baseline/lead-3"},
    )


def test_every_procedure_of_the_server_is_a_method_and_every_refusal_an_exception(ts: Touchstone) -> None:
    document = ts._connection.ask(dict[str, Any], "GET", "/api/openapi.json")
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) > 40
    for operation in operations:
        [noun] = operation["tags"]
        method = str(operation["operationId"]).removeprefix(f"{noun}_")
        assert callable(getattr(getattr(ts, noun), method))
        assert {int(status) for status in operation["responses"] if status >= "400"} <= _BY_STATUS.keys()


def test_an_answer_that_was_lost_starts_nothing_twice(
    ts: Touchstone, through: Touchstone, proxy: Proxy, items: Dataset
) -> None:
    proxy.lose_answers = 2
    name = f"Once {uuid.uuid4()}"
    job = create(through, items, name)
    assert proxy.seen == ["POST /api/jobs/inference"] * 3
    assert [one.id for one in ts.jobs.list(search=name)] == [job.id]


def test_what_may_not_be_repeated_is_not(ts: Touchstone, through: Touchstone, proxy: Proxy, items: Dataset) -> None:
    proxy.lose_answers = 1
    with pytest.raises(UnreachableError, match="look before you do it again"):
        through.datasets.update(items, name="Perhaps")
    assert len(proxy.seen) == 1
    assert items.refresh().name == "Perhaps"


def test_waiting_outlasts_a_server_that_is_away(
    through: Touchstone, proxy: Proxy, items: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    job = create(through, items, "Away for a while")
    proxy.away = 5
    assert job.wait().status == "succeeded"
    assert proxy.away == 0
    assert "does not answer; trying again\n" in capsys.readouterr().out


def test_who_gives_up_waiting_leaves_the_run_alone(
    ts: Touchstone, items: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    job = create(ts, items, "Left alone")

    def interrupt(_: Job) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.wait(progress=interrupt)
    assert '"Left alone" goes on: wait() follows it again, stop() ends it.' in capsys.readouterr().out
    with pytest.raises(WaitTimeoutError, match="It goes on"):
        job.wait(timeout_s=0)
    assert job.wait(progress=False).status == "succeeded"


def test_the_key_is_in_no_repr_and_no_exception(ts: Touchstone) -> None:
    key = os.environ["TOUCHSTONE_API_KEY"]
    shown = [repr(ts), repr(vars(ts)), repr(vars(ts._connection)), repr(find_credential())]
    for broken in (Touchstone("http://127.0.0.1:9", key), Touchstone(ts.url, f"{key}x")):
        with pytest.raises((UnreachableError, UnauthorizedError)) as refused:
            broken.status.get()
        shown += [repr(refused.value), "".join(traceback.format_exception(refused.value))]
        assert refused.value.__cause__ is None
    assert [text for text in shown if key in text] == []


def test_a_key_that_only_reads(ts: Touchstone, items: Dataset) -> None:
    made = ts.api_keys.create(name="reads", scope="read", expires_in_days=1)
    with Touchstone(ts.url, made.key) as reader:
        assert reader.datasets.get(items).name == items.name
        with pytest.raises(ForbiddenError):
            reader.datasets.remove(items)
        ts.api_keys.remove(made)
        with pytest.raises(UnauthorizedError):
            reader.datasets.list()


def test_what_a_newer_server_says_is_kept(ts: Touchstone, items: Dataset) -> None:
    answer = {**items.model_dump(mode="json"), "format": "xlsx", "colour": "blue", "provenance": {"kind": "dreamt"}}
    dataset = shapes.Dataset.model_validate(answer)
    assert (dataset.format, dataset.colour) == ("xlsx", "blue")  # type: ignore[attr-defined]
    assert vars(dataset)["provenance"] == {"kind": "dreamt"}


@pytest.mark.parametrize(("status", "words"), [(200, "are both of the same version"), (404, "is the address right")])
def test_something_else_at_the_address_is_told(through: Touchstone, proxy: Proxy, status: int, words: str) -> None:
    proxy.page = (status, "<h1>Log in to the network</h1>")
    with pytest.raises(BadAnswerError, match=f"(?i){words}"):
        through.status.get()


def test_address_and_key_are_found_as_the_command_line_finds_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("TOUCHSTONE_URL", "TOUCHSTONE_API_KEY", "TOUCHSTONE_HOME"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "a" / ".touchstone"
    (home / "keys").mkdir(parents=True)
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    with pytest.raises(CredentialError, match="Run `npm start`"):
        find_credential()

    file = home / "keys" / "credential.json"
    file.write_text('{"url": "http://127.0.0.1:4300", "api_key": "tsk_local"}')
    assert find_home() == home
    assert find_credential() == ("http://127.0.0.1:4300", "tsk_local")
    assert find_credential(api_key="tsk_other") == ("http://127.0.0.1:4300", "tsk_other")
    with pytest.raises(CredentialError, match="Give the API key for http://elsewhere"):
        find_credential("http://elsewhere")
    with pytest.raises(CredentialError, match="not an address"):
        find_credential("nonsense")

    monkeypatch.setenv("TOUCHSTONE_URL", "http://b:1")
    monkeypatch.setenv("TOUCHSTONE_API_KEY", "tsk_b")
    assert find_credential() == ("http://b:1", "tsk_b")
    monkeypatch.setenv("TOUCHSTONE_URL", "")
    file.write_text('{"api_key": "tsk_local')
    with pytest.raises(CredentialError, match="is damaged") as damaged:
        find_credential()
    assert "tsk_local" not in "".join(traceback.format_exception(damaged.value))
