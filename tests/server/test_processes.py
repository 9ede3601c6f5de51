"""Several processes answer for one server: what one of them took, the others know, and one that dies is replaced."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import requests
from runjson_tracker.store import Store

from tests.serving import bearer, serving
from tests.uploader.following import DEADLINE, eventually


def test_a_stream_in_requests_of_their_own_goes_on_whichever_process_takes_them(server):
    token = server.token(admin=True)
    address = f"{server.address}/api/v1/runs"
    assert len(server.workers) == min(len(os.sched_getaffinity(0)), 2)

    def stream(run):
        # Each request has a connection of its own, which any process may take.
        told = requests.post(
            address, params={"project": "p"}, data=f'{{"runjson": "1.0", "id": "{run}"}}\n', headers=bearer(token)
        ).json()
        for step in range(60):
            asked = {"project": "p", "run": run, "offset": told["offset"]}
            line = f'{{"step": {step}, "series": {{"a": {step}.5, "b": {-step}}}}}\n'
            told = requests.post(address, params=asked, data=line, headers=bearer(token)).json()
            assert told["answer"] == "grown", told

    threads = [threading.Thread(target=stream, args=(f"r{number}",)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with Store.open(server.place) as store:
        for number in range(4):
            source = store.source("p", f"r{number}", "")
            points = source.points("series", "a")
            np.testing.assert_array_equal(points.values, np.arange(60) + 0.5)
            np.testing.assert_array_equal(points.steps, np.arange(60))
            np.testing.assert_array_equal(source.points("series", "b").values, -np.arange(60))


def test_a_process_that_is_killed_is_replaced_and_leaves_nothing(tmp_path):
    spool = tmp_path / "spool"
    spool.mkdir()
    with serving(tmp_path / "store", "--workers", "3", "--spool", str(spool)) as server:
        begun = server.workers
        assert len(begun) == 3
        address = f"{server.address}/api/v1/runs"
        asked = {"project": "p"}
        headers = bearer(server.token(admin=True))
        for number, process in enumerate(begun):
            os.kill(process, signal.SIGKILL)

            def takes(number=number):
                line = f'{{"runjson": "1.0", "id": "r{number}", "series": {{"a": 1}}}}\n'
                try:
                    return requests.post(address, params=asked, data=line, headers=headers, timeout=DEADLINE).ok
                except requests.ConnectionError:
                    return False

            def is_replaced(process=process):
                now = server.workers
                return len(now) == 3 and process not in now

            eventually(takes, lambda: server.log)
            eventually(is_replaced, lambda: server.log)
        assert not set(server.workers) & set(begun)
        assert server.stop() == 0
        assert [one.name for one in spool.iterdir() if not one.name.startswith("runjson-parts-")] == []
    with Store.open(tmp_path / "store") as store:
        assert sorted(one.id for one in store.runs()) == ["r0", "r1", "r2"]


def test_wrong_passwords_are_counted_by_all_processes_together(tmp_path):
    with serving(tmp_path / "store", "--workers", "4") as server:
        server.token()

        def guess(_):
            words = {"name": "ada", "password": "wrong wrong"}
            return requests.post(f"{server.address}/api/v1/session", json=words, timeout=DEADLINE).status_code

        answers = [guess(number) for number in range(12)]
    # The waits are longer and longer: at most one of them can have passed meanwhile.
    assert answers[:5] == [401] * 5
    assert answers.count(429) >= 5
