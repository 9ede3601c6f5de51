"""Servers killed with -9 in the middle of what they take: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import random
import threading
import time

import numpy as np
import pytest
import requests
from runjson_tracker.remote.http import Http
from runjson_tracker.store import Store
from runjson_uploader.sending import OverHttp
from urllib3.exceptions import NewConnectionError

from tests.serving import bearer, serving

KILLS = 50
WRITERS = 4
HEAD = '{"runjson": "1.0", "id": "%s"}\n'


class Writer(threading.Thread):
    """Appends to a run file, and sends it at once: a request of its is under way nearly always."""

    def __init__(self, folder, number, address, token, stop) -> None:
        super().__init__()
        self.id = f"writer-{number}"
        self.path = folder / f"{self.id}.jsonl"
        self.path.write_text(HEAD % self.id)
        self.values: list[float] = []
        self.files: list[bytes] = []
        self.sent = 0
        self.fault: BaseException | None = None
        self._target = OverHttp(Http(address, token))
        self._draw = random.Random(number)
        self._stop_it = stop
        self._kept = None

    def run(self) -> None:
        try:
            while not self._stop_it.is_set():
                self.append()
                self.send()
        except BaseException as fault:
            self.fault = fault

    def append(self) -> None:
        more = [self._draw.random() for _ in range(self._draw.choice([1, 10, 500, 20_000]))]
        line = f'{{"series": {{"a": {more}}}'
        if self._draw.random() < 0.2:
            name = f"{self.id}-{len(self.files)}.bin"
            self.files.append(self._draw.randbytes(50_000))
            (self.path.parent / name).write_bytes(self.files[-1])
            line += f', "artifacts": {{"{name}": "{name}"}}'
        with self.path.open("a") as target:
            target.write(line + "}\n")
        self.values += more

    def send(self) -> None:
        with self.path.open("rb") as source:
            outcome = self._target.upload(source, self.path.name, self.path.parent, project="p", kept=self._kept)
        assert outcome.answer in {"new", "grown", "unchanged"}, outcome
        self._kept = outcome.kept
        self.sent += 1


def killed_again_and_again(tmp_path, place, server, kill) -> None:
    stop, draw = threading.Event(), random.Random(8)
    token = server.token(admin=True)
    writers = [Writer(tmp_path, number, server.address, token, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(KILLS):
            before = sum(writer.sent for writer in writers)
            time.sleep(draw.uniform(0, 0.2))
            kill()
            while sum(writer.sent for writer in writers) <= before and not any(one.fault for one in writers):
                time.sleep(0.01)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for writer in writers:
        assert writer.fault is None, (writer.fault, server.log)
        writer.send()
    with Store.open(place) as store:
        for writer in writers:
            source = store.source("p", writer.id, "")
            np.testing.assert_array_equal(source.points("series", "a").values, writer.values)
            assert source.read_bytes == writer.path.stat().st_size
            stored = {one.name: one.sha256 for one in source.files}
            assert len(stored) == len(writer.files)
            for number, content in enumerate(writer.files):
                with store.blobs.open(stored[f"{writer.id}-{number}.bin"]) as blob:
                    assert blob.read() == content
        assert store.check().problems == []


@pytest.mark.once
def test_the_server_is_killed_fifty_times_while_four_clients_send(tmp_path, monkeypatch):
    place, broken = tmp_path / "store", []
    request = requests.Session.request

    def watched(self, *given, **more):
        try:
            return request(self, *given, **more)
        except requests.ConnectionError as fault:
            # It was under way, and not refused by a server that is not there.
            if not isinstance(getattr(fault.args[0], "reason", None), NewConnectionError):
                broken.append(fault)
            raise

    with serving(place) as server:
        monkeypatch.setattr(requests.Session, "request", watched)

        def kill():
            server.kill()
            server.start()

        killed_again_and_again(tmp_path, place, server, kill)
    assert len(broken) > KILLS // 2


@pytest.mark.once
def test_a_server_without_its_database_says_when_to_come_again_and_goes_on_by_itself(tmp_path):
    from tests.postgresql import cluster

    (tmp_path / "blobs").mkdir()
    run = b'{"runjson": "1.0", "id": "r1", "series": {"loss": [0.5]}}'
    with cluster() as database:
        database.tell("CREATE DATABASE runs")
        with serving(f"{database.url('runs')}&blobs={tmp_path / 'blobs'}") as server:
            headers, address = bearer(server.token(admin=True)), f"{server.address}/api/v1"
            assert requests.get(f"{address}/runs", headers=headers, timeout=30).json()["rows"] == []
            database.stop()
            asked = requests.get(f"{address}/runs", headers=headers, timeout=60)
            sent = requests.post(f"{address}/runs?project=p", data=run, headers=headers, timeout=60)
            for one in (asked, sent):
                assert (one.status_code, one.headers["Retry-After"]) == (503, "1"), one.text
                assert "database" in one.json()["detail"]
                assert "Traceback" not in one.text
            database.start()
            assert requests.post(f"{address}/runs?project=p", data=run, headers=headers, timeout=60).ok
            (row,) = requests.get(f"{address}/runs", headers=headers, timeout=30).json()["rows"]
            assert (row["id"], row["points"]) == ("r1", 1)


@pytest.mark.once
def test_the_database_is_killed_fifty_times_while_four_clients_send(tmp_path):
    from tests.postgresql import cluster

    (tmp_path / "blobs").mkdir()
    with cluster() as database:
        database.tell("CREATE DATABASE runs")
        place = f"{database.url('runs')}&blobs={tmp_path / 'blobs'}"
        with serving(place) as server:

            def kill():
                database.kill()
                database.start()

            killed_again_and_again(tmp_path, place, server, kill)
