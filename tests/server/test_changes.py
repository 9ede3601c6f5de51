"""Live changes as server-sent events, as `curl -N` and a browser's EventSource see them."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import queue
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
import requests
from runjson_server import changes
from runjson_tracker.store import Store

from tests.serving import bearer, serving

DEADLINE = 30


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("changes") / "store") as server:
        yield server


class Listening:
    """A connection to `/changes`, read by a thread; with a token, or with the cookie of a share."""

    def __init__(self, server, token, last=None, cookie=None, **params) -> None:
        header = (bearer(token) if token else {}) | ({"Last-Event-ID": last} if last else {})
        header |= {"Cookie": f"runjson_share={cookie}"} if cookie else {}
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
        self._connection.request("GET", f"/api/v1/changes?{urlencode(params)}", headers=header)
        self.answer = self._connection.getresponse()
        self.events = queue.Queue()
        if self.answer.status == 200:
            assert self.answer.readline() == b"retry: 1000\n"
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        found = {}
        while line := self._line():
            name, _, value = line.strip().partition(": ")
            found[name] = value
            if not name and "data" in found:
                self.events.put({**json.loads(found["data"]), "id": found["id"]})
                found = {}
        self.events.put(None)

    def _line(self) -> str:
        try:
            return self.answer.readline().decode()
        except (OSError, ValueError):  # closed by the other thread
            return ""

    def next(self, run=None):
        """The next event; of a run, if one is named, since what changed just before may be told too."""
        return self.until(run)[-1]

    def until(self, run=None):
        """The next events up to one of a run, or the next one alone."""
        found = [self.events.get(timeout=DEADLINE)]
        while run not in {None, found[-1]["run"]}:
            found.append(self.events.get(timeout=DEADLINE))
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._reader.join(DEADLINE)
        self.answer.close()
        self._connection.close()


def track(server, token, project, run, *values):
    lines = [json.dumps({"runjson": "1.0", "id": run})] + [json.dumps({"series": {"a": one}}) for one in values]
    answer = requests.post(
        f"{server.address}/api/v1/runs", params={"project": project}, data="\n".join(lines), headers=bearer(token)
    )
    assert answer.status_code == 200


def test_each_change_is_told_to_who_may_see_it_and_to_nobody_else(running):
    ada, eve = running.token("ada"), running.token("eve")
    track(running, ada, "of-ada", "old", 1)
    track(running, eve, "of-eve", "old", 1)
    with Listening(running, ada) as hers, Listening(running, eve) as others:
        track(running, ada, "of-ada", "r1", 1)
        track(running, eve, "of-eve", "r2", 1)
        seen = hers.until("r1")
        assert not seen[-1]["trashed"]
        with Store.open(running.place) as store:
            store.put_away([("of-ada", "r1")])
        while not seen[-1]["trashed"]:
            seen += hers.until("r1")
        # Changes are told in their order: what of the other project were told would stand before these.
        track(running, eve, "of-eve", "end-of-eve", 1)
        track(running, ada, "of-ada", "end-of-ada", 1)
        seen += hers.until("end-of-ada")
        seen_by_others = others.until("end-of-eve")
    assert {one["project"] for one in seen} == {"of-ada"}
    assert {one["project"] for one in seen_by_others} == {"of-eve"}
    assert {"r2", "end-of-eve"} <= {one["run"] for one in seen_by_others}


def test_who_has_a_link_hears_of_the_shared_runs_and_of_no_others(running):
    ada, stranger = running.token("ada"), running.token("stranger")
    for run in ("shared", "other"):
        track(running, ada, "linked", run, 1)
    with Store.open(running.place) as store:
        secret = store.access.share(store.access.person("ada"), "linked", ["shared"])[1]
    ways = [
        {"token": secret}, {"token": secret, "project": "linked"}, {"token": None, "cookie": secret},
        {"token": stranger, "cookie": secret}, {"token": None, "cookie": secret, "project": "linked", "run": "shared"},
    ]  # fmt: skip
    with contextlib.ExitStack() as stack:
        listening = [stack.enter_context(Listening(running, **way)) for way in ways]
        track(running, ada, "linked", "new", 1)
        for run in ("other", "shared"):
            track(running, ada, "linked", run, 1, 2)
        # Changes are told in their order: what of the others were told would stand before this.
        heard = [one.until("shared") for one in listening]
        assert {change["run"] for told in heard for change in told} == {"shared"}
    refused = {"project": "linked", "run": "other"}
    with Listening(running, secret, **refused) as one, Listening(running, None, cookie=secret, **refused) as other:
        assert (one.answer.status, other.answer.status) == (404, 401)


def test_a_connection_on_which_nothing_is_told_is_kept_alive(running):
    address = f"{running.address}/api/v1/changes?project=quiet"
    token = running.token("ada")
    track(running, token, "quiet", "r1", 1)
    # Proxies end what is silent for longer, the strictest after ten seconds; so does this client.
    with requests.get(address, headers=bearer(token), stream=True, timeout=(DEADLINE, 10)) as answer:
        heard = 0
        for line in answer.iter_lines(chunk_size=1):
            heard += line == b": alive"
            if heard == 2:
                break
    assert heard == 2


def test_who_comes_back_is_told_what_was_missed(running):
    token = running.token("ada")
    track(running, token, "missed", "r0", 1)
    with Listening(running, token, project="missed") as before:
        track(running, token, "missed", "r1", 1)
        last = before.next("r1")["id"]
    track(running, token, "missed", "r2", 1)
    with Listening(running, token, last, project="missed") as after:
        assert [after.next()["run"], after.next()["run"]] == ["r1", "r2"]


def test_a_project_that_one_may_not_see_is_not_told_of(running):
    track(running, running.token("ada"), "secret", "r1", 1)
    stranger = running.token("stranger")
    for params in ({"project": "secret"}, {"project": "secret", "run": "r1"}, {"project": "nowhere"}):
        with Listening(running, stranger, **params) as refused:
            assert refused.answer.status == 404
    with Listening(running, stranger, "no number") as odd:
        assert odd.answer.status == 422


@pytest.mark.parametrize("how", ["token-revoked", "person-disabled"])
def test_a_listener_who_may_read_no_more_hears_no_more(running, how):
    person, project = f"leaver-{how}", f"left-{how}"
    token, staying = running.token(person), running.token("ada")
    track(running, token, project, "r0", 1)
    with Store.open(running.place) as store:
        store.access.set_member(project, "ada", "owner")
    with Listening(running, token, project=project) as listening:
        track(running, token, project, "r1", 1)
        assert listening.next("r1")["project"] == project
        with Store.open(running.place) as store:
            if how == "token-revoked":
                store.access.revoke(person, store.access.tokens(person)[0].name)
            else:
                store.access.disable(person)
        for number in range(2, 60):
            track(running, staying, project, f"r{number}", 1)
            try:
                last = listening.events.get(timeout=1)
            except queue.Empty:
                continue
            if last is None:
                break
        assert last is None
    with Listening(running, token, project=project) as again:
        assert again.answer.status == 401


def test_a_listener_who_is_too_slow_is_sent_away_behind_all_that_it_was_told(tmp_path, monkeypatch):
    monkeypatch.setattr(changes, "_WAITING", 2)

    async def listened(store):
        all_of_them = changes.Changes(store)
        waiting = await all_of_them.listen()
        for run in ("r1", "r2", "r3"):
            with store.ingest("p", run, "", None) as ingest:
                record = {"runjson": "1.0", "id": run}
                ingest.commit(record, "", "document", None, None, record)
        told = [await asyncio.wait_for(waiting.get(), DEADLINE) for _ in range(3)] if await _full(waiting) else []
        await all_of_them.end()
        return [one and one.id for one in told]

    # In a thread: a browser of other tests may have this one's loop.
    with Store.open(tmp_path / "store") as store, ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(listened(store))).result(DEADLINE) == ["r1", "r2", None]


async def _full(waiting):
    end = time.monotonic() + DEADLINE
    while waiting.qsize() < 3 and time.monotonic() < end:
        await asyncio.sleep(0.02)
    return waiting.qsize() == 3
