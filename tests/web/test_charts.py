"""Charts in a browser: whose curves are drawn, and how their panels are arranged."""

from __future__ import annotations

import json
import re
from io import BytesIO
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import expect
from runjson_schema.points import Points
from runjson_tracker.store import Store
from runjson_uploader.attached import Sent
from runjson_uploader.upload import upload

from tests.web.accessible import faults
from tests.web.charts import chart, go, panel, paths, readout, runs, values_of
from tests.web.curves import CURVES, MANY
from tests.web.experiments import HOSTILE, track
from tests.web.seen import breadth, on_canvas, swatches
from tests.web.table import asked
from tests.web.viewers import Viewer

pytestmark = pytest.mark.once


def test_curves_of_the_runs_in_the_address_are_drawn_over_each_other(curves, page):
    go(curves, page, *runs("learning-0", "learning-1"))
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile(
        r"train/loss over Step from 0: 2 curves, learning 0, learning 1; values from 0\.1\d* to 2\.\d+"
    ))  # fmt: skip
    legend = page.get_by_role("complementary", name="Runs")
    expect(legend.get_by_role("listitem")).to_have_count(2)
    first, second = (one.attrib["stroke"] for one in paths(page, "train/loss"))
    assert first != second


def test_without_runs_in_the_address_the_newest_are_drawn_and_more_when_asked_for(viewer, page):
    go(viewer, page, project="digits")
    legend = page.get_by_role("complementary", name="Runs")
    expect(legend.get_by_role("listitem")).to_have_count(20)
    expect(page.get_by_text("The newest 20 of 300 runs.")).to_be_visible()
    page.get_by_role("button", name="Show 50").click()
    expect(legend.get_by_role("listitem")).to_have_count(50)
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("50 curves"))


def test_a_filter_in_the_address_says_whose_curves_are_drawn(curves, page):
    go(curves, page, ("where", "parameters.lr == 0.1"))
    expect(page.get_by_role("complementary", name="Runs").get_by_role("listitem")).to_have_count(3)


def test_selected_runs_of_the_table_are_drawn_and_the_way_leads_back(curves, page):
    curves.enter(page, f"/runs?{urlencode([('project', CURVES), *runs('learning-2', 'learning-3')])}")
    page.get_by_role("link", name="Charts").click()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves, learning 2, learning 3"))
    page.get_by_role("link", name="Table").click()
    expect(page.get_by_text("2 selected")).to_be_visible()


def test_series_named_in_the_address_are_the_only_ones(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "epoch"), ("series", "train/loss"))
    expect(page.locator(".panel")).to_have_count(2)


def test_panels_stand_by_namespace_and_fold(curves, page):
    go(curves, page, *runs("learning-0"))
    headings = page.get_by_role("main").get_by_role("heading", level=2).filter(has=page.get_by_role("button"))
    expect(headings).to_have_text(["train3", "validation1", "Other1", "system1"])
    page.get_by_role("button", name="train 3").click()
    expect(panel(page, "train/loss")).to_have_count(0)
    page.reload()
    expect(panel(page, "validation/loss")).to_be_visible()
    expect(page.get_by_role("button", name="train 3")).to_have_attribute("aria-expanded", "false")


def test_series_are_searched_by_text_and_by_regular_expression(curves, page):
    go(curves, page, *runs("learning-0"))
    page.keyboard.press("/")
    page.keyboard.type("LOSS")
    expect(page.locator(".place")).to_have_count(2)
    box = page.get_by_placeholder("Series, or /regex/")
    box.fill("/^(epoch|system)/")
    expect(panel(page, "epoch")).to_be_visible()
    expect(page.locator(".place")).to_have_count(2)
    box.fill("/(/")
    expect(page.get_by_role("alert")).to_contain_text("no regular expression")
    box.fill("nothing")
    page.get_by_role("button", name="Show all 6").click()
    expect(panel(page, "train/loss")).to_be_visible()


def test_of_a_thousand_series_only_those_near_the_window_are_drawn(curves, page):
    go(curves, page, project=MANY)
    expect(page.locator(".place")).to_have_count(1000)
    assert page.locator(".chart canvas").count() < 40
    page.locator(".charts-main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    expect(chart(page, "layer99/norm999")).to_be_visible()
    expect(chart(page, "layer00/norm000")).to_have_count(0)
    assert page.locator(".chart canvas").count() < 40


def test_what_panels_want_together_goes_in_one_request(curves, page):
    sent = []
    page.on("request", lambda one: sent.append(one) if one.url.endswith("/series") else None)
    go(curves, page, *runs("learning-0", "learning-1"), ("search", "train"))
    expect(page.locator(".chart canvas")).to_have_count(3)
    assert len(sent) == 1
    told = sent[0].post_data_json
    assert set(told["names"]) == {"train/accuracy", "train/examples", "train/loss"}


def test_a_closer_look_over_relative_time_is_one_request_for_all_runs(tmp_path, page):
    place = str(tmp_path / "store")
    with Store.open(place) as store:
        for at in range(5):
            begun = 1.7e9 + at * 100_000
            values = Points(np.sin(np.arange(20_000) / 900), np.arange(20_000.0), begun + np.arange(20_000))
            with store.ingest("p", f"run{at}", "", None) as ingest:
                ingest.append("series", "loss", values)
                record = {"runjson": "1.0", "id": f"run{at}"}
                ingest.commit(record, "", "document", None, None, record)
    with Viewer(place) as viewer:
        sent = []
        page.on("request", lambda one: sent.append(one.post_data_json) if one.url.endswith("/series") else None)
        go(viewer, page, ("x", "relative"), ("zoom", "1000 1500 relative"), project="p")
        expect(page.locator(".panel-body[aria-busy=true]")).to_have_count(0)
        (asked,) = sent
        # What is at its edges is asked for, too.
        assert {one["id"]: one["times"] for one in asked["runs"]} == {
            f"run{at}": [1.7e9 + at * 100_000 + 750, 1.7e9 + at * 100_000 + 1750] for at in range(5)
        }
        expect(chart(page, "loss")).to_have_accessible_name(re.compile("5 "))
        page.watched.loses_server = True


def test_no_more_than_two_requests_for_points_are_on_their_way_at_once(curves, page):
    held, released = [], []

    def hold(route):
        if released:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/v1/series", hold)
    curves.enter(page, f"/charts?project={MANY}")
    busy = page.locator(".panel-body[aria-busy=true]")
    expect(busy.first).to_be_attached()
    # All that stands by one namespace of ten series after the other wants its points, and stays near what is in sight.
    for turn in range(1, 6):
        page.set_viewport_size({"width": 1400, "height": 900 + turn * 1500})
        expect(busy).not_to_have_count(0)
        expect(panel(page, f"layer{turn - 1:02}/norm{turn * 10 - 10:03}")).to_be_attached()
    assert len(held) == 2
    released.append(True)
    for route in held:
        route.continue_()
    expect(busy).to_have_count(0)


def test_what_was_drawn_before_is_not_asked_for_again(curves, page):
    sent = []
    page.on("request", lambda one: sent.append(one.post_data_json) if one.url.endswith("/series") else None)
    go(curves, page, *runs("learning-0", "learning-1"), ("search", "train"))
    expect(page.locator(".chart canvas")).to_have_count(3)
    page.get_by_role("link", name="Table").click()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.go_back()
    expect(page.locator(".chart canvas")).to_have_count(3)
    # All points of these curves are here, so a closer look asks for none either.
    page.keyboard.press("/")
    page.keyboard.press("Tab")
    chart(page, "train/accuracy").focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("zoom="))
    expect(page.locator(".panel-body[aria-busy=true]")).to_have_count(0)
    # The table asks for its small curves, of which each series has few points.
    assert len([one for one in sent if one["points"] > 100]) == 1


def test_runs_of_one_name_are_told_apart_by_their_ids(tmp_path, page):
    with Store.open(str(tmp_path / "store")) as store:
        for one in ("first", "second"):
            track(store, "p", {"runjson": "1.0", "id": one, "name": "same", "series": {"loss": [1, 2]}})
    with Viewer(tmp_path / "store") as viewer:
        go(viewer, page, project="p")
        expect(chart(page, "loss")).to_have_accessible_name(re.compile("same · second, same · first"))
        page.watched.loses_server = True


def test_the_writers_of_a_run_have_a_curve_each(curves, page):
    go(curves, page, *runs("ranks"))
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves, ranks · rank0, ranks · rank1"))


def test_groups_are_drawn_as_mean_with_a_band(curves, page):
    ids = [f"learning-{number}" for number in range(6)]
    go(curves, page, *runs(*ids), ("series", "train/loss"), ("by", "parameters.lr"))
    groups = page.get_by_role("complementary", name="Runs").get_by_role("listitem")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("lr = 0.01")
    expect(groups.first).to_contain_text("3 runs")
    drawn = on_canvas(chart(page, "train/loss").locator("canvas"))
    for colour in swatches(page.get_by_role("complementary", name="Runs")):
        assert breadth(drawn, colour) > 0.7
        # A fifth of the colour; the smooth edge of a line has a little of each opacity.
        assert breadth(drawn, colour, 47, 55) > 0.5
    chart(page, "train/loss").focus()
    page.keyboard.press("End")
    slow = np.array([values_of(number)[59] for number in (1, 3, 5)])
    row = readout(page, "train/loss").locator("tbody tr").first
    expect(row).to_contain_text(f"{slow.mean():.4g}")
    low, high = slow.mean() - slow.std(ddof=1), slow.mean() + slow.std(ddof=1)
    expect(row).to_contain_text(f"{low:.4g} … {high:.4g}")
    page.get_by_label("Band").select_option("least to greatest")
    expect(row).to_contain_text(f"{slow.min():.4g} … {slow.max():.4g}")
    page.get_by_title("Group by it no longer").click()
    expect(page.get_by_role("complementary", name="Runs").get_by_role("listitem")).to_have_count(6)


def test_runs_are_hidden_shown_and_shown_alone_and_the_address_keeps_it(curves, page):
    go(curves, page, *runs("learning-0", "learning-1", "learning-2"), ("series", "train/loss"))
    legend = page.get_by_role("complementary", name="Runs")
    legend.get_by_role("button", name="learning 1", exact=True).click()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves, learning 0, learning 2"))
    page.reload()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("2 curves"))
    legend.get_by_role("button", name="Only learning 1").click()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("1 curve, learning 1"))
    legend.get_by_role("button", name="Show all").click()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("3 curves"))
    legend.get_by_role("button", name="Hide all").click()
    expect(panel(page, "train/loss")).to_contain_text("All runs are hidden.")


def test_a_panel_fills_the_window_and_escape_closes_it(curves, page):
    go(curves, page, *runs("learning-0"))
    panel(page, "train/loss").get_by_role("button", name="Fill the window").click()
    full = page.get_by_role("dialog", name="train/loss")
    expect(full.get_by_role("application")).to_be_visible()
    expect(full.locator(".readout")).to_contain_text("Step 59")
    assert asked(page)["full"] == ["train/loss"]
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    assert "full" not in asked(page)


def test_panels_are_resized_by_keys_and_by_dragging_and_stay_so(curves, page):
    go(curves, page, *runs("learning-0"), ("search", "train"))
    before = panel(page, "train/loss").bounding_box()
    corner = panel(page, "train/loss").get_by_role("button", name="Resize train/loss")
    corner.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert asked(page)["size"] == ["2x280 train/loss"]
    page.reload()
    expect(chart(page, "train/loss").locator("canvas")).to_be_visible()
    after = panel(page, "train/loss").bounding_box()
    assert after["width"] > 1.8 * before["width"]
    assert after["height"] == pytest.approx(before["height"] + 40, abs=2)
    corner.scroll_into_view_if_needed()
    at = corner.bounding_box()
    page.mouse.move(at["x"] + 8, at["y"] + 8)
    page.mouse.down()
    page.mouse.move(at["x"] + 8, at["y"] - 72, steps=4)
    page.mouse.up()
    assert asked(page)["size"] == ["2x200 train/loss"]


def test_panels_are_put_in_an_order_by_the_menu_and_by_dragging(curves, page):
    go(curves, page, *runs("learning-0"), ("search", "train"))
    order = page.locator(".panel h3")
    expect(order).to_have_text(["accuracy", "examples", "loss"])
    panel(page, "train/loss").get_by_role("button", name="More for train/loss").click()
    page.get_by_role("button", name="Move earlier").click()
    expect(order).to_have_text(["accuracy", "loss", "examples"])
    panel(page, "train/loss").locator("h3").drag_to(panel(page, "train/accuracy"))
    expect(order).to_have_text(["loss", "accuracy", "examples"])
    page.reload()
    expect(order).to_have_text(["loss", "accuracy", "examples"])


def test_a_run_that_is_followed_grows_before_the_eyes(tmp_path, page):
    place = str(tmp_path / "store")
    with Store.open(place) as store:
        _grow(store, [1.0, 2.0])
    with Viewer(place) as viewer:
        go(viewer, page, project="p")
        expect(chart(page, "loss")).to_have_accessible_name(re.compile("values from 1 to 2"))
        expect(page.get_by_role("img", name="Changes show as they happen")).to_be_visible()
        with Store.open(place) as store:
            _grow(store, [1.0, 2.0, 7.0])
        expect(chart(page, "loss")).to_have_accessible_name(re.compile("values from 1 to 7"))
        page.watched.loses_server = True


def test_the_newest_runs_are_those_of_now_and_the_others_keep_their_colours(tmp_path, page):
    place = str(tmp_path / "store")

    def add(store, run):
        sent = Sent({}, lambda _: None, [], ahead={})
        record = {"runjson": "1.0", "id": run, "name": run, "series": {"loss": [2.0, 1.0]}}
        upload(BytesIO(json.dumps(record).encode()), "run.json", sent, store, project="p")

    with Store.open(place) as store:
        for at in range(20):
            add(store, f"run{at:02}")
    with Viewer(place) as viewer, Store.open(place) as store:
        go(viewer, page, project="p")
        names = page.locator(".charts-side .legend-name")
        expect(page.get_by_text("run00", exact=True)).to_be_visible()
        expect(page.get_by_role("img", name="Changes show as they happen")).to_be_visible()
        before = names.all_inner_texts()
        add(store, "late")
        expect(page.get_by_text("late", exact=True)).to_be_visible()
        expect(page.get_by_text("run00", exact=True)).to_have_count(0)
        expect(page.get_by_text("The newest 20 of 21 runs.")).to_be_visible()
        assert names.all_inner_texts() == [one.replace("run00", "late") for one in before]
        store.put_away([("p", "run07")])
        expect(page.get_by_text("run07", exact=True)).to_have_count(0)
        expect(page.get_by_text("run00", exact=True)).to_be_visible()
        page.watched.loses_server = True


def test_runs_that_are_begun_while_nothing_is_there_are_drawn(tmp_path, page):
    place = str(tmp_path / "store")
    with Store.open(place) as store:
        _grow(store, [1.0, 2.0])
        store.put_away([("p", "live")])
    with Viewer(place) as viewer, Store.open(place) as store:
        viewer.enter(page, "/charts?project=p")
        expect(page.get_by_text("There are no runs to draw")).to_be_visible()
        store.take_back([("p", "live")])
        expect(chart(page, "loss")).to_be_visible()
        page.watched.loses_server = True


def _grow(store: Store, values: list[float]) -> None:
    """Track a run, or what is new of it."""
    record = {"runjson": "1.0", "id": "live", "name": "live", "status": "running", "series": {"loss": values}}
    sent = Sent({}, lambda _: None, [], ahead={})
    upload(BytesIO(json.dumps(record).encode()), "run.json", sent, store, project="p")


def test_names_that_want_to_be_scripts_are_only_shown(curves, page):
    go(curves, page, *runs("odd"))
    expect(panel(page, HOSTILE)).to_contain_text("<img src=x")
    chart(page, HOSTILE).hover(position={"x": 200, "y": 60})
    expect(readout(page, HOSTILE)).to_contain_text("<img src=x")
    panel(page, HOSTILE).get_by_role("button", name="Fill the window").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.title() == f"{CURVES} · RunJSON"


def test_a_run_of_the_address_that_is_gone_is_said_and_the_others_are_drawn(curves, page):
    page.watched.expected = {404}
    go(curves, page, *runs("learning-0", "never-was"))
    expect(page.get_by_text("One run of the address is not there any more")).to_be_visible()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("1 curve"))


def test_where_there_is_nothing_to_draw_it_says_what_to_do(curves, viewer, page):
    curves.enter(page, f"/charts?project={CURVES}&where=parameters.lr+%3E+9")
    expect(page.get_by_text("No run matches the filter.")).to_be_visible()
    viewer.enter(page, f"/charts?{urlencode({'run': f'odd/{HOSTILE}/bare'})}")
    expect(page.get_by_text("This run has no series")).to_be_visible()
    page.watched.expected = {400}
    curves.enter(page, f"/charts?project={CURVES}&where=lr+%3C")
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_server_that_is_gone_is_said_and_asked_again(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"))
    page.watched.loses_server = True
    page.route("**/api/v1/series", lambda route: route.abort())
    page.get_by_role("combobox", name="X").select_option("Time")
    page.keyboard.press("0")
    chart(page, "train/loss").focus()
    with page.expect_request("**/api/v1/series"):
        page.reload()
    expect(panel(page, "train/loss").get_by_role("alert")).to_contain_text("The server does not answer")
    page.unroute("**/api/v1/series")
    panel(page, "train/loss").get_by_role("button", name="Try again").click()
    expect(chart(page, "train/loss")).to_be_visible()


def test_what_could_not_be_loaded_is_said_and_asked_for_again(curves, page):
    page.watched.expected = {500}
    failing = [True]

    def fail(route):
        if failing:
            route.fulfill(status=500, json={"detail": "The disk is full."})
        else:
            route.continue_()

    page.route("**/api/v1/runs/read", fail)
    curves.enter(page, f"/charts?{urlencode(runs('learning-0'))}")
    expect(page.get_by_role("alert")).to_contain_text("The disk is full.")
    failing.clear()
    page.get_by_role("button", name="Try again").click()
    expect(chart(page, "train/loss")).to_be_visible()


@pytest.mark.parametrize("page", [{"width": 360, "height": 640}], indirect=True)
def test_charts_fit_a_narrow_window(curves, page):
    go(curves, page, *runs("learning-0", "odd"))
    expect(page.locator(".chart canvas")).not_to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    boxes = [panel.bounding_box() for panel in page.locator(".panel").all()]
    assert boxes
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_have_no_fault_of_accessibility(curves, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    go(curves, page, ("log", "y"), ("by", "parameters.lr"), ("hide", "lr = 0.1"))
    assert faults(page) == []
    go(curves, page, *runs("learning-0", "odd", "ranks"))
    chart(page, "train/loss").focus()
    page.keyboard.press("End")
    assert faults(page) == []
    panel(page, "train/loss").get_by_role("button", name="Fill the window").click()
    expect(page.get_by_role("dialog").get_by_role("application")).to_be_visible()
    assert faults(page) == []


def test_the_theme_changes_the_colours_of_the_curves(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"))
    light = paths(page, "train/loss")[0].attrib["stroke"]
    page.keyboard.press("T")
    page.keyboard.press("T")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert paths(page, "train/loss")[0].attrib["stroke"] != light
