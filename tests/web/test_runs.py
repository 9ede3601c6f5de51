"""The table of runs in a browser."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.experiments import COUNT, HOSTILE, UNICODE, set_columns, track
from tests.web.table import asked, cells, go, heading, rows, settled

pytestmark = pytest.mark.once

LR = "column=name&column=parameters.lr&column=series.train/loss.last"


def test_the_table_shows_the_newest_runs_with_what_tells_them_apart(viewer, page):
    go(viewer, page)
    expect(page.get_by_text("300 runs")).to_be_visible()
    expect(rows(page).first).to_contain_text("299")
    for label in ("Name", "Status", "train/loss", "lr", "optimizer"):
        expect(heading(page, label)).to_be_visible()


def test_only_rows_in_sight_are_drawn_and_scrolling_fetches_the_others(viewer, page):
    go(viewer, page)
    assert rows(page).count() < 60
    page.locator(".grid").evaluate("grid => grid.scrollTo(0, grid.scrollHeight)")
    expect(page.get_by_text("000", exact=False).last).to_be_visible()
    expect(page.locator(f"[aria-rowindex='{COUNT + 1}']")).to_contain_text("000")


def test_a_heading_sorts_and_shift_sorts_by_several(viewer, page):
    go(viewer, page, "column=parameters.lr&column=parameters.seed")
    heading(page, "lr").get_by_role("button").first.click()
    expect(cells(page, "lr").first).to_have_text("0.003")
    heading(page, "seed").get_by_role("button").first.click(modifiers=["Shift"])
    heading(page, "seed").get_by_role("button").first.click(modifiers=["Shift"])
    expect(heading(page, "seed")).to_have_attribute("aria-sort", "descending")
    expect(cells(page, "seed").first).to_have_text("4")
    assert asked(page)["sort"] == ["parameters.lr", "-parameters.seed"]
    page.go_back()
    assert asked(page)["sort"] == ["parameters.lr", "parameters.seed"]


def test_a_column_is_chosen_in_the_picker_and_the_address_shows_it_to_others(viewer, page):
    go(viewer, page)
    page.get_by_role("button", name="Choose columns").click()
    page.get_by_placeholder("Search").fill("accuracy")
    page.get_by_role("group", name="Series").get_by_label("max").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "series.validation/accuracy.max" in asked(page)["column"]
    page.reload()
    settled(page)
    expect(page.get_by_title("series.validation/accuracy.max")).to_have_count(1)


def test_columns_are_ordered_by_keys_and_by_dragging(viewer, page):
    go(viewer, page, LR + "&column=status")
    heading(page, "lr").get_by_role("button").first.focus()
    page.keyboard.press("Control+ArrowRight")
    expect(heading(page, "lr")).to_have_attribute("aria-colindex", "3")
    heading(page, "Status").drag_to(heading(page, "train/loss"))
    expect(heading(page, "Status")).to_have_attribute("aria-colindex", "2")
    assert asked(page)["column"] == ["name", "status", "series.train/loss.last", "parameters.lr"]


def test_columns_are_resized_by_keys_and_by_the_mouse(viewer, page):
    go(viewer, page, LR)
    heading(page, "lr").get_by_role("button").first.focus()
    before = heading(page, "lr").bounding_box()["width"]
    page.keyboard.press("Shift+ArrowRight")
    expect(heading(page, "lr").get_by_role("separator")).to_have_attribute("aria-valuenow", str(round(before) + 16))
    handle = heading(page, "lr").get_by_role("separator").bounding_box()
    page.mouse.move(handle["x"] + 2, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 102, handle["y"] + 5, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"width={round(before) + 116}(\+|%20)parameters\.lr"))


def test_a_pinned_column_stays_while_others_scroll(viewer, page):
    go(viewer, page)
    heading(page, "optimizer").hover()
    page.get_by_role("button", name="More on optimizer").click()
    page.get_by_role("button", name="Keep in sight").click()
    expect(heading(page, "optimizer")).to_have_attribute("aria-colindex", "2")
    before = heading(page, "optimizer").bounding_box()["x"]
    page.locator(".grid").evaluate("grid => grid.scrollTo(400, 0)")
    assert heading(page, "optimizer").bounding_box()["x"] == before
    assert asked(page)["pin"] == ["parameters.optimizer"]


def test_columns_that_are_pinned_and_made_wider_are_so_for_whoever_opens_the_address(viewer, page, other_page):
    go(viewer, page, LR + "&column=parameters.optimizer&column=tags&column=id&column=started")
    heading(page, "optimizer").hover()
    page.get_by_role("button", name="More on optimizer").click()
    page.get_by_role("button", name="Keep in sight").click()
    heading(page, "lr").get_by_role("button").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    wide = heading(page, "lr").get_by_role("separator").get_attribute("aria-valuenow")
    expect(page).to_have_url(re.compile(rf"width={wide}(\+|%20)parameters\.lr"))
    viewer.enter(other_page, page.url.removeprefix(viewer.origin))
    settled(other_page)
    optimizer, lr = (heading(other_page, label) for label in ("optimizer", "lr"))
    expect(optimizer).to_have_attribute("aria-colindex", "2")
    expect(lr.get_by_role("separator")).to_have_attribute("aria-valuenow", wide)
    assert round(lr.bounding_box()["width"]) == int(wide)
    expect(rows(other_page).first.locator("[aria-colindex='2']")).to_have_text(re.compile("adam|sgd|lion"))
    other_page.set_viewport_size({"width": 800, "height": 700})
    before, place = optimizer.bounding_box()["x"], lr.bounding_box()["x"]
    other_page.locator(".grid").evaluate("grid => grid.scrollTo(20, 0)")
    assert lr.bounding_box()["x"] < place
    assert optimizer.bounding_box()["x"] == before


def test_a_column_is_hidden_in_the_picker_and_stays_so(viewer, page):
    go(viewer, page)
    expect(page.get_by_title("parameters.optimizer")).to_have_count(1)
    before = page.get_by_role("columnheader").count()
    page.get_by_role("button", name="Choose columns").click()
    page.get_by_role("group", name="Parameters").get_by_label("optimizer").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_title("parameters.optimizer")).to_have_count(0)
    assert "parameters.optimizer" not in asked(page)["column"]
    page.reload()
    settled(page)
    expect(page.get_by_role("columnheader")).to_have_count(before - 1)
    expect(page.get_by_title("parameters.optimizer")).to_have_count(0)


def test_the_filter_completes_fields_operators_and_values(viewer, page):
    go(viewer, page)
    page.keyboard.press("/")
    page.keyboard.type("stat")
    expect(page.get_by_role("option").first).to_contain_text("status")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    box = page.get_by_role("combobox")
    expect(box).to_have_value('status == "running" ')
    box.fill('tags contains "swe')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(box).to_have_value('tags contains "sweep" ')
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    with Store.open(viewer.server.place) as store:
        matching = sum("sweep" in row.tags for row in store.select_runs(project="digits").rows)
    assert 0 < matching < COUNT
    expect(page.get_by_text(f"{matching} runs", exact=True)).to_be_visible()
    expect(page.locator(".grid")).to_have_attribute("aria-rowcount", str(matching + 1))
    expect(rows(page).first).to_contain_text("sweep")
    assert asked(page)["where"] == ['tags contains "sweep"']


def test_a_wrong_filter_is_pointed_at_and_the_rows_stay(viewer, page):
    page.watched.expected = {400}
    go(viewer, page)
    page.get_by_role("combobox").fill("paramters.lr < 3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").locator("pre")).to_have_text("paramters.lr < 3\n^^^^^^^^^^^^")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean parameters?")
    settled(page)
    page.get_by_role("button", name="Clear the filter").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_groups_show_the_mean_and_its_spread_and_open_to_their_runs(viewer, page):
    go(viewer, page, "by=parameters.lr&column=series.validation/accuracy.last")
    expect(page.get_by_role("table", name="Groups of runs")).to_be_visible()
    with Store.open(viewer.server.place) as store:
        (first, *_) = store.group_runs(["parameters.lr"], ["series.validation/accuracy.last"], project="digits")
    told = first.statistics["series.validation/accuracy.last"]
    cell = rows(page).first.get_by_role("cell").last
    assert cell.get_attribute("title").startswith(f"{told.mean} ± {told.std}")
    expect(cell).to_contain_text(" ± ")
    rows(page).first.get_by_role("button").click()
    expect(page.get_by_text(f"{first.runs} runs", exact=True)).to_be_visible()
    assert asked(page)["where"] == ["parameters.lr == 0.003"]


def test_the_best_value_is_marked_where_the_series_says_its_goal(viewer, page):
    go(viewer, page, "column=series.train/loss.last&column=series.validation/accuracy.last&sort=series.train/loss.last")
    expect(page.get_by_role("img", name="The best").first).to_be_visible()
    with Store.open(viewer.server.place) as store:
        best = store.best("series.train/loss.last", goal="minimize", project="digits")[0]
    expect(cells(page, "train/loss").first).to_have_class("cell is-number is-best")
    assert cells(page, "train/loss").first.get_attribute("data-exact") == str(best.value)
    expect(cells(page, "validation/accuracy").first).not_to_have_class("cell is-number is-best")


def test_small_curves_are_asked_for_only_for_rows_in_sight(viewer, page):
    asked_for = []
    page.on("request", lambda one: asked_for.append(one.post_data) if one.url.endswith("/series") else None)
    go(viewer, page, "column=curve.train/loss")
    expect(page.get_by_role("img", name="How train/loss went").first).to_be_visible()
    assert 20 < sum(len(json.loads(one)["runs"]) for one in asked_for) < 80


def test_csv_has_all_rows_with_exact_values(viewer, page):
    go(viewer, page, "column=series.train/loss.last&column=curve.train/loss")
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    found = list(csv.reader(io.StringIO(Path(saved.value.path()).read_bytes().decode())))
    assert found[0] == ["project", "id", "name", "series.train/loss.last"]
    assert len(found) == COUNT + 1
    with Store.open(viewer.server.place) as store:
        told = store.select_runs(project="digits", columns=["series.train/loss.last"]).rows
    assert [float(one[3]) for one in found[1:]] == [one.values["series.train/loss.last"] for one in told]


def test_csv_has_the_rows_of_the_filter_alone_in_the_order_of_the_sort(viewer, page):
    loss = "series.train/loss.last"
    asking = urlencode({"where": "parameters.lr == 0.1 and parameters.seed < 3", "sort": f"-{loss}", "column": loss})
    go(viewer, page, asking)
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    with Path(saved.value.path()).open(newline="") as file:
        found = [(one["id"], float(one[loss])) for one in csv.DictReader(file)]
    with Store.open(viewer.server.place) as store:
        told = store.select_runs(project="digits", columns=["parameters.lr", "parameters.seed", loss]).rows
    expected = [
        (one.id, one.values[loss])
        for one in told
        if one.values["parameters.lr"] == 0.1 and one.values["parameters.seed"] < 3
    ]
    assert 1 < len(expected) < COUNT
    assert found == sorted(expected, key=lambda one: -one[1])


def test_no_cell_of_csv_is_a_formula_and_numbers_stay_numbers(own_viewer, page):
    with Store.open(own_viewer.server.place) as store:
        texts = {"at": "@SUM(1)", "plus": "+1", "minus": "-1+2", "tab": "\t=1", "return": "\r=1", "plain": "a=1"}
        track(store, "sums", {"runjson": "1.0", "id": "a", "tags": ["=1+1"], "parameters": {**texts, "below": -1.5}})
    names = [*texts, "below"]
    go(own_viewer, page, "&".join(["column=tags", *(f"column=parameters.{one}" for one in names)]), project="sums")
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    with Path(saved.value.path()).open(newline="") as file:
        head, row = list(csv.reader(file))
    found = dict(zip(head, row, strict=True))
    assert found["tags"] == "'=1+1"
    told = {one: found[f"parameters.{one}"] for one in names}
    assert told == {
        "at": "'@SUM(1)", "plus": "'+1", "minus": "'-1+2", "tab": "'\t=1", "return": "'\r=1", "plain": "a=1",
        "below": "-1.5",
    }  # fmt: skip


def test_numbers_are_short_in_cells_and_exact_in_a_copy(viewer, page):
    go(viewer, page, "column=parameters.huge&column=parameters.nan&column=parameters.when", project="odd/" + HOSTILE)
    cell = cells(page, "huge").filter(has_text="1.235e29").first
    expect(cell).to_have_attribute("title", "123456789012345678901234567890")
    cell.locator("bdi").click(click_count=3)
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "123456789012345678901234567890" in copied
    expect(cells(page, "nan").filter(has_text="NaN").first).to_be_visible()
    # In the zone of whoever looks, +05:45; the exact time says so.
    assert "4:45" in cells(page, "when").nth(1).get_attribute("title")


def test_names_that_are_scripts_and_of_any_letters_are_shown_and_do_nothing(viewer, page):
    go(viewer, page, project="odd/" + HOSTILE)
    title = page.title()
    for name in (HOSTILE, UNICODE):
        expect(rows(page).get_by_text(name, exact=True).first).to_be_visible()
    page.get_by_role("button", name="Choose columns").click()
    page.get_by_placeholder("Search").fill("script")
    expect(page.get_by_role("group", name="Parameters").get_by_text(HOSTILE)).to_be_visible()
    assert page.title() == title
    assert page.locator("img[src=x]").count() == 0


def test_the_keys_move_and_select(viewer, page):
    go(viewer, page)
    page.locator(".grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(rows(page).nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    expect(page.locator(".grid")).to_have_attribute("aria-activedescendant", f"run-{COUNT - 1}")
    expect(page.locator(f"#run-{COUNT - 1}")).to_be_visible()


def test_enter_opens_the_run_of_the_current_row(viewer, page):
    go(viewer, page, "sort=name")
    page.locator(".grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".grid")).to_have_attribute("aria-activedescendant", "run-2")
    name = page.locator("#run-2 .is-name").get_attribute("data-exact")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert asked(page)["run"] == [f"digits/digits-{name[-3:]}"]


def test_a_run_that_is_not_heard_of_for_long_is_shown_and_found_as_crashed(own_viewer, page):
    with Store.open(own_viewer.server.place) as store:
        for run in ("lost", "going"):
            track(store, "digits", {"runjson": "1.0", "id": run, "name": run, "status": "running"})
        set_columns(store, "lost", heard=time.time() - 7200)
    go(own_viewer, page, "sort=-created&column=status")
    status = {run: rows(page).filter(has_text=run).locator(".status") for run in ("lost", "going")}
    expect(status["lost"]).to_have_text("crashed")
    expect(status["going"]).to_have_text("running")
    page.get_by_role("combobox").fill('status == "crashed"')
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    expect(rows(page)).to_have_count(1)
    expect(status["lost"]).to_have_text("crashed")
    page.get_by_role("link", name="lost").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("lost")
    expect(page.locator(".run-header .status")).to_have_text("crashed")


def test_a_filter_that_matches_nothing_says_so(viewer, page):
    viewer.enter(page, "/runs?" + urlencode({"project": "digits", "where": "parameters.lr > 5"}))
    page.get_by_role("button", name="Clear the filter").last.click()
    settled(page)


def test_a_project_begins_with_the_parameters_that_tell_its_runs_apart(viewer, page):
    go(viewer, page)
    for label, count in {"lr": 1, "seed": 1, "model.layers": 1, "model.dropout": 0}.items():
        expect(page.get_by_title(f"parameters.{label}")).to_have_count(count)
