"""Dashboards: arrangements of panels that a project keeps, looked at, edited, saved and shared."""

from __future__ import annotations

import random
import re
from contextlib import closing
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.accessible import faults
from tests.web.experiments import HOSTILE, experiment, track
from tests.web.table import asked, settled
from tests.web.team import ODD, sign_in, team

pytestmark = pytest.mark.once

ACCURACY = "series.validation/accuracy.max"
LOSS = {"kind": "series", "title": "Loss", "width": 6, "height": 320, "settings": {"names": ["train/loss"]}}
BEST = {"kind": "value", "title": "", "width": 3, "height": 160, "settings": {"field": ACCURACY}}
TABLE = {"kind": "runs", "title": "Table", "width": 12, "height": 300, "settings": {"rows": 5}}
WORDS = {"kind": "text", "title": "", "width": 6, "height": 160, "settings": {"text": "## Aim\n\nLess *loss*."}}
SCATTER = {
    "kind": "scatter", "title": "", "width": 6, "height": 320, "settings": {"x": "parameters.lr", "y": ACCURACY},
}  # fmt: skip
PARALLEL = {
    "kind": "parallel", "title": "All", "width": 12, "height": 300,
    "settings": {"fields": ["parameters.lr", "parameters.optimizer", ACCURACY]},
}  # fmt: skip


def keep(viewer, name, *panels, project="digits", version=0, person=None, **rest):
    """Save a dashboard as if somebody had."""
    content = {"where": "", "sort": [], "by": [], "most": 20, "panels": list(panels), **rest}
    with Store.open(place_of(viewer)) as store:
        store.dashboards.save(project, name, content, version=version, person=person)


def kept(viewer, name, project="digits"):
    """What is saved of a dashboard; null if there is none."""
    with Store.open(place_of(viewer)) as store:
        found = store.dashboards.load(project, name)
    return None if found is None else found[1]


def place_of(viewer):
    return getattr(viewer, "server", viewer).place


def show(viewer, page, name, project="digits", **query):
    viewer.enter(page, f"/dashboard?{urlencode({'project': project, 'name': name, **query})}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def panel(page, title):
    return page.get_by_role("region", name=title, exact=True)


def drawing(page, kind):
    """The plot of a panel, which says what it shows of how many runs."""
    return page.locator(f".board-panel.is-{kind}").get_by_role("group", name="The arrow keys")


COUNT = """plot => [...plot.querySelectorAll("canvas")].reduce((sum, canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
        const [r, g, b] = data.subarray(at, at + 3);
        if (data[at + 3] > 60 && Math.max(r, g, b) - Math.min(r, g, b) > 60) sum += 1;
    }
    return sum;
}, 0)"""


def vivid(page, kind):
    """How many pixels of a plot are of a colour: what is not chosen is drawn in a faint grey."""
    return drawing(page, kind).evaluate(COUNT)


def faded(page, kind, before):
    """Wait until most of what had a colour has none."""
    plot = drawing(page, kind).element_handle()
    page.wait_for_function(f"([plot, most]) => {{ const now = ({COUNT})(plot); return now > 0 && now < most; }}",
                           arg=[plot, before * 0.7])  # fmt: skip


def drag(page, area, begin, end):
    """Drag over an area from a place to another, in parts of its width and height."""
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    for at, (x, y) in enumerate((begin, end)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=1 + 5 * at)
        if at == 0:
            page.mouse.down()
    page.mouse.up()


def titles(page):
    return [one.get_attribute("aria-label") for one in page.locator("[data-panel]").all()]


def saved(page):
    """Wait until it is saved."""
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("Not saved")).to_have_count(0)


def test_a_project_without_dashboards_says_what_one_is_for_and_makes_an_overview(own_viewer, page):
    own_viewer.enter(page, "/runs?project=digits")
    settled(page)
    page.get_by_role("navigation", name="Projects").get_by_role("link", name="Dashboards").click()
    expect(page.get_by_text("No dashboards yet")).to_be_visible()
    expect(page.get_by_text("It follows runs while they are written")).to_be_visible()
    page.get_by_role("button", name="Make the first one").click()
    page.get_by_label("Name", exact=True).fill(" ")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("alert")).to_contain_text("Give it a name")
    page.get_by_label("Name", exact=True).fill("Overview")
    page.get_by_role("button", name="Make it").click()
    with Store.open(own_viewer.server.place) as store:
        (best,) = store.best(ACCURACY, project="digits")
    number = page.locator(".board-panel.is-value", has_text="validation/accuracy")
    expect(number).to_contain_text(f"{best.value:.4g}")
    expect(number.get_by_role("link")).to_have_text(best.run.name)
    expect(panel(page, "train/loss").locator("canvas").first).to_be_visible()
    expect(panel(page, "validation/accuracy").first.locator("canvas").first).to_be_visible()
    panel(page, "Newest runs").scroll_into_view_if_needed()
    expect(page.locator(".board-table tbody tr")).to_have_count(10)
    expect(drawing(page, "scatter")).to_have_attribute("aria-label", re.compile(", 20 runs[.]"))
    assert {one["kind"] for one in kept(own_viewer, "Overview")["panels"]} == {"value", "series", "scatter", "runs"}
    page.get_by_role("link", name="Show the whole table").click()
    settled(page)
    assert asked(page)["project"] == ["digits"]


def test_a_dashboard_is_renamed_duplicated_removed_and_brought_back(own_viewer, page):
    keep(own_viewer, "One", LOSS)
    keep(own_viewer, "Two", BEST)
    own_viewer.enter(page, "/dashboards?project=digits")
    names = page.get_by_role("list", name="Dashboards").get_by_role("link")
    expect(names).to_have_text(["One", "Two"])
    page.get_by_role("button", name="More about One").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("Two")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("alert")).to_contain_text("There is one of this name already")
    page.get_by_label("Name", exact=True).fill("First")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(names).to_have_text(["First", "Two"])
    page.get_by_role("button", name="More about Two").click()
    page.get_by_role("button", name="Duplicate").click()
    expect(names).to_have_text(["First", "Two", "Two copy"])
    page.get_by_role("button", name="More about First").click()
    page.get_by_role("button", name="Remove").click()
    expect(names).to_have_text(["Two", "Two copy"])
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(["First", "Two", "Two copy"])
    assert kept(own_viewer, "First")["panels"] == [LOSS]
    assert kept(own_viewer, "Two copy")["panels"] == [BEST]


def test_a_panel_is_added_set_titled_saved_by_a_key_and_there_after_a_reload(own_viewer, page):
    keep(own_viewer, "Mine")
    show(own_viewer, page, "Mine")
    page.get_by_role("button", name="Put it together").click()
    page.get_by_role("button", name="Add a panel").click()
    page.get_by_role("button", name="Number").click()
    settings = page.get_by_role("complementary", name="Settings of Number")
    expect(page.get_by_label("Title of Number")).to_be_focused()
    page.keyboard.type("Accuracy")
    settings = page.get_by_role("complementary", name="Settings of Accuracy")
    expect(panel(page, "Accuracy")).to_contain_text("Choose a field")
    settings.get_by_label("Field").select_option(ACCURACY)
    expect(panel(page, "Accuracy").get_by_role("link")).to_contain_text("softmax")
    settings.get_by_label("Shown is").select_option("mean")
    expect(panel(page, "Accuracy")).to_contain_text("of 300 runs")
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.keyboard.press("Control+s")
    saved(page)
    page.get_by_role("button", name="Done").click()
    page.reload()
    expect(panel(page, "Accuracy")).to_contain_text("of 300 runs")
    assert kept(own_viewer, "Mine")["panels"] == [
        {"kind": "value", "title": "Accuracy", "width": 3, "height": 160,
         "settings": {"of": "mean", "field": ACCURACY}},
    ]  # fmt: skip


def test_panels_are_moved_and_resized_by_keys_and_each_step_is_undone_and_redone(own_viewer, page):
    keep(own_viewer, "Mine", LOSS, BEST, WORDS)
    show(own_viewer, page, "Mine", edit=1)
    expect(page.locator("[data-panel]")).to_have_count(3)
    page.get_by_role("button", name="Move Loss").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Moved to place 2 of 3.")).to_be_attached()
    assert titles(page) == ["Number", "Loss", "Text"]
    expect(page.get_by_role("button", name="Move Loss")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_text("Moved to place 3 of 3.")).to_be_attached()
    page.get_by_role("button", name="Resize Loss").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("7 of 12 wide, 320 pixels high.")).to_be_attached()
    page.get_by_role("button", name="More about Text").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("[data-panel]")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-panel]")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert titles(page) == ["Loss", "Number", "Text"]
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Save", exact=True).click()
    saved(page)
    found = kept(own_viewer, "Mine")["panels"]
    assert [one["kind"] for one in found] == ["value", "text", "series"]
    assert found[-1]["width"] == 7


def test_panels_are_moved_and_resized_by_a_hand_and_escape_leaves_them(own_viewer, page):
    keep(own_viewer, "Mine", LOSS, BEST, WORDS)
    show(own_viewer, page, "Mine", edit=1)
    expect(page.locator("[data-panel]")).to_have_count(3)
    expect(panel(page, "Loss").locator("canvas").first).to_be_visible()

    def drag(handle, x, y, *, ends=True):
        box = handle.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(x - 5, y - 5)
        page.mouse.move(x, y)
        if ends:
            page.mouse.up()

    over = panel(page, "Loss").bounding_box()
    drag(page.get_by_role("button", name="Move Number"), over["x"] + 40, over["y"] + 90, ends=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert titles(page) == ["Loss", "Number", "Text"]
    drag(page.get_by_role("button", name="Move Number"), over["x"] + 40, over["y"] + 90)
    expect(page.locator("[data-panel]").first).to_have_attribute("aria-label", "Number")
    box = panel(page, "Number").bounding_box()
    drag(page.get_by_role("button", name="Resize Number"), box["x"] + 2 * box["width"], box["y"] + 260)
    page.get_by_role("button", name="Save", exact=True).click()
    saved(page)
    first = kept(own_viewer, "Mine")["panels"][0]
    assert (first["kind"], first["width"], first["height"]) == ("value", 6, 260)


def test_settings_of_curves_are_drawn_at_once_and_those_that_nobody_knows_are_kept(own_viewer, page):
    keep(own_viewer, "Mine", {**LOSS, "settings": {**LOSS["settings"], "of_tomorrow": ["a", "b"]}})
    show(own_viewer, page, "Mine", edit=1)
    page.get_by_role("button", name="Settings of Loss").click()
    form = page.get_by_role("complementary", name="Settings of Loss")
    form.get_by_label("validation/accuracy").check()
    expect(panel(page, "Loss").locator("canvas")).not_to_have_count(1)
    form.get_by_label("train/loss").uncheck()
    form.get_by_label("Logarithmic y").check()
    form.get_by_label("Smoothing").fill("0.5")
    form.get_by_label("Over").select_option("relative")
    page.keyboard.press("Control+s")
    saved(page)
    assert kept(own_viewer, "Mine")["panels"][0]["settings"] == {
        "names": ["validation/accuracy"], "of_tomorrow": ["a", "b"], "log": ["y"], "smoothing": 0.5, "x": "relative",
    }  # fmt: skip
    form.get_by_role("button", name="Close the settings").click()
    expect(page.get_by_role("button", name="Settings of Loss")).to_be_focused()


def test_whoever_looks_asks_for_other_runs_in_the_address_and_comes_back(own_viewer, page):
    page.watched.expected = {400}
    keep(own_viewer, "Mine", TABLE, most=15)
    show(own_viewer, page, "Mine")
    legend = page.get_by_role("complementary", name="Runs")
    expect(legend.get_by_role("listitem")).to_have_count(15)
    page.get_by_label("Filter the runs").fill("parameters.seed == 2")
    page.keyboard.press("Enter")
    expect(page.get_by_text("15 of 60")).to_be_visible()
    assert asked(page)["where"] == ["parameters.seed == 2"]
    page.get_by_role("button", name="Group by fields").click()
    page.get_by_label("optimizer").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Runs")).to_contain_text("optimizer = adam")
    page.get_by_role("button", name="How many runs").click()
    page.get_by_label("Runs at most").fill("7")
    page.keyboard.press("Tab")
    expect(page.get_by_text("7 of 60")).to_be_visible()
    page.keyboard.press("Escape")
    link = page.url
    page.reload()
    expect(page.get_by_text("7 of 60")).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("The link was copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    assert kept(own_viewer, "Mine")["where"] == ""
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("15 of 300")).to_be_visible()
    assert set(asked(page)) == {"project", "name"}
    page.get_by_label("Filter the runs").fill("parameters.seed ==")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".board-table tbody tr")).to_have_count(5)
    page.get_by_label("Filter the runs").fill("parameters.seed == 3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("15 of 60")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    saved(page)
    assert kept(own_viewer, "Mine")["where"] == "parameters.seed == 3"
    assert set(asked(page)) == {"project", "name"}


def test_one_legend_highlights_and_hides_runs_in_all_panels(own_viewer, page):
    keep(own_viewer, "Mine", SCATTER, PARALLEL, {**LOSS, "width": 12}, most=6)
    show(own_viewer, page, "Mine")
    expect(drawing(page, "scatter")).to_have_attribute("aria-label", re.compile(", 6 runs[.]"))
    expect(drawing(page, "parallel")).to_have_attribute("aria-label", re.compile(" of 6 runs[.]"))
    before = {kind: vivid(page, kind) for kind in ("scatter", "parallel")}
    first = page.get_by_role("complementary", name="Runs").get_by_role("listitem").first
    first.hover()
    for kind, all_ in before.items():
        faded(page, kind, all_)
    first.get_by_role("button", name="Show or hide").or_(first.locator(".legend-name")).first.click()
    expect(drawing(page, "scatter")).to_have_attribute("aria-label", re.compile(", 5 runs[.]"))
    expect(drawing(page, "parallel")).to_have_attribute("aria-label", re.compile(" of 5 runs[.]"))
    assert asked(page)["hide"] == ["digits/digits-299"]
    drawing(page, "scatter").focus()
    page.keyboard.press("ArrowRight")
    status = panel(page, f"{ACCURACY} over parameters.lr").get_by_role("status")
    expect(status).to_contain_text("softmax")
    expect(status).to_contain_text("lr 0.")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/run[?]"))


def test_runs_are_brushed_along_an_axis_of_a_panel_and_the_others_are_faded(own_viewer, page):
    keep(own_viewer, "Mine", PARALLEL, SCATTER)
    show(own_viewer, page, "Mine")
    expect(drawing(page, "parallel").locator("canvas").first).to_be_visible()
    told = panel(page, "All").locator(".board-brushed span")
    areas = drawing(page, "parallel").locator(".axis-area")
    expect(areas).to_have_count(3)
    expect(told).to_have_count(0)
    before, other = vivid(page, "parallel"), vivid(page, "scatter")
    drag(page, areas.nth(2), (0.5, 0.02), (0.5, 0.3))
    expect(told).to_have_text(re.compile(r"^\d+ of 20 runs$"))
    faded(page, "parallel", before)
    # It is a brush of this panel alone.
    assert vivid(page, "scatter") == other
    wide = told.inner_text()
    drag(page, areas.nth(0), (0.5, 0.02), (0.5, 0.4))
    expect(told).not_to_have_text(wide)
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    page.wait_for_function(f"([plot, all]) => ({COUNT})(plot) === all",
                           arg=[drawing(page, "parallel").element_handle(), before])  # fmt: skip
    drag(page, areas.nth(2), (0.5, 0.02), (0.5, 0.3))
    expect(told).to_have_count(1)
    box = drawing(page, "parallel").bounding_box()
    page.mouse.dblclick(box["x"] + box["width"] * 0.2, box["y"] + box["height"] - 4)
    expect(told).to_have_count(0)
    drag(page, areas.nth(2), (0.5, 0.02), (0.5, 0.3))
    panel(page, "All").get_by_role("button", name="Brush no longer").click()
    expect(told).to_have_count(0)
    assert set(asked(page)) == {"project", "name"}


def test_a_box_in_the_scatter_of_a_panel_brushes_both_axes(own_viewer, page):
    keep(own_viewer, "Mine", SCATTER)
    show(own_viewer, page, "Mine")
    plot = drawing(page, "scatter")
    expect(plot.locator("canvas").first).to_be_visible()
    told = page.locator(".board-brushed span")
    area = plot.locator(".scatter-area")
    before = vivid(page, "scatter")
    drag(page, area, (0.15, 0.01), (0.9, 0.3))
    expect(told).to_have_text(re.compile(r"^\d+ of 20 runs$"))
    faded(page, "scatter", before)
    count = int(told.inner_text().split()[0])
    assert 0 < count < 20
    # Keys go through what is brushed alone.
    plot.focus()
    seen = set()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".board-pointed bdi").first).to_be_visible()
        seen.add(page.locator(".board-pointed b").inner_text())
    assert len(seen) == count
    box = area.bounding_box()
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + box["height"] - 3)
    expect(told).to_have_count(0)


def test_a_panel_is_brushed_by_keys_as_the_comparison_is(own_viewer, page):
    keep(own_viewer, "Mine", PARALLEL, SCATTER)
    show(own_viewer, page, "Mine")
    least = panel(page, "All").get_by_role("slider", name="Least optimizer")
    least.focus()
    expect(least).to_have_attribute("aria-valuetext", "adam")
    page.keyboard.press("ArrowUp")
    expect(least).to_have_attribute("aria-valuetext", "lion")
    expect(panel(page, "All").locator(".board-brushed")).to_have_text(re.compile(r"^1?\d of 20 runs"))
    page.keyboard.press("Escape")
    expect(panel(page, "All").locator(".board-brushed")).to_have_count(0)
    greatest = drawing(page, "scatter").get_by_role("slider", name="Greatest lr")
    greatest.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".board-panel.is-scatter .board-brushed")).to_contain_text("of 20 runs")


def test_a_brush_of_a_panel_is_not_saved_with_the_dashboard(own_viewer, page):
    keep(own_viewer, "Mine", PARALLEL)
    before = kept(own_viewer, "Mine")
    show(own_viewer, page, "Mine", edit=1)
    areas = drawing(page, "parallel").locator(".axis-area")
    drag(page, areas.nth(2), (0.5, 0.02), (0.5, 0.3))
    expect(page.locator(".board-brushed")).to_have_text(re.compile(r"^1?\d of 20 runs"))
    expect(page.get_by_text("Not saved")).to_have_count(0)
    page.get_by_label("Title of All").fill("Other")
    page.keyboard.press("Control+s")
    saved(page)
    (panel_,) = kept(own_viewer, "Mine")["panels"]
    assert panel_["settings"] == before["panels"][0]["settings"]
    page.reload()
    expect(drawing(page, "parallel").locator("canvas").first).to_be_visible()
    expect(page.locator(".board-brushed")).to_have_count(0)


def test_a_run_that_is_pressed_on_in_a_panel_is_opened_and_a_brush_opens_none(own_viewer, page):
    keep(own_viewer, "Mine", SCATTER, most=1)
    show(own_viewer, page, "Mine")
    area = drawing(page, "scatter").locator(".scatter-area")
    box = area.bounding_box()
    # The only run stands in the middle of both axes, with room for their labels left and below.
    middle = (76 + (box["width"] - 76 - 18) / 2) / box["width"], (14 + (box["height"] - 48 - 14) / 2) / box["height"]
    drag(page, area, (middle[0] - 0.2, middle[1] - 0.2), middle)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")
    page.mouse.click(box["x"] + middle[0] * box["width"], box["y"] + middle[1] * box["height"])
    expect(page).to_have_url(re.compile("/run[?]"))


def test_two_who_save_the_same_dashboard_lose_nothing(tmp_path, page, other_page):
    with team(tmp_path / "store") as server, closing(page.context), closing(other_page.context):
        keep(server, "Shared", WORDS, project="vision/digits", person="berta")
        address = "/dashboard?project=vision%2Fdigits&name=Shared&edit=1"
        sign_in(page, server, "ada", address)
        expect(page.get_by_label("Title of Text")).to_be_visible()
        sign_in(other_page, server, "berta", address)
        other_page.get_by_label("Title of Text").fill("by berta")
        other_page.keyboard.press("Control+s")
        saved(other_page)
        page.watched.expected = {401, 409}
        page.get_by_label("Title of Text").fill("by ada")
        page.keyboard.press("Control+s")
        dialog = page.get_by_role("dialog", name="Changed meanwhile")
        expect(dialog).to_contain_text("berta saved this dashboard")
        assert faults(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_label("Title of by ada")).to_have_value("by ada")
        page.get_by_role("button", name="Save", exact=True).click()
        dialog.get_by_role("button", name="Save mine").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Shared (mine)")
        expect(page.get_by_label("Title of by ada")).to_be_visible()
        assert kept(server, "Shared (mine)", "vision/digits")["panels"][0]["title"] == "by ada"
        assert kept(server, "Shared", "vision/digits")["panels"][0]["title"] == "by berta"

        other_page.get_by_label("Title of by berta").fill("once more")
        keep(server, "Shared", LOSS, project="vision/digits", version=2, person="ada")
        other_page.watched.expected = {401, 409}
        other_page.keyboard.press("Control+s")
        other_page.get_by_role("button", name="Load theirs").click()
        expect(panel(other_page, "Loss")).to_be_visible()
        expect(other_page.get_by_text("Not saved")).to_have_count(0)


def test_a_viewer_looks_and_is_offered_no_editing(tmp_path, page):
    with team(tmp_path / "store") as server, closing(page.context):
        keep(server, "Shared", LOSS, TABLE, project="vision/digits", person="berta")
        sign_in(page, server, "carl", "/dashboards?project=vision%2Fdigits")
        expect(page.get_by_role("list", name="Dashboards")).to_contain_text("berta,")
        for name in ("New", "More about Shared"):
            expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        page.get_by_role("link", name="Shared").click()
        expect(panel(page, "Loss").locator("canvas").first).to_be_visible()
        page.keyboard.press("e")
        page.goto(f"{page.url}&edit=1&where=parameters.seed+%3C+2")
        expect(page.get_by_role("button", name="3 of 3")).to_be_visible()
        expect(page.get_by_role("button", name="Reset")).to_be_visible()
        for name in ("Edit", "Done", "Save", "Add a panel", "Undo"):
            expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_changes_that_are_not_saved_wait_for_whoever_goes_to_another_page(own_viewer, page):
    keep(own_viewer, "Mine", WORDS)
    show(own_viewer, page, "Mine", edit=1)
    page.get_by_label("Title of Text").fill("changed")
    page.get_by_role("link", name="All projects").click()
    settled(page)
    expect(page.get_by_text("Changes of “Mine” are not saved")).to_be_visible()
    asked_to_stay = []

    def stay(dialog):
        asked_to_stay.append(dialog.type)
        dialog.accept()

    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_label("Title of changed")).to_have_value("changed")
    page.on("dialog", stay)
    page.reload()
    expect(page.get_by_label("Title of Text")).to_have_value("")
    assert asked_to_stay == ["beforeunload"]


def test_a_panel_that_fails_says_why_in_itself_and_the_others_go_on(own_viewer, page):
    page.watched.expected = {400, 422}
    broken = {**BEST, "title": "Broken", "settings": {"field": "no such field <"}}
    pattern = {**LOSS, "title": "Pattern", "settings": {"pattern": "/(/"}}
    keep(own_viewer, "Mine", broken, pattern, BEST, {**TABLE, "settings": {"columns": [], "rows": "many", "sort": 7}})
    show(own_viewer, page, "Mine")
    expect(panel(page, "Broken").get_by_role("alert")).to_be_visible()
    expect(panel(page, "Broken").get_by_role("button", name="Try again")).to_be_visible()
    expect(panel(page, "Pattern")).to_contain_text("no regular expression")
    expect(panel(page, "Number").get_by_role("link")).to_be_visible()
    expect(page.locator(".board-table tbody tr")).to_have_count(10)


def test_a_dashboard_follows_runs_as_they_come(own_viewer, page):
    keep(own_viewer, "Mine", BEST, {**BEST, "title": "Newest", "settings": {"field": ACCURACY, "of": "last"}}, TABLE)
    show(own_viewer, page, "Mine")
    expect(page.get_by_text("20 of 300")).to_be_visible()
    expect(panel(page, "Newest").get_by_role("link")).to_contain_text("299")
    run = experiment(7, random.Random(7)) | {"id": "late", "name": "late and best"}
    run["series"] = {"validation/accuracy": {"values": [0.5, 2.0], "goal": "maximize"}}
    with Store.open(own_viewer.server.place) as store:
        track(store, "digits", run)
    for title in ("Number", "Newest"):
        expect(panel(page, title).get_by_role("link")).to_have_text("late and best")
    expect(page.locator(".board-table tbody tr").first).to_contain_text("late and best")
    expect(page.get_by_text("20 of 301")).to_be_visible()


def test_charts_are_added_to_a_dashboard_as_they_are_drawn(own_viewer, page):
    keep(own_viewer, "Mine", WORDS)
    own_viewer.enter(page, "/charts?project=digits&series=train%2Floss&log=y&smooth=0.4&x=relative")
    page.get_by_role("button", name="Add to a dashboard").click()
    page.get_by_role("button", name="Add the charts").click()
    page.get_by_role("button", name="Show it").click()
    expect(panel(page, "train/loss").locator("canvas").first).to_be_visible()
    added = kept(own_viewer, "Mine")["panels"][1]
    assert added["settings"]["names"] == ["train/loss"]
    assert (added["settings"]["log"], added["settings"]["smoothing"]) == (["y"], 0.4)
    assert added["settings"]["x"] == "relative"
    page.go_back()
    page.get_by_role("button", name="Add to a dashboard").click()
    page.get_by_label("Dashboard", exact=True).select_option("A new one")
    page.get_by_label("Name of a new one").fill("Fresh")
    page.get_by_role("button", name="Add the charts").click()
    expect(page.get_by_text("The charts are on “Fresh” now")).to_be_visible()
    assert len(kept(own_viewer, "Fresh")["panels"]) == 1


def hostile_panels():
    field = f"series.`{HOSTILE}`.last"
    text = f"{HOSTILE}\n\n[x](javascript:document.title=3) ![y](https://example.org/p.png)\n\n<b onclick=alert(1)>b</b>"
    return [
        {**LOSS, "title": HOSTILE, "settings": {"pattern": ""}},
        {**BEST, "title": "Best", "settings": {"field": field, "goal": "maximize"}},
        {**BEST, "title": "Mean", "settings": {"field": field, "of": "mean"}},
        {**BEST, "title": "None", "settings": {"field": "series.`all nan`.min", "goal": "minimize"}},
        {**TABLE, "settings": {"columns": ["status", "tags", f"parameters.`{HOSTILE}`", "parameters.nan", field]}},
        {**SCATTER, "title": "Scatter", "settings": {"x": "parameters.p001", "y": field}},
        {**PARALLEL, "settings": {"fields": [f"parameters.`{HOSTILE}`", "parameters.nan", field]}},
        {**WORDS, "title": "Words", "settings": {"text": text}},
        {"kind": "images", "title": "Images", "width": 6, "height": 200, "settings": {"name": HOSTILE}},
    ]  # fmt: skip


@pytest.mark.parametrize("page", [{"width": 1400, "height": 3200}], indirect=True)
def test_names_titles_and_texts_that_want_to_be_scripts_are_shown_as_they_are(own_viewer, page):
    keep(own_viewer, HOSTILE, *hostile_panels(), project=ODD)
    own_viewer.enter(page, f"/dashboards?project={quote(ODD)}")
    page.get_by_role("list", name="Dashboards").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(panel(page, HOSTILE).locator("canvas").first).to_be_visible()
    expect(panel(page, "Words")).to_contain_text(HOSTILE)
    expect(panel(page, "Words").locator("a, img, b, script")).to_have_count(0)
    expect(panel(page, "None")).to_contain_text("No run has a number")
    expect(panel(page, "Table")).to_contain_text(HOSTILE)
    expect(panel(page, "Images")).to_contain_text("has images called")
    expect(drawing(page, "parallel")).to_have_attribute("aria-label", re.compile(" of 4 runs[.]"))
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Settings of Table").click()
    expect(page.get_by_role("complementary", name="Settings of Table")).to_contain_text(HOSTILE)
    assert page.title() == f"{HOSTILE} · RunJSON"


def test_the_last_image_of_each_run_is_shown(own_viewer, page):
    with Store.open(own_viewer.server.place) as store:
        for number in range(3):
            record = {
                "runjson": "1.0", "id": f"seen-{number}", "name": f"seen {number}",
                "images": {"samples": {"values": [image(), image()], "steps": [10, 20]}},
            }  # fmt: skip
            track(store, "pictures", record)
        track(store, "pictures", {"runjson": "1.0", "id": "blind"})
    seen = {"kind": "images", "title": "Seen", "width": 12, "height": 300, "settings": {"name": "samples"}}
    keep(own_viewer, "Mine", seen, project="pictures")
    show(own_viewer, page, "Mine", project="pictures")
    expect(panel(page, "Seen").get_by_role("img", name="samples of seen")).to_have_count(3)
    expect(panel(page, "Seen").get_by_text("step 20")).to_have_count(3)
    all_there = "() => [...document.querySelectorAll('.board-image img')].every(one => one.naturalWidth === 1)"
    page.wait_for_function(all_there)
    page.get_by_role("button", name="Only seen 1").click(force=True)
    expect(panel(page, "Seen").get_by_role("img", name="samples of seen")).to_have_count(1)


def image():
    """An image of one pixel."""
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    return {"data": png, "media_type": "image/png"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", [{"width": 1400, "height": 900}, {"width": 360, "height": 740}], indirect=True)
def test_dashboards_have_no_fault_of_accessibility_and_fit_a_narrow_window(own_viewer, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    own_viewer.enter(page, "/dashboards?project=digits")
    expect(page.get_by_text("No dashboards yet")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Make the first one").click()
    assert faults(page) == []
    page.keyboard.press("Escape")
    keep(own_viewer, "Mine", LOSS, BEST, SCATTER, PARALLEL, TABLE, WORDS)
    own_viewer.enter(page, "/dashboards?project=digits")
    page.get_by_role("link", name="Mine").click()
    expect(panel(page, "Loss").locator("canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".board-main").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert faults(page) == []
    panel(page, "Table").scroll_into_view_if_needed()
    expect(page.locator(".board-table tbody tr")).to_have_count(5)
    expect(drawing(page, "parallel")).to_have_attribute("aria-label", re.compile(" of 20 runs[.]"))
    drawing(page, "parallel").get_by_role("slider", name="Least optimizer").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".board-brushed")).to_be_visible()
    assert page.locator(".board-main").evaluate("one => one.scrollWidth <= one.clientWidth")
    assert faults(page) == []
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Settings of Table").click()
    expect(page.get_by_role("complementary", name="Settings of Table")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Close the settings").click()
    page.get_by_role("button", name="Add a panel").click()
    assert faults(page) == []


def test_a_dashboard_that_is_not_there_is_told_with_a_way_on(viewer, page):
    page.watched.expected = {404}
    viewer.enter(page, "/dashboard?project=digits&name=nowhere")
    expect(page.get_by_role("alert")).to_contain_text('has no dashboard "nowhere"')
    page.get_by_role("link", name="All dashboards of the project").click()
    expect(page.get_by_text("No dashboards yet")).to_be_visible()
    viewer.enter(page, "/dashboard?project=digits")
    expect(page.get_by_text("No dashboard is named")).to_be_visible()
    viewer.enter(page, "/dashboards")
    expect(page.get_by_text("No project is named")).to_be_visible()
