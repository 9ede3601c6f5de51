from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from runjson_tracker.access import guesses as module
from runjson_tracker.access.clearing import clear
from runjson_tracker.access.tables import guesses
from runjson_tracker.store import Store, StoreError
from sqlalchemy import func, select, update


class Clock:
    now = 1.8e9

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """Says the time by which guesses are counted."""
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(time=clock))
    return clock


@pytest.fixture
def store(place):
    with Store.open(place) as store:
        yield store


def waits(store, name="ada", address="10.0.0.1"):
    return store.access.guess(name, address)


def known(store):
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(guesses)).scalar_one()


def test_each_wrong_password_after_the_fifth_doubles_the_wait(store, clock):
    assert [waits(store) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    told = []
    for _ in range(12):
        wait = waits(store)
        told.append(wait)
        clock.now += wait - 0.5
        assert waits(store) == 0.5
        clock.now += 0.5
        assert waits(store) == 0
    assert told == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    clock.now += 900 + 86401
    assert [waits(store) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_nobody_waits_longer_since_the_clock_was_put_back(store, clock):
    while not waits(store):
        pass
    clock.now -= 7200
    assert waits(store) == 0
    assert waits(store) == 2


def test_all_who_have_the_store_open_count_together(place, store, clock):
    with Store.open(place) as other:
        both = (store, other, store, other, store, other)
        assert [waits(one) for one in both] == [0, 0, 0, 0, 0, 1]
        clock.now += 1
        other.access.forgive("ada", "10.0.0.1")
        assert [waits(one) for one in both] == [0, 0, 0, 0, 0, 1]


def test_guesses_at_once_are_no_more_than_guesses_in_turn(store, clock):
    start = threading.Barrier(12)
    told = []

    def guess():
        start.wait(30)
        told.append(waits(store))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == [0] * 5 + [1] * 7


def test_who_is_forgiven_while_others_guess_costs_nobody_an_error(store):
    """The row of a guess may go away between two of its statements, where the database lets others write beside it."""
    faults = []

    def repeat(work):
        try:
            for _ in range(60):
                work("ada", "10.0.0.1")
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=repeat, args=(store.access.guess,)) for _ in range(3)]
    threads += [threading.Thread(target=repeat, args=(store.access.forgive,)) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []


def test_nobody_else_waits_for_who_guesses(store, clock):
    while not waits(store):
        pass
    assert waits(store, address="10.0.0.2") == waits(store, name="berta") == 0


def test_a_name_may_be_any_text(store):
    for name in ("\0", "\ud800", "n" * 100_000):
        assert waits(store, name) == 0


def test_what_is_remembered_is_bounded_and_freed(store, clock, monkeypatch):
    monkeypatch.setattr(module, "_REMEMBERED", 10)
    for number in range(100):
        clock.now += 1
        waits(store, name=f"p{number}")
    assert known(store) == 10
    assert [waits(store, name="p99") for _ in range(5)] == [0, 0, 0, 0, 1]
    with store.transaction() as connection:
        clear(connection, clock.now + 86400.5, 0)
    assert known(store) == 1


def test_who_has_to_wait_is_told_so_while_nothing_can_be_written(store, clock):
    while not waits(store):
        pass
    store.wait_at_most(0.2)
    with store.transaction() as connection:
        connection.execute(update(guesses).values(at=clock.now))
        assert waits(store) == 1
        clock.now += 1
        with pytest.raises(StoreError):
            waits(store)
