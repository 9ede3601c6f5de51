"""Runs that are edited, put away and tracked while the table shows them."""

from __future__ import annotations

import random
from contextlib import closing
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.experiments import HOSTILE, experiment, track
from tests.web.table import asked, go, rows
from tests.web.viewers import Viewer

pytestmark = pytest.mark.once


def test_a_name_is_edited_in_its_cell_and_stays_after_a_reload(own_viewer, page):
    go(own_viewer, page)
    # Beside the name, which leads to the page of the run.
    cell = rows(page).first.locator(".is-name")
    cell.dblclick(position={"x": cell.bounding_box()["width"] - 45, "y": 15})
    page.get_by_label("Name", exact=True).fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(rows(page).first).to_contain_text(HOSTILE)
    page.reload()
    expect(rows(page).first).to_contain_text(HOSTILE)


def test_tags_and_the_description_are_edited_by_keys(own_viewer, page):
    go(own_viewer, page, "column=tags")
    page.keyboard.press("t")
    page.get_by_label("Tags, with").fill("new, other")
    with page.expect_response("**/api/v1/edits"):
        page.keyboard.press("Enter")
    expect(rows(page).first.locator(".tag")).to_have_text(["new", "other"])
    page.keyboard.press("d")
    with page.expect_response("**/api/v1/edits"):
        page.get_by_label("Description").last.fill("what it was *about*")
        page.get_by_role("button", name="Save").click()
    with Store.open(own_viewer.server.place) as store:
        record = store.run("digits", "digits-299").record
    assert record["description"] == "what it was *about*"
    assert record["tags"] == ["new", "other"]


def test_what_is_typed_stays_when_the_run_changes_meanwhile(own_viewer, page):
    go(own_viewer, page, "column=tags")
    page.keyboard.press("e")
    field = page.get_by_label("Name", exact=True)
    field.fill("half a na")
    key = {"Authorization": f"Bearer {own_viewer.address.partition('key=')[2]}"}
    change = {"project": "digits", "id": "digits-299", "record": {"tags": ["elsewhere"]}}
    assert requests.post(f"{own_viewer.origin}/api/v1/edits", json=change, headers=key, timeout=30).ok
    expect(rows(page).first.locator(".tag").filter(has_text="elsewhere")).to_be_visible()
    expect(field).to_have_value("half a na")


def test_a_key_that_comes_before_the_rights_are_known_is_done_when_they_are(own_viewer, page):
    held = []

    def hold(route):  # Playwright takes functions of Python alone
        held.append(route)

    page.route("**/api/v1/projects?*", hold)
    go(own_viewer, page)
    page.keyboard.press("e")
    expect(page.get_by_label("Name", exact=True)).to_have_count(0)
    assert held
    for route in held:
        route.continue_()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()


def test_runs_are_selected_into_the_address_and_go_into_the_trash_and_back(own_viewer, page):
    go(own_viewer, page)
    boxes = page.locator(".grid-body").get_by_role("checkbox")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    assert asked(page)["run"] == [f"digits/digits-{one}" for one in (299, 298, 297)]
    page.reload()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("297 runs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("300 runs", exact=True)).to_be_visible()
    expect(rows(page).first).to_contain_text("299")


def test_what_is_in_the_trash_is_shown_and_taken_back(own_viewer, page):
    with Store.open(own_viewer.server.place) as store:
        store.put_away([("digits", "digits-007")])
    go(own_viewer, page, "trash=1")
    expect(rows(page)).to_have_count(1)
    page.locator(".grid-body").get_by_role("checkbox").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()


def test_a_run_that_is_tracked_meanwhile_appears_by_itself(own_viewer, page):
    go(own_viewer, page, "column=status")
    expect(page.get_by_title("Changes show as they happen")).to_be_visible()
    with Store.open(own_viewer.server.place) as store:
        track(store, "digits", {"runjson": "1.0", "id": "fresh", "name": "fresh", "status": "running"})
    expect(rows(page).first).to_contain_text("fresh")
    expect(rows(page).first.locator(".status.is-running")).to_have_text("running")
    expect(page.get_by_text("301 runs")).to_be_visible()


def test_filters_sorts_groups_and_edits_work_on_each_database(place, page):
    with Store.open(str(place)) as store:
        for number in range(12):
            track(store, "digits", experiment(number, random.Random(number)))
    with Viewer(place) as viewer, closing(page.context):
        go(viewer, page, urlencode({"where": 'status == "succeeded"', "sort": "-series.train/loss.last"}))
        expect(page.get_by_text("8 runs", exact=True)).to_be_visible()
        page.keyboard.press("e")
        page.get_by_label("Name", exact=True).fill(HOSTILE)
        with page.expect_response("**/api/v1/edits"):
            page.keyboard.press("Enter")
        page.reload()
        expect(rows(page).first).to_contain_text(HOSTILE)
        go(viewer, page, "by=parameters.seed&column=series.train/loss.last")
        expect(rows(page)).to_have_count(5)
        expect(rows(page).first).to_contain_text("±")
