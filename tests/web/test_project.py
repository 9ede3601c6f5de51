"""The page of a project: what it holds, who may see it, and what is offered to whom."""

from __future__ import annotations

import re
import shlex
from contextlib import closing
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from runjson_tracker.store import Store

from tests.web.accessible import faults
from tests.web.experiments import HOSTILE
from tests.web.table import asked, rows, settled
from tests.web.team import ODD, PASSWORD, copied, sign_in, team

pytestmark = pytest.mark.once

DIGITS = "/project?project=vision%2Fdigits"
RUNS = "/runs?project=vision%2Fdigits&sort=name"


@pytest.fixture
def server(tmp_path):
    with team(tmp_path / "store") as running:
        yield running


def part(page, name):
    return page.get_by_role("region", name=name)


def test_who_is_invited_comes_in_as_a_viewer_and_edits_when_an_owner_lets_them(place, page, other_page):
    with team(place) as server, closing(page.context), closing(other_page.context):
        sign_in(page, server, "berta", DIGITS)
        invite = part(page, "Invite somebody")
        invite.get_by_role("button", name="Make a link").click()
        link = copied(page)
        assert link.startswith(f"{server.address}/invitation#")

        guest = other_page
        guest.watched.expected = {401, 404}
        guest.goto(link)
        expect(guest.get_by_text("berta invites you to the project vision/digits as a viewer")).to_be_visible()
        assert "#" not in guest.url
        guest.get_by_label("Your name here").fill("emil")
        guest.get_by_label("A password").fill("short")
        guest.get_by_role("button", name="Come in").click()
        expect(guest.get_by_role("alert")).to_contain_text("at least 8 characters")
        guest.get_by_label("A password").fill(PASSWORD)
        guest.get_by_role("button", name="Come in").click()
        expect(rows(guest)).to_have_count(6)
        assert asked(guest)["project"] == ["vision/digits"]
        expect(guest.get_by_role("navigation")).to_contain_text("emil")
        # A viewer is offered no change, by pointer or by key.
        expect(guest.get_by_role("button", name=re.compile("^Edit "))).to_have_count(0)
        guest.keyboard.press("e")
        expect(guest.get_by_label("Name", exact=True)).to_have_count(0)
        guest.locator(".grid-body").get_by_role("checkbox").first.click()
        expect(guest.get_by_text("1 selected")).to_be_visible()
        for change in ("Trash", "Share"):
            expect(guest.get_by_role("button", name=change, exact=True)).to_have_count(0)
        guest.get_by_role("button", name="More", exact=True).click()
        expect(guest.get_by_role("button", name="Save as CSV")).to_be_visible()
        expect(guest.get_by_role("button", name="Show the trash")).to_have_count(0)

        page.reload()
        page.get_by_label("Role of emil").select_option("contributor")
        expect(page.get_by_text("emil is contributor now")).to_be_visible()
        guest.reload()
        settled(guest)
        guest.get_by_role("button", name=re.compile("^Edit ")).first.click()
        guest.get_by_label("Name", exact=True).fill("by emil")
        guest.keyboard.press("Enter")
        expect(rows(guest).get_by_text("by emil")).to_be_visible()
        # The link was used.
        page.goto(link)
        page.watched.expected = {404}
        expect(page.get_by_text("This invitation was used")).to_be_visible()


def test_an_invitation_that_nobody_used_is_withdrawn_and_its_link_leads_nowhere(server, page, other_page):
    sign_in(page, server, "berta", DIGITS)
    invite = part(page, "Invite somebody")
    expect(invite).to_contain_text("No invitation stands")
    invite.get_by_label("Invite as").select_option("contributor")
    invite.get_by_role("button", name="Make a link").click()
    link = copied(page)
    expect(invite.get_by_role("row").nth(1)).to_contain_text("contributorberta")
    page.reload()
    withdraw = invite.get_by_role("button", name="Withdraw the invitation as contributor by berta")
    expect(withdraw).to_be_visible()
    assert link.partition("#")[2] not in page.content()
    withdraw.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Withdraw the invitation?")
    expect(dialog).to_contain_text("Nobody comes in by its link")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(withdraw).to_be_visible()
    withdraw.click()
    dialog.get_by_role("button", name="Withdraw", exact=True).click()
    expect(invite).to_contain_text("No invitation stands")
    other_page.watched.expected = {401, 404}
    other_page.goto(link)
    expect(other_page.get_by_text("This invitation was used")).to_be_visible()
    page.get_by_role("link", name="Show the log").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("withdrew an invitation")


def test_an_invitation_that_was_used_meanwhile_can_not_be_withdrawn_and_the_page_says_so(server, page):
    with Store.open(server.place) as store:
        secret = store.access.invite(None, project="vision/digits", role="viewer", seconds=1000)
        sign_in(page, server, "berta", DIGITS)
        page.watched.expected = {404}
        page.get_by_role("button", name="Withdraw the invitation as viewer").click()
        store.access.accept_as(secret, store.access.person("dora"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Withdraw", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is no invitation")


def test_somebody_who_has_an_account_signs_in_first_and_accepts_as_themselves(server, page, other_page):
    sign_in(page, server, "berta", DIGITS)
    part(page, "Invite somebody").get_by_label("Invite as").select_option("contributor")
    part(page, "Invite somebody").get_by_role("button", name="Make a link").click()
    link = copied(page)
    other_page.watched.expected = {401}
    other_page.goto(link)
    other_page.get_by_role("link", name="sign in first").click()
    other_page.get_by_label("Name").fill("dora")
    other_page.get_by_label("Password").fill(PASSWORD)
    other_page.get_by_role("button", name="Sign in").click()
    other_page.get_by_role("button", name="Accept as dora").click()
    expect(rows(other_page)).to_have_count(6)
    with Store.open(server.place) as store:
        assert {one.name: one.role.value for one in store.access.members("vision/digits")} == {
            "berta": "owner", "carl": "viewer", "dora": "contributor",
        }  # fmt: skip


def test_the_last_owner_stays_and_the_page_says_why(server, page):
    sign_in(page, server, "berta", DIGITS)
    page.watched.expected = {409}
    members = part(page, "Members")
    members.get_by_label("Role of berta").select_option("viewer")
    expect(members.get_by_role("alert")).to_contain_text('"berta" is the last owner of the project')
    expect(members.get_by_label("Role of berta")).to_have_value("owner")
    members.get_by_role("button", name="Remove berta").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("is the last owner")
    page.keyboard.press("Escape")
    members.get_by_role("button", name="Remove carl").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(members.get_by_text("carl")).to_have_count(0)


def test_a_member_is_added_by_name_and_a_wrong_name_is_told_beside_the_field(server, page):
    sign_in(page, server, "berta", DIGITS)
    page.watched.expected = {409}
    members = part(page, "Members")
    name = members.get_by_label("Add somebody")
    for wrong, says in {"": "Give a name", "no body": "letters, digits", "nobody": "There is nobody named",
                        "carl": "is a member already"}.items():  # fmt: skip
        name.fill(wrong)
        name.press("Enter")
        expect(members.get_by_role("alert")).to_contain_text(says)
        expect(name).to_have_attribute("aria-invalid", "true")
        expect(name).to_be_focused()
    name.fill("dora")
    members.get_by_label("as", exact=True).select_option("contributor")
    members.get_by_role("button", name="Add").click()
    expect(members.get_by_label("Role of dora")).to_have_value("contributor")


def test_a_project_is_made_public_after_a_question_and_private_again(server, page):
    sign_in(page, server, "berta", DIGITS)
    page.get_by_role("button", name="Make it public").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Whoever reaches this server reads all runs")
    page.keyboard.press("Escape")
    with Store.open(server.place) as store:
        assert store.access.project_settings("vision/digits").public is False
    page.get_by_role("button", name="Make it public").click()
    dialog.get_by_role("button", name="Make it public").click()
    expect(page.get_by_role("heading", name="Public", exact=True)).to_be_visible()
    with Store.open(server.place) as store:
        assert store.access.project_settings("vision/digits").public is True
    page.get_by_role("button", name="Make it private").click()
    dialog.get_by_role("button", name="Make it private").click()
    expect(page.get_by_role("heading", name="Private", exact=True)).to_be_visible()


def test_a_new_project_is_made_from_the_list_and_its_name_is_checked_as_it_is_typed(server, page):
    sign_in(page, server, "dora")
    page.watched.expected = {409}
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog", name="New project")
    name = dialog.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    for wrong, says in {
        "": "Give it a name", "a//b": "an empty part", "a/../b": "the part “..”", "x" * 1025: "longer than 1024 bytes",
        "ü" * 600: "longer than 1024 bytes", "a\u0085b": "a control character", "vision/digits": "already",
    }.items():  # fmt: skip
        name.fill(wrong)
        name.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text(says)
    name.fill("dora's/first")
    dialog.get_by_label("Public").check()
    name.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("dora's/first")
    expect(page.get_by_role("navigation").get_by_role("link", name="dora's/first 0")).to_be_visible()
    expect(page.get_by_role("heading", name="Public", exact=True)).to_be_visible()
    commands = [shlex.split(one) for one in page.locator(".command code").all_text_contents()]
    assert commands[0] == ["runjson", "upload", "run.json", "--to", server.address, "--project", "dora's/first"]


def test_the_page_says_what_a_project_holds_and_leads_there(server, page):
    sign_in(page, server, "carl", DIGITS)
    held = part(page, "What it holds")
    expect(held).to_contain_text("Runs6")
    expect(held).to_contain_text("viewer")
    with Store.open(server.place) as store:
        assert store.size("vision/digits").points == 480
    expect(held).to_contain_text("Points480")
    expect(held).to_contain_text("Files0 B")
    held.get_by_role("link", name="succeeded 4").click()
    expect(rows(page)).to_have_count(4)
    page.go_back()
    # A viewer is shown neither members nor links, and no way to change anything.
    expect(part(page, "Privacy")).to_contain_text("Private")
    for name in ("Members", "Invite somebody", "Share links"):
        expect(part(page, name)).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("button", name=re.compile("Make|Add|Share"))).to_have_count(0)


def test_a_file_that_many_runs_have_counts_once(server, page):
    with Store.open(server.place) as store:
        for number, content in enumerate((b"x" * 1500, b"x" * 1500, b"y" * 2500)):
            with store.ingest("vision/digits", f"with-file-{number}", "", None) as ingest:
                ingest.add_file("artifacts", "model", None, "model.bin", None, content)
                ingest.commit({"runjson": "1.0", "id": f"with-file-{number}"}, "0" * 64, "document", None, None, {})
    sign_in(page, server, "carl", DIGITS)
    held = part(page, "What it holds")
    expect(held).to_contain_text("Runs9")
    expect(held).to_contain_text("Files4.0 kB2 different files")


def test_a_project_that_one_may_not_see_is_told_as_one_that_is_not_there(server, page):
    sign_in(page, server, "dora", "/runs")
    page.watched.expected = {404}
    page.goto(server.address + DIGITS)
    expect(page.get_by_role("alert")).to_contain_text('There is no project "vision/digits"')


def test_names_that_are_scripts_do_nothing_on_these_pages(server, page):
    sign_in(page, server, "berta", f"/project?project={quote(ODD)}")
    expect(page.get_by_role("heading", level=1)).to_have_text(ODD)
    expect(part(page, "What it holds")).to_contain_text(HOSTILE)
    words = shlex.split(page.locator(".command code").first.text_content())
    assert words[-2:] == ["--project", ODD]
    page.get_by_role("button", name="Share runs").click()
    expect(page.get_by_role("dialog").get_by_text(HOSTILE)).to_be_visible()
    page.goto(f"{server.address}/audit?project={quote(ODD)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(ODD)
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == f"{ODD} · RunJSON"


@pytest.mark.parametrize("page", [{"width": 1300, "height": 900}, {"width": 360, "height": 700}], indirect=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_has_no_fault_of_accessibility_and_never_scrolls_sideways(server, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.watched.expected = {401}
    page.goto(server.address + DIGITS)
    page.get_by_label("Name").fill("berta")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Role of carl")).to_be_visible()
    part(page, "Invite somebody").get_by_role("button", name="Make a link").click()
    expect(page.get_by_text("It is shown this once")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Withdraw"))).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("(one => one.scrollWidth <= one.clientWidth)(document.querySelector('.page'))")
    page.get_by_role("button", name="Share runs").click()
    expect(page.get_by_role("dialog").get_by_role("checkbox").first).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Make it public").click()
    assert faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", [{"width": 1300, "height": 900}, {"width": 360, "height": 700}], indirect=True)
def test_a_browser_without_the_key_is_told_where_it_is(viewer, page, theme):
    page.emulate_media(color_scheme=theme)
    page.watched.expected = {401}
    page.goto(f"{viewer.origin}/runs?project=digits")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page opens with a key")
    expect(page.get_by_role("main")).to_contain_text("the terminal in which runjson ui runs")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).borderTopWidth") == "1px"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(page) == []
    viewer.enter(page)
    settled(page)


def test_alone_the_page_says_how_others_can_see_it_and_offers_no_people(own_viewer, page):
    own_viewer.enter(page, "/project?project=digits")
    expect(part(page, "What it holds")).to_contain_text("Runs300")
    for command in ("runjson upload run.json --project digits", "runjson serve", "runjson store move FROM TO"):
        expect(page.get_by_text(command, exact=True)).to_be_visible()
    for absent in ("Members", "Invite somebody", "Share links", "Privacy"):
        expect(part(page, absent)).to_have_count(0)
    expect(page.get_by_role("navigation").get_by_role("link", name="People")).to_have_count(0)
    assert faults(page) == []
    page.get_by_role("button", name="New project").click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("mine")
    expect(part(page, "What it holds")).to_contain_text("Runs0")
    for path in ("/people", "/account"):
        own_viewer.enter(page, path)
        expect(page.get_by_role("heading", name="Nobody has an account here")).to_be_visible()
