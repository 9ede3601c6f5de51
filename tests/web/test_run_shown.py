"""What a run holds, as its page shows it: console, texts, images, histograms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.rich import HOSTILE, png, track
from tests.web.run import go, unharmed
from tests.web.seen import shades
from tests.web.table import asked

pytestmark = pytest.mark.once


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


def test_images_and_texts_of_a_run_that_goes_on_come_by_themselves(own_rich, page, tmp_path):
    for at in range(4):
        (tmp_path / f"{at}.png").write_bytes(png(8, 8, 40 * at))

    def say(store: Store, upto: int) -> None:
        first = {"runjson": "1.0", "id": "live", "status": "running"}
        more = [
            {"step": at, "images": {"sample": {"path": f"{at}.png"}}, "text": {"answer": f"answer {at}"}}
            for at in range(upto)
        ]
        track(store, tmp_path, first, *more)

    with Store.open(own_rich.server.place) as store:
        say(store, 1)
        go(own_rich, page, "images", run="rich/live")
        shot = page.get_by_role("figure").filter(has_text="sample").get_by_role("img")
        expect(shot).to_be_visible()
        assert shades(shot) == [0]
        say(store, 2)
        expect(page.get_by_role("figure")).to_contain_text("step 1")
        assert shades(shot) == [40]
        # Who turned back to an earlier step stays there.
        slider = page.get_by_role("slider").first
        slider.focus()
        page.keyboard.press("Home")
        expect(page.get_by_role("figure")).to_contain_text("step 0")
        say(store, 3)
        expect(slider).to_have_attribute("max", "2")
        assert shades(shot) == [0]
        page.get_by_role("tab", name="Texts").click()
        texts = page.get_by_role("region", name="Lines of answer")
        expect(texts).to_contain_text("answer 2")
        say(store, 4)
        expect(texts).to_contain_text("answer 3")


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
