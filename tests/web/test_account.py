"""People: their account, their tokens, who may sign in, and the log of what was done."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect
from runjson_tracker.access.roles import Caller
from runjson_tracker.store import Store

from tests.serving import bearer
from tests.web.accessible import faults
from tests.web.table import asked
from tests.web.team import ODD, PASSWORD, copied, sign_in, team

pytestmark = pytest.mark.once


@pytest.fixture
def server(tmp_path):
    with team(tmp_path / "store") as running:
        yield running


def make_token(page, name, **choices):
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill(name)
    for label, option in choices.items():
        dialog.get_by_label(label.replace("_", " ")).select_option(option)
    dialog.get_by_role("button", name="Make the token").click()
    return dialog


def test_a_token_that_is_made_in_the_page_works_until_it_is_revoked(server, page):
    sign_in(page, server, "berta", "/account")
    expect(page.get_by_text("You have no token")).to_be_visible()
    make_token(page, "laptop", In_which_project="vision/digits")
    secret = copied(page)
    told = requests.get(f"{server.address}/api/v1/session", headers=bearer(secret), timeout=30).json()
    assert (told["person"], told["token"], told["writes"]) == ("berta", "laptop", True)
    seen = requests.get(f"{server.address}/api/v1/projects", headers=bearer(secret), timeout=30).json()
    assert [(one["name"], one["role"]) for one in seen["projects"]] == [("vision/digits", "contributor")]
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    tokens = page.get_by_role("region", name="Tokens")
    page.reload()
    expect(tokens.get_by_role("row").nth(1)).to_contain_text("laptopwritevision/digits")
    expect(tokens).not_to_contain_text("never")
    assert secret not in page.content()
    page.watched.expected = {409}
    dialog = make_token(page, "laptop")
    expect(dialog.get_by_role("alert")).to_contain_text('berta has a token "laptop"')
    page.keyboard.press("Escape")
    tokens.get_by_role("button", name="Revoke laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(tokens.get_by_text("You have no token")).to_be_visible()
    refused = requests.get(f"{server.address}/api/v1/session", headers=bearer(secret), timeout=30)
    assert refused.status_code == 401
    tokens.get_by_role("button", name="Show 1 that ended").click()
    expect(tokens).to_contain_text("revoked")


def test_a_password_is_changed_by_who_knows_the_old_one(server, page):
    sign_in(page, server, "carl", "/account")
    page.watched.expected = {403}
    form = page.get_by_role("region", name="Password")
    new = "four new words here"

    def change(old, first, again):
        form.get_by_label("The password so far").fill(old)
        form.get_by_label("The new password", exact=True).fill(first)
        form.get_by_label("The new password again").fill(again)
        form.get_by_role("button", name="Change the password").click()

    change(PASSWORD, "short", "short")
    expect(form.get_by_role("alert")).to_contain_text("at least 8 characters")
    change(PASSWORD, new, "another one here")
    expect(form.get_by_role("alert")).to_contain_text("not the same")
    change("wrong one", new, new)
    expect(form.get_by_role("alert")).to_contain_text("The old password is wrong")
    page.watched.expected = {401, 403}
    change(PASSWORD, new, new)
    expect(page.get_by_role("heading", name="Sign in to RunJSON")).to_be_visible()
    page.get_by_label("Name").fill("carl")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password").fill(new)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("carl")


def test_an_admin_adds_disables_and_takes_back_and_others_are_told_that_they_may_not(server, page, other_page):
    sign_in(page, server, "ada")
    page.get_by_role("navigation").get_by_role("link", name="People").click()
    page.watched.expected = {409}
    page.get_by_role("button", name="Add", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("carl")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text('Somebody named "carl" is there already')
    dialog.get_by_label("Name", exact=True).fill("fritz")
    dialog.get_by_label("First password").fill(PASSWORD)
    dialog.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("row").filter(has_text="fritz")
    expect(row).to_be_visible()
    sign_in(other_page, server, "fritz")
    row.get_by_role("button", name="Disable fritz").click()
    dialog.get_by_role("button", name="Disable", exact=True).click()
    expect(row).to_contain_text("disabled since")
    other_page.reload()
    expect(other_page.get_by_role("heading", name="Sign in to RunJSON")).to_be_visible()
    row.get_by_role("button", name="Take back fritz").click()
    expect(row).not_to_contain_text("disabled")
    row.get_by_role("button", name="New password for fritz").click()
    dialog.get_by_label("Password").fill("other words for fritz")
    dialog.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("fritz has another password")).to_be_visible()
    sign_in(other_page, server, "fritz", "/people", "other words for fritz")
    expect(other_page.get_by_role("heading", name="This is for admins")).to_be_visible()
    page.get_by_placeholder("Name").fill("da")
    expect(page.get_by_role("row")).to_have_count(2)
    assert asked(page)["name"] == ["da"]


def test_an_admin_invites_somebody_to_the_server(server, page, other_page):
    sign_in(page, server, "ada", "/people")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a link").click()
    link = copied(page)
    other_page.watched.expected = {401, 409}
    other_page.goto(link)
    expect(other_page.get_by_text("ada invites you to this server")).to_be_visible()
    other_page.get_by_label("Your name here").fill("berta")
    other_page.get_by_label("A password").fill(PASSWORD)
    other_page.get_by_role("button", name="Come in").click()
    expect(other_page.get_by_role("alert")).to_contain_text('Somebody named "berta" is there already')
    assert faults(other_page) == []
    other_page.get_by_label("Your name here").fill("gerda")
    other_page.get_by_role("button", name="Come in").click()
    expect(other_page.get_by_role("navigation")).to_contain_text("gerda")


def test_the_log_is_read_in_portions_and_filtered_by_the_address(server, page):
    with Store.open(server.place) as store:
        for number in range(120):
            store.access.invite(None, seconds=10)
            store.access.note(
                Caller(person=store.access.person("carl")), "edit", project="vision/digits", run=f"r{number}"
            )
    sign_in(page, server, "ada", "/audit")
    expect(page.get_by_role("row")).to_have_count(101)
    page.get_by_role("button", name="Show what was done before").click()
    expect(page.get_by_role("row")).to_have_count(122)
    expect(page.get_by_role("button", name="Show what was done before")).to_have_count(0)
    page.get_by_label("What", exact=True).select_option("signed in")
    expect(page.get_by_role("row")).to_have_count(2)
    assert asked(page)["action"] == ["session.begin"]
    page.goto(f"{server.address}/audit?project=vision%2Fdigits&person=carl")
    expect(page.get_by_role("row")).to_have_count(101)
    expect(page.get_by_role("row").nth(1)).to_contain_text("edited a run")
    expect(page.get_by_role("row").nth(1)).to_contain_text("run r119")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, server, "carl", "/account")
    page.watched.expected = {403}
    page.goto(f"{server.address}/audit?project=vision%2Fdigits")
    expect(page.get_by_role("alert")).to_contain_text("you are viewer; this needs owner")


def test_a_filter_of_the_log_reaches_what_was_done_long_before(server, page):
    with Store.open(server.place) as store:
        berta, carl = store.access.person("berta"), store.access.person("carl")
        store.access.note(Caller(person=berta), "share.withdraw", project="vision/digits", id=7)
        for number in range(150):
            store.access.note(Caller(person=carl), "edit", project="vision/digits", run=f"r{number}")
            store.access.note(Caller(person=berta), "trash", project="vision/digits", run=f"r{number}")
    sign_in(page, server, "berta", "/audit?project=vision%2Fdigits")
    expect(page.get_by_role("row")).to_have_count(101)
    # Offered though none of the rows so far is such, and the choice keeps the focus.
    page.get_by_label("What", exact=True).focus()
    page.get_by_label("What", exact=True).select_option("ended a share link")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("id 7")
    expect(page.get_by_label("What", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Show what was done before")).to_have_count(0)
    page.get_by_label("By", exact=True).select_option("carl")
    expect(page.get_by_text("Nothing such was done")).to_be_visible()
    page.get_by_label("What", exact=True).select_option("anything")
    expect(page.get_by_role("row")).to_have_count(101)
    page.get_by_role("button", name="Show what was done before").click()
    expect(page.get_by_role("row")).to_have_count(151)
    expect(page.get_by_role("row").last).to_contain_text("run r0")
    expect(page.locator("tbody").get_by_text("berta")).to_have_count(0)
    assert asked(page) == {"project": ["vision/digits"], "person": ["carl"]}


def test_somebody_sees_where_they_are_signed_in_and_ends_one_session_and_all_others(server, page, other_page):
    sign_in(page, server, "carl", "/account")
    sessions = page.get_by_role("region", name="Sessions")
    expect(sessions.get_by_role("row")).to_have_count(2)
    expect(sessions.get_by_role("row").nth(1)).to_contain_text("this browser")
    expect(sessions.get_by_role("button")).to_have_count(0)
    sign_in(other_page, server, "carl")
    page.reload()
    expect(sessions.get_by_role("row")).to_have_count(3)
    sessions.get_by_role("button", name=re.compile("^End the session since")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Tokens go on working")
    dialog.get_by_role("button", name="End it").click()
    expect(page.get_by_text("One session ended")).to_be_visible()
    expect(sessions.get_by_role("row")).to_have_count(2)
    other_page.reload()
    expect(other_page.get_by_role("heading", name="Sign in to RunJSON")).to_be_visible()
    with Store.open(server.place) as store:
        carl = store.access.person("carl")
        others = [store.access.begin_session(carl, 1000)[0] for _ in range(2)]
        page.reload()
        expect(sessions.get_by_role("row")).to_have_count(4)
        sessions.get_by_role("button", name="End all others").click()
        dialog.get_by_role("button", name="End them").click()
        expect(page.get_by_text("2 sessions ended")).to_be_visible()
        expect(sessions.get_by_role("row")).to_have_count(2)
        expect(sessions.get_by_role("row").nth(1)).to_contain_text("this browser")
        assert [store.access.session(one) for one in others] == [None, None]
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("carl")


def test_an_admin_sees_and_withdraws_every_invitation(server, page):
    with Store.open(server.place) as store:
        berta = store.access.person("berta")
        store.access.invite(berta, project=ODD, role="owner", seconds=1000)
    sign_in(page, server, "ada", "/people")
    invitations = page.get_by_role("region", name="Invitations")
    expect(invitations.get_by_role("row")).to_have_count(2)
    expect(invitations.get_by_role("row").nth(1)).to_contain_text(f"{ODD}ownerberta")
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Make a link").click()
    secret = copied(page).partition("#")[2]
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(invitations.get_by_role("row").nth(1)).to_contain_text(re.compile("^this server.ada"))
    assert secret not in page.content()
    invitations.get_by_role("button", name="Withdraw the invitation by ada").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    expect(invitations.get_by_role("row")).to_have_count(2)
    invitations.get_by_role("button", name="Withdraw the invitation as owner by berta").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    expect(invitations).to_contain_text("No invitation stands")
    assert page.locator("img[src=x]").count() == 0
    with Store.open(server.place) as store:
        assert store.access.invitation(secret) is None


@pytest.mark.parametrize("page", [{"width": 1300, "height": 900}, {"width": 360, "height": 700}], indirect=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_people_has_a_fault_of_accessibility(server, page, theme):
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    with Store.open(server.place) as store:
        store.access.make_token("ada", "nightly", "admin", project="vision/digits")
        store.access.disable("dora")
        store.access.begin_session(store.access.person("ada"), 1000)
        store.access.invite(None, project="vision/digits", role="viewer", seconds=1000)
    page.watched.expected = {401}
    page.goto(f"{server.address}/account")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ada")
    for path, there in {"/account": "nightly", "/people": "dora", "/audit": "127.0.0.1"}.items():
        page.goto(server.address + path)
        expect(page.locator("table").get_by_text(there).first).to_be_visible()
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("(one => one.scrollWidth <= one.clientWidth)(document.querySelector('.page'))")
    page.goto(f"{server.address}/account")
    page.get_by_role("button", name="New token").click()
    assert faults(page) == []
