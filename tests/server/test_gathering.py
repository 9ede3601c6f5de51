"""What is tracked together by one thread: a fault, or who goes away, leaves nobody waiting for ever."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from anyio import CapacityLimiter
from runjson_schema.points import Points
from runjson_server.gathering import Gathering
from runjson_tracker.store import Store


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def gathering(store):
    store.gather_commits()
    return lambda: Gathering(store, CapacityLimiter(2))


def run(work):
    """Runs in a thread of its own, since a browser's tests leave a loop running in theirs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(asyncio.wait_for(work, 30))).result()


class Panic(BaseException):
    """What a part that is written in Rust raises when it gives up."""


def added(store, run, value):
    """A point more of a run, and how many it has then."""
    with store.ingest("p", run, "", store.source("p", run, "")) as ingest:
        ingest.append("series", "a", Points(np.array([value])))
        record = {"runjson": "1.0", "id": run}
        tracked = yield from ingest.steps(record, "", "stream", None, None, record)
    return tracked.point_count


def held(release):
    """Steps that keep the thread until they are let go on."""
    release.wait(30)
    return "held"
    yield  # it asks for nothing


def points(store, run):
    return store.run("p", run).points("series", "a").values.tolist()


def test_what_comes_at_once_is_told_to_each(gathering, store):
    async def all_of_it():
        gather = gathering()
        first = await asyncio.gather(*(gather(added(store, f"r{name}", 1.0)) for name in range(40)))
        second = await asyncio.gather(*(gather(added(store, f"r{name}", 2.0)) for name in range(40)))
        return first, second

    assert run(all_of_it()) == ([1] * 40, [2] * 40)
    assert [points(store, f"r{name}") for name in range(40)] == [[1.0, 2.0]] * 40


@pytest.mark.parametrize("fault", [ValueError("no"), Panic("gave up")])
def test_a_fault_is_told_and_the_next_ones_are_tracked(fault, gathering, store):
    def broken():
        raise fault
        yield

    async def all_of_it():
        gather, release = gathering(), threading.Event()
        before = asyncio.create_task(gather(held(release)))
        await asyncio.sleep(0)
        waiting = [gather(added(store, "a", 1.0)), gather(broken()), gather(added(store, "b", 1.0))]
        asyncio.get_running_loop().call_later(0.2, release.set)
        told = await asyncio.gather(*waiting, return_exceptions=True)
        at_once = await asyncio.gather(gather(broken()), return_exceptions=True)
        return await before, told, at_once, await gather(added(store, "c", 1.0))

    before, told, at_once, after = run(all_of_it())
    assert (before, after, points(store, "c")) == ("held", 1, [1.0])
    # Of a fault that is nobody's all are told that were tracked along; what they sent is not there, or is.
    kind = RuntimeError if isinstance(fault, Panic) else ValueError
    assert [type(one) for one in (told[1], *at_once)] == [kind, kind]
    if isinstance(fault, ValueError):
        assert (told[0], told[2]) == (1, 1)


@pytest.mark.parametrize("fault", [ValueError("no"), Panic("gave up")])
def test_a_fault_in_what_is_done_apart_is_told_to_it_alone(fault, gathering, store):
    def changed_meanwhile():
        yield from added(store, "a", 1.0)
        tracked = store.source("p", "a", "")
        with store.ingest("p", "a", "", tracked) as ingest:
            ingest.append("series", "new", Points(np.array([1.0])))
            record = {"runjson": "1.0", "id": "a"}
            yield from ingest.steps(record, "", "stream", None, None, record)
        raise fault

    async def all_of_it():
        gather = gathering()
        told = await asyncio.gather(gather(changed_meanwhile()), gather(added(store, "b", 1.0)), return_exceptions=True)
        await gather.end()
        return told

    told = run(all_of_it())
    assert (type(told[0]), told[1]) == (RuntimeError if isinstance(fault, Panic) else ValueError, 1)


def test_who_goes_away_keeps_nobody_waiting_and_the_end_waits_for_what_is_begun(gathering, store):
    async def all_of_it():
        gather, release = gathering(), threading.Event()
        tasks = [asyncio.create_task(gather(held(release)))]
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(gather(added(store, name, 1.0))) for name in ("gone", "stays")]
        await asyncio.sleep(0.1)
        tasks[0].cancel()
        tasks[1].cancel()
        release.set()
        await gather.end()
        return [task.cancelled() or task.result() for task in tasks]

    assert run(all_of_it()) == [True, True, 1]
    assert (points(store, "gone"), points(store, "stays")) == ([1.0], [1.0])
