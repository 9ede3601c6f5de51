"""The page of a run in a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.web.accessible import faults
from tests.web.charts import chart, paths
from tests.web.rich import HOSTILE
from tests.web.run import PREVIEWS, TABS, go, ready, unharmed
from tests.web.seen import breadth, on_canvas
from tests.web.table import asked, settled

pytestmark = pytest.mark.once


def test_the_table_leads_to_the_page_of_a_run_and_back_to_the_same_table(rich, page):
    rich.enter(page, "/runs?project=rich&where=status+%3D%3D+%22failed%22")
    settled(page)
    page.get_by_role("link", name="failed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("failed")
    assert asked(page)["run"] == ["rich/failed"]
    expect(page).to_have_title("failed · RunJSON")
    page.go_back()
    settled(page)
    assert asked(page)["where"] == ['status == "failed"']


def test_the_overview_says_what_a_run_was_and_how_it_went(rich, page):
    go(rich, page)
    header = page.locator(".run-header")
    for text in ("Two layers with dropout", "succeeded", "everything", "10 min 24 s", "baseline"):
        expect(header).to_contain_text(text)
    series = page.get_by_role("table", name="Series").get_by_role("row")
    loss = series.filter(has_text="train/loss").filter(has_not_text="rank")
    expect(loss.locator("mark")).to_have_count(1)
    expect(loss.get_by_role("img", name="How train/loss went")).to_be_visible()
    expect(series.filter(has_text="gradient/norm")).to_contain_text("∞")
    expect(series.filter(has_text="all nan")).to_contain_text("NaN")
    about = page.get_by_role("complementary")
    for text in ("node-17", "9fceb02d0a", "dropout", "train.py --lr 0.03 --seed 7", "EPYC 9654, 16 cores", "3.11.9"):
        expect(about).to_contain_text(text)
    about.get_by_role("link", name="bare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("bare")


def test_an_error_stands_first_with_its_traceback(rich, page):
    go(rich, page, run="rich/failed")
    error = page.get_by_role("region", name="Error")
    expect(error).to_contain_text("RuntimeError")
    expect(error).to_contain_text(HOSTILE)
    expect(error.locator("pre")).to_contain_text("line 7, in <module>")
    unharmed(page)


def test_the_description_is_markdown_without_html_and_with_links_that_lead_where_people_expect(rich, page):
    go(rich, page)
    text = page.locator(".description")
    expect(text.get_by_role("heading", name="Two layers")).to_be_visible()
    expect(text.locator("strong")).to_have_text("paper")
    expect(text.locator("td").last).to_have_text("1500")
    expect(text).to_contain_text(HOSTILE)
    link = text.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(text.get_by_role("img", name="a plot")).to_have_attribute("src", re.compile("^/api/v1/file"))
    expect(text.locator("img")).to_have_count(1)
    unharmed(page)


def test_the_tabs_are_turned_by_arrows_and_stand_in_the_address(rich, page):
    go(rich, page)
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Charts")).to_be_focused()
    expect(page.locator(".chart canvas").first).to_be_visible()
    assert asked(page)["tab"] == ["charts"]
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Run file")).to_be_focused()
    page.reload()
    expect(page.get_by_role("tab", name="Run file")).to_have_attribute("aria-selected", "true")


def test_a_run_that_says_nothing_has_few_tabs_and_says_so(rich, page):
    go(rich, page, run="rich/bare")
    expect(page.get_by_role("tab")).to_have_text(["Overview", "Run file"])
    expect(page.get_by_text("What it writes shows here within a second")).to_be_visible()
    go(rich, page, run="rich/failed", tab="charts")
    rich.enter(page, "/run?run=rich/bare&tab=images")
    expect(page.get_by_text("The run has nothing of this kind")).to_be_visible()


def test_a_run_that_is_not_there_is_told_in_words(rich, page):
    page.watched.expected = {404}
    rich.enter(page, "/run?run=rich/nobody")
    expect(page.get_by_role("alert")).to_contain_text("nobody")
    expect(page.get_by_role("link", name="Show the runs")).to_be_visible()


def test_an_address_without_a_run_leads_to_the_table(rich, page):
    for path in ("/run", "/run?run=rich", "/run?run=rich%2F"):
        rich.enter(page, path)
        expect(page.get_by_role("heading", name="The address names no run")).to_be_visible()


def test_the_name_and_the_tags_are_edited_in_place(own_rich, page):
    go(own_rich, page, run="rich/bare")
    page.keyboard.press("e")
    page.get_by_label("Name").fill("no longer bare")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("no longer bare")
    page.get_by_role("button", name="Add tags").click()
    page.get_by_label("Tags").fill("one, two, one")
    page.keyboard.press("Enter")
    expect(page.locator(".run-header .tag")).to_have_text(["one", "two"])
    page.get_by_role("button", name="Edit tags").click()
    page.get_by_label("Tags").fill("two")
    page.keyboard.press("Enter")
    expect(page.locator(".run-header .tag")).to_have_text(["two"])
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("no longer bare")


def test_what_is_typed_on_the_page_of_a_run_stays_when_it_changes_meanwhile(own_rich, page):
    go(own_rich, page, run="rich/bare")
    page.keyboard.press("e")
    field = page.get_by_label("Name", exact=True)
    field.fill("half a na")
    key = {"Authorization": f"Bearer {own_rich.address.partition('key=')[2]}"}
    change = {"project": "rich", "id": "bare", "record": {"tags": ["elsewhere"]}}
    assert requests.post(f"{own_rich.origin}/api/v1/edits", json=change, headers=key, timeout=30).ok
    expect(page.locator(".run-header .tag")).to_have_text(["elsewhere"])
    expect(field).to_have_value("half a na")


def test_a_description_is_written_and_shown_as_markdown(own_rich, page):
    go(own_rich, page, run="rich/bare")
    page.get_by_role("button", name="Describe this run").click()
    page.get_by_label("Description").last.fill("It is **bare**.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".description strong")).to_have_text("bare")


def test_a_run_goes_to_the_trash_and_comes_back(own_rich, page):
    go(own_rich, page)
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("in the trash", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("in the trash", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Trash")).to_be_visible()


def test_the_id_and_a_line_of_python_are_copied_and_the_run_file_is_downloaded(rich, page):
    go(rich, page)
    page.get_by_role("button", name="Copy the id").click()
    expect(page.get_by_text("Copied the id.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "everything"
    page.get_by_role("button", name="Copy a line of Python").click()
    expect(page.get_by_text("The line is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == 'runjson.open().run("rich/everything")'
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the run file").click()
    assert json.loads(Path(download.value.path()).read_text())["id"] == "everything"


def test_parameters_are_a_tree_that_is_searched_and_shows_what_tagged_values_mean(rich, page):
    go(rich, page, "values")
    tree = page.get_by_role("tree", name="Parameters")
    for text in ("123456789012345678901234567890", "∞", "November 21, 2026 at 8:58:41", "[64,10]", HOSTILE):
        expect(tree).to_contain_text(text)
    page.get_by_placeholder("Search").fill("dropo")
    expect(tree.get_by_role("treeitem", name="dropout 0.1")).to_be_visible()
    expect(tree.get_by_text("seed")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"\d found"))).to_be_visible()
    assert asked(page)["find"] == ["dropo"]
    page.get_by_placeholder("Search").fill("c.d")
    item = tree.get_by_role("treeitem", name="c.d")
    item.hover()
    item.get_by_role("button", name="Copy the path").click()
    expect(page.get_by_text("Copied the path.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "parameters.model.`a b`.`c.d`"
    page.get_by_placeholder("Search").fill("there is no such thing")
    expect(page.get_by_text("Nothing is called so.")).to_be_visible()
    unharmed(page)


def test_the_tree_is_opened_closed_and_copied_by_keys(rich, page):
    go(rich, page, "values")
    tree = page.get_by_role("tree")
    tree.focus()
    page.keyboard.press("ArrowLeft")
    first = tree.get_by_role("treeitem").first
    expect(first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The value is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "0.03"


def test_ten_thousand_parameters_are_drawn_only_where_somebody_looks(rich, page):
    go(rich, page, "values", run="rich/many")
    tree = page.get_by_role("tree")
    expect(tree.get_by_role("treeitem").first).to_be_visible()
    page.get_by_placeholder("Search 10,000 values").fill("weight 9999")
    expect(tree.get_by_role("treeitem", name="weight 9999")).to_be_visible()
    page.get_by_placeholder("Search").fill("weight")
    expect(page.get_by_text("10,000 found")).to_be_visible()
    assert tree.get_by_role("treeitem").count() < 100


def test_the_run_file_of_each_writer_is_shown_as_text(rich, page):
    go(rich, page, "raw")
    text = page.get_by_role("region", name="Text of the run file")
    expect(text).to_contain_text('"name": "Two layers with dropout"')
    page.get_by_role("button", name="rank-1").click()
    expect(text).to_contain_text('"writer": "rank-1"')


def test_of_several_writers_one_is_chosen_or_all(rich, page):
    go(rich, page, "charts")
    expect(page.get_by_role("region", name="gradient/norm", exact=True)).to_be_attached()
    page.get_by_role("region", name="Series of train", exact=True).scroll_into_view_if_needed()
    expect(chart(page, "train/loss")).to_have_attribute("aria-label", re.compile("2 curves"))
    page.get_by_role("combobox", name=re.compile("^Writer")).select_option("rank-1")
    expect(chart(page, "train/loss")).to_have_attribute("aria-label", re.compile("from 8 to 9"))
    expect(page.get_by_role("region", name="gradient/norm", exact=True)).to_have_count(0)
    assert asked(page)["writer"] == ["rank-1"]
    expect(page.get_by_role("tab", name="Images")).to_have_count(0)
    page.get_by_role("combobox", name=re.compile("^Writer")).select_option("main")
    expect(page.get_by_role("region", name="gradient/norm", exact=True)).to_be_attached()


def test_what_the_machine_did_has_a_tab_of_its_own(rich, page):
    go(rich, page, "hardware")
    table = page.get_by_role("table", name="Hardware")
    expect(table.get_by_role("row").filter(has_text="system/gpu/0/temperature")).to_contain_text("°C")
    expect(table.get_by_role("img")).to_have_count(2)
    charts = {
        "system/cpu/utilization": r"values from \d\d\.\d+ to \d\d\.\d+",
        "system/gpu/0/temperature": "values from 60 to 71.8",
    }
    for name, values in charts.items():
        expect(chart(page, name)).to_have_accessible_name(re.compile(f"^{name} over .* 1 curve, .*{values}$"))
        (line,) = paths(page, name)
        assert breadth(on_canvas(chart(page, name).locator("canvas")), line.attrib["stroke"]) > 0.7


@pytest.mark.parametrize("page", [{"width": 360, "height": 740}], indirect=True)
def test_on_a_narrow_window_nothing_scrolls_sideways_and_files_are_gone_to_and_back(rich, page):
    for tab in TABS:
        go(rich, page, tab)
        ready(page, tab)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
        assert page.locator("#run-panel").evaluate("one => one.scrollWidth <= one.clientWidth"), tab
    go(rich, page, "artifacts")
    page.get_by_role("treeitem", name="readme").click()
    expect(page.get_by_role("heading", name="Read me")).to_be_visible()
    expect(page.get_by_role("tree")).to_be_hidden()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("tree")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_tab_has_a_fault_of_accessibility(rich, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    found = {}
    for tab in TABS:
        go(rich, page, tab)
        ready(page, tab)
        found[tab] = faults(page)
    for file, shows in {**PREVIEWS, "notebook": "plain instead", "data/train": "s3://lab/digits.csv"}.items():
        go(rich, page, "artifacts", file=file)
        expect(page.locator(".artifact")).to_contain_text(shows)
        found[file] = faults(page)
    go(rich, page, "console", name="console/stderr", find="warning")
    expect(page.locator(".is-found")).to_be_visible()
    found["search"] = faults(page)
    go(rich, page, "images")
    page.get_by_role("button", name="Show digits large").click()
    expect(page.get_by_role("dialog", name="digits").get_by_role("img", name="digit 4")).to_be_visible()
    found["large"] = faults(page)
    go(rich, page, run="rich/failed")
    expect(page.get_by_role("region", name="Error")).to_contain_text("RuntimeError")
    found["failed"] = faults(page)
    assert {name: one for name, one in found.items() if one} == {}
