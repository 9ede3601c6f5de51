"""Runs beside each other in a browser."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect
from runjson_tracker.store import Store

from tests.web.accessible import faults
from tests.web.charts import chart
from tests.web.compared import HOSTILE, LINES, track
from tests.web.experiments import track as track_in
from tests.web.seen import breadth, on_canvas, shades, swatches
from tests.web.table import asked, settled
from tests.web.viewers import Viewer

pytestmark = pytest.mark.once

MINUS = "\N{MINUS SIGN}"
NOT_SAID = "\N{EN DASH} not said"
DIFFERS = "\N{NOT EQUAL TO} differs from the baseline"
ALL = ("small", "wide", "deep")
TABS = ("values", "charts", "images", "texts", "relations")


def go(viewer: Viewer, page: Page, tab: str = "values", runs: tuple[str, ...] = ALL, **more: str) -> None:
    named = "".join(f"&run={quote(f'networks/{run}')}" for run in runs)
    rest = "".join(f"&{name}={quote(value)}" for name, value in more.items())
    viewer.enter(page, f"/compare?project=networks{named}&tab={tab}{rest}")
    expect(page.get_by_role("tab", selected=True)).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)


def relate(viewer: Viewer, page: Page, **more: str) -> None:
    rest = "".join(f"&{name}={quote(value)}" for name, value in more.items())
    viewer.enter(page, f"/compare?project=sweep&tab=relations{rest}")
    expect(page.locator(".found")).to_be_visible()


def cells(page: Page, field: str) -> Locator:
    """What each run says of a field."""
    return page.locator(".values-row", has=page.locator(f".values-label[title='{field}']")).get_by_role("cell")


def chips(page: Page) -> Locator:
    return page.locator(".compared-run .compared-name bdi")


def ready(page: Page, tab: str) -> None:
    """Wait until a tab shows what it is about."""
    shown = {
        "values": ".values-cell", "charts": ".panel canvas, .place canvas", "images": ".pane img[style*=width]",
        "texts": ".diff-row", "relations": ".found tbody tr",
    }  # fmt: skip
    expect(page.locator(shown[tab]).first).to_be_visible()


def test_runs_of_one_name_are_told_apart_by_their_ids_and_projects(tmp_path, page):
    with Store.open(str(tmp_path / "store")) as store:
        for project, one in (("p", "a"), ("p", "b"), ("q", "b"), ("q", "alone")):
            name = "alone" if one == "alone" else "baseline"
            track_in(store, project, {"runjson": "1.0", "id": one, "name": name, "parameters": {"lr": 0.1}})
    with Viewer(tmp_path / "store") as viewer:
        viewer.enter(page, "/compare?run=p/a&run=p/b&run=q/b&run=q/alone")
        expect(page.locator(".compared-name bdi")).to_have_text(
            ["baseline · a", "baseline · p/b", "baseline · q/b", "alone"]
        )
        page.watched.loses_server = True


def test_runs_that_are_selected_in_the_table_are_compared_and_the_way_back_keeps_them(compared, page):
    compared.enter(page, "/runs?project=networks&sort=name")
    settled(page)
    page.locator(".grid").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".compared-run")).to_have_count(2)
    expect(page.get_by_role("columnheader")).to_have_count(3)
    page.get_by_role("link", name="The table of runs").click()
    settled(page)
    assert len(asked(page)["run"]) == 2


def test_only_what_differs_is_shown_until_somebody_asks_for_all(compared, page):
    go(compared, page)
    expect(cells(page, "parameters.lr")).to_have_text(["0.1", f"0.03{MINUS}70 %", f"0.01{MINUS}90 %"])
    expect(cells(page, "parameters.seed")).to_have_count(0)
    page.get_by_role("switch", name="Only what differs").uncheck()
    expect(cells(page, "parameters.seed")).to_have_text(["7", "7", "7"])
    assert asked(page)["all"] == ["1"]
    page.go_back()
    expect(cells(page, "parameters.seed")).to_have_count(0)


def test_differences_from_the_baseline_are_marked_by_more_than_colour(compared, page):
    go(compared, page)
    expect(cells(page, "parameters.optimizer")).to_have_text(["sgd", f"adam{DIFFERS}", f"adam{DIFFERS}"])
    expect(cells(page, "parameters.model.layers")).to_have_text(["2", "4+100 %", "6+200 %"])
    # 04:00 an hour east of Greenwich is 03:00 there.
    expect(cells(page, "parameters.begun").nth(1)).to_have_class(re.compile("is-same"))
    expect(cells(page, "parameters.begun").nth(2)).to_contain_text("+2 h")
    expect(cells(page, "parameters.warmup")).to_have_text([NOT_SAID, NOT_SAID, f"100{DIFFERS}"])


def test_another_baseline_turns_the_differences_round_and_stands_in_the_address(compared, page):
    go(compared, page)
    page.get_by_role("button", name="deep network: more").click()
    page.get_by_role("button", name="Make it the baseline").click()
    expect(cells(page, "parameters.lr")).to_have_text(["0.1+900 %", "0.03+200 %", "0.01"])
    assert asked(page)["base"] == ["networks/deep"]
    expect(page.locator(".compared-run.is-base")).to_contain_text("deep network")


def test_runs_are_removed_reordered_by_keys_and_by_dragging_and_added_by_a_search(compared, page):
    go(compared, page)
    page.get_by_role("button", name="wide network: more").focus()
    page.keyboard.press("Control+ArrowLeft")
    expect(chips(page)).to_have_text(["wide network", "small network", "deep network"])
    expect(page.get_by_role("button", name="wide network: more")).to_be_focused()
    # The baseline is a run, not a place.
    expect(page.locator(".compared-run.is-base")).to_contain_text("small network")
    page.locator(".compared-run").nth(2).drag_to(page.locator(".compared-run").nth(0))
    expect(chips(page)).to_have_text(["deep network", "wide network", "small network"])
    page.get_by_role("button", name="Compare wide network no longer").click()
    expect(chips(page)).to_have_text(["deep network", "small network"])
    page.get_by_role("button", name="Add a run").click()
    page.get_by_placeholder("Name, id or tag").fill("wide")
    page.get_by_role("dialog").get_by_role("button", name="wide network").click()
    expect(chips(page)).to_have_text(["deep network", "small network", "wide network"])
    assert asked(page)["run"] == ["networks/deep", "networks/small", "networks/wide"]


def test_fields_are_searched_folded_and_series_show_their_statistics_with_the_best_marked(compared, page):
    go(compared, page)
    page.keyboard.press("/")
    page.keyboard.type("loss")
    expect(page.locator(".values-label[title]")).to_have_count(1)
    page.get_by_role("button", name="min", exact=True).click()
    expect(page.locator(".values-label[title]")).to_have_count(2)
    expect(cells(page, "series.train/loss.last").nth(2)).to_have_class(re.compile("is-best"))
    expect(cells(page, "series.train/loss.last").nth(2)).to_contain_text("best")
    page.get_by_label("Search the fields").fill("")
    page.get_by_role("button", name="Parameters").click()
    expect(cells(page, "parameters.lr")).to_have_count(0)
    page.reload()
    expect(cells(page, "series.train/loss.min")).to_have_count(3)
    expect(cells(page, "parameters.lr")).to_have_count(0)


def test_a_value_that_is_no_number_is_told_and_is_never_the_best(compared, page):
    go(compared, page, runs=("small", "wide", "hostile"))
    expect(cells(page, "parameters.lr")).to_have_text(["0.1", f"0.03{MINUS}70 %", f"NaN{DIFFERS}"])
    expect(cells(page, "parameters.clip").nth(0)).to_have_text("∞")
    go(compared, page, runs=("small", "wide", "hostile"), find="loss")
    expect(cells(page, "series.train/loss.last").nth(2)).not_to_have_class(re.compile("is-best"))
    expect(cells(page, "series.train/loss.last").nth(1)).to_have_class(re.compile("is-best"))


def test_two_thousand_fields_of_fifty_runs_are_drawn_where_somebody_looks(compared, page):
    runs = "".join(f"&run=many/wide-{number:02}" for number in range(50))
    compared.enter(page, f"/compare?project=many{runs}&all=1")
    expect(page.locator(".values-cell").first).to_be_visible()
    assert page.locator(".values-cell").count() < 1000
    table = page.get_by_role("table", name="Values of the runs")
    table.evaluate("table => table.scrollTo(table.scrollWidth, table.scrollHeight)")
    last = page.locator(".values-label[title='parameters.`layer 99`.`weight 1999`']")
    expect(last).to_be_visible()
    expect(page.get_by_role("columnheader", name="wide-49")).to_be_visible()
    # The field and the runs stay in sight.
    assert last.bounding_box()["x"] == table.bounding_box()["x"]
    assert table.get_attribute("aria-colcount") == "51"


def test_the_fields_are_copied_as_csv_and_as_markdown_with_exact_values(compared, page):
    go(compared, page, runs=("small", "hostile"), all="1")
    page.get_by_role("button", name="Copy these fields").click()
    page.get_by_role("button", name="As CSV").click()
    expect(page.locator(".notice")).to_contain_text("copied")
    told = {line[0]: line[1:] for line in csv.reader(io.StringIO(page.evaluate("navigator.clipboard.readText()")))}
    assert told["field"] == ["small network", HOSTILE]
    assert told["parameters.huge"] == ["", "123456789012345678901234567890"]
    assert told["parameters.`a|b ``c```"] == ["", "x|y\nz"]
    page.get_by_role("button", name="Copy these fields").click()
    page.get_by_role("button", name="As Markdown").click()
    expect(page.locator(".notice")).to_have_count(2)
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert "<script" not in re.sub(r"\\<", "", "\n".join(lines))
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}


def test_without_runs_or_with_runs_that_are_gone_the_page_says_what_to_do(compared, page):
    page.watched.expected = {404}
    go(compared, page, runs=())
    expect(page.get_by_text("Choose runs to compare")).to_be_visible()
    go(compared, page, runs=("small", "nobody"))
    expect(page.locator(".compared-run.is-missing")).to_contain_text("networks/nobody is not there")
    expect(cells(page, "parameters.lr")).to_have_text(["0.1"])
    page.get_by_role("button", name="Compare networks/nobody no longer").click()
    expect(page.locator(".compared-run")).to_have_count(1)
    go(compared, page, runs=("nobody",))
    expect(page.get_by_text("These runs are not there any more")).to_be_visible()
    for tab, says in (("images", "no images"), ("texts", "no texts"), ("charts", "no series")):
        go(compared, page, tab, runs=("bare",))
        expect(page.locator(".state")).to_contain_text(says)


def test_runs_that_say_the_same_are_told_so(compared, page):
    viewer = compared
    viewer.enter(page, "/compare?project=many&run=many/wide-00&run=many/wide-00")
    expect(page.locator(".compared-run")).to_have_count(1)
    go(compared, page, find="seed")
    expect(page.get_by_text("No field that differs is called so")).to_be_visible()
    page.get_by_role("button", name="Show all fields").click()
    expect(cells(page, "parameters.lr")).to_have_count(3)


def test_the_curves_of_the_runs_lie_over_each_other_in_their_colours(compared, page):
    go(compared, page, "charts")
    legend = page.get_by_role("complementary", name="Runs")
    expect(legend.get_by_role("listitem")).to_have_count(3)
    expect(chart(page, "train/loss")).to_have_accessible_name(re.compile("3 curves"))
    page.get_by_role("button", name="log y").click()
    colours = swatches(legend)
    assert len(set(colours)) == 3
    drawn = on_canvas(chart(page, "train/loss").locator("canvas"))
    assert all(breadth(drawn, colour) > 0.7 for colour in colours)
    assert asked(page)["log"] == ["y"]
    assert asked(page)["tab"] == ["charts"]


def test_a_run_keeps_its_colour_where_another_one_is_gone(compared, page):
    page.watched.expected = {404}
    go(compared, page, "charts", runs=("nobody", "wide"))
    legend = page.get_by_role("complementary", name="Runs")
    colour = legend.locator("line").get_attribute("stroke")
    assert colour == page.locator(".compared-run line").get_attribute("stroke")
    go(compared, page, "charts", runs=("wide",))
    assert legend.locator("line").get_attribute("stroke") != colour


def steps(page: Page) -> Locator:
    return page.locator(".pane figcaption .count")


def test_one_slider_moves_all_images_to_the_last_one_at_or_before_the_step(compared, page):
    go(compared, page, "images", step="45")
    expect(steps(page)).to_have_text(["step 40", "step 40", "step 25"])
    images = page.locator(".pane img")
    # The shade of an image is its step, and 20 more from run to run.
    assert shades(images) == [40, 60, 65]
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(steps(page)).to_have_text(["step 50", "step 40", "step 50"])
    assert shades(images) == [50, 60, 90]
    expect(page).to_have_url(re.compile("step=50"))
    page.keyboard.press("Home")
    expect(steps(page)).to_have_text(["step 0", "step 0", "step 0"])
    assert shades(images) == [0, 20, 40]
    expect(page).to_have_url(re.compile("step=0"))
    page.reload()
    expect(steps(page)).to_have_text(["step 0", "step 0", "step 0"])
    assert shades(images) == [0, 20, 40]


def test_images_stand_at_one_scale_and_are_enlarged_without_blur(compared, page):
    go(compared, page, "images", image="odd")
    images = page.locator(".pane img")
    expect(images).to_have_count(3)
    expect(images.nth(2)).to_have_attribute("style", re.compile("width"))
    widths = [images.nth(at).bounding_box()["width"] for at in range(3)]
    assert widths[1] == 2 * widths[0]
    assert widths[2] == 3 * widths[0]
    assert images.first.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    page.get_by_label("Zoom").select_option("2")
    expect(images.first).to_have_css("width", "32px")


def test_two_images_are_swiped_blended_and_subtracted_if_they_are_of_one_size(compared, page):
    go(compared, page, "images")
    page.get_by_role("button", name="Swipe").click()
    over = page.locator(".overlay img").nth(1)
    page.get_by_role("slider", name="How much of each is shown").fill("30")
    expect(over).to_have_css("clip-path", "inset(0px 0px 0px 30%)")
    page.get_by_role("button", name="Blend").click()
    page.get_by_role("slider", name="How much the second").fill("80")
    expect(over).to_have_css("opacity", "0.8")
    page.get_by_role("button", name="Difference").click()
    page.get_by_role("slider", name="How much the difference").fill("4")
    expect(page.locator(".overlay")).to_have_css("filter", "brightness(4)")
    page.get_by_label("The other run").select_option(label="deep network")
    assert asked(page)["with"] == ["networks/deep"]
    page.get_by_role("combobox", name="Images").select_option("odd")
    expect(page.get_by_text("These images differ in size")).to_be_visible()
    page.get_by_role("button", name="Show them side by side").click()
    expect(page.locator(".pane")).to_have_count(3)


def lines(page: Page, side: str) -> Locator:
    return page.locator(f".diff-row.is-{side} bdi, .diff-line.is-{side} bdi")


def test_a_file_of_two_runs_is_compared_line_by_line_in_one_column_or_two(compared, page):
    go(compared, page, "texts", text="file:source/diff")
    expect(page.locator(".pair-counts")).to_have_text(f"+1 {MINUS}1 lines")
    expect(lines(page, "removed")).to_have_text("+lr = 0.1")
    expect(lines(page, "added")).to_have_text("+lr = 0.03")
    page.get_by_role("button", name="The next run").click()
    expect(lines(page, "added")).to_have_text("+lr = 0.01")
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator(".diff-line.is-added mark")).to_have_text("0")
    assert asked(page)["view"] == ["split"]
    assert asked(page)["with"] == ["networks/deep"]


def test_a_long_file_is_folded_and_keys_go_from_change_to_change(compared, page):
    go(compared, page, "texts", text="file:long")
    expect(page.locator(".pair-counts")).to_have_text(f"+40 {MINUS}40 lines")
    assert page.locator(".diff-row").count() < 200
    page.get_by_role("button", name="247 lines are the same").click()
    expect(page.locator(".diff-row bdi").first).to_have_text("line 0")
    page.get_by_role("button", name="Unified").focus()
    page.keyboard.press("n")
    expect(page.get_by_text("line 250 changed")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.get_by_text("line 1250 changed")).to_be_in_viewport()
    page.keyboard.press("p")
    expect(page.get_by_text("line 750 changed")).to_be_in_viewport()
    assert LINES > 1250


def test_texts_at_a_step_are_compared_and_those_that_are_alike_are_told_so(compared, page):
    go(compared, page, "texts", text="text:samples")
    expect(lines(page, "removed")).to_have_text("the small network")
    page.get_by_role("slider", name="Step").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("step=0"))
    expect(page.locator(".diff-row bdi").first).to_have_text("step 0")
    page.get_by_role("button", name="All entries").click()
    expect(page.locator(".pair-counts")).to_have_text(f"+2 {MINUS}2 lines")
    go(compared, page, "texts", text="file:long", runs=("wide", "deep"))
    expect(page.get_by_text("These texts are the same")).to_be_visible()
    go(compared, page, "texts", text="file:long", runs=("wide", "hostile"))
    expect(page.get_by_text("One run lacks this text")).to_be_visible()
    go(compared, page, "texts", runs=("wide",))
    expect(page.get_by_text("Add a second run")).to_be_visible()


def common(one: list[str], other: list[str]) -> int:
    """How many lines a longest common part has, by the table that every textbook has."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for at in reversed(range(len(one))):
        for by in reversed(range(len(other))):
            both = lengths[at + 1][by + 1] + 1
            lengths[at][by] = both if one[at] == other[by] else max(lengths[at + 1][by], lengths[at][by + 1])
    return lengths[0][0]


def test_a_difference_is_the_least_one_and_each_side_reads_as_its_text(own_compared, page, tmp_path):
    random_ = random.Random(11)
    texts = [[[f"{random_.randrange(4)}" for _ in range(random_.randrange(3, 25))] for _ in range(2)] for _ in range(8)]
    with Store.open(own_compared.server.place) as store:
        for side in range(2):
            text = {f"random {at}": ["\n".join(pair[side])] for at, pair in enumerate(texts)}
            track(store, tmp_path, {"runjson": "1.0", "id": f"random-{side}", "text": text})
    for at, (one, other) in enumerate(texts):
        go(own_compared, page, "texts", runs=("random-0", "random-1"), text=f"text:random {at}")
        shared = common(one, other)
        expect(page.locator(".pair-counts")).to_have_text(f"+{len(other) - shared} {MINUS}{len(one) - shared} lines")
        while page.locator(".diff-fold button").count():
            page.locator(".diff-fold button").first.click()
        told = [
            (row.get_attribute("class"), row.locator("bdi").inner_text()) for row in page.locator(".diff-row").all()
        ]
        assert [text for side, text in told if "added" not in side] == one
        assert [text for side, text in told if "removed" not in side] == other


def found(page: Page) -> Locator:
    return page.locator(".found tbody tr")


def told(page: Page) -> Locator:
    return page.locator(".brushes [role=status]")


def strip(page: Page, label: str) -> Locator:
    return page.locator(".axis-strip", has=page.get_by_label(f"Least {label}", exact=True)).locator(".axis-area")


def brush(page: Page, label: str, begin: float, end: float) -> None:
    """Drag along an axis, from one part of its height to another."""
    box = strip(page, label).bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + begin * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + end * box["height"], steps=6)
    page.mouse.up()


def brushes(page: Page) -> dict[str, list]:
    return {one[0]: one[1:] for one in map(json.loads, asked(page).get("brush", []))}


def test_the_runs_of_a_project_are_brushed_on_parallel_axes_and_the_address_keeps_it(compared, page):
    relate(compared, page)
    expect(told(page)).to_have_text("400 runs")
    brush(page, "accuracy", 0.05, 0.4)
    expect(told(page)).to_have_text(re.compile(r"\d+ of 400 runs"))
    low, high, nowhere = brushes(page)["series.accuracy.last"]
    assert 0.4 < low < high < 1
    assert nowhere is False
    column = page.locator(".found thead th", has_text="accuracy").evaluate("head => head.cellIndex + 1")
    shown = page.locator(f".found tbody tr > :nth-child({column})").all_inner_texts()
    assert all(low - 1e-3 <= float(one) <= high + 1e-3 for one in shown)
    before = told(page).inner_text()
    page.reload()
    expect(told(page)).to_have_text(before)
    page.get_by_title("Brush it no longer").click()
    expect(told(page)).to_have_text("400 runs")


def test_an_axis_is_brushed_by_keys_from_value_to_value(compared, page):
    relate(compared, page)
    least = page.locator(".parallel").get_by_role("slider", name="Least optimizer")
    least.focus()
    expect(least).to_have_attribute("aria-valuetext", "adam")
    page.keyboard.press("ArrowUp")
    expect(least).to_have_attribute("aria-valuetext", "lion")
    assert brushes(page)["parameters.optimizer"] == [["lion", "sgd"], False]
    expect(told(page)).to_have_text(re.compile(r"\d+ of 400 runs"))
    page.keyboard.press("Delete")
    expect(told(page)).to_have_text("400 runs")


def test_runs_that_lack_a_value_have_a_place_of_their_own_that_can_be_brushed(compared, page):
    relate(compared, page)
    page.locator(".parallel").get_by_role("slider", name="Greatest layers").focus()
    page.keyboard.press("Home")
    expect(told(page)).to_have_text("20 of 400 runs")
    assert brushes(page)["parameters.layers"][-1] is True
    # NaN is no number either.
    expect(found(page).first.locator("td").last).to_have_text("NaN")
    relate(compared, page)
    page.locator(".parallel").get_by_role("slider", name="Least layers").focus()
    page.keyboard.press("ArrowUp")
    expect(told(page)).to_have_text("380 of 400 runs")


def test_axes_are_chosen_reordered_removed_and_made_logarithmic(compared, page):
    relate(compared, page)
    names = page.locator(".axis-name bdi")
    expect(names).to_have_text(["layers", "lr", "optimizer", "accuracy", "loss"])
    page.get_by_role("button", name="Axis lr").focus()
    page.keyboard.press("Control+ArrowLeft")
    expect(names).to_have_text(["lr", "layers", "optimizer", "accuracy", "loss"])
    expect(page.get_by_role("button", name="Axis lr")).to_be_focused()
    page.locator(".axis-head").nth(4).drag_to(page.locator(".axis-head").nth(0))
    expect(names).to_have_text(["loss", "lr", "layers", "optimizer", "accuracy"])
    # It goes over powers of ten, so it begins so.
    expect(page.locator(".axis-head").nth(1)).to_contain_text("log")
    page.get_by_role("button", name="Axis lr").click()
    page.get_by_role("button", name="Linear").click()
    expect(page.locator(".axis-head").nth(1)).not_to_contain_text("log")
    assert asked(page)["scale"] == ["linear parameters.lr"]
    page.get_by_role("button", name="Axis optimizer").click()
    page.get_by_role("button", name="Remove the axis").click()
    page.get_by_role("button", name="Choose axes").click()
    page.get_by_role("group", name="About the run").get_by_label("Status").check()
    page.keyboard.press("Escape")
    expect(names).to_have_text(["loss", "lr", "layers", "accuracy", "Status"])
    page.reload()
    expect(names).to_have_text(["loss", "lr", "layers", "accuracy", "Status"])


def test_colours_are_those_of_a_field_and_the_legend_says_which(compared, page):
    relate(compared, page)
    expect(page.get_by_role("img", name="From 0.4036 to 0.9899")).to_be_visible()
    page.get_by_label("Colour").select_option("parameters.optimizer")
    expect(page.get_by_role("list", name="What the colours mean").get_by_role("listitem")).to_have_text(
        ["adam", "lion", "sgd"]
    )
    assert asked(page)["colour"] == ["parameters.optimizer"]


def value_at(page: Page, axis: str, place: float) -> float:
    """The value at a place of the scatter, in pixels of the window, from the first and the last tick of an axis."""
    ticks = page.locator(f".scatter-tick.is-{axis}")
    marks = []
    for tick in (ticks.first, ticks.last):
        box = tick.bounding_box()
        middle = box["x"] + box["width"] / 2 if axis == "x" else box["y"] + box["height"] / 2
        marks.append((middle, float(tick.inner_text())))
    (begin, low), (end, high) = marks
    share = (place - begin) / (end - begin)
    return low * (high / low) ** share if axis == "x" else low + (high - low) * share


def test_the_scatter_is_brushed_by_a_rectangle_on_fields_that_somebody_chooses(compared, page):
    relate(compared, page)
    plot = page.locator(".scatter-area")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"], steps=5)
    page.mouse.up()
    with Store.open(compared.server.place) as store:
        fields = ["parameters.lr", "series.accuracy.last"]
        rows = store.select_runs(project="sweep", columns=fields).rows
    edges = [value_at(page, "x", box["x"] + share * box["width"]) for share in (0.4, 0.7)]
    edges += [value_at(page, "y", box["y"] + at) for at in (0.4 * box["height"], 10)]
    expect(told(page)).not_to_have_text("400 runs")
    ranges = brushes(page)
    assert list(ranges) == fields
    least, greatest = ranges[fields[0]][:2]
    low, high = ranges[fields[1]][:2]
    # The upper edge lies over all runs, where the brush ends at the greatest value.
    best = max(row.values[fields[1]] for row in rows)
    assert [least, greatest, low, high] == pytest.approx([*edges[:3], min(edges[3], best)], rel=0.02)
    expected = {
        row.name for row in rows if least <= row.values[fields[0]] <= greatest and low <= row.values[fields[1]] <= high
    }
    assert 0 < len(expected) < 400
    expect(told(page)).to_have_text(f"{len(expected)} of 400 runs")
    while (shown := found(page).count()) < len(expected):
        page.locator(".found-room").get_by_role("button", name="more").click()
        expect(found(page)).not_to_have_count(shown)
    assert set(found(page).locator("th bdi").all_inner_texts()) == expected
    page.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + 0.7 * box["height"])
    expect(told(page)).to_have_text("400 runs")
    page.get_by_role("combobox", name="X").select_option("series.loss.last")
    page.get_by_role("button", name="log X").click()
    assert asked(page)["across"] == ["series.loss.last"]
    assert "log series.loss.last" in asked(page)["scale"]
    page.locator(".scatter").get_by_role("slider", name="Greatest loss").focus()
    page.keyboard.press("ArrowLeft")
    expect(told(page)).not_to_have_text("400 runs")
    (loss,) = brushes(page).values()
    with Store.open(compared.server.place) as store:
        where = f"series.loss.last >= {loss[0]} and series.loss.last <= {loss[1]}"
        within = len(store.select_runs(project="sweep", where=where).rows)
    expect(told(page)).to_have_text(f"{within + 20 * loss[2]} of 400 runs")


def test_the_brushed_runs_are_listed_sorted_compared_and_selected(compared, page):
    relate(compared, page, brush=json.dumps(["parameters.layers", 16, 16, False]))
    page.get_by_title("Sort by accuracy").click()
    page.get_by_title("Sort by accuracy").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("accuracy")
    column = page.locator(".found thead th", has_text="accuracy").evaluate("head => head.cellIndex + 1")
    shown = [float(one) for one in page.locator(f".found tbody tr > :nth-child({column})").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    first = found(page).first.locator("th bdi").inner_text()
    href = page.get_by_role("link", name="Select in the table").get_attribute("href")
    page.get_by_role("link", name="Compare these").click()
    expect(page.locator(".compared-run").first).to_contain_text(first)
    page.goto(compared.origin + href)
    expect(page.get_by_role("group", name="The selected runs")).to_contain_text("selected")


def test_runs_that_are_compared_are_related_in_their_own_colours(compared, page):
    page.watched.expected = {404}
    go(compared, page, "relations", runs=("nobody", *ALL))
    expect(found(page)).to_have_count(3)
    dots = page.locator(".found-colour")
    chip = page.locator(".compared-run line")
    for at in range(3):
        colour = dots.nth(at).evaluate("dot => getComputedStyle(dot).backgroundColor")
        own = chip.nth(at).evaluate("line => getComputedStyle(line).stroke")
        assert colour == own


def test_a_filter_that_nothing_matches_is_told(compared, page):
    compared.enter(page, "/compare?project=sweep&tab=relations&where=parameters.lr+%3E+9")
    expect(page.get_by_text("No run matches the filter")).to_be_visible()


def test_values_of_a_run_that_goes_on_follow_it(own_compared, page, tmp_path):
    go(own_compared, page, runs=("small", "bare"), all="1")
    expect(cells(page, "parameters.lr").nth(1)).to_have_text(NOT_SAID + DIFFERS)
    with Store.open(own_compared.server.place) as store:
        record = {"runjson": "1.0", "id": "bare", "parameters": {"lr": 0.2}, "series": {"train/loss": [1, 0.01]}}
        track(store, tmp_path, record)
    expect(cells(page, "parameters.lr").nth(1)).to_have_text("0.2+100 %")
    expect(cells(page, "series.train/loss.last").nth(1)).to_have_class(re.compile("is-best"))


@pytest.mark.parametrize("tab", TABS)
def test_what_runs_say_is_shown_and_never_run(compared, page, tab):
    more = {"texts": {"text": "text:samples", "with": "networks/hostile"}, "images": {"image": "attention/map"}}
    go(compared, page, tab, runs=("hostile", "small"), **more.get(tab, {}), all="1")
    expect(page.locator(".compared-run").first).to_contain_text("<script>")
    if tab == "images":
        expect(page.locator(".pane").first).to_contain_text("can not draw this file")
        page.get_by_role("combobox", name="Images").select_option("drawing")
        expect(page.locator(".pane img").last).to_have_attribute("src", re.compile("^data:image/svg"))
        expect(page.locator(".pane img").last).to_have_attribute("style", re.compile("width"))
    else:
        ready(page, tab)
    assert not re.fullmatch(r"\d", page.title())
    assert page.locator("script:not([src])").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_tab_has_a_fault_of_accessibility(compared, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    for tab in TABS:
        go(compared, page, tab)
        ready(page, tab)
        assert faults(page) == [], tab
    go(compared, page, "texts", text="file:config.yaml", view="split")
    ready(page, "texts")
    assert faults(page) == []
    go(compared, page, "images", mode="swipe")
    expect(page.locator(".overlay img").first).to_be_visible()
    assert faults(page) == []
    relate(compared, page, brush=json.dumps(["parameters.optimizer", ["adam"], False]))
    assert faults(page) == []
    go(compared, page, runs=())
    assert faults(page) == []


@pytest.mark.parametrize("page", [{"width": 360, "height": 740}], indirect=True)
def test_on_a_narrow_window_nothing_but_the_tables_scrolls_sideways(compared, page):
    for tab in TABS:
        go(compared, page, tab, runs=("small", "hostile", "wide", "deep"))
        ready(page, tab)
        assert page.locator("header.top").evaluate("top => top.scrollWidth <= top.clientWidth"), tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
        assert page.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth"), tab
    assert faults(page) == []


def test_tabs_are_gone_through_by_arrows(compared, page):
    go(compared, page)
    page.get_by_role("tab", name="Values").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Charts")).to_be_focused()
    assert asked(page)["tab"] == ["charts"]
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Relations")).to_have_attribute("aria-selected", "true")
    ready(page, "relations")
