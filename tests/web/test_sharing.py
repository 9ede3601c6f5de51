"""Links by which whoever has one looks at some runs, without an account, and at nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.serving import bearer
from tests.web.accessible import faults
from tests.web.experiments import HOSTILE
from tests.web.rich import make_rich
from tests.web.seen import shades
from tests.web.table import rows, settled
from tests.web.team import ODD, copied, sign_in, team

pytestmark = pytest.mark.once

DIGITS = "/project?project=vision%2Fdigits"


@pytest.fixture
def server(tmp_path):
    with team(tmp_path / "store") as running:
        yield running


def test_a_link_opens_one_run_in_another_browser_until_it_is_ended(server, page, other_page):
    sign_in(page, server, "berta", DIGITS)
    page.get_by_role("button", name="Share runs").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose the runs")
    dialog.get_by_label("Runs", exact=True).first.fill("003")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Make the link").click()
    link = copied(page)
    assert link.startswith(f"{server.address}/share#")
    dialog.get_by_role("button", name="Done").click()
    shares = page.get_by_role("region", name="Share links")
    expect(shares.get_by_role("row")).to_have_count(2)

    guest = other_page
    guest.watched.expected = {401}

    def saved(run):
        # As a link to save has it: without the header that the requests of a page carry.
        asked = f"/api/v1/export?project=vision%2Fdigits&id={run}"
        return guest.evaluate("async (path) => (await fetch(path)).status", asked)

    guest.goto(link)
    shared = guest.get_by_role("region", name="Shared runs")
    expect(shared).to_contain_text("berta shares this run")
    expect(shared.get_by_role("row")).to_have_count(2)
    expect(shared).to_contain_text("digits-003")
    expect(shared).to_contain_text("failed")
    assert [saved("digits-003"), saved("digits-004")] == [200, 401]
    assert faults(guest) == []
    # There is nothing else: neither projects, nor pages about them, nor a way to change anything.
    navigation = guest.get_by_role("navigation")
    for absent in ("All projects", "vision/digits", "Sign in"):
        expect(navigation.get_by_text(absent)).to_have_count(0)
    guest.goto(f"{server.address}/project?project=vision%2Fdigits")
    expect(shared.get_by_role("row")).to_have_count(2)
    guest.keyboard.press("g")
    guest.keyboard.press("r")
    expect(rows(guest)).to_have_count(1)
    expect(guest.get_by_role("link", name="About vision/digits")).to_have_count(0)
    guest.go_back()
    guest.reload()
    expect(shared.get_by_role("row")).to_have_count(2)

    shares.get_by_role("button", name="End the link to digits-003").click()
    page.get_by_role("dialog").get_by_role("button", name="End the link").click()
    expect(shares).to_contain_text("No link stands")
    shares.get_by_role("button", name="Show 1 that ended").click()
    expect(shares.get_by_role("row")).to_have_count(2)
    assert saved("digits-003") == 401
    guest.reload()
    expect(guest.get_by_role("heading", name="This link shows nothing any more")).to_be_visible()
    assert faults(guest) == []
    guest.get_by_role("link", name="Go on without it").click()
    expect(guest.get_by_role("heading", name="Sign in to RunJSON")).to_be_visible()


def test_selected_runs_are_shared_from_the_table_in_their_order(server, page, other_page):
    sign_in(page, server, "berta", "/runs?project=vision%2Fdigits&sort=-started")
    settled(page)
    boxes = page.locator(".grid-body").get_by_role("checkbox")
    boxes.nth(2).click()
    boxes.nth(0).click()
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("dialog").get_by_label("It stands").select_option("until it is ended")
    page.get_by_role("dialog").get_by_role("button", name="Make the link").click()
    other_page.goto(copied(page))
    expect(other_page.locator("tbody .is-name .hint")).to_have_text(["digits-003", "digits-005"])


def test_a_guest_looks_at_all_of_a_shared_run_and_compares_but_at_nothing_beside(server, tmp_path, page):
    make_rich(server.place, tmp_path / "files")
    with Store.open(server.place) as store:
        secret = store.access.share(store.access.person("ada"), "rich", ["everything", "failed"])[1]
    page.goto(f"{server.address}/share#{secret}")
    page.get_by_role("region", name="Shared runs").get_by_role("link").first.click()
    expect(page.get_by_role("tab", name="Overview")).to_be_visible()
    for absent in ("Edit the name", "Edit tags", "Put it in the trash"):
        expect(page.get_by_role("button", name=absent)).to_have_count(0)
    page.goto(f"{server.address}/run?run=rich/everything&tab=images")
    image = page.get_by_role("figure").filter(has_text="digits").locator("img")
    expect(image).to_be_visible()
    assert shades(image) == [160]
    page.goto(f"{server.address}/run?run=rich/everything&tab=artifacts&file=predictions")
    expect(page.locator(".artifact")).to_contain_text('a "quoted", 3')
    with page.expect_download() as download:
        page.locator(".artifact").get_by_role("link", name="Download").click()
    assert Path(download.value.path()).stat().st_size > 0
    page.goto(f"{server.address}/run?run=rich/everything&tab=console")
    expect(page.locator(".log-text").first).to_be_visible()
    page.goto(f"{server.address}/charts?project=rich&run=rich/everything")
    expect(page.locator(".chart canvas").first).to_be_visible()
    page.goto(f"{server.address}/compare?project=rich&run=rich/everything&run=rich/failed&tab=values")
    expect(page.locator(".values-cell").first).to_be_visible()
    page.watched.expected = {401, 403, 404}
    page.goto(f"{server.address}/run?run=vision/digits/digits-003")
    expect(page.get_by_role("tab", name="Overview")).to_have_count(0)


def test_a_guest_has_tables_relations_and_groups_of_the_shared_runs_alone_and_sees_them_live(server, page):
    ids = ["digits-001", "digits-002", "digits-003"]
    with Store.open(server.place) as store:
        secret = store.access.share(store.access.person("berta"), "vision/digits", ids)[1]
    page.goto(f"{server.address}/share#{secret}")
    page.get_by_role("link", name="Table", exact=True).click()
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("button", name="Describe")).to_have_count(0)
    page.get_by_role("button", name="Group by fields").click()
    page.get_by_role("checkbox", name="seed").check()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(4)
    page.goto(f"{server.address}/compare?project=vision%2Fdigits&tab=relations")
    expect(page.get_by_role("region", name="The runs that are brushed").locator(".count")).to_have_text("3")
    page.goto(f"{server.address}/run?run=vision/digits/digits-002")
    expect(page.get_by_role("heading", level=1)).to_contain_text("002")
    expect(page.get_by_role("img", name="Changes show as they happen")).to_be_visible()
    # Somebody of the team changes it: the guest sees that at once.
    key = bearer(server.token("berta"))
    change = {"project": "vision/digits", "id": "digits-002", "record": {"tags": ["seen"]}}
    assert requests.post(f"{server.address}/api/v1/edits", json=change, headers=key, timeout=30).ok
    expect(page.locator(".run-header .tag", has_text="seen")).to_be_visible()
    assert faults(page) == []


def test_who_is_signed_in_sees_a_share_in_its_tab_alone_and_leaves_it(server, page):
    with Store.open(server.place) as store:
        secret = store.access.share(store.access.person("berta"), ODD, ["odd"])[1]
    sign_in(page, server, "dora")
    page.goto(f"{server.address}/share#{secret}")
    expect(page.get_by_role("region", name="Shared runs")).to_contain_text(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
    beside = page.context.new_page()
    beside.goto(f"{server.address}/account")
    expect(beside.get_by_role("heading", level=1)).to_have_text("dora")
    page.get_by_role("button", name="Leave what was shared").click()
    expect(page.get_by_role("navigation")).to_contain_text("dora")
    expect(page.get_by_role("heading", level=1)).to_have_text("All projects")


def test_a_link_that_lost_its_end_and_a_run_that_is_gone_are_told_in_words(server, page):
    page.watched.expected = {401}
    page.goto(f"{server.address}/share")
    expect(page.get_by_role("heading", name="A part of the link is missing")).to_be_visible()
    page.goto(f"{server.address}/invitation")
    expect(page.get_by_role("heading", name="This invitation leads nowhere")).to_be_visible()
    assert faults(page) == []
    with Store.open(server.place) as store:
        berta = store.access.person("berta")
        secret = store.access.share(berta, "vision/digits", ["digits-001", "digits-002"])[1]
        store.put_away([("vision/digits", "digits-002")])
    page.goto(f"{server.address}/share#{secret}")
    expect(page.get_by_role("region", name="Shared runs")).to_contain_text("A run is not there any more")
    # Another link in the same tab differs behind the # alone.
    page.goto(f"{server.address}/share#{'x' * 43}")
    expect(page.get_by_role("heading", name="This link shows nothing any more")).to_be_visible()
