"""A writer in each language: what it writes is valid, whole, live, and the same experiment as in all others."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import runjson
from runjson_schema.canonical import digest
from runjson_schema.decode import fold_file
from runjson_tracker.store import Store
from runjson_uploader.many import Options, track
from runjson_uploader.target import Embedded
from runjson_validator import validate

from tests.languages.examples import DATA, VARIANTS, Written, examples
from tests.languages.table import PAGE, passed, row

pytestmark = pytest.mark.once
TAGS = sorted(["languages", 'say "hi" \\ \U0001f989\n\x07'])
PARAMETERS = {"big": 9007199254740993, "note": 'He said: "5 \\ 3"\n\tna\xefve \U0001f989 \x01'}
# Bash has whole numbers alone.
CLOSENESS = {"bash": 1e-4}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What a language wrote; each is built and run once."""
    kept = {}

    def written(name):
        if name not in kept:
            (example,) = (one for one in examples() if one.name == name)
            if example.missing:
                pytest.skip(f"{example.language}: {', '.join(example.missing)} not installed")
            kept[name] = Written(example, tmp_path_factory.mktemp(name))
        return kept[name]

    return written


NAMES = [one.name for one in examples()]


def folded(path):
    """The fold of a run file without a single finding: its record, and its points by kind and name."""
    report = validate(path)
    assert [(one.code, one.line, one.message) for one in report.findings] == []
    fold = fold_file(path).fold
    return fold.record(), {(kind, name): points for kind, name, points in fold.take_points()}


def tracked(path, store):
    """What became of a run file that was uploaded."""
    return track(path, Embedded(store), Options(store.location, "default", False, False)).report.answer


def losses(points, name="train/loss"):
    """Values and steps of a series."""
    found = points["series", name]
    return np.asarray(found.values), np.asarray(found.steps)


def expected(variant):
    """Losses by the same sums in Python: of training at each epoch, of validation at each tenth."""
    rows = [list(map(float, line.split(",")[2:4])) for line in DATA.read_text().splitlines()[1:]]
    parts = {"train/loss": [row for index, row in enumerate(rows) if index % 5], "validation/loss": rows[::5]}
    rate, epochs = (10.0, 150) if variant == "diverge" else (0.02, 50 if variant == "fail" else 100)
    slope = intercept = 0.0
    found = {"train/loss": [], "validation/loss": []}
    for epoch in range(1, epochs + 1):
        for name, part in parts.items():
            errors = [slope * length + intercept - width for length, width in part]
            if name == "train/loss" or epoch % 10 == 0:
                found[name].append(sum(error * error for error in errors) / len(part))
            if name == "train/loss":
                by_slope = sum(2 * error * length for error, (length, _) in zip(errors, part, strict=True)) / len(part)
                by_intercept = sum(2 * error for error in errors) / len(part)
        slope, intercept = slope - rate * by_slope, intercept - rate * by_intercept
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_document_and_its_stream_are_valid_and_one_source(name, written, tmp_path):
    folder = written(name).folder
    assert sorted(path.name for path in folder.glob("*.run.json*")) == sorted(
        f"{name}-{variant}.run.{kind}" for variant in VARIANTS for kind in ("json", "jsonl")
    )
    with Store.open(tmp_path / "store") as store:
        for variant in VARIANTS:
            stream, document = (folder / f"{name}-{variant}.run.{kind}" for kind in ("jsonl", "json"))
            folded(stream)
            folded(document)
            assert digest(fold_file(stream).fold) == digest(fold_file(document).fold)
            assert tracked(stream, store) == "new"
            assert tracked(document, store) == "unchanged"


@pytest.mark.parametrize("name", NAMES)
def test_texts_numbers_and_the_model_are_what_the_experiment_says(name, written):
    folder = written(name).folder
    record, points = folded(folder / f"{name}-fit.run.jsonl")
    assert (record["project"], record["id"], record["status"]) == ("languages", f"{name}-fit", "succeeded")
    assert sorted(record["tags"]) == TAGS
    assert record["parameters"]["note"] == PARAMETERS["note"]
    assert record["parameters"]["big"] in (PARAMETERS["big"], {"$int": str(PARAMETERS["big"])})
    assert (record["parameters"]["rate"], record["parameters"]["epochs"]) == (0.02, 100)
    assert record["source"]["language"]
    assert record["environment"]["version"]
    closeness = CLOSENESS.get(name, 1e-9)
    for series, values in expected("fit").items():
        found, steps = losses(points, series)
        np.testing.assert_allclose(found, values, rtol=closeness)
        assert steps.tolist() == list(range(1, 101) if series == "train/loss" else range(10, 101, 10))
    log = points["text", "log"]
    assert [text.split(":")[0] for text in log.values] == [f"epoch {epoch}" for epoch in range(10, 101, 10)]
    assert record["properties"]["slope"] == pytest.approx(0.3642761967142612, rel=closeness)
    assert record["properties"]["intercept"] == pytest.approx(-0.1398606101957182, rel=closeness)
    (image,) = points["images", "loss"].values
    drawing = ET.parse(folder / image["path"]).getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(drawing[0].get("points").split()) == 100
    model = list(map(float, (folder / record["artifacts"]["model"]["path"]).read_text().split()))
    assert model == pytest.approx([record["properties"]["slope"], record["properties"]["intercept"]])
    assert record["artifacts"]["model"]["sha256"]


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_that_grows_beyond_all_bounds_becomes_infinite_and_then_nan(name, written):
    record, points = folded(written(name).folder / f"{name}-diverge.run.jsonl")
    found, _ = losses(points)
    wanted = np.array(expected("diverge")["train/loss"])
    infinite, nan = np.flatnonzero(np.isinf(found)), np.flatnonzero(np.isnan(found))
    assert len(found) == len(wanted) == 150
    if name in CLOSENESS:
        assert 0 < infinite[0] < nan[0]
    else:
        assert (infinite[0], nan[0]) == (np.flatnonzero(np.isinf(wanted))[0], np.flatnonzero(np.isnan(wanted))[0])
        np.testing.assert_allclose(found[: infinite[0]], wanted[: infinite[0]], rtol=1e-9)
    assert infinite.tolist() == list(range(infinite[0], nan[0]))
    assert nan.tolist() == list(range(nan[0], 150))
    assert record["properties"]["slope"] == {"$float": "NaN"}


@pytest.mark.parametrize("name", NAMES)
def test_a_run_that_fails_halfway_keeps_its_points_and_says_why(name, written):
    done = written(name)
    record, points = folded(done.folder / f"{name}-fail.run.jsonl")
    assert done.codes == {"fit": 0, "diverge": 0, "fail": 1}
    assert record["status"] == "failed"
    assert record["error"]["message"]
    assert record["error"]["type"]
    np.testing.assert_allclose(losses(points)[0], expected("fail")["train/loss"], rtol=CLOSENESS.get(name, 1e-9))
    assert not list(done.folder.glob("*-fail*.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_each_line_is_one_write_at_once(name, written):
    done = written(name)
    for variant in VARIANTS:
        stream = f"{name}-{variant}.run.jsonl"
        lines = (done.folder / stream).read_bytes().splitlines(keepends=True)
        assert done.writes[stream] == [len(line) for line in lines]


def test_all_languages_are_one_project(written, tmp_path):
    there = [one.name for one in examples() if not one.missing]
    with Store.open(tmp_path / "store") as store:
        for name in there:
            for path in sorted(written(name).folder.glob("*.jsonl")):
                assert tracked(path, store) == "new"
    with runjson.open(tmp_path / "store") as tracker:
        table = tracker.runs("languages", columns=["series.train/loss.last", "parameters.note"])
        assert {row["id"] for row in table} == {f"{name}-{variant}" for name in there for variant in VARIANTS}
        assert set(table.column("parameters.note")) == {PARAMETERS["note"]}
        last = expected("fit")["train/loss"][-1]
        for row in tracker.runs("languages", where='status == "succeeded" and id contains "-fit"', columns="series.*"):
            assert row["series.train/loss.last"] == pytest.approx(last, rel=CLOSENESS.get(row["id"][:-4], 1e-9))


def test_the_table_of_languages_is_what_a_run_makes(written):
    text = PAGE.read_text(encoding="utf-8")
    for example in examples():
        assert row(example, good=passed(example, written(example.name))) in text
    listed = [line for line in text.splitlines() if line.startswith("| ") and line.endswith(("| yes |", "| **no** |"))]
    assert len(listed) == len(examples())
