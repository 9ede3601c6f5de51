"""A report in a real browser: from a file, with no server, its charts are drawn, read and zoomed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from runjson.__main__ import main

from tests.web.accessible import faults
from tests.web.charts import chart, panel, read_csv, said, saved
from tests.web.curves import CURVES, make_curves
from tests.web.experiments import HOSTILE
from tests.web.rich import make_rich
from tests.web.seen import on_canvas, shades

pytestmark = pytest.mark.once

IDS = ("learning-0", "learning-1", "odd")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The address of a report of runs with curves of every kind."""
    place = tmp_path_factory.mktemp("report")
    make_curves(place / "store")
    runs = [f"{CURVES}/{one}" for one in IDS]
    assert main(["export", *runs, "--to", "html", "-o", str(place / "a.html"), "--tracker", str(place / "store")]) == 0
    return (place / "a.html").as_uri()


def go(page, report):
    page.watched.file = report
    page.goto(report)
    expect(page.locator(".chart canvas").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_report_shows_runs_and_curves_without_a_server_and_without_a_fault(report, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    go(page, report)
    runs = page.get_by_role("region", name="Runs").get_by_role("row")
    expect(runs).to_have_count(4)
    expect(runs.nth(1)).to_contain_text("learning 0")
    expect(runs.nth(1)).to_contain_text("succeeded")
    expect(runs.nth(1).get_by_role("cell", name="0.1", exact=True)).to_be_visible()
    panel_of_loss(page).scroll_into_view_if_needed()
    expect(chart(page, "train/loss")).to_have_attribute("aria-label", re.compile("2 curves, learning 0, learning 1"))
    assert page.title() == "3 runs"
    assert faults(page) == []


def panel_of_loss(page):
    return page.get_by_role("region", name="Series of train", exact=True)


def test_its_charts_are_read_and_zoomed_and_the_address_keeps_that(report, page):
    go(page, report)
    panel_of_loss(page).scroll_into_view_if_needed()
    chart(page, "train/loss").focus()
    page.keyboard.press("ArrowRight")
    expect(said(page, "train/loss")).to_contain_text("learning 1")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("#/.*zoom="))
    page.reload()
    panel_of_loss(page).scroll_into_view_if_needed()
    expect(panel(page, "train/loss").get_by_role("button", name="Show all of it")).to_be_visible()
    page.go_back()
    expect(panel(page, "train/loss").get_by_role("button", name="Show all of it")).to_have_count(0)


def test_a_part_of_a_chart_is_dragged_over_and_shown_alone(report, page):
    go(page, report)
    panel_of_loss(page).scroll_into_view_if_needed()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("Step from 0: 2 curves"))
    box = chart(page, "train/loss").bounding_box()
    before = on_canvas(chart(page, "train/loss").locator("canvas"))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 3 / 4, box["y"] + 62, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("#/.*zoom="))
    (zoom,) = parse_qs(urlsplit(urlsplit(page.url).fragment).query)["zoom"]
    least, greatest = (float(one) for one in zoom.split()[:2])
    assert (least, greatest) == pytest.approx((29.5, 44.25), abs=4)
    expect(chart(page, "train/loss")).not_to_have_accessible_name(re.compile("Step from 0:"))
    assert (on_canvas(chart(page, "train/loss").locator("canvas")) != before).any()
    panel(page, "train/loss").get_by_role("button", name="Show all of it").click()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("Step from 0: 2 curves"))


def test_the_last_image_of_each_name_is_shown_from_the_file_itself(tmp_path, page):
    make_rich(tmp_path / "store", tmp_path / "files")
    out = tmp_path / "a.html"
    asked = ["export", "rich/everything", "--to", "html", "-o", str(out), "--tracker", str(tmp_path / "store")]
    assert main(asked) == 0
    page.watched.file = out.as_uri()
    page.goto(out.as_uri())
    images = page.get_by_role("region", name="Images")
    images.scroll_into_view_if_needed()
    shown = images.get_by_role("img", name="digit 4")
    expect(shown).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    assert shades(shown) == [160]
    expect(images.get_by_role("figure").filter(has=page.get_by_role("img", name="digit 4"))).to_contain_text("step 400")
    # A drawing is drawn, and its scripts do not run.
    drawing = images.get_by_role("heading", name="drawing").locator("..").get_by_role("img")
    assert drawing.evaluate("async one => { await one.decode(); return one.naturalWidth; }") == 200
    assert not re.fullmatch(r"\d", page.title())


def test_all_of_its_points_are_saved_as_csv(report, page):
    go(page, report)
    panel_of_loss(page).scroll_into_view_if_needed()
    rows = read_csv(saved(page, "train/loss", "CSV"))
    assert len(rows) == 1 + 2 * 60
    assert {(row[0], row[1]) for row in rows[1:]} == {(CURVES, "learning-0"), (CURVES, "learning-1")}


def test_what_its_runs_say_is_never_run(report, page):
    go(page, report)
    expect(page.get_by_text(HOSTILE).first).to_be_attached()
    assert page.title() == "3 runs"


def test_without_scripts_a_table_of_the_runs_is_there(report, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report)
    expect(page.get_by_role("row")).to_have_count(4)
    expect(page.get_by_role("row").nth(1)).to_contain_text("train/loss 0.1")
    context.close()
