"""How tests point at parts of the page of a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.web.rich import HOSTILE

if TYPE_CHECKING:
    from tests.web.viewers import Viewer

TABS = (
    "overview", "charts", "values", "images", "histograms", "texts", "console", "artifacts", "hardware", "code", "raw",
)  # fmt: skip
# What each tab is about, and what shows that it is there.
SHOWN = {
    "overview": ".series-table .sparkline", "charts": ".chart canvas", "values": "[role=treeitem]",
    "images": ".shot-image", "histograms": "svg.bars", "texts": ".log-line .markdown", "console": ".log-text",
    "artifacts": "[role=treeitem]", "hardware": ".chart canvas", "code": ".diff-line", "raw": ".textline",
}  # fmt: skip
# What is seen of each file.
PREVIEWS = {
    "predictions": 'a "quoted", 3', "table": "wörd", "settings": HOSTILE, "readme": "Read me", "page": HOSTILE,
    "small": "hello", "model/config.json": "12345678901234567890", "weights/binary": "These bytes are no text",
    "log": "Only the first 1.0 MB are shown.",
}  # fmt: skip


def go(viewer: Viewer, page: Page, tab: str = "overview", run: str = "rich/everything", **more: str) -> None:
    rest = "".join(f"&{name}={quote(value)}" for name, value in more.items())
    viewer.enter(page, f"/run?run={quote(run)}&tab={tab}{rest}")
    expect(page.get_by_role("tab", selected=True)).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)


def ready(page: Page, tab: str) -> None:
    """Wait until a tab shows what it is about, and nothing in it waits."""
    panel = page.locator("#run-panel")
    expect(panel.locator(SHOWN[tab]).first).to_be_visible()
    expect(panel.locator(".blank, [aria-busy=true]")).to_have_count(0)


def unharmed(page: Page) -> None:
    """No script of a run has run: each of them would set the title."""
    assert not re.fullmatch(r"\d", page.title())
    assert page.locator("script:not([src])").count() == 0
