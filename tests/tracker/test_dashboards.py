"""Dashboards: saved for a project, changed by one at a time, moved with the store."""

from __future__ import annotations

import threading

import pytest
from runjson_tracker.errors import AccessRefused, DashboardRefused
from runjson_tracker.store import Store, StoreError
from runjson_tracker.upkeep.moving import move

CONTENT = {"where": 'tags == "paper"', "panels": [{"kind": "text", "settings": {"text": "a \0 \U0001f600"}}]}


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        opened.access.make_project("p/q", owner=None)
        yield opened


def names(store, project="p/q"):
    return [one.name for one in store.dashboards.of(project)]


def test_a_dashboard_comes_back_as_it_was_saved(store):
    saved = store.dashboards.save("p/q", "Loss / all", CONTENT, person="ada")
    assert store.dashboards.load("p/q", "Loss / all") == (saved, CONTENT)
    assert (saved.version, saved.person) == (1, "ada")
    assert store.dashboards.load("p/q", "loss") is store.dashboards.load("no", "Loss / all") is None
    assert names(store) == ["Loss / all"]
    assert names(store, "no") == []


def test_who_changes_an_older_version_is_told_and_loses_nothing(store):
    store.dashboards.save("p/q", "one", CONTENT)
    store.dashboards.save("p/q", "one", {"where": "theirs"}, version=1)
    with pytest.raises(DashboardRefused, match="meanwhile"):
        store.dashboards.save("p/q", "one", {"where": "mine"}, version=1)
    assert store.dashboards.load("p/q", "one")[1] == {"where": "theirs"}
    with pytest.raises(DashboardRefused, match="has a dashboard"):
        store.dashboards.save("p/q", "one", {"where": "mine"})


def test_a_dashboard_gets_another_name_unless_it_is_taken(store):
    store.dashboards.save("p/q", "one", CONTENT)
    store.dashboards.save("p/q", "two", CONTENT)
    with pytest.raises(DashboardRefused, match="another name"):
        store.dashboards.save("p/q", "two", CONTENT, version=1, was="one")
    store.dashboards.save("p/q", "three", CONTENT, version=1, was="one")
    assert names(store) == ["three", "two"]


def test_of_many_who_save_at_once_one_does(store):
    store.dashboards.save("p/q", "one", CONTENT)
    outcomes: list[object] = []

    def save(number):
        try:
            outcomes.append(store.dashboards.save("p/q", "one", {"where": str(number)}, version=1).version)
        except DashboardRefused as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert outcomes.count(2) == 1
    assert len(outcomes) == 8


def test_what_can_be_no_dashboard_is_refused(store):
    for name in ("", "  ", "a\0b", "x" * 201, "\ud800"):
        with pytest.raises(DashboardRefused, match="1 to 200 characters"):
            store.dashboards.save("p/q", name, CONTENT)
        assert store.dashboards.load("p/q", name) is None
        assert not store.dashboards.remove("p/q", name)
    with pytest.raises(AccessRefused, match='no project "no"'):
        store.dashboards.save("no", "one", CONTENT)


def test_a_dashboard_is_removed(store):
    store.dashboards.save("p/q", "one", CONTENT)
    assert store.dashboards.remove("p/q", "one")
    assert not store.dashboards.remove("p/q", "one")
    assert names(store) == []


def test_dashboards_move_with_their_store(store, tmp_path):
    store.dashboards.save("p/q", "one", CONTENT, person="ada")
    with Store.open(tmp_path / "other") as other:
        move(store, other)
        assert other.dashboards.load("p/q", "one") == store.dashboards.load("p/q", "one")
        move(store, other)
        store.dashboards.save("p/q", "one", {}, version=1)
        with pytest.raises(StoreError, match="dashboard one"):
            move(store, other)
        move(store, other, replace=True)
        assert other.dashboards.load("p/q", "one") == store.dashboards.load("p/q", "one")
