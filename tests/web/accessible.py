"""What axe finds on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

_AXE: Final = Path(__file__).parents[2] / "tracker/web/node_modules/axe-core/axe.min.js"


def faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, and what it holds for good practice."""
    page.evaluate(_AXE.read_text())
    # Where it looks for the elements of what is well too, it takes several times as long.
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
