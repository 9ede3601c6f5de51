"""A tracker asked from Python: `runjson.open()`."""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
import runjson
from runjson_schema.points import Points
from runjson_tracker.edits import EditRefused
from runjson_tracker.errors import FileThere
from runjson_tracker.query.errors import QueryError
from runjson_tracker.reading.frames import Frame
from runjson_tracker.store import RunMissing, StoreError, StoreMissing

from tests.tracker.threads import failures_of

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def tracker(store, where):
    """Four runs of two models with two seeds each, and one of another project."""
    for index, (model, seed) in enumerate([("mlp", 1), ("mlp", 2), ("cnn", 1), ("cnn", 2)]):
        record = {
            "runjson": "1.0",
            "id": f"{model}-{seed}",
            "name": f"{model} {seed}",
            "status": "succeeded",
            "started_at": "2026-11-21T03:13:41+01:00",
            "ended_at": "2026-11-21T03:14:41+01:00",
            "tags": ["baseline"],
            "parameters": {"model": {"kind": model}, "seed": seed, "lr": {"$float": "Infinity"}},
            "properties": {"when": {"$datetime": "2026-11-21T00:00:00Z"}, "big": {"$int": "9007199254740993"}},
            "series": {"loss": {"values": [], "unit": "nat"}},
            "artifacts": {"weights": {"path": "w.bin", "metadata": {"layers": 2}}, "far": {"uri": "s3://far"}},
        }
        with store.ingest("p", f"{model}-{seed}", "", None) as ingest:
            values = np.array([1.0 + index, 0.5 + index, math.nan])
            ingest.append("series", "loss", Points(values, np.array([0.0, 10.0, 20.0]), 1.7e9 + np.arange(3.0)))
            ingest.append("series", "acc", Points(np.array([0.5, 0.75])))
            ingest.append("text", "log", Points([f"line {line}" for line in range(50)], np.arange(50.0)))
            ingest.append("images", "plot", Points([{"path": "a.png"}, {"path": "b.png", "description": "second"}]))
            ingest.append("histograms", "w", Points([{"edges": [0, 1], "counts": [3]}]))
            ingest.add_file("images", "plot", 0, "a.png", "image/png", PNG + b"a")
            ingest.add_file("images", "plot", 1, "b.png", "image/png", PNG + b"b")
            ingest.add_file("artifacts", "weights", None, "w.bin", None, f"{model} {seed}".encode())
            ingest.commit(record, "", "document", None, None, record)
    with store.ingest("other/project", "x", "", None) as ingest:
        ingest.commit({"runjson": "1.0", "id": "x"}, "", "document", None, None, {"runjson": "1.0", "id": "x"})
    with runjson.open(where) as opened:
        yield opened


# -- the tracker -------------------------------------------------------------------------------------------------------


def test_importing_runjson_imports_no_part_of_the_tracker():
    script = "import runjson, sys; sys.exit(any(one.split('_')[0] in {'runjson', 'numpy'} and '_' in one or one == 'numpy' for one in sys.modules if one != 'runjson'))"  # noqa: E501
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_tracker_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreMissing, match="runjson upload"):
        runjson.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_projects_are_listed(tracker):
    assert [(row["name"], row["runs"]) for row in tracker.projects()] == [("other/project", 1), ("p", 4)]


def test_runs_are_a_table(tracker):
    table = tracker.runs("p", where="parameters.seed == 1", sort="id", columns=["parameters.*", "series.loss.min"])
    assert [row["id"] for row in table] == ["cnn-1", "mlp-1"]
    row = table[0]
    assert row["parameters.model.kind"] == "cnn"
    assert row["parameters.lr"] == math.inf
    assert row["series.loss.min"] == 2.5
    assert row["started"] == datetime(2026, 11, 21, 2, 13, 41, tzinfo=UTC)
    assert row["duration"] == 60.0
    assert row["tags"] == ["baseline"]
    assert len(tracker.runs(limit=2)) == 2
    assert [row["id"] for row in tracker.runs("p", sort="id", offset=3)] == ["mlp-2"]


def test_tables_become_frames_of_each_library(tracker):
    table = tracker.runs("p", sort="id", columns=["parameters.seed", "properties.big", "parameters.lr"])
    frame = table.to_pandas()
    assert list(frame["id"]) == ["cnn-1", "cnn-2", "mlp-1", "mlp-2"]
    assert frame["parameters.seed"].tolist() == [1, 2, 1, 2]
    assert str(frame["started"].dtype).startswith("datetime64")
    frame = table.to_polars()
    assert frame["properties.big"].to_list() == [9007199254740993] * 4
    frame = table.to_arrow()
    assert frame.column("parameters.lr").to_pylist() == [math.inf] * 4
    assert tracker.runs("p", where='name == "none"').to_pandas().empty


def test_odd_cells_survive_every_library():
    table = Frame({"mixed": [1, "a", None], "large": [2**70, 1, None], "both": [1, 0.5, None], "list": [[1], [], None]})
    assert table.to_pandas()["mixed"].tolist()[:2] == [1, "a"]
    assert table.to_polars()["large"].to_list() == [2**70, 1, None]
    assert table.to_polars()["both"].to_list() == [1.0, 0.5, None]
    assert table.to_arrow().column("large").to_pylist() == [str(2**70), "1", None]
    assert table.to_arrow().column("list").to_pylist() == [[1], [], None]


def test_a_library_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        Frame({"a": [1]}).to_pandas()


def test_a_table_is_printed_and_cut(tracker):
    text = repr(Frame({"a": range(100), "b": ["<x>\n"] * 100}))
    assert text.splitlines()[0].split() == ["a", "b"]
    assert "... 100 rows" in text
    assert "&lt;x&gt;" in Frame({"b": ["<x>"]})._repr_html_()
    assert repr(Frame({})) == "no rows"


def test_groups_have_means_over_seeds(tracker):
    table = tracker.runs("p", group_by="parameters.model.kind", columns="series.loss.min")
    assert [row["parameters.model.kind"] for row in table] == ["cnn", "mlp"]
    assert table.column("mean(series.loss.min)") == [3.0, 1.0]
    assert table.column("std(series.loss.min)") == pytest.approx([math.sqrt(0.5)] * 2)
    assert table.column("count(series.loss.min)") == [2, 2]


def test_the_best_run_of_each_group(tracker):
    found = tracker.best("series.loss.min", per="parameters.model.kind", goal="minimize", project="p")
    assert [(one.key, one.value, one.run.id) for one in found] == [(("cnn",), 2.5, "cnn-1"), (("mlp",), 0.5, "mlp-1")]


def test_a_question_that_cannot_be_understood_says_where(tracker):
    with pytest.raises(QueryError, match="There is no field") as refused:
        tracker.runs(where="paramters.x > 1")
    assert refused.value.pointed().splitlines()[1].strip() == "^" * 11
    assert "parameters.seed" in tracker.fields("p")


def test_series_of_many_runs_at_once(tracker):
    table = tracker.series("loss", project="p", where='parameters.model.kind == "mlp"')
    assert sorted(set(table.column("run"))) == ["mlp-1", "mlp-2"]
    frame = table.to_pandas()
    assert frame[frame.run == "mlp-2"]["step"].tolist() == [0.0, 10.0, 20.0]
    assert frame[frame.run == "mlp-2"]["value"].tolist()[:2] == [2.0, 1.5]
    chosen = tracker.series(["loss", "none"], runs=["cnn-1"], points=100)
    assert chosen.column("series") == ["loss"] * 3
    assert len(tracker.series("none")) == 0


def test_series_of_seeds_are_taken_together_step_by_step(tracker):
    frame = tracker.series("loss", project="p", group_by="parameters.model.kind").to_pandas()
    mlp = frame[frame["parameters.model.kind"] == "mlp"]
    assert mlp["step"].tolist() == [0.0, 10.0, 20.0]
    assert mlp["mean"].tolist()[:2] == [1.5, 1.0]
    assert math.isnan(mlp["mean"].tolist()[2])
    assert mlp["std"].tolist()[0] == pytest.approx(math.sqrt(0.5))
    assert mlp["count"].tolist() == [2, 2, 0]


# -- a run -------------------------------------------------------------------------------------------------------------


def test_a_run_has_its_values_as_python_has_them(tracker):
    run = tracker.run("mlp-1")
    assert (run.project, run.id, run.name, run.status, run.tags) == ("p", "mlp-1", "mlp 1", "succeeded", ["baseline"])
    assert run.parameters == {"model": {"kind": "mlp"}, "seed": 1, "lr": math.inf}
    assert run.properties == {"when": datetime(2026, 11, 21, tzinfo=UTC), "big": 9007199254740993}
    assert run.started.utcoffset().total_seconds() == 3600
    assert run.series_names == ["acc", "loss"]
    assert "p/mlp-1 'mlp 1': succeeded, 2 series" in repr(run)


def test_a_run_that_is_not_there_or_not_the_only_one_is_told(tracker):
    with pytest.raises(RunMissing, match='no run "none"'):
        tracker.run("none")
    with pytest.raises(RunMissing, match="PROJECT/ID"):
        tracker.run("mlp")


def test_series_are_arrays(tracker):
    loss = tracker.run("mlp-1").series("loss")
    assert loss.values.tolist()[:2] == [1.0, 0.5]
    assert math.isnan(loss.values[2])
    assert loss.steps.tolist() == loss.x.tolist() == [0.0, 10.0, 20.0]
    assert loss.times.tolist() == [1.7e9, 1.7e9 + 1, 1.7e9 + 2]
    assert (loss.count, loss.notes) == (3, {"unit": "nat"})
    acc = tracker.run("mlp-1").series("acc")
    assert np.isnan(acc.steps).all()
    assert acc.x.tolist() == [0.0, 1.0]
    assert list(tracker.run("mlp-1").series()) == ["acc", "loss"]
    assert loss.to_pandas()["value"].tolist()[:2] == [1.0, 0.5]
    with pytest.raises(RunMissing, match="There are: acc, loss"):
        tracker.run("mlp-1").series("none")


def test_a_long_series_is_reduced_without_losing_a_spike(store, where):
    values = np.zeros(500_000)
    values[123_456] = 9.0
    with store.ingest("p", "long", "", None) as ingest:
        ingest.append("series", "loss", Points(values, np.arange(500_000) * 2.0))
        ingest.commit({"id": "long"}, "", "document", None, None, {"id": "long"})
    with runjson.open(where) as opened:
        shown = opened.run("long").series("loss", points=1000)
        assert len(shown) <= 1000
        assert shown.count == 500_000
        assert shown.x[shown.values == 9.0].tolist() == [246_912.0]
        part = opened.run("long").series("loss", steps=(100.0, 110.0))
        assert part.steps.tolist() == [100.0, 102.0, 104.0, 106.0, 108.0, 110.0]


def test_series_of_several_writers_ask_for_one(store, track, where):
    track(writer="a", loss=[1.0])
    track(writer="b", loss=[2.0])
    with runjson.open(where) as opened:
        with pytest.raises(RunMissing, match="writer="):
            opened.run("r").series("loss")
        assert opened.run("r").series("loss", writer="b").values.tolist() == [2.0]


def test_texts_images_and_histograms_are_sequences(tracker, tmp_path):
    run = tracker.run("cnn-2")
    log = run.texts["log"]
    assert (len(log), log[0], log[-1], log[10:12]) == (50, "line 0", "line 49", ["line 10", "line 11"])
    assert list(log)[49] == "line 49"
    assert log.steps.tolist() == list(range(50))
    with pytest.raises(IndexError):
        log[50]
    image = run.images["plot"][-1]
    assert (image.read(), image.description, image.size) == (PNG + b"b", "second", 9)
    assert image._repr_png_() == PNG + b"b"
    assert image.download(tmp_path) == tmp_path / "b.png"
    assert run.histograms["w"][0] == {"edges": [0, 1], "counts": [3]}


def test_artifacts_are_downloaded(tracker, tmp_path):
    weights = tracker.run("cnn-2").artifacts["weights"]
    assert weights.read() == b"cnn 2"
    assert weights.metadata == {"layers": 2}
    there = tmp_path / "deep/there.bin"
    assert weights.download(there).read_bytes() == b"cnn 2"
    assert weights.download(there) == there
    there.write_bytes(b"mine!")
    with pytest.raises(FileThere, match=r"there.bin is there already, with other bytes: .* replace=True") as raised:
        weights.download(there)
    assert (raised.value.path, there.read_bytes()) == (there, b"mine!")
    assert weights.download(there, replace=True).read_bytes() == b"cnn 2"
    with pytest.raises(RunMissing, match="s3://far"):
        tracker.run("cnn-2").artifacts["far"].read()


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_finished_run_is_changed_and_its_parameters_stay(tracker, store, tmp_path):
    run = tracker.run("mlp-1")
    heard = tracker.runs("p", where='id == "mlp-1"')[0]
    run.set_properties({"f1": 0.9}, big=None, worst=math.nan, when=datetime(2026, 1, 1, tzinfo=UTC), many=2**60)
    run.add_tags("best")
    run.remove_tags("baseline")
    run.rename("the best")
    run.describe("*Good*")
    run.log({"test/loss": 0.25, "odd": math.inf}, step=3)
    run.log({"test/loss": 0.2}, step=4)
    (tmp_path / "b.png").write_bytes(PNG + b"new")
    run.log_image("plots", tmp_path / "b.png", step=1)
    run.log_artifact(tmp_path / "b.png", "report")
    again = tracker.run("mlp-1")
    assert again.properties == {
        "f1": 0.9,
        "worst": pytest.approx(math.nan, nan_ok=True),
        "when": datetime(2026, 1, 1, tzinfo=UTC),
        "many": 2**60,
    }
    assert (again.tags, again.name, again.description) == (["best"], "the best", "*Good*")
    assert again.series("test/loss").values.tolist() == [0.25, 0.2]
    assert again.series("test/loss").steps.tolist() == [3.0, 4.0]
    assert again.series("odd").values.tolist() == [math.inf]
    assert again.images["plots"][0].read() == PNG + b"new"
    assert again.artifacts["report"].read() == PNG + b"new"
    assert again.artifacts["weights"].read() == b"mlp 1"
    assert again.status == heard["status"] == "succeeded"
    assert tracker.runs("p", where="properties.f1 > 0.8 and series.`test/loss`.last < 0.3").column("id") == ["mlp-1"]
    assert store.check().problems == []


def test_an_edit_survives_the_next_upload_of_the_run(tracker, store):
    tracker.run("mlp-1").set_properties(note="mine")
    tracked = store.source("p", "mlp-1", "")
    with store.ingest("p", "mlp-1", "", tracked) as ingest:
        from runjson_schema.sources import merged

        ingest.append("series", "acc", Points(np.array([0.9])))
        record = {**tracked.record, "properties": {"note": "the writer's"}}
        ingest.commit(record, "", "document", None, None, merged)
    assert tracker.run("mlp-1").properties["note"] == "mine"


def test_an_edit_is_no_sign_of_life(store, where):
    with store.ingest("p", "dead", "", None) as ingest:
        record = {"runjson": "1.0", "id": "dead", "status": "running"}
        ingest.commit(record, "", "stream", None, None, record, heard=1.7e9)
    with runjson.open(where) as opened:
        run = opened.run("dead")
        assert run.status == "crashed"
        run.add_tags("looked at")
        assert run.status == "crashed"


def test_a_sign_of_life_is_never_taken_back(store, where):
    record = {"runjson": "1.0", "id": "alive", "status": "running"}
    for heard in (None, 1.7e9):  # the second is an older copy of the file
        with store.ingest("p", "alive", "", store.source("p", "alive", "")) as ingest:
            ingest.commit(record, "", "stream", None, None, record, heard=heard)
    with runjson.open(where) as opened:
        run = opened.run("alive")
        assert run.status == "running"
        run.add_tags("looked at")
        assert run.status == "running"


def test_an_edit_that_the_format_refuses_changes_nothing(tracker, store):
    run = tracker.run("mlp-1")
    with pytest.raises(EditRefused, match="RJ108"):
        run.set_properties({"a//b": 1})
    with pytest.raises(EditRefused, match="RJ1"):
        run.add_tags("")
    with pytest.raises(StoreError, match="no JSON"):
        run.set_properties(thing=object())
    assert len(store.records("p", "mlp-1")) == 1


def test_edits_of_many_at_once_are_all_kept(store, track, where):
    track(record={"runjson": "1.0", "id": "r"})

    def work(index):
        with runjson.open(where) as opened:
            for turn in range(5):
                opened.run("r").set_properties({f"p{index}-{turn}": turn})

    assert failures_of(work, 6) == []
    with runjson.open(where) as opened:
        assert len(opened.run("r").properties) == 30
