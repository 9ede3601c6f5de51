"""Run files that are sent with curl and nothing of ours: whole, more of a stream, with the files that they name."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from runjson_server.body import zstd
from runjson_tracker.store import Store
from runjson_uploader.attached import Sent
from runjson_uploader.upload import upload

from tests.served import served
from tests.serving import bearer, serving

RUN = b'{"runjson": "1.0", "id": "r1", "series": {"loss": [0.5, "NaN"]}}\n'
MORE = b'{"series": {"loss": 0.25}}\n'


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("arriving") / "store") as server:
        yield server


@pytest.fixture
def project(request, running):
    """A project that no other test has, the address of its runs, and the header of a token for it."""
    name = f"vision/{request.node.name[:60]}"
    return name, f"{running.address}/api/v1/runs?project={requests.utils.quote(name)}", bearer(running.token("ada"))


def values(server, project, run="r1"):
    with Store.open(server.place) as store:
        source = store.source(project, run, "")
        return None if source is None else [repr(one) for one in source.points("series", "loss").values.tolist()]


def curl(*words) -> tuple[int, dict]:
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code}", *map(str, words)], capture_output=True, text=True, check=True
    )
    text, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(text)


def test_curl_tracks_a_run_and_its_answer_says_what_was_taken(running, project, tmp_path):
    name, address, header = project
    path = tmp_path / "run.jsonl"
    path.write_bytes(RUN)  # one line: it is a stream all the same, since it has an id
    words = ("-T", path, "-H", f"Authorization: {header['Authorization']}", address)
    status, answer = curl(*words)
    assert (status, answer["answer"], answer["project"], answer["run"], answer["points"]) == (200, "new", name, "r1", 2)
    assert (answer["offset"], answer["prefix"]) == (len(RUN), hashlib.sha256(RUN).hexdigest())
    assert curl(*words)[1]["answer"] == "unchanged"
    path.write_bytes(RUN + MORE)
    assert curl(*words)[1]["answer"] == "grown"
    assert values(running, name) == ["0.5", "nan", "0.25"]


def test_curl_sends_the_files_of_a_run_in_one_form(running, project, tmp_path):
    name, address, header = project
    (tmp_path / "run.json").write_text('{"runjson": "1.0", "id": "r1", "artifacts": {"m": "out/m.bin", "d": "dir"}}')
    for path in ("m", "a", "b"):
        (tmp_path / path).write_text(f"bytes of {path}")
    form = [f"run=@{tmp_path}/run.json", f"out/m.bin=@{tmp_path}/m", f"dir/a=@{tmp_path}/a", f"dir/b=@{tmp_path}/b"]
    status, answer = curl(
        *(word for one in form for word in ("-F", one)), "-H", f"Authorization: {header['Authorization']}", address
    )
    assert (status, answer["answer"], answer["files"]) == (200, "new", 3)
    with Store.open(running.place) as store:
        stored = {one.name: one.sha256 for one in store.source(name, "r1", "").files}
        assert all(sha256 in store.blobs for sha256 in stored.values())
    sent = {"m": b"bytes of m", "d/a": b"bytes of a", "d/b": b"bytes of b"}
    assert stored == {one: hashlib.sha256(content).hexdigest() for one, content in sent.items()}


def test_a_file_with_errors_is_refused_whole_with_the_findings_of_the_validator(running, project):
    name, address, header = project
    bad = RUN + b'{"series": {"loss": null}}\n{"step": 1, "loss": 0.5}\n'
    answer = requests.post(address, data=bad, headers=header)
    told = answer.json()
    assert answer.status_code == 422
    assert (told["answer"], told["report"]["errors"]) == ("refused", 2)
    assert [(one["code"], one["line"]) for one in told["report"]["findings"]] == [("RJ112", 2), ("RJ105", 3)]
    assert values(running, name) is None


def test_a_changed_past_is_refused_and_replaced_when_asked(running, project):
    name, address, header = project
    requests.post(address, data=RUN, headers=header)
    changed = RUN.replace(b"0.5", b"0.75")
    refused = requests.post(address, data=changed, headers=header)
    assert (refused.status_code, refused.json()["why"]) == (
        409,
        ['series "loss", point 0: was 0.5 and is 0.75'],
    )
    replaced = requests.post(address + "&replace=true", data=changed, headers=header)
    assert (replaced.status_code, replaced.json()["answer"]) == (200, "replaced")
    assert values(running, name) == ["0.75", "nan"]


def test_more_of_a_stream_is_added_once_and_only_behind_what_is_there(running, project):
    name, address, header = project
    requests.post(address, data=RUN, headers=header)
    place = f"{address}&run=r1&offset={len(RUN)}"
    first = requests.post(place, data=MORE, headers=header).json()
    assert (first["answer"], first["points"], first["offset"]) == ("grown", 1, len(RUN + MORE))
    again = requests.post(place, data=MORE, headers=header)  # as a client does whose answer was lost
    assert (again.status_code, again.json()["offset"]) == (409, len(RUN + MORE))
    digest = hashlib.sha256(RUN + MORE + MORE).hexdigest()
    further = f"{address}&run=r1&offset={len(RUN + MORE)}&digest={digest}"
    told = requests.post(further, data=MORE, headers=header).json()
    assert (told["offset"], told["prefix"]) == (len(RUN + MORE + MORE), digest)
    other = f"{address}&run=r1&offset={told['offset']}&prefix={'0' * 64}"
    assert requests.post(other, data=MORE, headers=header).status_code == 409
    assert values(running, name) == ["0.5", "nan", "0.25", "0.25"]
    whole = requests.post(address, data=RUN + MORE + MORE, headers=header).json()
    assert whole["answer"] == "unchanged"


def test_more_of_many_streams_at_once_is_told_to_each_and_added_once(place):
    with serving(place, "--workers", "1") as server:
        header, address = bearer(server.token("ada")), f"{server.address}/api/v1/runs"
        stranger = bearer(server.token("eve"))
        for run in range(6):
            begun = RUN.replace(b'"r1"', f'"r{run}"'.encode())
            assert requests.post(address, params={"project": "p"}, data=begun, headers=header).ok

        def send(number):
            run, way = number // 7, number % 7
            asked = {"project": "p", "run": f"r{run}", "offset": len(RUN)}
            # Four of each are the same; one has an error, one stands elsewhere, and one comes from somebody else.
            if way < 4:
                return requests.post(address, params=asked, data=MORE, headers=header)
            if way == 4:
                return requests.post(address, params=asked, data=b'{"series": 1}\n', headers=header)
            if way == 5:
                return requests.post(address, params=asked | {"offset": 7}, data=MORE, headers=header)
            return requests.post(address, params=asked, data=MORE, headers=stranger)

        with ThreadPoolExecutor(42) as pool:
            answers = list(pool.map(send, range(42)))
        for run in range(6):
            told = [one.status_code for one in answers[7 * run : 7 * run + 7]]
            assert sorted(told[:4]) == [200, 409, 409, 409]
            assert (told[4] in {409, 422}, told[5:]) == (True, [409, 404]), told
            (grown,) = (one for one in answers[7 * run : 7 * run + 4] if one.status_code == 200)
            late = [one.json() for one in answers[7 * run : 7 * run + 4] if one is not grown]
            assert [(one["answer"], one["offset"]) for one in late] == [("refused", len(RUN + MORE))] * 3
            assert (grown.json()["answer"], grown.json()["run"], grown.json()["points"]) == ("grown", f"r{run}", 1)
        for run in range(6):
            assert values(server, "p", f"r{run}") == ["0.5", "nan", "0.25"]


def test_an_error_in_more_of_a_stream_has_the_line_of_the_whole(running, project):
    name, address, header = project
    requests.post(address, data=RUN + MORE, headers=header)
    place = f"{address}&run=r1&offset={len(RUN + MORE)}&line=2"
    answer = requests.post(place, data=MORE + b'{"series": {"loss": null}}\n', headers=header)
    (found,) = answer.json()["report"]["findings"]
    assert (answer.status_code, found["code"], found["line"]) == (422, "RJ112", 4)
    assert values(running, name) == ["0.5", "nan", "0.25"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The address of the runs of a server that holds lines and documents of 1,000 bytes, and its store."""
    place = tmp_path_factory.mktemp("small") / "store"
    with served(place, document=1000) as address, Store.open(place) as store:
        yield f"{address}/api/v1/runs?project=p", store


LONG = b'{"series": {"loss": 0.5%s}}\n'


@pytest.mark.parametrize("length", [1000, 1001, 5000])
@pytest.mark.parametrize("way", ["alone", "in a form", "as more"])
def test_a_line_that_is_too_long_to_hold_is_refused_with_all_of_its_file(small, length, way):
    address, store = small
    run = f"r-{length}-{way.replace(' ', '-')}"
    before = RUN.replace(b"r1", run.encode()) + MORE * 100
    more = MORE * 3 + LONG % (b" " * (length - len(LONG % b"") + 1)) + MORE
    if way == "as more":
        assert requests.post(address, data=before).status_code == 200
        answer = requests.post(f"{address}&run={run}&offset={len(before)}&line=101", data=more)
    else:
        whole = {"files": {"run": before + more}} if way == "in a form" else {"data": before + more}
        answer = requests.post(address, **whole)
    source = store.source("p", run, "")
    if length == 1000:
        assert (answer.status_code, source.point_count) == (200, 2 + 100 + 5)
        return
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("Line 105 is longer than the 1,000 bytes")
    assert "several shorter lines" in answer.json()["detail"]
    assert (source.point_count if source else None) == (2 + 100 if way == "as more" else None)


def test_a_document_that_is_too_large_to_hold_is_refused_and_not_looked_at_further(small):
    address, store = small
    lines = b'{"runjson": "1.0", "id": "large", "series": {"loss": [\n' + b"0.5,\n" * 1000 + b"null]}}\n"
    answer = requests.post(address, data=lines)
    told = answer.json()
    assert (answer.status_code, told["answer"]) == (422, "refused")
    assert [one["code"] for one in told["report"]["findings"]] == ["RJ016"]
    assert store.source("p", "large", "") is None


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_bodies_may_be_compressed_in_several_pieces(running, project, encoding):
    name, address, header = project
    compress = gzip.compress if encoding == "gzip" else zstd.compress
    body = RUN + b"".join(b'{"series": {"loss": %d}}\n' % number for number in range(100_000))
    half = len(body) // 2
    data = compress(body[:half]) + compress(body[half:])
    answer = requests.post(address, data=data, headers={**header, "Content-Encoding": encoding})
    assert answer.json()["points"] == 100_002
    assert len(values(running, name)) == 100_002


def test_a_record_that_says_the_digest_of_its_file_needs_no_form(running, project):
    _, address, header = project
    blobs = address.replace("/runs", "/blobs")
    sent = requests.put(blobs, data=b"weights", headers=header).json()
    assert sent == {"sha256": hashlib.sha256(b"weights").hexdigest(), "bytes": 7}
    run = {"runjson": "1.0", "id": "r1", "artifacts": {"m": {"path": "m.bin", "sha256": sent["sha256"]}}}
    assert requests.post(address, json=run, headers=header).json()["files"] == 1
    run["artifacts"]["m"] = {"path": "m.bin", "sha256": "0" * 64}
    unknown = requests.post(address, json=run, headers=header)
    assert (unknown.status_code, unknown.json()["wanted"]) == (422, ["m.bin"])


def test_what_another_project_keeps_is_not_had_for_its_digest(running, project):
    name, address, header = project
    secret = hashlib.sha256(b"of ada alone").hexdigest()
    requests.put(address.replace("/runs", "/blobs"), data=b"of ada alone", headers=header)
    run = {"runjson": "1.0", "id": "r1", "artifacts": {"m": {"path": "m.bin", "sha256": secret}}}
    assert requests.post(address, json=run, headers=header).status_code == 200
    mallory = bearer(running.token("mallory"))
    for named in (name, "mallory/own"):  # the project that is said beside the file, and the one that the file says
        asked = f"{running.address}/api/v1/runs?project={named}"
        stolen = requests.post(asked, json={**run, "project": "mallory/own"}, headers=mallory)
        assert (stolen.status_code, stolen.json()["wanted"]) == (422, ["m.bin"])
    question = {"project": "mallory/own", "sha256": [secret]}
    told = requests.post(f"{running.address}/api/v1/blobs/missing", json=question, headers=mallory)
    assert told.json() == {"missing": [secret]}


def test_a_file_goes_on_where_it_broke_off_and_other_bytes_are_refused(running, project):
    _, address, header = project
    data = bytes(range(256)) * 1000
    digest = hashlib.sha256(data).hexdigest()
    place = address.replace("/runs?", f"/blobs/{digest}?")
    half = requests.put(f"{place}&size={len(data)}", data=data[:1000], headers=header).json()
    assert half == {"sha256": digest, "offset": 1000, "whole": False}
    assert requests.get(place, headers=header).json()["offset"] == 1000
    elsewhere = requests.put(f"{place}&offset=500&size={len(data)}", data=data[500:], headers=header)
    assert (elsewhere.status_code, elsewhere.json()["offset"]) == (409, 1000)
    whole = requests.put(f"{place}&offset=1000&size={len(data)}", data=data[1000:], headers=header).json()
    assert whole["whole"] is True
    wrong = requests.put(address.replace("/runs?", f"/blobs/{'0' * 64}?"), data=data, headers=header)
    assert wrong.status_code == 422
    assert "changed on the way" in wrong.json()["detail"]


def test_a_project_is_whose_who_tracked_its_first_run_however_many_do_at_once(running, project):
    name, address, header = project
    runs = [RUN.replace(b"r1", b"r%d" % number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda data: requests.post(address, data=data, headers=header).status_code, runs))
    assert answers == [200] * 8
    stranger = requests.post(address, data=RUN, headers=bearer(running.token("eve")))
    assert stranger.status_code == 404
    with Store.open(running.place) as store:
        assert [(one.name, str(one.role)) for one in store.access.members(name)] == [("ada", "owner")]


@pytest.mark.parametrize("way", ["dry_run=true", f"offset={len(RUN)}&run=r1&dry_run=true"])
def test_a_dry_run_answers_and_tracks_nothing(running, project, way):
    name, address, header = project
    requests.post(address, data=RUN, headers=header)
    body = MORE if "offset" in way else RUN + MORE
    answer = requests.post(f"{address}&{way}", data=body, headers=header).json()
    assert (answer["answer"], answer["points"]) == ("grown", 1)
    assert values(running, name) == ["0.5", "nan"]


def test_what_others_wrote_meanwhile_is_seen_although_the_server_remembers_what_it_wrote(running, project):
    name, address, header = project
    requests.post(address, data=RUN, headers=header)
    place = f"{address}&run=r1&offset="
    told = requests.post(f"{place}{len(RUN)}", data=MORE, headers=header).json()
    with Store.open(running.place) as store:  # another program
        upload(io.BytesIO(RUN + MORE + MORE), "run.jsonl", Sent({}, lambda _: None), store, project=name)
    late = requests.post(f"{place}{told['offset']}", data=MORE, headers=header)
    assert (late.status_code, late.json()["offset"]) == (409, len(RUN + MORE + MORE))
    more = requests.post(f"{place}{len(RUN + MORE + MORE)}", data=MORE, headers=header).json()
    assert (more["answer"], more["points"]) == ("grown", 1)
    assert values(running, name) == ["0.5", "nan", "0.25", "0.25", "0.25"]
    with Store.open(running.place) as store:
        store.put_away([(name, "r1")])
    trashed = requests.post(f"{place}{more['offset']}", data=MORE, headers=header).json()
    assert trashed["answer"] == "trashed"
    with Store.open(running.place) as store:
        store.free(kept=0)
    gone = requests.post(f"{place}{more['offset']}", data=MORE, headers=header)
    assert (gone.status_code, gone.json()["offset"]) == (409, None)
    assert requests.post(address, data=RUN, headers=header).json()["answer"] == "new"
    again = requests.post(f"{place}{len(RUN)}", data=MORE, headers=header).json()
    assert (again["answer"], values(running, name)) == ("grown", ["0.5", "nan", "0.25"])
