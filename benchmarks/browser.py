"""The viewer in a browser: how soon a table and charts can be used, and how much JavaScript they take.

It needs Debian's Chromium, `playwright`, and an installation with the pages.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from measure import Row
from queries import Runs

_CHROMIUM = "/usr/bin/chromium"
_BUDGET = 150.0  # kB of JavaScript that a page loads, compressed
# How many runs are looked at one after another, and of how many the memory is compared with.
_LOOKED, _BEFORE = 100, 20
# The bytes of the scripts that a page loaded, as they came.
_SCRIPTS = """() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/assets/'))
  .filter((one) => new URL(one.name).pathname.endsWith('.js')).reduce((sum, one) => sum + one.encodedBodySize, 0)"""
_DEADLINE = 60_000
# Says, in milliseconds since the page was asked for, when the first row could be seen and pressed.
_READY = """() => new Promise((resolve) => {
  const look = () => document.querySelector('.grid-body [role=row]:not(.is-waiting)')
    ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
  look();
})"""
# Scrolls by a page each frame, and says how long the frames took.
_SCROLL = """() => new Promise((resolve) => {
  const grid = document.querySelector('.grid'), took = [];
  let last = performance.now();
  const turn = (now) => {
    took.push(now - last);
    last = now;
    if (took.length > 60) resolve(took.slice(1));
    else { grid.scrollBy(0, grid.clientHeight); requestAnimationFrame(turn); }
  };
  requestAnimationFrame(turn);
})"""
# Says in seconds how long it took to draw curves: from the request for points, for runs, and for the page.
_DRAWN = """() => new Promise((resolve) => {
  const told = () => {
    const asked = performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/v1/'));
    const points = asked.find((one) => one.name.endsWith('/series')).startTime;
    const first = asked.find((one) => /runs\\/(search|read)$/.test(one.name)).startTime;
    resolve([performance.now() - points, performance.now() - first, performance.now()].map((one) => one / 1000));
  };
  const look = () => document.querySelector('.panel-body[aria-busy=false] canvas')
    ? requestAnimationFrame(() => requestAnimationFrame(told)) : requestAnimationFrame(look);
  look();
})"""
# Drags a chart by four pixels each frame, and says how long the frames took.
_PAN = """() => new Promise((resolve) => {
  const chart = document.querySelector('.chart'), box = chart.getBoundingClientRect(), took = [];
  let at = box.left + box.width * 0.8, last = performance.now();
  chart.setPointerCapture = () => {};
  const say = (type) => chart.dispatchEvent(new PointerEvent(type, {
    bubbles: true, pointerId: 1, pointerType: 'mouse', shiftKey: true, clientX: at, clientY: box.top + 80,
  }));
  say('pointerdown');
  const turn = (now) => {
    took.push(now - last);
    last = now;
    at -= 4;
    if (took.length > 60) { say('pointerup'); resolve(took.slice(1)); }
    else { say('pointermove'); requestAnimationFrame(turn); }
  };
  requestAnimationFrame(turn);
})"""


def browser(place: Path, *, quick: bool) -> list[Row]:
    """The table of many runs, opened and scrolled."""
    from playwright.sync_api import sync_playwright

    runs, many, turns = (200, 1000, 1) if quick else (10_000, 100_000, 5)
    _fill(place / "store", runs)
    Runs.make(many).store(place / "many").dispose()
    with _ui(place / "many") as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        most, most_frames = _tables(chromium, address, many, turns)
        chromium.close()
    with _ui(place / "store") as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        ready, frames = _tables(chromium, address, runs, turns)
        heaviest = _weight(chromium, address)
        growth = _growth(chromium, address, quick=quick)
        chromium.close()
    return [
        *_charts(place, quick=quick),
        Row(f"the first table of {runs:,} runs, from its address until it can be used", "s", ready, 1, "less"),
        Row(f"a frame while {runs:,} runs are scrolled by pages, 95th percentile", "ms", frames, None, "less"),
        Row(f"the first table of {many:,} runs, from its address until it can be used", "s", most, None, "less"),
        Row(f"a frame while {many:,} runs are scrolled by pages, 95th percentile", "ms", most_frames, None, "less"),
        Row("JavaScript of the page that has the most, compressed", "kB", [heaviest], _BUDGET, "less"),
        Row("all JavaScript, which comes page by page, compressed", "kB", [_script()], None, "less"),
        Row(f"memory after {_LOOKED} runs were looked at, beside that after {_BEFORE}", "", [growth], 1.2, "less"),
    ]


def _tables(chromium: Any, address: str, runs: int, turns: int) -> tuple[list[float], list[float]]:  # Any: a browser
    """How long a table of so many runs takes until it can be used, in s, and its frames while it is scrolled, in ms."""
    ready, frames = [], []
    for _ in range(turns):
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(_DEADLINE)
        page.goto(f"{address}&project=benchmark", wait_until="commit")
        ready.append(page.evaluate(_READY) / 1000)
        # The heading is a row too.
        assert page.get_by_role("grid").get_attribute("aria-rowcount") == str(runs + 1)
        frames.append(float(np.quantile(page.evaluate(_SCROLL), 0.95)))
        page.close()
    return ready, frames


def _weight(chromium: Any, address: str) -> float:
    """Kilobytes of scripts of the page that has the most of them."""
    base, _, key = address.partition("/runs?")
    run = "run=benchmark/run0"
    asked = ("/runs?project=benchmark", f"/charts?project=benchmark&{run}", f"/run?{run}&tab=charts",
             f"/run?{run}&tab=artifacts", f"/compare?project=benchmark&{run}&run=benchmark/run1",
             "/dashboards?project=benchmark", "/project?project=benchmark")  # fmt: skip
    weights = []
    for one in asked:
        page = chromium.new_page()
        page.goto(f"{base}{one}&{key}", wait_until="networkidle")
        weights.append(page.evaluate(_SCRIPTS) / 1000)
        page.close()
    return max(weights)


def _growth(chromium: Any, address: str, *, quick: bool) -> float:
    """How much more memory a page holds after many runs were looked at in it than after few."""
    looked, before = (6, 3) if quick else (_LOOKED, _BEFORE)
    page = chromium.new_page()
    page.set_default_timeout(_DEADLINE)
    page.goto(f"{address}&project=benchmark", wait_until="networkidle")
    session = page.context.new_cdp_session(page)
    sizes = {}
    for number in range(looked):
        page.evaluate(
            """(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }""",
            f"/run?run=benchmark/run{number}&tab=charts",
        )
        page.get_by_role("heading", name=f"run {number}", exact=True).wait_for()
        page.locator(".chart canvas").first.wait_for()
        if number + 1 in {before, looked}:
            session.send("HeapProfiler.collectGarbage")
            sizes[number + 1] = session.send("Runtime.getHeapUsage")["usedSize"]
    page.close()
    return float(sizes[looked] / sizes[before])


def _charts(place: Path, *, quick: bool) -> list[Row]:
    """Curves of many runs over each other, and a long series."""
    from playwright.sync_api import sync_playwright

    runs, points, length, turns = (10, 1000, 100_000, 1) if quick else (100, 10_000, 10_000_000, 5)
    _fill_curves(place / "curves", runs, points, length)
    drawn, loaded, frames, long, even = [], [], [], [], []
    with _ui(place / "curves") as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        charts = address.replace("/runs?", "/charts?")
        for _ in range(turns):
            page = chromium.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(_DEADLINE)
            page.goto(f"{charts}&project=many&most=100", wait_until="commit")
            points_took, _, all_took = page.evaluate(_DRAWN)
            drawn.append(points_took)
            loaded.append(all_took)
            _see(page, f"{runs} curves")
            frames.append(float(np.quantile(page.evaluate(_PAN), 0.95)))
            page.wait_for_url("**zoom=**")  # it was moved, not pressed
            page.goto(f"{charts}&project=long", wait_until="commit")
            long.append(page.evaluate(_DRAWN)[1])
            _see(page, "1 curve,")
            page.goto(f"{charts}&project=long&smooth=0.9", wait_until="commit")
            even.append(page.evaluate(_DRAWN)[1])
            page.close()
        chromium.close()
    return [
        Row(f"{runs} curves of {points:,} points, from the request for points until drawn", "s", drawn, 0.5, "less"),
        Row("the same from the address of the page until drawn", "s", loaded, None, "less"),
        Row(f"a frame while {runs} curves are dragged, 95th percentile", "ms", frames, 70, "less"),
        Row(f"a series of {length:,} points, from the first request until drawn", "s", long, 1, "less"),
        Row("the same with averages of all points", "s", even, None, "less"),
        Row("JavaScript of the charts, compressed", "kB", [_script(b"u-wrap")], 45, "less"),
    ]


def _see(page: Any, words: str) -> None:  # Any: a page
    """See that the chart shows what it should: it says so to those who can not see it."""
    told = page.get_by_role("application").first.get_attribute("aria-label")
    assert words in told, told


def _fill_curves(place: Path, runs: int, points: int, length: int) -> None:
    from runjson_schema.points import Points
    from runjson_tracker.store import Store

    random = np.random.default_rng(0)
    with Store.open(str(place)) as store:
        for number in range(runs + 1):
            count = points if number < runs else length
            project = "many" if number < runs else "long"
            record = {"runjson": "1.0", "id": f"run{number}", "name": f"run {number}", "series": {}}
            values = np.exp(-np.arange(count) / count * 3) + random.normal(0, 0.02, count) + number / 100
            with store.ingest(project, f"run{number}", "", None) as ingest:
                ingest.append("series", "loss", Points(values, np.arange(float(count)), None))
                ingest.commit(record, "", "stream", 0, "", record)


def _script(marker: bytes = b"") -> float:
    """Kilobytes of the scripts that hold a text: charts have the class names of their library."""
    import runjson_server

    assets = Path(runjson_server.__file__).parent / "web" / "assets"
    scripts = [path.read_bytes() for path in assets.glob("*.js")]
    return sum(len(gzip.compress(one, 9)) for one in scripts if marker in one) / 1000


def _fill(place: Path, count: int) -> None:
    """Runs with ten parameters and two series each."""
    from runjson_schema.points import Points
    from runjson_tracker.store import Store

    random = np.random.default_rng(0)
    steps = np.arange(50.0)
    with Store.open(str(place)) as store:
        for number in range(count):
            parameters = {f"p{one}": float(random.random()) for one in range(10)}
            record: dict[str, Any] = {
                "runjson": "1.0", "id": f"run{number}", "name": f"run {number}", "status": "succeeded",
                "parameters": parameters, "series": {},
            }  # fmt: skip
            with store.ingest("benchmark", record["id"], "", None) as ingest:
                for name in ("loss", "accuracy"):
                    ingest.append("series", name, Points(random.random(50), steps, None))
                ingest.commit(record, "", "stream", 0, "", record)


@contextmanager
def _ui(place: Path) -> Iterator[str]:
    """`runjson ui`, and the address that it prints."""
    command = [sys.executable, "-m", "runjson", "ui", "--to", str(place), "--no-browser"]
    log = place.parent / "ui.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        while True:
            assert process.poll() is None, log.read_text()
            if found := re.search(r"(http://\S+?)/\?(key=\S+)", log.read_text()):
                _wait(found[1])
                yield f"{found[1]}/runs?{found[2]}"
                return
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()


def _wait(address: str) -> None:
    import requests

    while True:
        try:
            requests.get(f"{address}/api/v1/session", timeout=10)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
