import uuid
from pathlib import Path

import pandas
import pytest

from touchstone_client import Dataset, InvalidError, NotFoundError, Touchstone


def test_a_file_is_uploaded_found_described_and_deleted(ts: Touchstone, items_csv: Path) -> None:
    dataset = ts.datasets.upload(items_csv, name="Träume 1")
    assert (dataset.name, dataset.filename, dataset.row_count) == ("Träume 1", "items.csv", 12)
    assert [column.name for column in dataset.columns] == ["examples", "ground_truth"]
    assert dataset.id in [one.id for one in ts.datasets.list(search="Träume")]

    assert dataset.update(name="Träume 2", description="Of the night").name == "Träume 2"
    assert ts.datasets.get(dataset).description == "Of the night"
    assert ts.datasets.get(dataset.id).created_at.tzinfo is not None

    dataset.delete(all_versions=True)
    with pytest.raises(NotFoundError, match="no dataset"):
        ts.datasets.get(dataset)


def test_values_come_back_as_they_were_written(items: Dataset, items_csv: Path, tmp_path: Path) -> None:
    assert items.download(tmp_path / "same.csv").read_bytes() == items_csv.read_bytes()
    rows = items.rows(offset=10)
    assert [row["row_id"] for row in rows] == [10, 11]
    assert rows[0]["examples"] == 'Item 10 came. It was "wrapped", in paper.\nNobody opened it.'
    assert items.to_pandas()["ground_truth"].tolist() == [f"Item {n} came." for n in range(12)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["items.csv", "same.csv"]


def test_an_edit_is_a_new_version(items: Dataset) -> None:
    edited = items.edit([{"row_id": 2, "column": "ground_truth", "value": "007"}], note="As it should be")
    assert (edited.version, items.refresh().version) == (2, 1)
    assert [version.note for version in edited.versions()] == ["As it should be", ""]
    assert edited.diff(items).rows[0].cells[0].after == "007"
    assert edited.provenance.kind == "edited"


def test_a_frame_is_uploaded_and_read_again(ts: Touchstone) -> None:
    frame = pandas.DataFrame({"text": ["a", "ü, with a comma"], "number": [1.5, None]})
    dataset = ts.datasets.upload(frame, name="Of a frame")
    assert dataset.to_pandas().to_dict("list") == {"text": ["a", "ü, with a comma"], "number": ["1.5", ""]}


def test_open_files_and_pieces_are_uploaded(ts: Touchstone, items_csv: Path) -> None:
    with items_csv.open("rb") as file:
        assert ts.datasets.upload(file).filename == "items.csv"
    lines = (b'{"examples": "%d"}\n' % n for n in range(5))
    dataset = ts.datasets.upload(lines, filename="lines.jsonl")
    assert (dataset.format, dataset.row_count) == ("jsonl", 5)


def test_a_bad_file_is_refused_with_its_line(ts: Touchstone) -> None:
    before = len(ts.datasets.list())
    with pytest.raises(InvalidError, match=r"[Ll]ine 3") as refused:
        ts.datasets.upload([b"a,b\n1,2\n3\n"], filename="ragged.csv")
    assert (refused.value.code, refused.value.status) == ("INVALID", 422)
    assert len(ts.datasets.list()) == before


def test_a_list_is_read_over_its_pages(ts: Touchstone) -> None:
    run = uuid.uuid4().hex
    made = [ts.datasets.upload([b"a\n1\n"], filename="paged.csv", name=f"{run} {n}").id for n in range(103)]
    assert [one.id for one in ts.datasets.list(search=run)] == made[::-1]
    assert [one.id for one in ts.datasets.list(search=run, limit=101)] == made[:1:-1]
