"""What is around every page: projects, keys, looks, signing in, and what is said where there is nothing to show."""

from __future__ import annotations

import random
import re
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.serving import Serving, serving
from tests.web.accessible import faults
from tests.web.experiments import HOSTILE, experiment, track
from tests.web.table import heading, rows, settled

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"


@pytest.mark.parametrize("page", [{"width": 1400, "height": 360}], indirect=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_fault_of_accessibility(viewer, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    viewer.enter(page, f"/runs?project=digits&run={quote('digits/digits-298')}")
    settled(page)
    expect(page.get_by_role("img", name="How train/loss went").first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Choose columns").click()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert faults(page) == []
    viewer.enter(page, "/runs?project=digits&by=parameters.lr")
    settled(page)
    assert faults(page) == []
    viewer.enter(page, "/nowhere")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    assert faults(page) == []


def test_a_wrong_filter_has_no_fault_of_accessibility(viewer, page):
    page.watched.expected = {400}
    viewer.enter(page, "/runs?project=digits&where=lr+%3C")
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults(page) == []


def test_the_projects_are_listed_with_their_counts_and_filtered(viewer, page):
    viewer.enter(page, "/")
    settled(page)
    projects = page.get_by_role("navigation", name="Projects")
    expect(projects.get_by_role("link", name="digits 300")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("input:focus")).to_have_count(1)  # what is typed before goes nowhere
    page.keyboard.type("odd")
    expect(projects.get_by_role("link", name="digits 300")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("odd/" + HOSTILE)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("All projects")


def test_the_sheet_lists_the_keys_of_the_page(viewer, page):
    viewer.enter(page)
    settled(page)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    for says in ("Go to runs", "Filter the runs", "Edit its name"):
        expect(sheet).to_contain_text(says)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_light_and_dark_are_as_the_system_says_or_as_somebody_chose(viewer, page):
    page.emulate_media(color_scheme="dark")
    viewer.enter(page)
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="As the system").click()
    expect(root).to_have_attribute("data-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("page", [{"width": 390, "height": 760}], indirect=True)
def test_on_a_narrow_window_the_projects_fold_and_nothing_scrolls_sideways(viewer, page):
    viewer.enter(page)
    settled(page)
    projects = page.get_by_role("navigation", name="Projects")
    expect(projects).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Show or hide the projects").click()
    projects.get_by_role("link", name="All projects").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("All projects")
    expect(projects).to_be_hidden()
    assert faults(page) == []


@pytest.mark.parametrize(
    "path", ["/runs?project=rich", "/charts?project=rich&run=rich/everything", "/dashboards?project=rich",
             "/run?run=rich/everything&tab=charts", "/run?run=rich/everything&tab=artifacts&file=notebook",
             "/compare?project=rich&run=rich/everything&run=rich/failed&tab=relations", "/project?project=rich"],
)  # fmt: skip
def test_no_page_loads_more_than_150_kilobytes_of_scripts(rich, page, path):
    rich.enter(page, path)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".waiting")).to_have_count(0)
    sizes = page.evaluate("""() => performance.getEntriesByType('resource')
        .filter((one) => new URL(one.name).pathname.endsWith('.js')).map((one) => one.encodedBodySize)""")
    assert min(sizes) > 0
    assert 40_000 < sum(sizes) <= 150_000


def test_an_empty_tracker_says_how_a_run_comes_in(empty_viewer, page):
    viewer = empty_viewer
    viewer.enter(page, "/")
    expect(page.get_by_text("runjson upload run.json")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Copy the command").click()
    assert page.evaluate("navigator.clipboard.readText()") == "runjson upload run.json"
    with Store.open(viewer.server.place) as store:
        track(store, "first", {"runjson": "1.0", "id": "first"})
    expect(rows(page).first).to_contain_text("first")


def test_a_project_that_is_not_there_and_a_server_that_is_gone_are_told_in_words(own_viewer, page):
    page.watched.expected = {404}
    own_viewer.enter(page, "/runs?project=nobody")
    expect(page.get_by_role("alert").first).to_contain_text('There is no project "nobody"')
    own_viewer.enter(page)
    settled(page)
    page.watched.loses_server = True
    own_viewer.server.kill()
    heading(page, "Status").get_by_role("button").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")


def test_a_team_signs_in_sees_who_is_signed_in_and_signs_out(place, page):
    page.watched.expected = {401}
    with Store.open(str(place)) as store:
        store.access.add_person("ada", PASSWORD, admin=True)
        for number in range(3):
            track(store, "digits", experiment(number, random.Random(number)))
    with serving(place, "--members-only") as server, closing(page.context):
        page.goto(f"{server.address}/runs?project=digits&sort=name")
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        assert faults(page) == []
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(rows(page)).to_have_count(3)
        expect(page.get_by_role("navigation")).to_contain_text("ada")
        # A change carries the token of the session.
        page.keyboard.press("e")
        page.get_by_label("Name", exact=True).fill("by ada")
        page.keyboard.press("Enter")
        expect(page.locator(".grid-body").get_by_text("by ada")).to_be_visible()
        page.reload()
        expect(page.locator(".grid-body").get_by_text("by ada")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in to RunJSON")).to_be_visible()


@pytest.mark.parametrize("command", ["ui", "serve"])
def test_the_policy_names_all_that_a_page_may_do(tmp_path, command):
    with closing(Serving(tmp_path / "store", *["--no-browser"] * (command == "ui"), command=command)) as server:
        key = re.search(r"\?key=(\S+)", server.log)
        headers = {"Authorization": f"Bearer {key[1]}"} if key else {}
        answer = requests.get(f"{server.address}/runs", headers=headers, timeout=30)
    assert answer.status_code == 200
    assert 'src="/assets/' in answer.text
    assert dict(one.split(" ", 1) for one in answer.headers["Content-Security-Policy"].split("; ")) == {
        # Objects, frames and manifests have no rule of their own, so that this one holds.
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_the_policy_lets_nothing_inline_run_and_pages_are_never_kept_but_their_parts_are(viewer):
    key = {"Authorization": f"Bearer {viewer.address.partition('key=')[2]}"}
    answer = requests.get(f"{viewer.origin}/runs", headers=key, timeout=30)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert answer.headers["Cache-Control"] == "no-cache"
    (script,) = re.findall(r'src="(/assets/[^"]+)"', answer.text)
    part = requests.get(f"{viewer.origin}{script}", headers=key, timeout=30)
    assert part.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert part.headers["Content-Type"].startswith("text/javascript")
    for path, status in {"/assets/none.js": 404, "/favicon.svg": 200}.items():
        assert requests.get(f"{viewer.origin}{path}", headers=key, timeout=30).status_code == status
    for path, status in {"/api/v1/none": 404, "/api": 404, "/api/v1/edits": 405}.items():
        told = requests.get(f"{viewer.origin}{path}", headers=key, timeout=30)
        assert told.status_code == status
        assert told.headers["Content-Type"] == "application/problem+json"


def test_where_people_sign_in_elsewhere_the_page_leads_there_and_back(place, page):
    page.watched.expected = {401}
    elsewhere = ("--openid-issuer", "http://127.0.0.1:9", "--openid-client", "runs", "--address", "{address}")
    with serving(place, "--members-only", *elsewhere) as server, closing(page.context):
        page.goto(f"{server.address}/runs?project=a%2Fb")
        link = page.get_by_role("link", name="Sign in with your organisation")
        expect(link).to_have_attribute("href", "/api/v1/openid/start?next=%2Fruns%3Fproject%3Da%252Fb")
