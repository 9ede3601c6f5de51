"""The page of a run in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest
import requests
from playwright.sync_api import Page, expect
from runjson_tracker.store import Store

from tests.web.accessible import faults
from tests.web.charts import chart, paths
from tests.web.conftest import Viewer
from tests.web.rich import HOSTILE, make_rich, track
from tests.web.seen import breadth, on_canvas, shades
from tests.web.table import asked, settled

pytestmark = pytest.mark.once

TABS = (
    "overview", "charts", "values", "images", "histograms", "texts", "console", "artifacts", "hardware", "code", "raw",
)  # fmt: skip
# What each tab is about, and what shows that it is there.
SHOWN = {
    "overview": ".series-table .sparkline", "charts": ".chart canvas", "values": "[role=treeitem]",
    "images": ".shot-image", "histograms": "svg.bars", "texts": ".log-line .markdown", "console": ".log-text",
    "artifacts": "[role=treeitem]", "hardware": ".chart canvas", "code": ".diff-line", "raw": ".textline",
}  # fmt: skip
# What is seen of each file.
PREVIEWS = {
    "predictions": 'a "quoted", 3', "table": "wörd", "settings": HOSTILE, "readme": "Read me", "page": HOSTILE,
    "small": "hello", "model/config.json": "12345678901234567890", "weights/binary": "These bytes are no text",
    "log": "Only the first 1.0 MB are shown.",
}  # fmt: skip


@pytest.fixture(scope="session")
def rich_store(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("rich")
    make_rich(place / "store", place / "files")
    return place


@pytest.fixture(scope="session")
def rich(rich_store) -> Iterator[Viewer]:
    """The viewer over runs that have everything, for tests that change nothing."""
    with Viewer(rich_store / "store") as running:
        yield running


@pytest.fixture
def own_rich(rich_store, tmp_path) -> Iterator[Viewer]:
    """The viewer over a copy of these runs."""
    with Viewer.of_copy(rich_store / "store", tmp_path) as running:
        yield running


def go(viewer: Viewer, page: Page, tab: str = "overview", run: str = "rich/everything", **more: str) -> None:
    rest = "".join(f"&{name}={quote(value)}" for name, value in more.items())
    viewer.enter(page, f"/run?run={quote(run)}&tab={tab}{rest}")
    expect(page.get_by_role("tab", selected=True)).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)


def ready(page: Page, tab: str) -> None:
    """Wait until a tab shows what it is about, and nothing in it waits."""
    panel = page.locator("#run-panel")
    expect(panel.locator(SHOWN[tab]).first).to_be_visible()
    expect(panel.locator(".blank, [aria-busy=true]")).to_have_count(0)


def unharmed(page: Page) -> None:
    """No script of a run has run: each of them would set the title."""
    assert not re.fullmatch(r"\d", page.title())
    assert page.locator("script:not([src])").count() == 0


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


def test_the_console_begins_at_its_end_with_colours_and_the_last_state_of_progress_bars(rich, page):
    go(rich, page, "console")
    lines = page.get_by_role("region", name="Lines of console/stdout")
    expect(lines).to_contain_text("step 2499")
    expect(lines.locator(".ansi-2.is-bold").last).to_have_text("step 2490")
    expect(lines).not_to_contain_text("\x1b")
    expect(lines).not_to_contain_text("[1;32m")
    assert lines.locator(".log-line").count() < 120
    page.get_by_placeholder("Search").fill("epoch 49")
    expect(lines.locator(".is-found")).to_contain_text("100%|##########| epoch 49")
    expect(lines.locator(".is-found")).not_to_contain_text("50%|")
    page.get_by_role("button", name="stderr").click()
    errors = page.get_by_role("region", name="Lines of console/stderr")
    expect(errors).to_contain_text("warning: <b>slow</b>")
    expect(errors.locator(".ansi-1")).to_have_text("red")
    unharmed(page)


def test_a_search_goes_through_all_lines_and_from_place_to_place(rich, page):
    go(rich, page, "console")
    lines = page.get_by_role("region", name="Lines of console/stdout")
    expect(lines).to_contain_text("step 2499")
    page.get_by_placeholder("Search 2,500 lines").fill("NEEDLE")
    expect(page.get_by_text("3 found in 2,500")).to_be_visible()
    expect(lines.locator(".is-found")).to_contain_text("step 100 ")
    page.keyboard.press("Enter")
    expect(lines.locator(".is-found")).to_contain_text("step 1700 ")
    expect(lines.locator(".is-found mark")).to_have_text("Needle")
    page.keyboard.press("Shift+Enter")
    expect(lines.locator(".is-found")).to_contain_text("step 100 ")
    assert asked(page)["find"] == ["NEEDLE"]


def test_a_search_fetches_only_what_is_in_sight_of_its_places(rich, page):
    sent = []
    page.on("request", lambda one: sent.append(one.url) if "/api/v1/points" in one.url else None)
    go(rich, page, "console")
    lines = page.get_by_role("region", name="Lines of console/stdout")
    expect(lines).to_contain_text("step 2499")
    page.get_by_placeholder("Search 2,500 lines").fill("nothing such")
    expect(page.get_by_text("0 found in 2,500")).to_be_visible()
    page.get_by_placeholder("Search 2,500 lines").fill("NEEDLE")
    expect(lines.locator(".is-found")).to_contain_text("step 100 ")
    assert not [one for one in sent if "start=1000" in one]


def test_the_console_follows_while_a_run_goes_on_unless_somebody_scrolled_up(own_rich, page, tmp_path):
    def say(store: Store, upto: int, status: str = "running") -> None:
        first = {"runjson": "1.0", "id": "live", "status": status, "series": {"loss": 1.0}}
        more = [{"text": {"console/stdout": f"line {at}"}, "series": {"loss": at}} for at in range(upto)]
        track(store, tmp_path, first, *more)

    with Store.open(own_rich.server.place) as store:
        say(store, 200)
        go(own_rich, page, "console", run="rich/live")
        lines = page.get_by_role("region", name="Lines of console/stdout")
        expect(lines.get_by_text("line 199", exact=True)).to_be_visible()
        say(store, 300)
        expect(lines.get_by_text("line 299", exact=True)).to_be_visible()
        lines.evaluate("one => one.scrollBy(0, -1500)")
        expect(page.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "false")
        expect(lines.get_by_text("line 299", exact=True)).to_have_count(0)
        say(store, 400)
        expect(page.get_by_placeholder("Search 400 lines")).to_be_visible()
        expect(lines.get_by_text("line 399", exact=True)).to_have_count(0)
        page.get_by_role("button", name="Follow").click()
        expect(lines.get_by_text("line 399", exact=True)).to_be_visible()
        page.get_by_role("button", name="Wrap").click()
        say(store, 405)
        expect(lines.get_by_text("line 404", exact=True)).to_be_visible()
        page.get_by_role("tab", name="Overview").click()
        row = page.get_by_role("row").filter(has_text="loss")
        expect(row).to_contain_text("404")
        say(store, 410)
        expect(row).to_contain_text("409")
        expect(page.locator(".run-header .status")).to_have_text("running")


def test_a_line_is_wrapped_or_not_and_the_key_of_the_search_leads_into_it(rich, page):
    go(rich, page, "console")
    lines = page.locator(".log")
    expect(lines).not_to_have_class(re.compile("is-wrapped"))
    page.get_by_role("button", name="Wrap").click()
    expect(lines).to_have_class(re.compile("is-wrapped"))
    page.keyboard.press("/")
    expect(page.get_by_placeholder("Search 2,500 lines")).to_be_focused()


def test_texts_are_listed_by_name_and_read_by_step(rich, page):
    go(rich, page, "texts")
    expect(page.locator(".log .markdown strong")).to_have_text("bold")
    expect(page.locator(".log a")).to_have_count(0)
    page.get_by_role("navigation", name="Texts").get_by_role("button", name="samples").click()
    texts = page.get_by_role("region", name="Lines of samples")
    expect(texts).to_contain_text("The sample of step 3.\nIt has two lines. " + HOSTILE)
    expect(texts).to_contain_text("step 300")
    assert asked(page)["name"] == ["samples"]
    page.get_by_placeholder("Search 40 texts").fill("step 39")
    expect(texts.locator(".is-found")).to_contain_text("step 3,900")
    unharmed(page)


def test_images_are_turned_to_a_step_all_together_or_each_alone(rich, page):
    go(rich, page, "images")
    digits = page.get_by_role("figure").filter(has_text="digits")
    expect(digits).to_contain_text("digit 4")
    image = digits.get_by_role("img")
    expect(image).to_have_attribute("src", re.compile("sha256=[0-9a-f]{64}"))
    expect(image).to_have_class(re.compile("is-small"))
    confusion = page.get_by_role("figure").filter(has_text="confusion")
    other = confusion.get_by_role("img")
    # Of digits the shade is 40 more each 100 steps, of confusion 60 more each 200.
    assert (shades(image), shades(other)) == ([160], [120])
    slider = page.get_by_role("slider", name="Step of all images")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(digits).to_contain_text("step 300")
    expect(confusion).to_contain_text("step 200")
    assert (shades(image), shades(other)) == ([120], [60])
    page.keyboard.press("ArrowLeft")
    expect(digits).to_contain_text("step 200")
    expect(confusion).to_contain_text("step 200")
    assert (shades(image), shades(other)) == ([80], [60])
    assert asked(page)["step"] == ["200"]
    page.get_by_role("button", name="One step for all").click()
    expect(page.get_by_role("slider", name="Step of all images")).to_have_count(0)
    page.get_by_role("slider", name="Step of digits").fill("1")
    expect(digits).to_contain_text("step 100")
    expect(confusion).to_contain_text("step 400")
    assert (shades(image), shades(other)) == ([40], [120])


def test_an_image_is_shown_large_and_arrows_go_through_its_steps(rich, page):
    go(rich, page, "images", step="200")
    page.get_by_role("button", name="Show digits large").click()
    large = page.get_by_role("dialog", name="digits")
    expect(large).to_contain_text("step 200, 3 of 5")
    page.keyboard.press("ArrowRight")
    expect(large).to_contain_text("step 300, 4 of 5")
    expect(large.get_by_role("img", name="digit 3")).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)


def test_drawings_are_shown_without_running_and_other_types_are_offered_for_download(rich, page):
    go(rich, page, "images")
    drawing = page.get_by_role("figure").filter(has_text="drawing").get_by_role("img")
    expect(drawing).to_have_attribute("src", re.compile("^data:image/svg"))
    expect(page.get_by_role("figure").filter(has_text="far")).to_contain_text("https://example.org/far.png")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download scan").click()
    assert Path(download.value.path()).read_bytes().startswith(b"II*\0")
    unharmed(page)


def test_histograms_are_bars_of_a_step_over_a_picture_of_all(rich, page):
    go(rich, page, "histograms")
    weights = page.get_by_role("figure").filter(has_text="weights")
    expect(weights.get_by_role("img", name="weights, step 2,900")).to_be_visible()
    expect(weights.get_by_role("img", name="weights over 30 steps")).to_be_visible()
    weights.get_by_role("slider").fill("0")
    expect(weights.get_by_role("img", name="weights, step 0")).to_be_visible()
    expect(page.get_by_role("figure").filter(has_text="odd")).to_contain_text("\u2212∞")


def test_artifacts_are_a_tree_with_sizes_and_digests(rich, page):
    go(rich, page, "artifacts")
    tree = page.get_by_role("tree", name="Artifacts")
    expect(tree.get_by_role("treeitem", name="config.json")).to_be_visible()
    expect(tree.get_by_text("gone")).to_have_count(0)
    tree.get_by_role("treeitem", name="layers").click()
    expect(tree.get_by_role("treeitem", name="first.txt")).to_have_count(0)
    tree.get_by_role("treeitem", name="layers").click()
    tree.get_by_role("treeitem", name="first.txt").click()
    detail = page.get_by_role("region", name="model/layers/first.txt", exact=True)
    expect(detail).to_contain_text("12 B")
    expect(detail).to_contain_text("first layer")
    detail.get_by_role("button", name="Copy the SHA-256").click()
    expect(page.get_by_text("Copied the SHA-256.")).to_be_visible()
    assert len(page.evaluate("navigator.clipboard.readText()")) == 64
    with page.expect_download() as download:
        detail.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_text() == "first layer\n"
    assert asked(page)["file"] == ["model/layers/first.txt"]
    tree.get_by_role("treeitem", name="train 265").click()
    expect(page.get_by_text("s3://lab/digits.csv")).to_be_visible()


def test_a_folder_of_artifacts_is_downloaded_as_one_archive(rich, page):
    go(rich, page, "artifacts")
    tree = page.get_by_role("tree", name="Artifacts")
    folder = tree.get_by_role("treeitem", name="layers")
    folder.hover()
    with page.expect_download() as download:
        folder.get_by_role("link", name="Download layers as .zip").click()
    assert download.value.suggested_filename == "layers.zip"
    with ZipFile(download.value.path()) as archive:
        assert archive.read("layers/first.txt") == b"first layer\n"
        assert {name.partition("/")[0] for name in archive.namelist()} == {"layers"}
    # It was neither closed nor opened by that.
    expect(tree.get_by_role("treeitem", name="first.txt")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as .zip").click()
    assert download.value.suggested_filename == "everything.zip"
    with ZipFile(download.value.path()) as archive:
        assert {"model/layers/first.txt", "model/config.json"} <= set(archive.namelist())
    # By keys: Tab leads from the tree to the folder that is gone to.
    tree.focus()
    page.keyboard.press("Home")
    while not folder.evaluate("one => one.classList.contains('is-active')"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(folder.get_by_role("link")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "layers.zip"


def test_an_artifact_that_was_taken_back_later_is_no_longer_listed(own_rich, page, tmp_path):
    with Store.open(own_rich.server.place) as store:
        track(store, tmp_path, {"runjson": "1.0", "id": "everything", "writer": "z", "artifacts": {"readme": None}})
    go(own_rich, page, "artifacts")
    expect(page.get_by_role("treeitem", name="predictions")).to_be_visible()
    expect(page.get_by_role("treeitem", name="readme")).to_have_count(0)
    expect(page.get_by_role("tab", name="Artifacts 15")).to_be_visible()


@pytest.mark.parametrize(("file", "shows"), PREVIEWS.items())
def test_a_preview_shows_what_is_in_a_file(rich, page, file, shows):
    go(rich, page, "artifacts", file=file)
    expect(page.locator(".artifact")).to_contain_text(shows)
    unharmed(page)


def test_a_table_of_thousands_of_rows_draws_those_in_sight(rich, page):
    go(rich, page, "artifacts", file="predictions")
    table = page.get_by_role("table", name="predictions")
    expect(page.get_by_text("5,000 rows, 3 columns")).to_be_visible()
    assert table.get_by_role("row").count() < 80
    table.evaluate("table => table.scrollTo(0, table.scrollHeight)")
    expect(table.get_by_role("cell").get_by_text("4999", exact=True)).to_be_visible()
    go(rich, page, "artifacts", file="table")
    expect(page.get_by_text("the first 1,000 rows of 3,000, 3 columns")).to_be_visible()


def test_images_among_the_artifacts_are_shown_and_drawings_do_not_run(rich, page):
    go(rich, page, "artifacts", file="picture")
    expect(page.get_by_role("img", name="picture")).to_have_attribute("src", re.compile("^/api/v1/file"))
    go(rich, page, "artifacts", file="drawing")
    expect(page.get_by_role("img", name="drawing")).to_have_attribute("src", re.compile("^data:image/svg"))
    unharmed(page)


def test_a_notebook_is_shown_with_its_outputs_and_nothing_of_it_runs(rich, page):
    go(rich, page, "artifacts", file="notebook")
    notebook = page.locator(".notebook")
    for text in ("Exploring", HOSTILE, "print(1)", "printed 1", "only html", "plain instead", "ValueError: bad"):
        expect(notebook).to_contain_text(text)
    expect(notebook.get_by_role("img", name="a figure")).to_be_visible()
    expect(notebook.get_by_role("img", name="a drawing")).to_have_attribute("src", re.compile("^data:image/svg"))
    expect(notebook.locator("b, i, script")).to_have_count(0)
    page.get_by_role("button", name="As text").click()
    expect(page.get_by_role("region", name="Text of notebook")).to_contain_text('"nbformat"')
    unharmed(page)


def test_the_difference_from_the_commit_is_told_by_file_with_signs(rich, page):
    go(rich, page)
    page.get_by_role("link", name="changed since").click()
    changes = page.get_by_role("region", name="Changes to the code")
    expect(page.get_by_text("2 files changed")).to_be_visible()
    expect(changes.locator(".is-removed").first).to_contain_text("\u2212-- a removed line that looks like a heading")
    expect(changes.locator(".is-added").nth(1)).to_contain_text("+# <script>document.title=6</script>")
    changes.get_by_role("button", name="train.py").click()
    expect(changes.get_by_text("seed = 7")).to_have_count(0)
    expect(changes.get_by_text("return 2")).to_be_visible()
    page.get_by_role("link", name="train.py").click()
    expect(page.get_by_role("region", name="source/train.py", exact=True)).to_contain_text("lr = 0.03")
    unharmed(page)


def test_a_difference_of_a_hundred_thousand_lines_is_drawn_where_somebody_looks(own_rich, page, tmp_path):
    parts = (f"--- a/f{one}.py\n+++ b/f{one}.py\n@@ -1,500 +1,500 @@\n" + "-old\n+new\n" * 500 for one in range(100))
    (tmp_path / "source.diff").write_text("".join(parts))
    with Store.open(own_rich.server.place) as store:
        track(store, tmp_path, {"runjson": "1.0", "id": "large", "artifacts": {"source/diff": "source.diff"}})
    go(own_rich, page, "code", run="rich/large")
    changes = page.get_by_role("region", name="Changes to the code")
    expect(page.get_by_text("100 files changed, +50,000 \u221250,000")).to_be_visible()
    assert changes.locator(".diff-line").count() < 150
    page.get_by_role("button", name="Close all").click()
    changes.evaluate("one => one.scrollTo(0, one.scrollHeight)")
    expect(changes.get_by_role("button", name="f99.py")).to_be_visible()


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
