"""Charts of several series, and of runs that are grouped by what they are."""

from __future__ import annotations

import csv
import json
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.accessible import faults
from tests.web.charts import chart, go, panel, paths, places, readout, runs, saved
from tests.web.experiments import track
from tests.web.table import asked
from tests.web.test_dashboards import keep
from tests.web.viewers import Viewer

pytestmark = pytest.mark.once

BOTH = ("with", json.dumps(["train/loss", "validation/loss"]))


def test_another_series_is_drawn_in_the_chart_of_one_and_the_address_keeps_it(curves, page):
    go(curves, page, *runs("learning-0"))
    panel(page, "train/loss").get_by_role("button", name="Draw other series in the chart of train/loss").click()
    assert faults(page) == []
    page.get_by_placeholder("Search 5 fields").fill("valid")
    page.get_by_role("checkbox", name="validation/loss").check()
    expect(chart(page, "train/loss")).to_have_accessible_name(
        re.compile(r"train/loss, validation/loss over Step .*: 2 curves, train/loss, validation/loss; values from 0\.")
    )
    assert [json.loads(one) for one in asked(page)["with"]] == [["train/loss", "validation/loss"]]
    page.reload()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves"))
    expect(
        panel(page, "train/loss").get_by_role("banner").or_(panel(page, "train/loss").locator("header"))
    ).to_contain_text("and validation/loss")
    # Its own chart is still there.
    expect(panel(page, "validation/loss")).to_be_visible()


def test_two_series_of_one_run_have_two_colours_and_all_their_points(curves, page):
    go(curves, page, *runs("learning-0"), BOTH)
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves"))
    one, other = paths(page, "train/loss")
    assert one.attrib["stroke"] != other.attrib["stroke"]
    marks = panel(page, "train/loss").locator("header .swatch line").all()
    assert [mark.get_attribute("stroke") for mark in marks] == [one.attrib["stroke"], other.attrib["stroke"]]
    assert (len(places(one)), len(places(other))) == (60, 6)
    chart(page, "train/loss").hover()
    expect(readout(page, "train/loss").locator("tbody tr")).to_have_count(2)
    expect(readout(page, "train/loss")).to_contain_text("validation/loss")


def test_of_several_runs_each_keeps_its_colour_and_each_series_has_its_dashes(curves, page):
    go(curves, page, *runs("learning-0", "learning-1"), BOTH)
    expect(chart(page, "train/loss")).to_have_accessible_name(
        re.compile("4 curves, learning 0 · train/loss, learning 0 · validation/loss, learning 1 · train/loss")
    )
    # Beside their names stand the dashes of the series, which the lines of all runs have.
    marks = panel(page, "train/loss").locator("header .swatch line")
    dashes = [one.get_attribute("stroke-dasharray") for one in marks.all()]
    assert [one.get_attribute("stroke") for one in marks.all()] == ["currentColor"] * 2
    assert dashes == ["", "6 3"]
    drawn = [(one.attrib["stroke"], one.attrib.get("stroke-dasharray", "")) for one in paths(page, "train/loss")]
    assert len(set(drawn)) == 4
    assert drawn[0][0] == drawn[1][0] != drawn[2][0] == drawn[3][0]
    assert drawn[0][1] == drawn[2][1] != drawn[1][1] == drawn[3][1]


def test_keys_zoom_and_move_the_y_axis_and_leave_x(curves, page):
    go(curves, page, *runs("learning-0"))
    shown = chart(page, "train/loss")
    shown.focus()
    page.keyboard.press("ArrowUp")
    expect(shown).to_have_accessible_name(re.compile("1 curve"))
    (first,) = asked(page)["ysight"]
    assert "zoom" not in asked(page)
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_function("before => !location.search.includes(before)", arg=urlencode({"ysight": first}))
    (second,) = asked(page)["ysight"]
    low, high = (float(one) for one in first.split()[:2])
    assert [float(one) for one in second.split()[:2]] == pytest.approx(
        [low + (high - low) / 4, high + (high - low) / 4]
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("ysight"))


def test_the_points_of_all_series_of_a_chart_are_saved(curves, page):
    go(curves, page, *runs("learning-0"), BOTH)
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves"))
    with saved(page, "train/loss", "Save all points as CSV").open(newline="") as file:
        found = [row["series"] for row in csv.DictReader(file)]
    assert (found.count("train/loss"), found.count("validation/loss")) == (60, 6)


def test_a_mistyped_choice_of_series_in_the_address_changes_nothing(curves, page):
    go(curves, page, *runs("learning-0"), ("with", "[train"), ("with", "[]"), ("with", '["train/loss", "nowhere"]'))
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("train/loss over Step .*: 1 curve"))


def test_a_panel_of_a_dashboard_draws_all_its_series_in_one_chart(own_viewer, page):
    settings = {"names": ["train/loss", "validation/accuracy"], "together": True}
    of_one = {"kind": "series", "title": "Both", "width": 12, "height": 400, "settings": settings}
    keep(own_viewer, "together", of_one, where='id == "digits-298"')
    own_viewer.enter(page, "/dashboard?project=digits&name=together")
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves, train/loss, validation/accuracy"))
    expect(page.locator(".board-series canvas")).to_have_count(1)
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("button", name="Settings of Both").click()
    page.get_by_label("All in one chart").uncheck()
    expect(page.locator(".board-series canvas")).to_have_count(2)


def test_runs_of_several_projects_are_drawn_over_each_other(tmp_path, page):
    with Store.open(str(tmp_path / "store")) as store:
        track(store, "first", {"runjson": "1.0", "id": "same", "series": {"loss": [3, 2, 1]}})
        track(store, "second/part", {"runjson": "1.0", "id": "same", "series": {"loss": [9, 8, 7, 6]}})
    with Viewer(tmp_path / "store") as viewer:
        viewer.enter(page, f"/charts?{urlencode([('run', 'first/same'), ('run', 'second/part/same')])}")
        expect(chart(page, "loss")).to_have_accessible_name(re.compile("loss over Step .*: 2 curves.*from 1 to 9"))
        assert [len(places(one)) for one in paths(page, "loss")] == [3, 4]
        legend = page.get_by_role("complementary", name="Runs").get_by_role("listitem")
        expect(legend).to_contain_text(["same · first/same", "same · second/part/same"])
        page.watched.loses_server = True


def test_curves_are_grouped_by_what_the_server_says_of_runs(tmp_path, page):
    with Store.open(str(tmp_path / "store")) as store:
        for one, status in {"a": "succeeded", "b": "failed", "c": "succeeded"}.items():
            track(store, "p", {"runjson": "1.0", "id": one, "status": status, "series": {"loss": [2, 1]}})
    with Viewer(tmp_path / "store") as viewer:
        go(viewer, page, ("by", "status"), project="p")
        groups = page.get_by_role("complementary", name="Runs").get_by_role("listitem")
        expect(groups).to_have_count(2)
        expect(groups.nth(0)).to_contain_text("Status = failed")
        expect(groups.nth(1)).to_contain_text("Status = succeeded")
        page.get_by_role("button", name="Group by fields").click()
        expect(page.get_by_label("Project", exact=True)).to_be_visible()
        expect(page.get_by_label("Duration", exact=True)).to_have_count(0)
        page.watched.loses_server = True
