"""What grows old while somebody looks, and how long things last, in the words of any country."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.experiments import set_columns, track
from tests.web.table import cells, go, rows
from tests.web.viewers import Viewer

pytestmark = pytest.mark.once


@pytest.fixture
def living(tmp_path):
    """A run that is running, and the way to have it not heard of for an hour."""
    place = tmp_path / "store"
    with Store.open(str(place)) as store:
        record = {"runjson": "1.0", "id": "one", "name": "one", "status": "running", "parameters": {"lr": 0.1}}
        track(store, "p", record)

        def fall_silent():
            set_columns(store, "one", heard=time.time() - 3600)

        with Viewer(place) as viewer:
            yield viewer, fall_silent


@pytest.mark.parametrize("path", ["/runs?project=p&column=status", "/run?run=p/one"])
def test_a_run_that_falls_silent_is_shown_as_crashed_without_any_change(living, page, path):
    viewer, fall_silent = living
    page.clock.install()
    viewer.enter(page, path)
    shown = page.locator(".status").first
    expect(shown).to_have_text("running")
    fall_silent()
    page.clock.run_for(31_000)
    expect(shown).to_have_text("crashed")
    page.watched.loses_server = True


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.9996, "1.0 s"), (9.96, "10 s"), (59.6, "1 min 00 s"), (119.7, "2 min 00 s"), (3599.7, "1 h 00 min"),
        (5400, "1 h 30 min"), (172_799, "2 d 0 h"),
    ],
)  # fmt: skip
def test_how_long_a_run_took_is_rounded_once(tmp_path, page, seconds, shown):
    with Store.open(str(tmp_path / "store")) as store:
        track(store, "p", {"runjson": "1.0", "id": "one", "status": "succeeded", "parameters": {"lr": 0.1}})
        set_columns(store, "one", started=1.7e9, ended=1.7e9 + seconds)
    with Viewer(tmp_path / "store") as viewer:
        go(viewer, page, "column=duration", project="p")
        expect(cells(page, "Duration")).to_have_text(shown)
        page.watched.loses_server = True


def test_numbers_have_a_point_in_every_language(browser, tmp_path):
    with Store.open(str(tmp_path / "store")) as store:
        parameters = {"lr": 0.0125, "weights": 11_689_512, "half": 1234.5}
        track(store, "p", {"runjson": "1.0", "id": "one", "parameters": parameters})
    with Viewer(tmp_path / "store") as viewer:
        context = browser.new_context(locale="de-DE")
        page = context.new_page()
        go(viewer, page, "column=parameters.lr&column=parameters.weights&column=parameters.half", project="p")
        expect(rows(page).first).to_contain_text("0.0125")
        expect(cells(page, "weights")).to_have_text("11,689,512")
        expect(cells(page, "half")).to_have_text("1235")
        context.close()


def test_a_description_is_written_by_a_button_of_the_row(own_viewer, page):
    go(own_viewer, page)
    row = rows(page).first
    row.hover()
    row.get_by_role("button", name="Describe").click()
    with page.expect_response("**/api/v1/edits"):
        page.get_by_label("Description").last.fill("by hand")
        page.get_by_role("button", name="Save").click()
    with Store.open(own_viewer.server.place) as store:
        assert store.run("digits", "digits-299").record["description"] == "by hand"
