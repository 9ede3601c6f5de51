"""What is logged is what the run file says: every part of the interface, and any values in any order."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import json
import math
import pickle
import threading
from collections import namedtuple
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import hypothesis.strategies as st
import numpy as np
import PIL.Image
import pydantic
import pytest
import runjson
from hypothesis import given, settings
from runjson_schema.decode import fold_file
from runjson_validator import validate


@pytest.fixture
def run(tmp_path):
    with runjson.init(id="r", dir=tmp_path, capture=False) as begun:
        yield begun


def said(run):
    """The fold of the run file, which must be valid: its record, and its points by kind and name."""
    report = validate(run.path)
    assert [one.message for one in report.findings if one.severity == "error"] == []
    fold = fold_file(run.path).fold
    points = {(kind, name): points for kind, name, points in fold.take_points()}
    return fold.record(), points


# -- the run -----------------------------------------------------------------------------------------------------------


def test_three_lines_make_a_run_that_succeeded(tmp_path):
    with runjson.init(
        "vision/digits", "mlp", dir=tmp_path, parameters={"lr": 0.1}, tags=["baseline"], capture=False
    ) as run:
        run.log({"train/loss": 0.5, "train/accuracy": 0.9}, step=3)
    record, points = said(run)
    assert record["project"] == "vision/digits"
    assert (record["name"], record["status"], record["tags"]) == ("mlp", "succeeded", ["baseline"])
    assert record["parameters"] == {"lr": 0.1}
    assert record["started_at"] <= record["ended_at"]
    loss = points["series", "train/loss"]
    assert (loss.values.tolist(), loss.steps.tolist()) == ([0.5], [3.0])
    assert abs(loss.times[0] - datetime.now(UTC).timestamp()) < 60


def test_an_exception_fails_the_run_with_its_traceback(tmp_path):
    with pytest.raises(ZeroDivisionError), runjson.init(dir=tmp_path, capture=False) as run:
        raise ZeroDivisionError("1 / 0")
    record, _ = said(run)
    assert (record["status"], record["error"]["type"]) == ("failed", "ZeroDivisionError")
    assert "1 / 0" in record["error"]["traceback"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt(), "aborted"),
        (SystemExit(0), "succeeded"),
        (SystemExit(), "succeeded"),
        (SystemExit(2), "failed"),
    ],
)
def test_what_ends_the_block_says_how_the_run_ended(error, status, tmp_path):
    with pytest.raises(type(error)), runjson.init(dir=tmp_path, capture=False) as run:
        raise error
    assert said(run)[0]["status"] == status


def test_the_place_project_and_mode_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNJSON_DIR", str(tmp_path / "there"))
    monkeypatch.setenv("RUNJSON_PROJECT", "p")
    with runjson.init(id="x", capture=False) as run:
        assert run.path == tmp_path / "there/x/run.jsonl"
    assert said(run)[0]["project"] == "p"
    monkeypatch.setenv("RUNJSON_MODE", "disabled")
    with runjson.init(id="y", capture=False) as run:
        run.log({"a": 1})
        run["parameters"] = {"a": 1}
        run.log_artifact("none")
        run.log_image("i", object())
        run.set_properties(a=1)
    assert not (tmp_path / "there/y").exists()
    assert "disabled" in repr(run)


@pytest.mark.parametrize(
    "wrong",
    [{"id": "a b"}, {"mode": "online"}, {"resume": "maybe"}, {"project": "a//b"}, {"writer": "a/b"},
     {"capture": ["nothing"]}, {"parameters": 7}],
)  # fmt: skip
def test_an_argument_that_is_wrong_is_told_before_training(wrong, tmp_path):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        runjson.init(dir=tmp_path, **wrong)


def test_a_run_is_gone_on_with_when_that_is_asked_for(tmp_path):
    with pytest.raises(runjson.RunMissing):
        runjson.init(id="r", dir=tmp_path, resume="must", capture=False)
    with runjson.init(id="r", dir=tmp_path, parameters={"lr": 0.1}, capture=False) as run:
        run.log({"a": 1}, step=1)
    with pytest.raises(runjson.RunExists, match="resume"):
        runjson.init(id="r", dir=tmp_path, capture=False)
    with run.path.open("ab") as torn:
        torn.write(b'{"series":{"a"')  # a writer was killed
    with runjson.init(id="r", dir=tmp_path, resume="allow", parameters={"lr": 0.1}, capture=False) as run:
        run.log({"a": 2}, step=2)
    record, points = said(run)
    assert points["series", "a"].values.tolist() == [1, 2]
    assert record["status"] == "succeeded"


def test_a_run_that_is_gone_on_with_keeps_its_parameters(tmp_path):
    first = {"lr": 0.1, "clip": math.nan, "seed": 2**70, "model": {"layers": [64, 10]}}
    runjson.init(id="r", dir=tmp_path, parameters=first, capture=False).finish()
    before = (tmp_path / "r/run.jsonl").read_bytes()
    for name, changed in (("lr", {"lr": 0.2}), ("layers", {"model": {"layers": [64]}}), ("seed", {"seed": 2**70 + 1})):
        with pytest.raises(runjson.ParameterChanged, match=name):
            runjson.init(id="r", dir=tmp_path, resume="allow", parameters=changed, capture=False)
    assert (tmp_path / "r/run.jsonl").read_bytes() == before
    again = {**first, "model": {"layers": [64, 10], "dropout": 0.5}}
    with runjson.init(id="r", dir=tmp_path, resume="allow", parameters=again, capture=False) as run:
        with pytest.raises(runjson.ParameterChanged):
            run["parameters/lr"] = 0.3
        run["parameters/optimizer"] = "adam"
    assert said(run)[0]["parameters"]["model"] == {"layers": [64, 10], "dropout": 0.5}


def test_a_run_says_what_it_is_in_terminals_and_notebooks(tmp_path):
    with runjson.init("a/b", id="r", dir=tmp_path / "<x>", capture=False) as run:
        assert (repr(run), repr(run["loss"])) == (f"<run a/b/r: running, {run.path}>", "<loss of run r>")
        assert "a/b/r" in run._repr_html_()
        assert "running" in run._repr_html_()
        assert "&lt;x&gt;" in run._repr_html_()
    assert "finished" in run._repr_html_()


def test_ids_are_new_and_sort_by_time(tmp_path):
    ids = {runjson.init(dir=tmp_path, capture=False).id for _ in range(20)}
    assert len(ids) == 20
    assert all(one.startswith("20") for one in ids)


# -- points ------------------------------------------------------------------------------------------------------------


class Tensor:
    """Stands for a tensor with one element."""

    shape = (1, 1)

    def item(self):
        return 0.25


NUMBERS = [
    (0.1, 0.1), (7, 7.0), (True, 1.0), (math.nan, math.nan), (math.inf, math.inf), (-math.inf, -math.inf),
    (2**70, 2.0**70), (10**400, math.inf), (-(10**400), -math.inf), (Decimal("0.5"), 0.5), (Decimal("NaN"), math.nan),
    (Fraction(1, 4), 0.25), (np.float32(0.5), 0.5), (np.int64(3), 3.0), (np.bool_(True), 1.0), (np.array([2.0]), 2.0),
    (np.array(1.5), 1.5), (np.float64("nan"), math.nan), (Tensor(), 0.25), (5e-324, 5e-324), (-0.0, 0.0),
    (1.7976931348623157e308, 1.7976931348623157e308),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), NUMBERS, ids=[repr(value)[:30] for value, _ in NUMBERS])
def test_whatever_is_a_number_is_a_point(value, expected, run):
    run.log({"a": value, "other": 1.0}, step=1)
    run.log({"a": value}, step=2)
    run["a"].append(value)
    np.testing.assert_array_equal(said(run)[1]["series", "a"].values, [expected] * 3)


def test_names_steps_and_times_are_kept_as_given(run):
    run.log({"é/\U0001f600 loss": 1.0}, step=2.5, time=1.7e9)
    run.log({"é/\U0001f600 loss": 2.0}, step=-3)
    run.log({"é/\U0001f600 loss": 3.0})
    run.log({"é/\U0001f600 loss": 4.0}, step=np.int64(2))
    found = said(run)[1]["series", "é/\U0001f600 loss"]
    assert found.steps.tolist()[:2] == [2.5, -3.0]
    assert math.isnan(found.steps[2])
    assert found.times[0] == 1.7e9


def test_texts_namespaces_and_lists_find_their_kind(run):
    run.log(
        {"note": "a line", "train": {"loss": 0.5, "deep": {"er": 1}}, "many": [1, 2.5, math.nan], "arr": np.arange(3.0)}
    )
    run.log_text("note", "another")
    points = said(run)[1]
    assert points["text", "note"].values == ["a line", "another"]
    assert points["series", "train/deep/er"].values.tolist() == [1.0]
    np.testing.assert_array_equal(points["series", "many"].values, [1, 2.5, math.nan])
    assert points["series", "arr"].values.tolist() == [0, 1, 2]


def test_many_points_at_once(run):
    run.extend("a", [1, math.nan, 3], steps=[1, None, 3], times=[1.7e9, None, None])
    run["a"].extend(np.arange(2.0), steps=range(2))
    found = said(run)[1]["series", "a"]
    np.testing.assert_array_equal(found.values, [1, math.nan, 3, 0, 1])
    np.testing.assert_array_equal(found.steps, [1, math.nan, 3, 0, 1])
    np.testing.assert_array_equal(found.times, [1.7e9, *[math.nan] * 4])


ODD = [
    ("a//b", "a/_/b"), ("", "_"), ("a/../b", "a/_/b"), ("line\nbreak", "line_break"), ("/a/", "_/a/_"), (7, "7"),
    ("x" * 3000, "x" * 1024), ("\ud800", "?"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kept"), ODD, ids=range(len(ODD)))
def test_a_name_that_is_none_loses_no_point_and_is_told(name, kept, run, capfd):
    run.log({name: 1.0})
    run.log({name: 2.0})
    found = [name for _, name in said(run)[1]]
    assert found in ([kept], ["_"])
    assert said(run)[1]["series", found[0]].values.tolist() == [1.0, 2.0]


def test_trouble_in_a_call_is_told_once_and_training_goes_on(run, capfd):
    for _ in range(3):
        run.log({"a": object(), "b": 1.0, "c": None})
        run.log({"a": 1.0}, step=math.nan)
        run.log({"a": 1.0}, time=1.7e12)
        run.log_artifact("there is no such file")
        run.log(7)
        run.extend("a", [1, 2], steps=[1])
    told = capfd.readouterr().err.splitlines()
    assert len(told) == len(set(told))
    assert all(line.startswith("runjson: ") for line in told)
    assert any('"c" is None' in line for line in told)
    assert any("1700000000000" in line for line in told)
    points = said(run)[1]
    assert points["series", "b"].values.tolist() == [1.0] * 3
    assert len(points["series", "a"]) == 6


def test_trouble_with_a_value_names_it(run, capfd):
    run.log({"attention": object()})
    run.log_histogram("weights", ["x"])
    run.log_table("errors", 7)
    err = capfd.readouterr().err
    assert [name for name in ("attention", "weights", "errors") if f'runjson: "{name}": ' not in err] == []


def test_names_that_are_the_same_text_are_refused(run):
    with pytest.raises(runjson.NotJson, match=r"parameters\.layers has names that are the same"):
        run["parameters"] = {"layers": {1: 2, "1": 3}}


def test_what_is_logged_after_the_end_is_left_out_and_told(tmp_path, capfd):
    run = runjson.init(dir=tmp_path, capture=False)
    run.finish()
    run.finish("failed")
    run.log({"a": 1})
    assert "after the run had ended" in capfd.readouterr().err
    record, points = said(run)
    assert (record["status"], points) == ("succeeded", {})


def test_many_threads_log_at_once_and_each_line_is_whole(run):
    def work(number):
        for index in range(500):
            run.log({f"s{number}": float(index), "all": float(number)}, step=index)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    points = said(run)[1]
    assert len(points["series", "all"]) == 4000
    for number in range(8):
        assert points["series", f"s{number}"].values.tolist() == list(range(500))


# -- parameters, properties, tags --------------------------------------------------------------------------------------


@dataclasses.dataclass
class Settings:
    lr: float = 0.1
    layers: tuple = (64, 10)


class Model(pydantic.BaseModel):
    width: int = 3
    inner: dict[str, float] = {"a": 0.5}


class Colour(enum.Enum):
    RED = "red"


Pair = namedtuple("Pair", "a b")

GIVEN = [
    ({"a": {"b": [1, 2.5, None, True]}}, {"a": {"b": [1, 2.5, None, True]}}),
    (Settings(), {"lr": 0.1, "layers": [64, 10]}),
    (argparse.Namespace(epochs=3, path=Path("x/y")), {"epochs": 3, "path": "x/y"}),
    (Model(), {"width": 3, "inner": {"a": 0.5}}),
    (SimpleNamespace(a=Colour.RED), {"a": "red"}),
    ({"pair": Pair(1, 2)}, {"pair": {"a": 1, "b": 2}}),
    ({"nan": math.nan, "inf": -math.inf}, {"nan": {"$float": "NaN"}, "inf": {"$float": "-Infinity"}}),
    ({"big": 2**60, "huge": 10**50}, {"big": {"$int": str(2**60)}, "huge": {"$int": str(10**50)}}),
    ({"np": np.float32(0.5), "int": np.int64(3), "array": np.arange(3)}, {"np": 0.5, "int": 3, "array": [0, 1, 2]}),
    ({"when": datetime(2026, 1, 1, tzinfo=UTC)}, {"when": {"$datetime": "2026-01-01T00:00:00+00:00"}}),
    (
        {"set": {"b", "a"}, "dec": Decimal("0.25"), "frac": Fraction(1, 2)},
        {"set": ["a", "b"], "dec": 0.25, "frac": 0.5},
    ),
    ({1: "x", PurePosixPath("k"): "y"}, {"1": "x", "k": "y"}),
]


@pytest.mark.parametrize(("given", "expected"), GIVEN, ids=range(len(GIVEN)))
def test_parameters_come_from_whatever_holds_them(given, expected, tmp_path):
    with runjson.init(dir=tmp_path, parameters=given, capture=False) as run:
        run["parameters"] = given
    assert said(run)[0]["parameters"] == expected


def test_a_parameter_that_json_does_not_have_is_named_by_its_path(tmp_path):
    with pytest.raises(runjson.NotJson, match=r"parameters\.a\.b\[1\] is a builtins\.object.*default=str"):
        runjson.init(dir=tmp_path, parameters={"a": {"b": [1, object()]}}, capture=False)
    with runjson.init(dir=tmp_path, parameters={"a": PurePosixPath}, default=str, capture=False) as run:
        pass
    assert "PurePosixPath" in said(run)[0]["parameters"]["a"]


def test_a_parameter_is_written_once(run):
    run["parameters"] = {"lr": 0.1, "model": {"layers": 2}, "nan": math.nan}
    run["parameters/lr"] = 0.1
    run["parameters/model/width"] = 64
    run["parameters"] = {"nan": math.nan, "lr": 0.1}
    run["parameters"]["seed"] = 7
    for path, value in (("parameters/lr", 0.2), ("parameters/model", 3), ("parameters/model/layers", {"a": 1})):
        with pytest.raises(runjson.ParameterChanged, match=r"written once.*property"):
            run[path] = value
    with pytest.raises(runjson.ParameterChanged):
        run["parameters/lr"] = True
    assert said(run)[0]["parameters"] == {
        "lr": 0.1, "model": {"layers": 2, "width": 64}, "nan": {"$float": "NaN"}, "seed": 7,
    }  # fmt: skip


def test_properties_and_tags_change(run):
    run["notes"] = "first"
    run["notes"] = "second"
    run["validation/f1"] = np.float64(0.95)
    run.set_properties(data_version="v3", gone=1)
    run.set_properties({"gone": None})
    run.add_tags("best", "a")
    run["tags"].add("b")
    run["tags"].remove("a")
    run.describe("*Good*")
    record, _ = said(run)
    assert record["properties"] == {"notes": "second", "validation/f1": 0.95, "data_version": "v3", "gone": None}
    assert (record["tags"], record["untags"], record["description"]) == (["b", "best"], ["a"], "*Good*")


def test_a_run_that_is_pickled_is_a_part_of_its_own(run):
    run.log({"a": 1.0})
    other = pickle.loads(pickle.dumps(run))
    other.log({"a": 2.0})
    assert other.path != run.path
    first, second = (json.loads(one.path.read_text().splitlines()[0]) for one in (run, other))
    assert (second["id"], second["writer"].startswith("process-")) == (first["id"], True)
    assert validate(other.path).valid


def test_a_series_is_given_a_unit_a_goal_and_an_axis(run, capfd):
    run.define_series("loss", unit="nat", goal="minimize", x="epoch")
    run.log({"loss": 0.3, "epoch": 1}, step=5)
    run["loss"].define(description="of the training set")
    run.define_series("epoch", goal="upwards", unit="1")
    run.define_series("nothing")
    record, points = said(run)
    assert record["series"]["loss"] == {
        "values": [], "unit": "nat", "goal": "minimize", "x": "epoch", "description": "of the training set",
    }  # fmt: skip
    assert record["series"]["epoch"] == {"values": [], "unit": "1"}
    assert points["series", "loss"].values.tolist() == [0.3]
    assert "neither" in capfd.readouterr().err


def test_a_record_of_another_language_is_written_as_it_is(run, capfd):
    run.write_record('{"step": 3,\n "acme:x": {"a": [1]},\r\n "series": {"a": 0.1, "b": "NaN"}}')
    for wrong in ("[1]", '{"a": NaN}', '{"a": 1', "{} {}"):
        run.write_record(wrong)
    record, points = said(run)
    assert (record["acme:x"], points["series", "a"].steps.tolist()) == ({"a": [1]}, [3])
    assert capfd.readouterr().err.count("left out") == 4


# -- laws --------------------------------------------------------------------------------------------------------------

names = st.one_of(st.sampled_from(["a", "b/c", "é"]), st.text(max_size=8))
points = st.one_of(st.floats(), st.integers(), st.booleans(), st.decimals())
steps = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=2))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)
calls = st.one_of(
    st.tuples(st.just("log"), st.dictionaries(names, st.one_of(points, st.text(max_size=4)), max_size=4), steps),
    st.tuples(st.just("extend"), names, st.lists(points, max_size=4)),
    st.tuples(st.just("set_properties"), st.dictionaries(names, values, max_size=3)),
    st.tuples(st.just("set_parameters"), st.dictionaries(st.text(max_size=4), values, max_size=3)),
    st.tuples(st.just("add_tags"), st.text(max_size=4)),
    st.tuples(st.just("remove_tags"), st.text(max_size=4)),
    st.tuples(st.just("log_text"), names, st.text(max_size=10)),
    st.tuples(st.just("describe"), st.text(max_size=10)),
)


@settings(max_examples=150, deadline=None)
@given(made=st.lists(calls, max_size=8), msgspec=st.booleans())
def test_whatever_is_called_the_file_is_valid(made, msgspec, tmp_path_factory):
    run = runjson.init(id="r", dir=tmp_path_factory.mktemp("runs"), capture=False)
    if not msgspec:
        run._lines._encode = None
    for name, *arguments in made:
        try:
            getattr(run, name)(*arguments)
        except (runjson.ParameterChanged, runjson.NotJson):
            continue
    run.finish()
    said(run)


finite_steps = st.one_of(st.none(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False))


@settings(max_examples=100, deadline=None)
@given(logged=st.lists(st.tuples(st.floats(), finite_steps), min_size=1, max_size=10), msgspec=st.booleans())
def test_points_come_back_bit_by_bit(logged, msgspec, tmp_path_factory):
    run = runjson.init(id="r", dir=tmp_path_factory.mktemp("runs"), capture=False)
    if not msgspec:
        run._lines._encode = None
    for value, step in logged:
        run.log({"a": value, "b": 1.0}, step=step)
    run.finish()
    found = said(run)[1]["series", "a"]
    # Minus zero is zero in the format (SPEC 5.2).
    np.testing.assert_array_equal(found.values, [value + 0.0 for value, _ in logged])
    steps = np.full(len(logged), np.nan) if found.steps is None else found.steps
    np.testing.assert_array_equal(steps, [math.nan if step is None else float(step) for _, step in logged])


# -- a model: what was logged, said in the plainest way, is what the file folds to -------------------------------------

known = st.sampled_from(["loss", "train/loss", "é", 'a "b"', "x.y", "0"])
times = st.one_of(st.none(), st.floats(0, 2e9))
plain_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**52), 2**52), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=6,
)
logged = st.one_of(
    st.tuples(st.just("number"), known, st.floats(), finite_steps, times),
    st.tuples(st.just("text"), known, st.text(max_size=5), finite_steps, times),
    st.tuples(st.just("many"), known, st.lists(st.floats(), max_size=4), st.none(), st.none()),
    st.tuples(st.just("image"), known, st.integers(0, 255), finite_steps, times),
    st.tuples(st.just("property"), known, plain_values, st.none(), st.none()),
    st.tuples(st.just("tag"), st.sampled_from("abc"), st.booleans(), st.none(), st.none()),
    st.tuples(st.just("artifact"), known, st.binary(max_size=5), st.none(), st.none()),
)


@settings(max_examples=80, deadline=None)
@given(made=st.lists(logged, max_size=12), again=st.integers(0, 12), msgspec=st.booleans())
def test_the_file_folds_to_what_was_logged(made, again, msgspec, tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    points, properties, tags, files = {}, {}, {}, {}
    for index, (kind, name, value, step, time) in enumerate(made):
        if index in {0, again}:  # in two sittings
            run = runjson.init(id="r", dir=place, capture=False, resume="allow" if index else "never")
            if not msgspec:
                run._lines._encode = None
        when = {"step": step} | ({} if time is None else {"time": time})
        if kind == "number":
            run.log({name: value}, **when)
            points.setdefault(("series", name), []).append((value + 0.0, step))
        elif kind == "text":
            run[name].append(value, **when)
            points.setdefault(("text", name), []).append((value, step))
        elif kind == "many":
            run.extend(name, value)
            points.setdefault(("series", name), []).extend((one + 0.0, None) for one in value)
        elif kind == "image":
            run.log_image(name, np.full((2, 3), value, np.uint8), **when)
            points.setdefault(("images", name), []).append((value, step))
        elif kind == "property":
            run[name] = value
            properties[name] = value
        elif kind == "tag":
            (run.add_tags if value else run.remove_tags)(name)
            tags[name] = value
        else:
            (place / "file").write_bytes(value)
            run.log_artifact(place / "file", name)
            files[name] = value
        if index == again - 1:
            run.finish()
    if not made:
        return
    run.finish()
    record, found = said(run)
    assert found.keys() == {key for key, values in points.items() if values}
    for (kind, name), column in found.items():
        values = list(column.values)
        if kind == "images":
            values = [PIL.Image.open(run.folder / file["path"]).getpixel((2, 1)) for file in values]
        steps = [None] * len(values) if column.steps is None else column.steps
        expected = points[kind, name]
        np.testing.assert_array_equal(values, [value for value, _ in expected])
        for step, (_, wanted) in zip(steps, expected, strict=True):
            assert (step is None or math.isnan(step)) if wanted is None else step == float(wanted)
    assert untagged(record.get("properties", {})) == properties
    assert (record.get("tags", []), record.get("untags", [])) == tuple(
        sorted(tag for tag, there in tags.items() if there is wanted) for wanted in (True, False)
    )
    kept = {name: (run.folder / file["path"]).read_bytes() for name, file in record.get("artifacts", {}).items()}
    assert kept == files


def untagged(tree):
    """With the numbers that the format tags as numbers."""
    if isinstance(tree, list):
        return [untagged(value) for value in tree]
    if not isinstance(tree, dict):
        return tree
    if len(tree) == 1 and (text := tree.get("$float") or tree.get("$int")):
        return float(text) if "$float" in tree else int(text)
    return {name: untagged(value) for name, value in tree.items()}
