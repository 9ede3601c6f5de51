"""Menus and dialogs of all pages while they are open, for those who can not see them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.accessible import faults
from tests.web.compared import PROJECT
from tests.web.curves import CURVES

pytestmark = pytest.mark.once

PAGES = {
    "table": ("viewer", "/runs?project=digits&run=digits/digits-298", ".grid-body [role=row]", 4),
    "groups": ("viewer", "/runs?project=digits&by=parameters.lr", "[role=table] [role=row]", 3),
    "charts": ("curves", f"/charts?project={CURVES}&run={CURVES}/learning-0", ".chart canvas", 3),
    "run": ("rich", "/run?run=rich/everything&tab=charts", ".chart canvas", 2),
    "relations": ("compared", f"/compare?project={PROJECT}&tab=relations", ".found", 1),
    "values": ("compared", f"/compare?project={PROJECT}&run={PROJECT}/small&run={PROJECT}/wide", ".values-cell", 3),
}


def openers(page: Page) -> list[str]:
    """Selectors of the buttons that open something, one of those that are alike."""
    return page.evaluate("""() => {
        const found = new Map();
        for (const one of document.querySelectorAll('[aria-haspopup], [aria-expanded][aria-controls]')) {
            if (!one.checkVisibility() || one.disabled || one.getAttribute('role') === 'combobox') continue;
            const kind = `${one.className} ${(one.ariaLabel ?? one.textContent ?? '').split(' ')[0]}`;
            if (!found.has(kind)) {
                one.dataset.tested = String(found.size);
                found.set(kind, `[data-tested="${found.size}"]`);
            }
        }
        return [...found.values()];
    }""")


@pytest.mark.parametrize("place", PAGES)
def test_what_a_button_opens_has_no_fault_of_accessibility_and_escape_closes_it(request, page, place):
    viewer, path, shown, least = PAGES[place]
    page.emulate_media(reduced_motion="reduce")
    request.getfixturevalue(viewer).enter(page, path)
    expect(page.locator(shown).first).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)
    found, buttons = {}, openers(page)
    assert len(buttons) >= least
    for one in buttons:
        button = page.locator(one)
        button.scroll_into_view_if_needed()
        button.click()
        panel = page.get_by_role("dialog")
        expect(panel).to_have_count(1)
        name = button.get_attribute("aria-label") or button.inner_text()
        found[name] = faults(page)
        # The focus is in it, and goes back to the button.
        assert panel.evaluate("one => one.contains(document.activeElement)"), name
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(button).to_be_focused()
    assert {name: one for name, one in found.items() if one} == {}
