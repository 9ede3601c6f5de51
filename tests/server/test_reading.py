"""Tracked runs read over HTTP: exact numbers, pages, and nothing of what the caller may not see."""

from __future__ import annotations

import io
import math
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars
import pyarrow
import pytest
import requests
from rich.console import Console
from runjson_schema.points import Points
from runjson_server import points as points_route
from runjson_server import series as series_route
from runjson_tracker.errors import SourceChanged, StoreError
from runjson_tracker.reading.opening import open_reading
from runjson_tracker.reading.tracker import Tracker
from runjson_tracker.remote import arrow
from runjson_tracker.remote.arrow import MEDIA_TYPE
from runjson_tracker.remote.http import Http
from runjson_tracker.show import run_page
from runjson_tracker.store import Store

from tests.served import served
from tests.server.runs import BARE, add
from tests.serving import bearer, serving
from tests.tracker.points import equal

ODD = Points(
    np.array([1.5, math.nan, math.inf, -math.inf, 2.0**53 + 2, 0.1, -0.0, 5e-324, 1.7976931348623157e308]),
    np.array([0.5, math.nan, -3.0, 2.0**60, 4.0, 4.0, 5.0, 6.0, 7.0]),
    np.array([1.7e9, 1.7e9 + 0.125, math.nan, 1.7e9, 1.7e9, 1.7e9, 1.7e9, 1.7e9, 1.7e9]),
)


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def address(store, place):
    with served(place) as running:
        yield f"{running}/api/v1"


def numbers(told):
    return None if told is None else [math.nan if one is None else float(one) for one in told]


def rows(portion):
    """What a portion holds, as texts, which tell NaN and -0 apart."""
    columns = (portion.points.values, portion.points.steps, portion.points.times)
    told = [None if column is None else repr(np.asarray(column).tolist()) for column in columns]
    return (portion.project, portion.run, portion.writer, portion.name, portion.count, portion.indices.tolist(), told)


# -- points ------------------------------------------------------------------------------------------------------------


def test_points_are_exact_as_json(store, address):
    add(store, "r", loss=ODD, acc=BARE)
    add(store, "r", writer="w1", loss=BARE)
    add(store, "s", project="a/b", loss=ODD)
    runs = [{"project": "a/b", "id": "s"}, {"project": "p", "id": "r"}]
    answer = requests.post(f"{address}/series", json={"runs": runs}, timeout=60)
    told = answer.json()["portions"]
    expected = list(store.series_of([("a/b", "s"), ("p", "r")]))
    assert [(one["project"], one["run"], one["writer"], one["name"]) for one in told] == [
        ("a/b", "s", "", "loss"), ("p", "r", "", "acc"), ("p", "r", "", "loss"), ("p", "r", "w1", "loss"),
    ]  # fmt: skip
    for one, other in zip(told, expected, strict=True):
        assert (one["count"], one["indices"]) == (other.count, other.indices.tolist())
        values = np.asarray(other.points.values) + 0.0  # JSON of the format has no -0
        assert repr(numbers(one["values"])) == repr(values.tolist())
        for name in ("steps", "times"):
            column = getattr(other.points, name)
            assert repr(numbers(one[name])) == repr(None if column is None else column.tolist())
    assert '"NaN","Infinity","-Infinity",9007199254740994' in answer.text


def test_points_are_exact_as_arrow_for_us_and_for_others(store, address):
    add(store, "r", loss=ODD, acc=BARE)
    asked = {"runs": [{"project": "p", "id": "r"}]}
    answer = requests.post(f"{address}/series", json=asked, headers={"Accept": MEDIA_TYPE}, timeout=60)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        found = [rows(one) for one in remote.series_of([("p", "r")])]
    assert found == [rows(one) for one in store.series_of([("p", "r")])]
    table = pyarrow.ipc.open_stream(answer.content).read_all()
    for loss in (table.to_pylist()[1], polars.read_ipc_stream(io.BytesIO(answer.content)).to_dicts()[1]):
        assert (loss["project"], loss["run"], loss["writer"], loss["name"], loss["count"]) == ("p", "r", "", "loss", 9)
        assert loss["indices"] == list(range(9))
        assert repr(loss["values"]) == repr(ODD.values.tolist())
        assert loss["steps"] == [0.5, None, -3.0, 2.0**60, 4.0, 4.0, 5.0, 6.0, 7.0]
        assert loss["times"][:3] == [1.7e9, 1.7e9 + 0.125, None]
    assert table.to_pylist()[0]["steps"] is None


def test_parts_of_series_are_asked_for_by_name_step_time_and_filter(store, address):
    add(store, "r", record={"parameters": {"lr": 1}}, loss=Points(np.arange(100.0), np.arange(100.0) * 2), acc=BARE)
    add(store, "s", record={"parameters": {"lr": 2}}, loss=BARE)

    def ask(**asked):
        return requests.post(f"{address}/series", json=asked, timeout=60).json()["portions"]

    (part,) = ask(project="p", where="parameters.lr == 1", names=["loss", "none", "\0"], steps=[10, 14])
    assert (part["run"], part["values"], part["count"]) == ("r", [5, 6, 7], 3)
    (part,) = ask(runs=[{"project": "p", "id": "r"}], parts={"loss": [97, 99]})
    assert (part["values"], part["steps"]) == ([97, 98], [194, 196])
    assert len(ask(names=["loss"], points=5, steps=["-Infinity", "Infinity"])[1]["values"]) <= 5
    both = {"runs": [{"project": "p", "id": "r"}], "where": "parameters.lr == 1"}
    assert requests.post(f"{address}/series", json=both, timeout=60).status_code == 422


def test_a_long_series_comes_in_portions_of_bounded_size(store, address, monkeypatch):
    monkeypatch.setattr(series_route, "_PORTION", 1000)
    values = Points(np.arange(10_500.0), np.arange(10_500.0))
    add(store, "r", loss=values)
    for more in ({}, {"steps": [0, 1e9]}):
        asked = {"runs": [{"project": "p", "id": "r"}], **more}
        told = requests.post(f"{address}/series", json=asked, timeout=60).json()["portions"]
        assert [len(one["values"]) for one in told] == [1000] * 10 + [500]
        assert {one["count"] for one in told} == {10_500}
        assert [index for one in told for index in one["indices"]] == list(range(10_500))
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        equal(remote.run("p", "r").points("series", "loss"), values)


def test_points_that_break_off_are_no_points(store, address, monkeypatch):
    add(store, "r", loss=BARE, acc=BARE, first=BARE)

    def broken(one):
        if one.name == "loss":
            raise SourceChanged("in the middle")
        yield one

    monkeypatch.setattr(series_route, "_split", broken)
    monkeypatch.setattr(arrow, "_POINTS_A_BATCH", 1)
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        with pytest.raises(SourceChanged, match="in the middle"):
            list(remote.series_of([("p", "r")], ["loss"]))
        with pytest.raises(StoreError, match=r"can not be read|broke off|cut off"):
            list(remote.series_of([("p", "r")]))


@pytest.mark.once
def test_a_series_of_ten_million_points_is_not_held_by_the_server(tmp_path):
    count = 10_000_000
    with Store.open(tmp_path / "store") as store:
        add(store, "r", loss=Points(np.random.default_rng(1).normal(size=count), np.arange(float(count))))
    with serving(tmp_path / "store", "--workers", "1") as server:
        headers = {**bearer(server.token(admin=True, scope="admin")), "Accept": MEDIA_TYPE}
        asked = {"runs": [{"project": "p", "id": "r"}], "names": ["loss"]}

        def read(asked, path="/series"):
            size = 0
            with requests.post(
                f"{server.address}/api/v1{path}", json=asked, headers=headers, stream=True, timeout=600
            ) as answer:
                for piece in answer.iter_content(1 << 20):
                    size += len(piece)
            return size

        (worker,) = server.workers
        read({**asked, "parts": {"loss": [0, 1 << 19]}})
        before = peak(worker)
        assert read(asked) > 24 * count
        assert read({**asked, "steps": [1, 1e9]}) > 24 * count
        # The points are 240 MB.
        assert peak(worker) - before < 60_000


def test_each_run_may_have_times_of_its_own(store, address):
    for run, begun in (("a", 1000.0), ("b", 5000.0), ("c", 9000.0)):
        add(store, run, loss=Points(np.arange(10.0), None, begun + np.arange(10.0)), acc=BARE)
    asked = {
        "runs": [
            {"project": "p", "id": "a", "times": [1002, 1004]},
            {"project": "p", "id": "b", "times": [5007, "Infinity"]},
            {"project": "p", "id": "c"},
        ],
        "names": ["loss"],
    }  # fmt: skip
    for more in ({}, {"points": 1000}):
        told = requests.post(f"{address}/series", json=asked | more, timeout=60).json()["portions"]
        assert [(one["run"], one["values"]) for one in told] == [
            ("a", [2, 3, 4]), ("b", [7, 8, 9]), ("c", [*range(10)]),
        ]  # fmt: skip
    # Others have the times of all runs.
    told = requests.post(f"{address}/series", json=asked | {"times": [9001, 9002]}, timeout=60).json()["portions"]
    assert [one["values"] for one in told] == [[2, 3, 4], [7, 8, 9], [1, 2]]


def peak(process):
    """The most memory that a process has had, in kB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def test_texts_come_in_pages_of_bounded_size(store, address, monkeypatch):
    monkeypatch.setattr(points_route, "_BYTES", 100_000)
    texts = [f"{index}\0é" for index in range(2500)] + ["x" * 60_000] * 5
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append("text", "log/a", Points(texts, np.arange(2505.0)))
        ingest.append("histograms", "w", Points([{"edges": [0, 1, "Infinity"], "counts": [3, 4]}]))
        ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    asked = {"project": "p", "id": "r", "kind": "text", "name": "log/a"}
    pages, start = [], 0
    while start is not None:
        pages.append(requests.get(f"{address}/points", {**asked, "start": start}, timeout=60).json())
        start = pages[-1]["next"]
    assert [len(one["values"]) for one in pages] == [1000, 1000, 502, 2, 1]
    assert [text for one in pages for text in one["values"]] == texts
    assert [step for one in pages for step in one["steps"]] == list(range(2505))
    assert pages[0]["count"] == 2505
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        source = remote.run("p", "r").sources[0]
        assert source.points("text", "log/a", 1, 2504).values == texts[1:2504]
        assert source.ends("text", ["log/a", "none"], 3)["log/a"].values == texts[-3:]
        assert source.ends("histograms", ["w"], 1)["w"].values == [{"edges": [0, 1, "Infinity"], "counts": [3, 4]}]


# -- runs and tables of them -------------------------------------------------------------------------------------------


def test_cells_of_tables_are_exact(store, address):
    parameters = {
        "nan": {"$float": "NaN"}, "text": "NaN", "inf": {"$float": "-Infinity"}, "big": {"$int": str(2**70)},
        "int": 2**53 - 1, "real": 0.1, "large": 1e300, "yes": True, "when": {"$datetime": "2026-01-01T00:00:00+05:30"},
        "list": [1, {"$float": "NaN"}, {"$int": "9007199254740993"}], "tag": "x",
    }  # fmt: skip
    add(store, "r", record={"parameters": parameters}, loss=[math.nan])
    columns = ["parameters.*", "series.loss.*"]
    (told,) = requests.post(f"{address}/runs/search", json={"columns": columns}, timeout=60).json()["rows"]
    assert told["values"]["parameters.nan"] == told["values"]["series.loss.last"] == {"$float": "NaN"}
    assert told["values"]["parameters.text"] == "NaN"
    assert told["values"]["parameters.big"] == {"$int": str(2**70)}
    assert told["values"]["parameters.when"] == {"$datetime": "2026-01-01T00:00:00+05:30"}
    assert told["values"]["parameters.list"] == parameters["list"]
    same = requests.get(f"{address}/runs", {"columns": columns}, timeout=60).json()
    assert same["rows"] == [told]
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        page, here = (one.select_runs(columns=columns) for one in (remote, store))
        assert repr(page.rows) == repr(here.rows)
        assert (page.columns, page.total) == (here.columns, 1)
        for by in ("parameters.nan", "parameters.big", "parameters.when", "parameters.list", "series.loss.last"):
            found, expected = (one.group_runs([by], ["parameters.real", "parameters.large"]) for one in (remote, store))
            assert repr(found) == repr(expected)
        assert repr(remote.best("parameters.big", ["parameters.yes"])) == repr(
            store.best("parameters.big", ["parameters.yes"])
        )
        assert remote.field_names() == store.field_names()


def test_a_table_of_many_pages_has_every_run_once_while_runs_are_added(store, address):
    for index in range(25):
        add(store, f"r{index:02}", record={"parameters": {"a" if index % 2 else "b": index, "z": 1}})
    asked = {"limit": 10, "sort": ["-parameters.z"], "columns": ["parameters.*"]}
    found, after, total = [], None, set()
    while True:
        page = requests.get(f"{address}/runs", {**asked, "after": after}, timeout=60).json()
        found += [row["id"] for row in page["rows"]]
        total.add(page["total"])
        after = page["next"]
        add(store, f"new{len(found)}", record={"parameters": {"z": 1}})
        if after is None:
            break
    assert found == sorted((f"r{index:02}" for index in range(25)), reverse=True)
    assert total == {25}
    assert requests.get(f"{address}/runs", {"after": "none"}, timeout=60).status_code == 400


def test_all_runs_are_listed_however_many_pages_they_are(store, place, monkeypatch):
    for index in range(9):
        add(store, f"r{index}", record={"parameters": {f"{index}": 1, "b": 1}})
    monkeypatch.setattr("runjson_tracker.remote.reading._PAGE", 2)
    with served(place) as address, closing(open_reading(address)) as remote:
        for asked in ({}, {"limit": 5}, {"limit": 5, "offset": 3}, {"limit": 0}, {"where": "parameters.b == 1"}):
            asked |= {"columns": ["parameters.*", "id"], "sort": ["-id"]}
            found, expected = remote.select_runs(**asked), store.select_runs(**asked)
            assert found.rows == expected.rows
            assert (found.columns, found.total) == (expected.columns, expected.total)


def test_a_run_is_told_as_it_is_stored_and_not_again_when_it_is_the_same(store, address):
    add(store, "r", record={"name": "é\0", "properties": {"x": {"$int": "9007199254740993"}, "gone": None}}, loss=ODD)
    add(store, "r", writer="w", acc=BARE, files=[("artifacts", "m", None, "m.bin", b"x")])
    answer = requests.get(f"{address}/run", {"project": "p", "id": "r"}, timeout=60)
    again = requests.get(
        f"{address}/run", {"project": "p", "id": "r"}, headers={"If-None-Match": answer.headers["ETag"]}, timeout=60
    )
    assert (again.status_code, again.content) == (304, b"")
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        found, here = remote.run("p", "r"), store.run("p", "r")
        assert (found.record, repr(found.series())) == (here.record, repr(here.series()))
        for one, other in zip(found.sources, here.sources, strict=True):
            assert (one.writer, one.kind, one.record, one.files) == (
                other.writer,
                other.kind,
                other.record,
                other.files,
            )
            assert one.counts == other.counts
        assert b"".join(remote.run_file("p", "r", found.sources[0], "jsonl")) == b"".join(
            store.run_file("p", "r", here.sources[0], "jsonl")
        )
        assert [(one.project, one.id) for one in remote.run_each([("p", "r")] * 21)] == [("p", "r")] * 21
    add(store, "r", loss=[1.0])
    assert requests.get(
        f"{address}/run", {"project": "p", "id": "r"}, headers={"If-None-Match": answer.headers["ETag"]}, timeout=60
    ).ok


def test_a_run_of_many_files_tells_them_page_by_page(store, address, monkeypatch):
    monkeypatch.setattr("runjson_server.run._FILES", 3)
    monkeypatch.setattr("runjson_server.run._PAGE", 2)
    add(store, "r", files=[("artifacts", f"a{index}", None, f"{index}", b"x") for index in range(5)])
    assert requests.get(f"{address}/run", {"project": "p", "id": "r"}, timeout=60).json()["sources"][0]["files"] is None
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        assert remote.run("p", "r").sources[0].files == store.run("p", "r").sources[0].files


def test_a_snapshot_that_was_replaced_is_told(store, address):
    with store.ingest("p", "r", "", None) as ingest:
        ingest.append("series", "loss", Points(np.arange(3.0)))
        ingest.append("text", "log", Points(["a", "b"]))
        ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        for more in ({"series": Points(np.arange(9.0)), "text": Points(["c"] * 5)}, {}):
            source = remote.run("p", "r").sources[0]
            with store.ingest("p", "r", "", store.source("p", "r", "")) as ingest:
                ingest.replace_all()
                for kind, points in more.items():
                    ingest.append(kind, {"series": "loss", "text": "log"}[kind], points)
                ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
            for read in (
                lambda source: source.points("series", "loss"), lambda source: source.points("text", "log"),
                lambda source: source.many("series", ["loss"]), lambda source: source.ends("text", ["log"], 1),
                lambda source: source.reduced("loss", 5), lambda source: source.reduced_many(["loss"], 5),
                lambda source: source.part("loss", steps=(0, 9)),
            ):  # fmt: skip
                with pytest.raises(SourceChanged, match="replaced"):
                    read(source)


def test_a_text_of_any_kind_is_a_question_and_no_fault_of_the_server(store, address):
    add(store, "r", record={"parameters": {"a": "x"}, "tags": ["t"]}, loss=BARE)
    for odd in ("\0", "a\0b", "\ud800".encode("utf-8", "surrogatepass"), "'", "`\0`", "parameters.`\0`", "%", "\x1b"):
        text = odd if isinstance(odd, str) else odd.decode("latin-1")
        for path, asked in (
            ("runs", {"where": f'parameters.a == "{text}"'}), ("runs", {"where": text}), ("runs", {"sort": text}),
            ("runs", {"columns": text}), ("runs", {"after": text}), ("runs", {"project": text}),
            ("runs", {"where": f'"{text}" in tags'}), ("groups", {"by": text, "columns": text}), ("best", {"by": text}),
            ("fields", {"project": text}), ("find", {"text": text}), ("find", {"text": f"{text}/r"}),
            ("run", {"project": text, "id": "r"}), ("run", {"project": "p", "id": text}),
            ("points", {"project": "p", "id": "r", "kind": "text", "name": text}),
            ("texts/find", {"project": "p", "id": "r", "name": text, "text": text}),
            ("folder", {"project": "p", "id": "r", "name": text}),
            ("folder", {"project": "p", "id": "r", "name": "a", "writer": text}),
            ("file", {"project": "p", "id": "r", "kind": "images", "name": text, "writer": text}),
            ("file", {"project": "p", "id": "r", "kind": "images", "name": text}),
            ("export", {"project": "p", "id": "r", "writer": text}),
        ):  # fmt: skip
            status = requests.get(f"{address}/{path}", asked, timeout=60).status_code
            assert status in {200, 400, 404, 422}, (path, asked)
        for path, asked in (
            ("series", {"runs": [{"project": "p", "id": "r"}], "names": [text], "parts": {text: [0, 9]}}),
            ("series", {"runs": [{"project": text, "id": "r"}]}),
            ("series", {"runs": [{"project": "p", "id": "r", "times": [text, 1]}]}), ("find", {"texts": [text]}),
            ("points/ends", {"project": "p", "id": "r", "kind": "text", "stops": {text: 1}}),
            ("edits", {"project": "p", "id": "r", "record": {"properties": {text: text}}}),
            ("trash", {"runs": [{"project": text, "id": "r"}]}),
        ):  # fmt: skip
            status = requests.post(f"{address}/{path}", json=asked, timeout=60).status_code
            assert status in {200, 404, 422}, (path, asked)


def test_a_page_about_a_run_needs_few_requests_however_much_it_has(store, address, monkeypatch):
    with store.ingest("p", "r", "", None) as ingest:
        for index in range(20):
            ingest.append("series", f"s{index}", BARE)
            ingest.append("text", f"t{index}", Points([f"text {index}"]))
            ingest.append("images", f"i{index}", Points([{"path": f"{index}.png"}]))
            ingest.append("histograms", f"h{index}", Points([{"edges": [0, 1], "counts": [index]}]))
            ingest.add_file("images", f"i{index}", 0, f"{index}.png", None, b"x")
        ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    asked, send = [], Http.send

    def counted(self, method, path, **more):
        asked.append(path)
        return send(self, method, path, **more)

    monkeypatch.setattr(Http, "send", counted)
    console = Console(width=120, file=io.StringIO())
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        for part in run_page(remote.run("p", "r"), console):
            console.print(part)
    assert "19.png" in console.file.getvalue()
    assert asked == ["/run", "/series", "/points/ends", "/points/ends", "/points/ends"]


def test_a_large_file_of_an_edit_is_sent_in_parts_and_read_back(store, address, monkeypatch, tmp_path):
    monkeypatch.setattr("runjson_tracker.remote.blobs._PART", 100_000)
    add(store, "r")
    content = np.random.default_rng(5).bytes(345_678)
    (tmp_path / "model.bin").write_bytes(content)
    with Tracker.open(address.removesuffix("/api/v1")) as tracker:
        tracker.run("r").log_artifact(tmp_path / "model.bin")
        assert tracker.run("r").artifacts["model.bin"].read() == content
    assert store.check().problems == []


def test_a_file_that_breaks_off_is_told_and_not_left_half(store, address, monkeypatch, tmp_path):
    files = [("artifacts", "m", None, "m.bin", b"x" * 100_000)]
    add(store, "r", record={"artifacts": {"m": {"path": "m.bin"}}}, files=files)

    def broken(*_):
        yield b"x" * 50_000
        raise EOFError

    monkeypatch.setattr("runjson_server.file._pieces", broken)
    with Tracker.open(address.removesuffix("/api/v1")) as tracker, pytest.raises(OSError, match="broke off"):
        tracker.run("r").artifacts["m"].download(tmp_path / "m.bin")
    assert not (tmp_path / "m.bin").exists()


def test_times_of_tables_have_their_offset(store, address):
    add(store, "r", record={"parameters": {"when": {"$datetime": "2026-01-01T00:00:00Z"}}})
    with closing(open_reading(address.removesuffix("/api/v1"))) as remote:
        (row,) = remote.select_runs(columns=["parameters.when"]).rows
    assert row.values["parameters.when"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_question_has_a_bounded_size(address):
    for path in ("runs/search", "runs/read", "find", "series"):
        answer = requests.post(f"{address}/{path}", data=b"[" * (9 << 20), timeout=60)
        assert answer.status_code == 413, path
