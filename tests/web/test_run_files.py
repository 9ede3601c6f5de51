"""The files of a run on its page: the tree, previews, notebooks, what differs from the commit."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.rich import HOSTILE, track
from tests.web.run import PREVIEWS, go, unharmed
from tests.web.table import asked

pytestmark = pytest.mark.once


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
