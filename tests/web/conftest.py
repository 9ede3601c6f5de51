"""A real browser at a real `runjson ui` over a real store.

Chromium is Debian's, found by its path: none is downloaded. The one without windows takes less time, and is preferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.viewers import Folders, Viewer, fixtures

CHROMIUM = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
WAIT = 15_000
WIDE = {"width": 1400, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = next((path for path in CHROMIUM if path.is_file()), None)
    if chromium is None:
        pytest.skip(f"there is no {CHROMIUM[0]}; tests/tools/system.sh installs it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def stores(tmp_path_factory) -> Folders:
    return Folders(tmp_path_factory.mktemp("stores"))


globals().update(fixtures("stores", "session"))


@pytest.fixture
def empty_viewer(tmp_path) -> Iterator[Viewer]:
    """The viewer over a store without runs."""
    with Viewer(tmp_path / "store") as running:
        yield running


class Watched:
    """What a page did that it must not: errors, requests to other hosts, violations of its policy."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        # The codes of answers that a test expects; Chromium reports each as an error.
        self.expected: set[int] = set()
        # The file that a page is, where it comes from no server.
        self.file = None
        # Whether a test ends the server, which Chromium reports too.
        self.loses_server = False
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        refused = re.search(r"responded with a status of (\d+)", text)
        if refused and int(refused[1]) in self.expected:
            return
        if self.loses_server and "net::ERR_" in text:
            return
        if kind in {"error", "warning"} or "Content Security Policy" in text:
            self.faults.append(f"{kind}: {text}")

    def _request(self, url: str) -> None:
        if url != self.file and not re.match(r"(http://127\.0\.0\.1:\d+/|data:|blob:|about:)", url):
            self.faults.append(f"asked elsewhere: {url}")


@pytest.fixture
def page(browser, request) -> Iterator[Page]:
    """A page in a fresh browser profile; the test fails if it does anything that no page of ours does."""
    with opened(browser, getattr(request, "param", WIDE)) as one:
        yield one


@pytest.fixture
def other_page(browser) -> Iterator[Page]:
    """A page of somebody else, in a profile of its own."""
    with opened(browser, WIDE) as one:
        yield one


@contextmanager
def opened(browser: Browser, size: dict[str, int]) -> Iterator[Page]:
    """A page in a fresh profile, which is watched."""
    context = browser.new_context(viewport=size, timezone_id="Asia/Kathmandu", accept_downloads=True)
    context.set_default_timeout(WAIT)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    watched = Watched(page)
    page.watched = watched
    yield page
    context.close()
    assert watched.faults == []
