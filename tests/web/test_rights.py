"""What somebody may not change is not offered to them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.team import sign_in, team

pytestmark = pytest.mark.once

RUN = "/run?run=vision%2Fdigits%2Fdigits-003"
# What the page of a run offers to those that may edit it.
OFFERS = ("Edit the name", "Edit tags", "Describe this run", "Trash")


@pytest.fixture
def server(tmp_path):
    with team(tmp_path / "store") as running:
        yield running


@pytest.mark.parametrize(("who", "offered"), [("berta", 1), ("carl", 0)])
def test_the_page_of_a_run_offers_changes_to_those_that_may_make_them(server, page, who, offered):
    sign_in(page, server, who, RUN)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # Only with the projects it is known who may do what.
    expect(page.get_by_role("navigation", name="Projects")).to_contain_text("vision/digits")
    for name in OFFERS:
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(offered)
    page.keyboard.press("e")
    expect(page.get_by_label("Name", exact=True)).to_have_count(offered)
