"""Dashboards over HTTP: who saves what others saved meanwhile is told, and what no panel has is refused."""

from __future__ import annotations

import json

import pytest
import requests

from tests.served import served

CONTENT = {
    "where": "parameters.lr < 0.1",
    "panels": [
        {"kind": "series", "title": "Loss", "width": 8, "settings": {"names": ["loss", "a/b"], "smoothing": 0.6}},
        {"kind": "text", "settings": {"text": "# What we know", "folded": False, "of": None}},
    ],
}


@pytest.fixture
def address(tmp_path):
    with served(tmp_path / "store") as origin:
        requests.post(f"{origin}/api/v1/projects", json={"name": "a/b"}, timeout=30)
        yield f"{origin}/api/v1/dashboards"


def save(address, **more):
    body = json.dumps({"project": "a/b", "name": "one", "content": CONTENT} | more)  # NaN too, as Python writes it
    return requests.post(address, data=body, headers={"Content-Type": "application/json"}, timeout=30)


def load(address, name="one"):
    return requests.get(f"{address}/one", params={"project": "a/b", "name": name}, timeout=30)


def test_a_dashboard_is_saved_listed_read_and_removed(address):
    saved = save(address)
    assert saved.status_code == 200
    assert saved.json()["version"] == 1
    listed = requests.get(address, params={"project": "a/b"}, timeout=30).json()["dashboards"]
    assert listed == [saved.json()]
    content = load(address).json()["content"]
    assert content["where"] == CONTENT["where"]
    assert [one["settings"] for one in content["panels"]] == [one["settings"] for one in CONTENT["panels"]]
    assert content["panels"][1]["height"] == 320
    removed = requests.post(f"{address}/remove", json={"project": "a/b", "name": "one"}, timeout=30)
    assert removed.status_code == 204
    assert load(address).status_code == 404


def test_who_saves_over_somebody_else_is_told(address):
    save(address)
    assert save(address, version=1, content={}).status_code == 200
    late = save(address, version=1)
    assert late.status_code == 409
    assert "meanwhile" in late.json()["detail"]
    assert load(address).json()["content"]["panels"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "script"},
        {"kind": "text", "width": 13},
        {"kind": "text", "settings": {"text": {"deep": 1}}},
        {"kind": "text", "settings": {"text": float("nan")}},
        {"kind": "text", "more": 1},
    ],
)
def test_what_no_panel_has_is_refused(address, wrong):
    assert save(address, content={"panels": [wrong]}).status_code == 422
    assert load(address).status_code == 404
