"""How curves are looked at: the cursor, zooming, axes, smoothing, and what is not finite."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import expect

from tests.web.charts import (
    SVG,
    averaged,
    chart,
    frame,
    go,
    panel,
    paths,
    picture,
    places,
    readout,
    runs,
    said,
    values_of,
    zoomed,
)
from tests.web.curves import BEGUN, LONG, SPIKE
from tests.web.table import asked

pytestmark = pytest.mark.once


def test_the_cursor_shows_the_values_of_all_runs_and_stands_in_all_charts(curves, page):
    names = ("train/accuracy", "train/examples", "train/loss")
    # One chart is twice as wide as the others.
    go(curves, page, *runs("learning-0", "learning-1"), ("search", "train"), ("size", "2x240 train/accuracy"))
    expect(page.locator(".chart canvas")).to_have_count(3)
    frames = [frame(page, name) for name in names]
    assert frames[0][1] > 1.8 * frames[1][1]
    chart(page, "train/loss").scroll_into_view_if_needed()
    chart(page, "train/loss").hover(position={"x": 200, "y": 30})
    table = readout(page, "train/loss")
    expect(table.get_by_role("rowheader", include_hidden=True)).to_have_count(2)
    # The nearest to the pointer, far up, is the run that learns slowly.
    expect(table.locator("tbody tr").first).to_contain_text("learning 1")
    step = int(re.search(r"Step (\d+)", table.inner_text())[1])
    expect(table).to_contain_text(f"{values_of(1)[step]:.4g}")
    expect(table).to_contain_text(f"{values_of(0)[step]:.4g}")
    expect(page.locator(".crosshair")).to_have_count(3)
    lefts = [chart(page, name).locator(".crosshair").evaluate("line => parseFloat(line.style.left)") for name in names]
    assert lefts[2] == pytest.approx(200, abs=1)
    assert [(at - left) / width for at, (left, width) in zip(lefts, frames, strict=True)] == pytest.approx(
        [(200 - frames[2][0]) / frames[2][1]] * 3, abs=0.005
    )
    box, plot = table.bounding_box(), chart(page, "train/loss").bounding_box()
    assert box["y"] >= plot["y"] + plot["height"] or box["y"] + box["height"] <= plot["y"]
    page.mouse.move(5, 5)
    expect(page.locator(".crosshair")).to_have_count(0)


def test_a_place_among_steps_is_none_in_a_chart_over_something_else(curves, page):
    go(curves, page, *runs("learning-0"), ("search", "loss"), ("zoom", "0 60000 series:train/examples"))
    expect(page.locator(".chart canvas")).to_have_count(2)
    chart(page, "train/loss").hover(position={"x": 200, "y": 60})
    expect(page.locator(".crosshair")).to_have_count(1)
    narrow, wide = (places(paths(page, name)[0]) for name in ("validation/loss", "train/loss"))
    assert narrow[-1][0] - narrow[0][0] < 100 < wide[-1][0] - wide[0][0]


def test_of_many_runs_the_cursor_shows_twelve_and_says_how_many_more(viewer, page):
    go(viewer, page, project="digits")
    chart(page, "train/loss").hover(position={"x": 200, "y": 60})
    expect(readout(page, "train/loss").locator("tbody tr")).to_have_count(12)
    expect(readout(page, "train/loss")).to_contain_text("and 8 more")


def test_keys_read_values_zoom_move_and_reset(curves, page):
    go(curves, page, *runs("learning-0", "learning-1"), ("series", "train/loss"))
    chart(page, "train/loss").focus()
    page.keyboard.press("End")
    last = [f"{values_of(number)[59]:.4g}" for number in (0, 1)]
    expect(said(page, "train/loss")).to_have_text(f"Step 59: learning 1 {last[1]}, learning 0 {last[0]}")
    page.keyboard.press("ArrowLeft")
    expect(said(page, "train/loss")).to_contain_text("Step 58: ")
    page.keyboard.press("ArrowRight")
    expect(said(page, "train/loss")).to_contain_text("Step 59: ")
    page.keyboard.press("Home")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"zoom=0\+29\.5"))
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile(r"zoom=7\.375\+36\.875"))
    page.keyboard.press("-")
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("zoom"))
    page.keyboard.press("Escape")
    expect(page.locator(".crosshair")).to_have_count(0)


def test_a_zoom_by_dragging_asks_for_finer_points_and_the_way_back_leads_out(curves, page):
    go(curves, page, *runs("long"))
    expect(chart(page, "wave")).to_have_accessible_name(re.compile("to 40"))
    box = chart(page, "wave").bounding_box()
    with page.expect_request("**/api/v1/series") as request:
        page.mouse.move(box["x"] + 400, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 460, box["y"] + 62, steps=4)
        page.mouse.up()
    first, last = request.value.post_data_json["steps"]
    assert 0 < first < last < LONG
    least, greatest = zoomed(page)
    assert first < least < greatest < last
    # Pairs of points of a reduced curve lie far apart; these are all there is.
    chart(page, "wave").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(said(page, "wave")).to_contain_text(re.compile(r"Step \d+: long"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("zoom"))
    expect(page.get_by_role("button", name="Reset zoom")).to_have_count(0)


def test_a_closer_look_at_times_asks_by_the_times_of_the_run(curves, page):
    with page.expect_request("**/api/v1/series") as request:
        go(curves, page, *runs("long"), ("x", "relative"), ("zoom", "1000 1500 relative"))
    (asked_of,) = request.value.post_data_json["runs"]
    assert asked_of["times"] == [BEGUN + 750, BEGUN + 1750]
    expect(chart(page, "wave")).to_have_accessible_name(re.compile("over Time since the start from 12 min 30 s"))


def test_a_frame_drawn_around_a_part_zooms_both_axes_and_a_double_click_resets(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"))
    box = chart(page, "train/loss").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 120, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("ysight="))
    assert asked(page)["ysight"][0].endswith(" train/loss")
    chart(page, "train/loss").dblclick(position={"x": 300, "y": 60})
    expect(page).not_to_have_url(re.compile("ysight|zoom"))


def test_a_chart_that_is_dragged_with_shift_moves(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"), ("zoom", "10 30 step"))
    box = chart(page, "train/loss").bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page).not_to_have_url(re.compile(r"zoom=10\+30"))
    least, greatest = zoomed(page)
    assert least > 10
    assert greatest - least == pytest.approx(20)


def test_two_fingers_come_closer_and_move_what_is_between_them(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"), ("zoom", "10 30 step"))
    box = chart(page, "train/loss").bounding_box()
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(kind, *places):
        points = [{"x": box["x"] + x, "y": box["y"] + 60, "id": number} for number, x in enumerate(places)]
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 200)
    touch("touchStart", 200, 260)
    touch("touchMove", 180, 280)
    touch("touchMove", 160, 280)
    touch("touchEnd")
    expect(page).not_to_have_url(re.compile(r"zoom=10\+30"))
    least, greatest = zoomed(page)
    assert greatest - least == pytest.approx(10)
    # The right finger went further right by less than the left one left.
    assert 10 < least < greatest < 30
    chart(page, "train/loss").dblclick(position={"x": 200, "y": 60})
    expect(page).not_to_have_url(re.compile("zoom="))


def test_a_series_is_drawn_over_the_one_that_it_names(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "validation/loss"))
    expect(chart(page, "validation/loss")).to_have_accessible_name(re.compile("over train/examples from 128"))
    chart(page, "validation/loss").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(said(page, "validation/loss")).to_have_text(
        f"train/examples {128 * 11}: learning 0 {values_of(0)[10]:.4g}"
    )  # fmt: skip


def test_x_is_chosen_as_time_since_the_start_as_time_and_as_another_series(curves, page):
    go(curves, page, *runs("learning-1"), ("series", "train/loss"))
    choice = page.get_by_role("combobox", name="X")
    choice.select_option("Time since the start")
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("over Time since the start from 0"))
    chart(page, "train/loss").focus()
    page.keyboard.press("End")
    expect(said(page, "train/loss")).to_contain_text("Time since the start 9 min 50 s: learning 1")
    choice.select_option("Time")
    # BEGUN + 1000 s, in Kathmandu.
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("Nov 15, 2023, 4:15:00"))
    choice.select_option("train/accuracy")
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("over train/accuracy"))
    page.reload()
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("over train/accuracy"))


def test_points_without_a_time_are_said_to_be_missing(curves, page):
    go(curves, page, *runs("odd"), ("series", "signed"), ("x", "time"))
    expect(panel(page, "signed")).to_contain_text("No point has a time. Choose steps for the x axis.")


def test_a_log_axis_says_how_many_points_it_leaves_out(curves, page):
    go(curves, page, *runs("odd"), ("series", "signed"))
    page.get_by_role("button", name="log y").click()
    expect(panel(page, "signed")).to_contain_text("3 points ≤ 0 are not shown on a log axis.")
    texts = [one.text for one in picture(page, "signed").iter(f"{SVG}text")]
    assert {"1", "10", "100"} <= set(texts)
    line = places(paths(page, "signed")[0])
    (_, one), (_, ten), (_, hundred) = line
    assert one - ten == pytest.approx(ten - hundred, abs=0.1)
    page.get_by_role("button", name="log x").click()
    assert asked(page)["log"] == ["x", "y"]
    # The values 1, 10 and 100 stand at the steps 3, 4 and 5.
    (three, _), (four, _), (five, _) = places(paths(page, "signed")[0])
    assert (four - three) / (five - four) == pytest.approx(math.log(4 / 3) / math.log(5 / 4), rel=0.01)


def test_outliers_are_ignored_on_request_and_counted(curves, page):
    go(curves, page, *runs("odd"), ("series", "outlying"))
    page.get_by_role("button", name="Ignore outliers").click()
    expect(panel(page, "outlying")).to_contain_text("1 point lies outside.")
    assert "1.00" in [one.text for one in picture(page, "outlying").iter(f"{SVG}text")]


def test_nan_and_infinities_are_marked_and_read_where_they_happened(curves, page):
    go(curves, page, *runs("odd"), ("series", "broken"))
    line, marks = paths(page, "broken")
    assert line.attrib["d"].count("M") >= 4
    crosses = places(marks)
    assert len(crosses) == 4 + 4 + 4
    assert min(y for _, y in crosses) < 60
    assert max(y for _, y in crosses) > 150
    chart(page, "broken").focus()
    page.keyboard.press("Home")
    heard = []
    for _ in range(7):
        page.keyboard.press("ArrowRight")
        step = len(heard) + 1
        expect(said(page, "broken")).to_contain_text(f"Step {step}:")
        heard.append(said(page, "broken").inner_text().rpartition(" ")[2])
    assert heard == ["0.8", "NaN", "0.7", "∞", "0.65", "\u2212∞", "0.6"]


def test_a_series_that_is_never_finite_shows_its_marks(curves, page):
    go(curves, page, *runs("odd"), ("series", "never finite"))
    expect(chart(page, "never finite")).to_have_accessible_name(re.compile("no finite values"))
    assert len(paths(page, "never finite")) == 2


def test_smoothing_averages_the_finite_values_without_a_bias(curves, page):
    go(curves, page, *runs("odd"), ("series", "broken"), ("smooth", "0.6"))
    chart(page, "broken").focus()
    page.keyboard.press("End")
    row = readout(page, "broken").locator("tbody tr")
    expect(row).to_contain_text(f"{averaged([1, 0.8, 0.7, 0.65, 0.6], 0.6):.4g}")


def test_a_long_curve_is_smoothed_over_all_of_its_points_however_close_one_looks(curves, page):
    wave = [math.sin(at / 300) for at in range(LONG)]
    wave[SPIKE] = 40
    for sight in ([], [("zoom", f"{SPIKE + 3} {SPIKE + 53} step")]):
        go(curves, page, *runs("long"), ("series", "wave"), ("smooth", "0.9"), *sight)
        chart(page, "wave").focus()
        page.keyboard.press("Home" if sight else "End")
        step = SPIKE + 3 if sight else LONG - 1
        row = readout(page, "wave")
        expect(row).to_contain_text(f"Step {step}")
        expect(row).to_contain_text(f"{averaged(wave[: step + 1], 0.9):.4g}".replace("-", "\N{MINUS SIGN}"))


def test_the_slider_smooths_and_draws_the_curve_as_it_is_faintly(curves, page):
    go(curves, page, *runs("learning-0"), ("series", "train/loss"))
    slider = page.get_by_role("slider", name="Smoothing")
    slider.fill("0.9")
    expect(page).to_have_url(re.compile("smooth=0.9"))
    faint, strong = paths(page, "train/loss")
    assert float(faint.attrib["stroke-opacity"]) < 0.5 < float(strong.attrib["stroke-opacity"])
    assert len(places(faint)) == len(places(strong)) == 60


def test_no_spike_is_hidden_where_few_points_are_drawn_smoothed(curves, page):
    go(curves, page, *runs("long"), ("series", "wave"), ("smooth", "0.99"))
    band, line = paths(page, "wave")
    assert "fill-opacity" in band.attrib
    assert min(y for _, y in places(band)) < min(y for _, y in places(line)) - 100
