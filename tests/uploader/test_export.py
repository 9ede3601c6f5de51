"""Exported runs upload back as the same runs, files included."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from runjson_schema.discover import run_files
from runjson_tracker.exports.canonical import canonical_run
from runjson_tracker.exports.files import export_runs
from runjson_tracker.exports.tables import write_csv, write_parquet
from runjson_tracker.store import Store
from runjson_uploader.upload import upload

CORPUS = Path(__file__).parents[2] / "schema/conformance"
CASES = [
    case["path"]
    for case in json.loads((CORPUS / "manifest.json").read_text())["cases"]
    if case["path"].split("/")[0] in {"valid", "fold", "canonical", "stream", "lint"}
]


def track(store, path, project="default"):
    with path.open("rb") as opened:
        return upload(opened, path.name, path.parent, store, project=project)


def state(store):
    """All that the store says: canonical runs, and the bytes of their files."""
    found = {}
    for row in store.runs():
        files = [
            (source.writer, one.kind, one.name, one.index, one.path, one.media_type, one.sha256)
            for source in store.run(row.project, row.id).sources
            for one in source.files
        ]
        found[row.project, row.id] = canonical_run(store, row.project, row.id), files
    assert store.check().problems == []
    return found


def exported_and_back(store, tmp_path, form, archive):
    views = [store.run(row.project, row.id) for row in store.runs()]
    place = tmp_path / f"exported-{form}{'.zip' if archive else ''}"
    told = list(export_runs(store, views, place, form))
    folder = place
    if archive:
        folder = tmp_path / "unpacked"
        with zipfile.ZipFile(place) as packed:
            packed.extractall(folder)
    with Store.open(tmp_path / f"back-{form}-{archive}") as back:
        for path in run_files(folder):
            # A file that named no project was tracked in one that its user named, which is the folder's name.
            project = path.relative_to(folder).parts[0]
            assert track(back, path, project).answer == "new", path
        return state(back), told


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_every_valid_file_of_the_corpus_comes_back(form, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(CORPUS, folder)
    (folder / "outside.txt").write_text("outside")
    with Store.open(tmp_path / "store") as store:
        for number, case in enumerate(CASES):
            track(store, folder / case, f"p{number}")
        assert len(store.runs()) > 100
        before = state(store)
        after, told = exported_and_back(store, tmp_path, form, archive=False)
    assert told == []
    assert after == before


@pytest.fixture
def several(tmp_path):
    """A run of three writers and edits, with images, artifacts, a directory and data."""
    files = tmp_path / "files"
    (files / "out/deep").mkdir(parents=True)
    for name in ("a.png", "b.png", "model.bin", "out/one", "out/deep/two"):
        (files / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    records = {
        "run.json": {"series": {"loss": {"values": [1, "NaN", 0.1], "steps": [1, 2, None]}}, "text": {"log": "x"}},
        "w.json": {"writer": "w", "images": {"plot": {"values": ["a.png", "b.png", "a.png"]}}},
        "run2.json": {"writer": "run", "artifacts": {"model": "model.bin", "out": "out", "gone": None}},
        "e.json": {"writer": "~", "properties": {"note": "edited"}, "tags": ["best"]},
        "d.json": {"writer": "d", "artifacts": {"data": {"data": "aGFsbG8=", "media_type": "text/plain"}}},
    }
    with Store.open(tmp_path / "store") as store:
        for name, record in records.items():
            path = files / name
            path.write_text(json.dumps({"runjson": "1.0", "project": "a/b", "id": "r", **record}))
            assert track(store, path).answer == "new"
            path.unlink()
        yield store


@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("archive", [False, True])
def test_a_run_of_several_writers_with_files_and_edits_comes_back(several, form, archive, tmp_path):
    before = state(several)
    assert len(before["a/b", "r"][1]) == 7
    after, told = exported_and_back(several, tmp_path, form, archive)
    assert told == []
    assert after == before


def test_a_long_series_is_exported_in_bounded_pieces_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr("runjson_tracker.exports.canonical._POINTS", 5000)
    values = np.random.default_rng(3).normal(size=20_001)
    values[7] = math.nan
    steps = [None if index == 9_999 else index for index in range(len(values))]
    text = json.dumps(
        {"runjson": "1.0", "id": "r", "series": {"loss": {"values": ["NaN", *values[1:]], "steps": steps}}}
    ).replace(" NaN", ' "NaN"')
    (tmp_path / "run.json").write_text(text)
    with Store.open(tmp_path / "store") as store:
        assert track(store, tmp_path / "run.json").answer == "new"
        before = state(store)
        for form in ("json", "jsonl"):
            assert exported_and_back(store, tmp_path, form, archive=False)[0] == before


def test_an_archive_that_is_not_finished_does_not_appear(several, tmp_path):
    for blob, _ in several.blobs.all():
        several.blobs.path(blob).unlink()
    place = tmp_path / "broken.zip"
    with pytest.raises(FileNotFoundError):
        list(export_runs(several, [several.run("a/b", "r")], place))
    assert [path.name for path in tmp_path.iterdir() if "broken" in path.name] == []


def test_nothing_is_written_over(several, tmp_path):
    list(export_runs(several, [several.run("a/b", "r")], tmp_path / "out"))
    with pytest.raises(FileExistsError):
        list(export_runs(several, [several.run("a/b", "r")], tmp_path / "out"))


def test_points_as_csv_and_parquet_are_all_there_and_exact(several, tmp_path):
    text = io.StringIO()
    assert write_csv(several.series_of([("a/b", "r")]), text) == 3
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert [(row["series"], row["index"], row["step"], row["time"], row["value"]) for row in rows] == [
        ("loss", "0", "1.0", "", "1.0"),
        ("loss", "1", "2.0", "", "NaN"),
        ("loss", "2", "", "", "0.1"),
    ]
    path = tmp_path / "points.parquet"
    assert write_parquet(several.series_of([("a/b", "r")]), path) == 3
    table = pq.read_table(path)
    assert table.column_names == ["project", "run", "writer", "series", "index", "step", "time", "value"]
    assert table["step"].to_pylist() == [1.0, 2.0, None]
    assert table["time"].null_count == 3
    assert math.isnan(table["value"].to_pylist()[1])
    assert set(table["project"].to_pylist()) == {"a/b"}
