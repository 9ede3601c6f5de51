"""What is made over HTTP for some time opens nothing when the time is over."""

from __future__ import annotations

import time

import pytest
import requests
from runjson_tracker.store import Store

from tests.server.runs import BARE, add
from tests.serving import bearer, serving

SECONDS = 5.0


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("expiring") / "store", "--members-only") as server:
        with Store.open(server.place) as store:
            server.token("ada", "admin", admin=True)
            store.access.make_project("p", owner=store.access.person("ada"))
            add(store, "r1", loss=BARE)
        yield server


def test_tokens_shares_and_invitations_end_with_their_time(running):
    headers, address = bearer(running.token("ada", "admin", admin=True)), f"{running.address}/api/v1"

    def make(route, **given):
        answer = requests.post(f"{address}/{route}", json=given | {"expires_in": SECONDS}, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def answers(token, share, invitation):
        run = {"project": "p", "id": "r1"}
        return [
            requests.get(f"{address}/run", run, headers=bearer(token["secret"]), timeout=30),
            requests.get(f"{address}/run", run, headers=bearer(share["secret"]), timeout=30),
            requests.post(f"{address}/invitations/asked", json={"secret": invitation["secret"]}, timeout=30),
        ]

    begun = time.time()
    made = [make("tokens", name="short"), make("shares", project="p", runs=["r1"]), make("invitations")]
    assert [one.status_code for one in answers(*made)] == [200, 200, 200]
    for one in made:
        assert begun + SECONDS <= one["expires"] <= time.time() + SECONDS
    time.sleep(max(0, max(one["expires"] for one in made) - time.time()) + 0.05)
    refused = answers(*made)
    assert [one.status_code for one in refused] == [401, 401, 404]
    assert "expired" in refused[0].json()["detail"]
    # Those who made them see that they are over.
    listed = requests.get(f"{address}/shares", {"project": "p"}, headers=headers, timeout=30).json()["shares"]
    assert [one["expires"] for one in listed] == [made[1]["expires"]]
