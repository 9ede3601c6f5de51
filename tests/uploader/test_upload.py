"""Sources as SPEC 9 has them, on a real store."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runjson_schema.canonical import canonical
from runjson_schema.decode import fold_bytes
from runjson_schema.findings import Refused
from runjson_tracker.exports.canonical import canonical_run
from runjson_tracker.remote.http import Http
from runjson_tracker.store import Store
from runjson_uploader.sending import OverHttp
from runjson_uploader.upload import upload

from tests.serving import serving
from tests.strategies import line, streams


@pytest.fixture(params=["direct", pytest.param("server", marks=pytest.mark.once)])
def store(request, place):
    """A store, written by the test itself or by a server that it sends run files to."""
    with Store.open(place) as opened:
        if request.param == "direct":
            yield opened
            return
        with serving(place) as server:
            SERVERS[opened] = OverHttp(Http(server.address, server.token(admin=True)))
            yield opened
            del SERVERS[opened]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One store for the property tests, each example in a project of its own."""
    with Store.open(tmp_path_factory.mktemp("shared") / "store") as opened:
        yield opened


def put(store, folder, what, name="run.json", **options):
    data = what if isinstance(what, bytes) else json.dumps(what).encode()
    if store in SERVERS:
        return SERVERS[store].upload(io.BytesIO(data), name, folder, **{"project": "default"} | options)
    return upload(io.BytesIO(data), name, folder, store, **options)


def stream(*records) -> bytes:
    return b"".join(line(record) + b"\n" for record in records)


HEAD = {"runjson": "1.0", "id": "r1"}
SERVERS = {}
NUMBERS = itertools.count()


def test_the_same_file_again_is_unchanged_and_other_layout_does_not_matter(store, tmp_path):
    run = {**HEAD, "parameters": {"lr": 0.1}, "series": {"a": [1, "NaN", "Infinity"]}, "text": {"log": ["x\u0000y"]}}
    first = put(store, tmp_path, run)
    assert (first.answer, first.points) == ("new", 4)
    assert put(store, tmp_path, run).answer == "unchanged"
    assert put(store, tmp_path, json.dumps(run, indent=3).encode()).answer == "unchanged"
    points = store.source("default", "r1", "").points("series", "a")
    assert points.values[0] == 1
    assert math.isnan(points.values[1])
    assert points.values[2] == math.inf
    assert store.source("default", "r1", "").points("text", "log").values == ["x\u0000y"]


def test_a_document_without_id_is_known_by_its_digest(store, tmp_path):
    run = {"runjson": "1.0", "series": {"a": [1, 2]}}
    outcome = put(store, tmp_path, run)
    assert outcome.run == hashlib.sha256(b'{"runjson":"1.0","series":{"a":{"values":[1,2]}}}').hexdigest()[:32]
    assert put(store, tmp_path, json.dumps(run, indent=1).encode()).answer == "unchanged"
    assert put(store, tmp_path, {"runjson": "1.0", "series": {"a": [1, 2, 3]}}).answer == "new"
    assert len(store.runs()) == 2


def test_a_document_beside_its_stream_doubles_nothing(store, tmp_path):
    lines = [HEAD, {"step": 1, "series": {"a": 1}}, {"step": 2, "series": {"a": 2}}, {"status": "succeeded"}]
    assert put(store, tmp_path, stream(*lines), "run.jsonl").answer == "new"
    document = {**HEAD, "status": "succeeded", "series": {"a": {"values": [1, 2], "steps": [1, 2]}}}
    assert put(store, tmp_path, document).answer == "unchanged"
    assert store.source("default", "r1", "").counts == {("series", "a"): 2}


def test_what_continues_adds_the_rest_and_an_older_copy_changes_nothing(store, tmp_path):
    old = {**HEAD, "status": "running", "series": {"a": [1, 2]}, "tags": ["x"]}
    new = {
        **HEAD,
        "status": "succeeded",
        "series": {"a": [1, 2, 3], "b": 7},
        "tags": ["x"],
        "ended_at": "2026-11-21T03:13:41Z",
    }
    assert put(store, tmp_path, old).answer == "new"
    grown = put(store, tmp_path, new)
    assert (grown.answer, grown.points) == ("grown", 2)
    older = put(store, tmp_path, old)
    assert older.answer == "unchanged"
    assert older.why == ["an older copy of what is tracked"]
    assert store.source("default", "r1", "").record["status"] == "succeeded"
    assert store.source("default", "r1", "").points("series", "a").values.tolist() == [1, 2, 3]


def test_a_run_that_goes_back_to_running_without_new_points_stays_ended_and_is_told_so(store, tmp_path):
    ended = {**HEAD, "status": "aborted", "series": {"a": [1, 2]}}
    put(store, tmp_path, ended)
    again = put(store, tmp_path, {**ended, "status": "running"})
    assert again.answer == "unchanged"
    assert again.why == ['it says "running" and has no new point: the tracked end, "aborted", stays']
    assert store.source("default", "r1", "").record["status"] == "aborted"
    fewer = put(store, tmp_path, {**ended, "status": "running", "series": {"a": [1]}})
    assert fewer.why == ["an older copy of what is tracked"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"series": {"a": [1, 5, 3]}}, 'series "a", point 1: was 2.0 and is 5.0'),
        ({"series": {"a": {"values": [1, 2], "steps": [0, 1]}}}, 'series "a", point 0: was 1.0 and is 1.0 at step 0'),
        ({"series": {"a": [1], "b": 1}}, 'series "a" has 1 point; 2 are tracked'),
        ({"parameters": {"lr": 0.2, "m": {"n": 1}}, "series": {"a": [1, 2, 3]}}, "parameter lr was 0.1 and is 0.2"),
        ({"parameters": {"lr": 0.1}, "series": {"a": [1, 2, 3]}}, "parameter m is missing"),
        (
            {"parameters": {"lr": 0.1, "m": 3}, "series": {"a": [1, 2, 3]}},
            'parameter m was an object with "n" and is 3',
        ),
        ({"tags": [], "series": {"a": [1, 2, 3]}}, 'tag "t" is missing'),
        ({"properties": {"q": 1}, "series": {"a": [1, 2, 3]}}, 'properties: "p" is missing'),
        ({"name": None, "series": {"a": [1, 2, 3]}}, "name is missing"),
    ],
)
def test_a_changed_past_is_refused_with_what_changed_and_replaced_when_asked(store, tmp_path, changed, told):
    old = {
        **HEAD,
        "name": "n",
        "parameters": {"lr": 0.1, "m": {"n": 1}},
        "properties": {"p": 1},
        "tags": ["t"],
        "series": {"a": [1, 2]},
    }
    put(store, tmp_path, old)
    before = canonical_run(store, "default", "r1")
    outcome = put(store, tmp_path, {**old, **changed})
    assert outcome.answer == "refused"
    assert told in outcome.why
    assert canonical_run(store, "default", "r1") == before
    assert put(store, tmp_path, {**old, **changed}, replace=True).answer == "replaced"
    expected = canonical(fold_bytes(json.dumps({**old, **changed}).encode()).fold).decode()
    assert canonical_run(store, "default", "r1") == f"[{expected}]"


def test_a_torn_line_waits_and_is_read_once_it_is_whole(store, tmp_path):
    whole = stream(HEAD, {"series": {"a": 1}}, {"series": {"a": 2}})
    torn = whole[:-5]
    first = put(store, tmp_path, torn, "run.jsonl")
    assert (first.answer, first.points) == ("new", 1)
    assert "RJ010" in first.warnings[0]
    assert put(store, tmp_path, whole, "run.jsonl").points == 1
    assert store.source("default", "r1", "").read_bytes == len(whole)


@given(records=streams(most=8), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_stream_grown_at_any_byte_is_tracked_as_if_it_came_at_once(shared, tmp_path_factory, records, data):
    for record in records:  # the files of images and artifacts have tests of their own
        record.pop("images", None)
        record.pop("artifacts", None)
    for record in records[1:]:  # one that has ended and runs again is refused until it has more points (SPEC 9.2)
        if record.get("status") == "running":
            del record["status"]
    whole = stream(*records)
    try:
        expected = canonical(fold_bytes(whole, "run.jsonl").fold).decode()
    except Refused:
        return
    project = f"p{next(NUMBERS)}"
    first = whole.index(b"\n")
    cuts = sorted(data.draw(st.lists(st.integers(first, len(whole)), min_size=1, max_size=4)))
    for cut in [*cuts, len(whole)]:
        for _ in range(2):  # each prefix twice
            outcome = put(shared, tmp_path_factory.getbasetemp(), whole[:cut], "run.jsonl", project=project)
            assert outcome.answer in {"new", "grown", "unchanged"}, outcome
        assert outcome.answer == "unchanged"
    assert canonical_run(shared, project, records[0]["id"]) == f"[{expected}]"


def test_writers_are_sources_of_one_run_in_any_order(tmp_path):
    files = [
        {**HEAD, "writer": "rank-1", "status": "succeeded", "series": {"loss": [3, 4]}},
        {**HEAD, "writer": "rank-0", "status": "failed", "series": {"loss": [1, 2]}, "parameters": {"lr": 1}},
        {**HEAD, "status": "succeeded", "parameters": {"lr": 1.0}},
    ]
    forms = set()
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        with Store.open(tmp_path / f"store{order[0]}{order[1]}") as store:
            for index in order:
                assert put(store, tmp_path, files[index]).answer == "new"
            forms.add(canonical_run(store, "default", "r1"))
            (run,) = store.runs()
            assert run.status == "failed"
    assert len(forms) == 1


def test_sources_whose_parameters_disagree_are_refused(store, tmp_path):
    put(store, tmp_path, {**HEAD, "parameters": {"lr": 1}})
    outcome = put(store, tmp_path, {**HEAD, "writer": "w", "parameters": {"lr": 2}})
    assert outcome.answer == "refused"
    assert "parameters.lr: was 1 and is 2" in outcome.why[0]
    assert store.source("default", "r1", "w") is None


def test_other_bytes_under_an_images_path_are_a_changed_past(store, tmp_path):
    (tmp_path / "a.png").write_bytes(b"one")
    run = {**HEAD, "images": {"i": ["a.png"]}}
    assert put(store, tmp_path, run).files == 1
    assert put(store, tmp_path, run).answer == "unchanged"
    (tmp_path / "a.png").write_bytes(b"two")
    outcome = put(store, tmp_path, run)
    assert outcome.answer == "refused"
    assert outcome.why == ['images "i", point 0: the bytes of a.png changed']


def test_other_bytes_under_an_artifacts_path_are_a_new_version(store, tmp_path):
    (tmp_path / "m").write_bytes(b"one")
    run = {**HEAD, "artifacts": {"model": "m"}}
    assert put(store, tmp_path, run).files == 1
    (tmp_path / "m").write_bytes(b"second")
    outcome = put(store, tmp_path, run)
    assert (outcome.answer, outcome.files, outcome.bytes) == ("grown", 1, 6)
    assert put(store, tmp_path, run).answer == "unchanged"
    (stored,) = store.source("default", "r1", "").files
    assert store.blobs.path(stored.sha256).read_bytes() == b"second"


def test_a_directory_stands_for_its_files(store, tmp_path):
    (tmp_path / "out/deep").mkdir(parents=True)
    (tmp_path / "out/a").write_bytes(b"a")
    (tmp_path / "out/deep/b").write_bytes(b"b")
    run = {**HEAD, "artifacts": {"model": "out/"}}
    assert put(store, tmp_path, run).files == 2
    assert sorted(one.name for one in store.source("default", "r1", "").files) == ["model/a", "model/deep/b"]
    assert put(store, tmp_path, run).answer == "unchanged"


def test_a_file_with_errors_is_refused_whole(store, tmp_path):
    bad = stream(HEAD, {"series": {"a": 1}}) + b'{"series": {"a": null}}\n' + stream({"series": {"a": 3}})
    outcome = put(store, tmp_path, bad, "run.jsonl")
    assert outcome.answer == "refused"
    assert outcome.faulty
    assert "RJ112" in outcome.why[0]
    assert store.runs() == []
    missing = put(store, tmp_path, {**HEAD, "artifacts": {"m": "not-there"}})
    assert missing.faulty
    assert "RJ301" in missing.why[0]
    assert store.runs() == []


def test_a_dry_run_answers_and_tracks_nothing(store, tmp_path):
    (tmp_path / "m").write_bytes(b"12345")
    outcome = put(store, tmp_path, {**HEAD, "series": {"a": [1]}, "artifacts": {"m": "m"}}, dry_run=True)
    assert (outcome.answer, outcome.points, outcome.files, outcome.bytes) == ("new", 1, 1, 5)
    assert store.runs() == []


def test_many_batches_of_a_long_stream_are_all_there(store, tmp_path, monkeypatch):
    monkeypatch.setattr("runjson_schema.decode.BATCH", 1000)
    monkeypatch.setattr("runjson_schema.decode._BLOCK", 4096)
    count = 20_000
    data = stream(
        HEAD, *({"step": step, "time": 1.7e9 + step, "series": {"a": step / 7, "b": -step}} for step in range(count))
    )
    assert put(store, tmp_path, data, "run.jsonl").points == 2 * count
    assert put(store, tmp_path, data, "run.jsonl").answer == "unchanged"
    points = store.source("default", "r1", "").points("series", "a")
    np.testing.assert_array_equal(points.values, np.arange(count) / 7)
    np.testing.assert_array_equal(points.steps, np.arange(count))
    np.testing.assert_array_equal(points.times, 1.7e9 + np.arange(count))
    changed = data.replace(b'"step": 15000', b'"step": 15001')
    outcome = put(store, tmp_path, changed, "run.jsonl")
    assert outcome.answer == "refused"
    assert 'series "a", point 15000' in outcome.why[0]
