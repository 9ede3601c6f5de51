"""What `runjson upload --to https://...` does on its way: compression, files ahead, large files in parts, retries."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import random
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
import requests
from runjson_tracker.errors import AccessRefused, StoreError
from runjson_tracker.remote import blobs
from runjson_tracker.remote.http import Http, Unreachable
from runjson_tracker.store import Store
from runjson_uploader import sending
from runjson_uploader.sending import OverHttp

from tests.served import served
from tests.serving import serving


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("sending") / "store", "--host", "0.0.0.0") as server:
        yield server


@pytest.fixture
def target(running):
    """The server under an address that does not look like this machine's own."""
    return OverHttp(Http(f"http://127.0.0.2:{running.port}", running.token(admin=True)))


def stored(running, project, run):
    with Store.open(running.place) as store:
        source = store.source(project, run, "")
        files = {}
        for one in source.files:
            with store.blobs.open(one.sha256) as blob:
                files[one.name] = blob.read()
        return source, files


def test_what_goes_over_a_network_is_compressed(running, target, tmp_path, monkeypatch):
    compressed = []
    compress = sending._compressed
    monkeypatch.setattr(sending, "_compressed", lambda pieces: compressed.append(1) or compress(pieces))
    lines = ['{"runjson": "1.0", "id": "long"}'] + [f'{{"series": {{"a": {number}}}}}' for number in range(200_000)]
    (tmp_path / "m.bin").write_bytes(b"weights")
    lines.append('{"artifacts": {"m": "m.bin"}}')
    outcome = target.upload(io.BytesIO("\n".join(lines).encode()), "run.jsonl", tmp_path, project="compressed")
    assert (outcome.answer, outcome.points, outcome.files) == ("new", 200_000, 1)
    assert compressed
    source, files = stored(running, "compressed", "long")
    assert source.points("series", "a").values.tolist() == list(range(200_000))
    assert files == {"m": b"weights"}


def test_files_that_the_client_did_not_see_are_sent_when_the_server_asks_for_them(running, target, tmp_path):
    for name in ("a.png", "b.bin"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + name.encode())
    (tmp_path / "empty").mkdir()
    images, artifacts = '"im\\u0061ges": {"i": ["a.png"]}', '"\\u0061rtifacts": {"b": "./b.bin", "e": "empty"}'
    run = f'{{"runjson": "1.0", "id": "odd", {images}, {artifacts}}}'
    outcome = target.upload(io.BytesIO(run.encode()), "run.json", tmp_path, project="odd")
    assert (outcome.answer, outcome.files) == ("new", 2), outcome
    source, files = stored(running, "odd", "odd")
    assert sorted(files) == ["b", "i"]
    assert source.record["artifacts"]["e"] == {"path": "empty"}


def test_a_large_file_goes_on_where_a_part_of_it_was_lost(running, target, tmp_path, monkeypatch):
    monkeypatch.setattr(blobs, "_PART", 1000)
    content = bytes(range(256)) * 20
    (tmp_path / "m.bin").write_bytes(content)
    sent = []
    send = Http.send

    def failing(self, method, path, **more):
        if method == "PUT" and path.startswith("/blobs/"):
            sent.append(more["params"]["offset"])
            if len(sent) == 3:
                raise Unreachable("the network is gone")
        return send(self, method, path, **more)

    monkeypatch.setattr(Http, "send", failing)
    run = json.dumps({"runjson": "1.0", "id": "parts", "artifacts": {"m": "m.bin"}}).encode()
    with pytest.raises(Unreachable):
        target.upload(io.BytesIO(run), "run.json", tmp_path, project="parts")
    assert target.upload(io.BytesIO(run), "run.json", tmp_path, project="parts").answer == "new"
    assert sent == [0, 1000, 2000, 2000, 3000, 4000, 5000]
    assert stored(running, "parts", "parts")[1] == {"m": content}


def test_a_file_that_the_server_keeps_is_not_sent_again(running, target, tmp_path, monkeypatch):
    content = bytes(range(256)) * 5000
    (tmp_path / "m.bin").write_bytes(content)
    sent = []
    send = Http.send

    def watching(self, method, path, **more):
        sent.append((method, path))
        return send(self, method, path, **more)

    monkeypatch.setattr(Http, "send", watching)

    def upload(run):
        record = {"runjson": "1.0", "id": run, "artifacts": {"m": "m.bin"}}
        sent.clear()
        assert target.upload(io.BytesIO(json.dumps(record).encode()), "run.json", tmp_path, project="kept").files == 1
        assert stored(running, "kept", run)[1] == {"m": content}
        return [path for method, path in sent if path.startswith("/blobs") and path != "/blobs/missing"]

    assert upload("first")
    assert upload("second") == []
    digests = [hashlib.sha256(one).hexdigest() for one in (content, b"nobody has this")]
    header = {"Authorization": f"Bearer {running.token(admin=True)}"}
    question = {"project": "kept", "sha256": digests}
    told = requests.post(f"{running.address}/api/v1/blobs/missing", json=question, headers=header, timeout=60)
    assert told.json() == {"missing": digests[1:]}
    whole = requests.get(
        f"{running.address}/api/v1/blobs/{digests[0]}", {"project": "kept"}, headers=header, timeout=60
    )
    assert whole.json()["whole"]


def test_large_files_go_in_parts_into_a_server_whose_files_are_in_object_storage(postgresql, s3, tmp_path, monkeypatch):
    monkeypatch.setattr(blobs, "_PART", 1 << 20)
    content = random.Random(1).randbytes(5_000_000)
    (tmp_path / "m.bin").write_bytes(content)
    record = {"runjson": "1.0", "id": "parts", "artifacts": {"m": "m.bin"}}
    server, template = postgresql
    with server.database(template) as address:
        place = f"{address}&blobs={s3()}"
        with served(place) as answering:
            outcome = OverHttp(Http(answering, "")).upload(
                io.BytesIO(json.dumps(record).encode()), "run.json", tmp_path, project="p"
            )
            assert (outcome.answer, outcome.files) == ("new", 1)
            asked = {"project": "p", "id": "parts", "kind": "artifacts", "name": "m"}
            assert requests.get(f"{answering}/api/v1/file", asked, timeout=60).content == content
        with Store.open(place) as store:
            (file,) = store.source("p", "parts", "").files
            with store.blobs.open(file.sha256) as blob:
                assert blob.read() == content
            assert store.check().problems == []


class InTurns(Http):
    """Asks one copy of a server after another, as a proxy in front of them does."""

    def __init__(self, addresses):
        super().__init__(addresses[0], "")
        self._addresses = itertools.cycle(addresses)

    def send(self, *given, **more):
        self.address = next(self._addresses)
        return super().send(*given, **more)


@pytest.mark.parametrize("spools", [("one", "one"), ("one", "another")])
def test_copies_of_a_server_share_the_parts_of_a_file_or_that_is_told(tmp_path, monkeypatch, spools):
    monkeypatch.setattr(blobs, "_PART", 1000)
    content = bytes(range(256)) * 20
    for name in spools:
        (tmp_path / name).mkdir(exist_ok=True)
    place, folders = tmp_path / "store", [str(tmp_path / name) for name in spools]
    with served(place, spool=folders[0]) as first, served(place, spool=folders[1]) as second:
        http = InTurns([first, second])
        if spools[0] == spools[1]:
            assert blobs.send_blob(http, "p", content) == hashlib.sha256(content).hexdigest()
        else:
            with pytest.raises(StoreError, match=r"1,000 of 5,120 bytes .* do not share .* --spool FOLDER"):
                blobs.send_blob(http, "p", content)


def test_a_file_outside_the_folder_is_never_sent(running, target, tmp_path):
    (tmp_path / "secret").write_text("of the machine")
    inside = tmp_path / "runs"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "secret")
    for path in ("../secret", "link", str(tmp_path / "secret")):
        run = json.dumps({"runjson": "1.0", "id": "r", "artifacts": {"m": path}}).encode()
        outcome = target.upload(io.BytesIO(run), "run.json", inside, project="outside")
        assert (outcome.answer, outcome.faulty) == ("refused", True)
    with Store.open(running.place) as store:
        assert "outside" not in [one.name for one in store.access.projects()]  # to send a file would have made it


class Busy(BaseHTTPRequestHandler):
    """A server that is busy twice, and then answers."""

    answers: ClassVar[list[tuple[int, dict[str, str]]]] = []

    def do_GET(self):
        status, headers = self.answers.pop(0)
        body = b'{"detail": "busy"}' if status != 200 else b'{"writes": true}'
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def busy():
    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_busy_server_is_asked_again_when_it_says(busy, monkeypatch):
    from runjson_tracker.remote import http

    slept = []
    monkeypatch.setattr(http.time, "sleep", slept.append)
    Busy.answers = [(503, {"Retry-After": "7"}), (429, {}), (200, {})]
    OverHttp.open(busy).close()
    assert slept[0] == 7
    assert 0 < slept[1] <= 1


@pytest.mark.parametrize(
    ("dates", "pauses"),
    [
        ({"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:28:09 GMT"}, (9, 9)),
        ({"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Wed, 21 Oct 2015 07:27:00 -0000"}, (0, 0)),
        ({"Date": "Wed, 21 Oct 2015 07:28:00 GMT", "Retry-After": "Fri, 21 Oct 2039 07:28:00 GMT"}, (120, 120)),
        ({"Date": "today", "Retry-After": formatdate(time.time() + 3600, usegmt=True)}, (120, 120)),
        ({"Retry-After": "Wed, 41 Oct 2015 07:28:09 GMT"}, (0.125, 0.25)),
        ({"Retry-After": "tomorrow"}, (0.125, 0.25)),
        ({"Retry-After": "nan"}, (0, 0)),
    ],
)
def test_a_busy_server_may_say_until_when(busy, monkeypatch, dates, pauses):
    from runjson_tracker.remote import http

    slept = []
    monkeypatch.setattr(http.time, "sleep", slept.append)
    Busy.answers = [(503, dates), (200, {})]
    OverHttp.open(busy).close()
    assert pauses[0] <= slept[0] <= pauses[1]


def test_no_server_and_another_server_are_told_apart(busy, monkeypatch):
    monkeypatch.setattr("runjson_tracker.remote.http._PATIENCE", 0.0)
    with pytest.raises(Unreachable, match=r"can not be reached: .*refused"):
        OverHttp.open("http://127.0.0.1:9")
    Busy.answers = [(404, {})]
    with pytest.raises(Exception, match="busy"):
        OverHttp.open(busy)


def test_without_a_token_one_is_told_where_to_get_one(running, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("RUNJSON_TOKEN", raising=False)
    with pytest.raises(Exception, match=r"runjson login http://127\.0\.0\.1"):
        OverHttp.open(running.address)
    monkeypatch.setenv("RUNJSON_TOKEN", "rj_wrong")
    with pytest.raises(AccessRefused, match="not known, or it expired"):
        OverHttp.open(running.address)
