"""How tests point at parts of the table of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.web.viewers import Viewer


def rows(page: Page) -> Locator:
    """The rows that are drawn."""
    return page.locator(".grid-body [role=row]:not(.is-waiting)")


def heading(page: Page, label: str) -> Locator:
    """The column heading of exactly this label."""
    return page.get_by_role("columnheader").filter(has=page.locator("bdi", has_text=label)).first


def cells(page: Page, label: str) -> Locator:
    """The cells under a heading."""
    place = heading(page, label).get_attribute("aria-colindex")
    return page.locator(f".grid-body [aria-colindex='{place}']")


def settled(page: Page) -> None:
    """Wait until rows are there."""
    expect(rows(page).first).to_be_visible()


def asked(page: Page) -> dict[str, list[str]]:
    """What the address says."""
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def go(viewer: Viewer, page: Page, query: str = "", project: str = "digits") -> None:
    """Go to the table of a project, and wait until rows are there."""
    viewer.enter(page, f"/runs?project={quote(project)}&{query}")
    settled(page)
