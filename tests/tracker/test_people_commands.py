"""The commands about people, tokens and projects, called as a person calls them."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
import time

import pytest
from runjson.__main__ import main
from runjson_tracker.access.roles import Caller
from runjson_tracker.store import Store

from tests.tracker.rights import PASSWORD


@pytest.fixture
def command(store, place, monkeypatch, capsys):
    """Calls a command; its exit code, and what it printed."""
    monkeypatch.setenv("RUNJSON_TRACKER", str(place))
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main(list(map(str, words)))
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def listed(command, *words):
    code, out, _ = command(*words, "--format", "json")
    assert code == 0
    return json.loads(out)


# -- user --------------------------------------------------------------------------------------------------------------


def test_somebody_is_added_with_a_line_of_standard_input_and_gets_another_password(command, access):
    assert command("user", "add", "anna", "--admin", stdin=f"{PASSWORD}\n")[:2] == (0, "added anna, an admin\n")
    anna = access.sign_in("anna", PASSWORD)
    assert anna.admin
    session, _ = access.begin_session(anna, 100)
    assert command("user", "passwd", "anna", "--password-stdin", stdin="another password\r\n")[0] == 0
    assert access.sign_in("anna", PASSWORD) is access.session(session) is None
    assert access.sign_in("anna", "another password") == anna


@pytest.mark.parametrize(
    ("words", "stdin", "code", "told"),
    [
        (("add", "anna"), PASSWORD, 1, '"anna" is there already: `runjson user passwd anna`'),
        (("add", "two words"), PASSWORD, 1, '"two words" can be no name'),
        (("add", "berta"), "short\n", 1, "A password has at least 8 characters"),
        (("add", "berta"), "", 2, "Standard input has no line with a password"),
        (("passwd", "berta"), PASSWORD, 1, 'There is nobody named "berta": `runjson user list`'),
        (("disable", "berta"), "", 1, 'There is nobody named "berta"'),
        (("invite", "--project", "p"), "", 1, "names a project and a role, or neither"),
        (("invite", "--project", "none", "--role", "viewer"), "", 1, 'There is no project "none"'),
        (("invite", "--for", "a week"), "", 2, '--for wants days, hours or minutes, such as 7d, 12h or 30min'),
        (("invite", "--for", "9999999d"), "", 2, "--for wants days"),
    ],
)  # fmt: skip
def test_what_can_not_be_done_with_somebody_is_said_in_a_line(command, access, words, stdin, code, told):
    access.add_person("anna")
    found = command("user", *words, stdin=stdin)
    assert found[:2] == (code, "")
    assert told in found[2]
    assert found[2].count("\n") == 1
    assert [one.name for one in access.people()] == ["anna"]
    assert access.audit() == []


def test_people_are_listed_disabled_and_enabled(command, access):
    assert command("user", "list")[1] == "This tracker has no people yet. `runjson user add NAME` adds one.\n"
    assert command("user", "add", "robot", "--no-password")[0] == 0
    access.add_person("anna", subject="https://id.example.org 17", admin=True)
    assert command("user", "disable", "robot")[1] == "disabled robot\n"
    header, *rows = [line.split() for line in command("user", "list")[1].splitlines()]
    assert header == ["name", "rights", "subject", "created", "disabled"]
    assert [row[:2] for row in rows] == [["anna", "admin"], ["robot", rows[1][1]]]
    anna, robot = listed(command, "user", "list")
    assert (anna["subject"], anna["disabled"]) == ("https://id.example.org 17", None)
    assert robot["disabled"] is not None
    assert command("user", "enable", "robot")[1] == "enabled robot\n"
    assert access.person("robot").disabled is None


def test_an_invitation_is_a_link_whose_secret_no_log_has(command, access):
    access.make_project("p", owner=None)
    words = ("--project", "p", "--role", "contributor", "--for", "12h", "--address", "https://runs.example.org/")
    code, out, _ = command("user", "invite", *words)
    assert code == 0
    address, _, secret = out.strip().partition("#")
    assert address == "https://runs.example.org/invitation"
    assert access.invitation(secret).expires == pytest.approx(time.time() + 12 * 3600, abs=300)
    berta = access.accept(secret, "berta", PASSWORD)
    assert access.role(Caller(berta, "admin"), "p") == "contributor"
    assert secret not in repr(access.audit())


def test_invitations_are_listed_without_their_secrets_and_one_is_withdrawn(command, access):
    assert command("user", "invitations")[1] == "No invitation stands. `runjson user invite` makes one.\n"
    access.make_project("p", owner=access.add_person("anna"))
    secret = access.invite(access.person("anna"), project="p", role="viewer", seconds=1000)
    assert command("user", "invite")[0] == 0
    assert len(listed(command, "user", "invitations")) == 2
    (one,) = listed(command, "user", "invitations", "--project", "p")
    assert (one["by"], one["project"], one["role"]) == ("anna", "p", "viewer")
    assert secret not in command("user", "invitations")[1]
    words = ("user", "invitations", "--withdraw", one["id"])
    assert command(*words) == (0, f"withdrew the invitation {one['id']}\n", "")
    assert access.invitation(secret) is None
    code, out, err = command(*words)
    assert (code, out) == (1, "")
    assert f'There is no invitation "{one["id"]}"' in err
    log = listed(command, "audit", "--action", "invitation.withdraw")
    assert [(row["project"], row["detail"]["id"]) for row in log] == [("p", one["id"])]
    assert listed(command, "audit", "--user", "anna") == []


def test_a_password_is_asked_for_twice_on_a_terminal_and_not_shown(tmp_path):
    place = tmp_path / "store"
    Store.open(place).close()
    words = [sys.executable, "-m", "runjson", "user", "add", "anna", "--to", place]
    for answers, code, told in (
        ((PASSWORD, "another one"), 1, "The two are not the same; nothing was changed."),
        ((PASSWORD, PASSWORD), 0, "added anna"),
    ):
        child, terminal = pty.fork()
        if child == 0:
            os.execv(words[0], [str(word) for word in words])
        shown = b""
        for prompt, answer in zip((b"Password of anna: ", b"Again: "), answers, strict=True):
            while prompt not in shown:
                shown += os.read(terminal, 1024)
            os.write(terminal, answer.encode() + b"\n")
        try:
            while piece := os.read(terminal, 1024):
                shown += piece
        except OSError:  # what Linux says at the end of a terminal
            pass
        os.close(terminal)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code
        assert told in shown.decode()
        assert PASSWORD not in shown.decode()
    with Store.open(place) as store:
        assert store.access.sign_in("anna", PASSWORD) is not None


# -- token -------------------------------------------------------------------------------------------------------------


def test_the_secret_of_a_token_is_printed_once_and_alone(command, access):
    access.add_person("anna")
    access.make_project("p", owner=None)
    words = ("--user", "anna", "--scope", "read", "--project", "p", "--for", "90d")
    code, out, err = command("token", "add", "laptop", *words)
    assert (code, err) == (0, "token laptop of anna, scope read; nobody can show it again:\n")
    caller = access.token(out.strip())
    assert (caller.person.name, caller.scope, caller.project) == ("anna", "read", "p")
    (row,) = listed(command, "token", "list")
    assert (row["id"], row["user"], row["name"], row["scope"], row["project"]) == (1, "anna", "laptop", "read", "p")
    assert row["used"] is not None
    assert access.tokens()[0].expires == pytest.approx(time.time() + 90 * 86400, abs=300)
    assert out.strip() not in command("token", "list")[1] + repr(access.audit())
    assert command("token", "revoke", "laptop", "--user", "anna")[1] == "revoked the token laptop of anna\n"
    assert access.token(out.strip()) is None
    code, _, err = command("token", "revoke", "laptop", "--user", "anna")
    assert (code, err) == (
        1, 'runjson: anna has no token "laptop": `runjson token list --user anna` lists them.\n',
    )  # fmt: skip
    assert command("token", "list", "--user", "berta")[1].startswith("There are no tokens.")


# -- project and audit -------------------------------------------------------------------------------------------------


def test_projects_are_made_and_opened_and_have_members(command, access):
    access.add_person("anna")
    access.add_person("berta")
    assert command("project", "list")[1].startswith("This tracker has no projects yet.")
    assert command("project", "create", "p/q", "--owner", "anna", "--public")[1] == "made p/q\n"
    assert command("project", "create", "p/q", "--owner", "berta")[1] == "p/q is there already\n"
    assert command("project", "member", "p/q", "berta", "viewer")[1] == "berta is viewer of p/q\n"
    assert [(one["name"], one["role"]) for one in listed(command, "project", "members", "p/q")] == [
        ("anna", "owner"), ("berta", "viewer"),
    ]  # fmt: skip
    assert [(one["project"], one["access"], one["members"]) for one in listed(command, "project", "list")] == [
        ("p/q", "public", 2)
    ]
    assert command("project", "private", "p/q")[1] == "p/q is private\n"
    assert not access.project_settings("p/q").public
    assert command("project", "public", "p/q")[1] == "p/q is public\n"
    assert command("project", "member", "p/q", "berta", "--remove")[1] == "berta is no member of p/q\n"
    for words, code, told in (
        (("member", "p/q", "anna", "--remove"), 1, '"anna" is the last owner'),
        (("member", "p/q", "anna"), 2, "Say what anna is to be"),
        (("member", "p/q", "anna", "owner", "--remove"), 2, "Say what anna is to be"),
        (("member", "p/q", "anna", "boss"), 2, "boss"),
        (("members", "none"), 1, 'There is no project "none"'),
        (("create", "none", "--owner", "nobody"), 1, "There is nobody named"),
        (("create", "a//b"), 1, "has an empty part"),
    ):
        found = command("project", *words)
        assert found[0] == code, words
        assert told in found[2]


def test_what_the_commands_did_is_in_the_log_as_done_on_the_command_line(command, access):
    assert command("audit")[1] == "Nothing is written down yet.\n"
    for words in (
        ("user", "add", "anna", "--no-password"),
        ("user", "disable", "anna"),
        ("user", "enable", "anna"),
        ("project", "create", "p", "--owner", "anna"),
        ("project", "create", "p"),  # changes nothing
        ("project", "public", "p"),
        ("user", "invite", "--project", "p", "--role", "viewer"),
        ("token", "add", "laptop", "--user", "anna", "--project", "p"),
        ("token", "revoke", "laptop", "--user", "anna"),
        ("project", "private", "p"),
    ):
        assert command(*words)[0] == 0, words
    assert command("user", "passwd", "anna", stdin=PASSWORD)[0] == 0
    rows = listed(command, "audit")
    assert [(one["action"], one["project"]) for one in reversed(rows)] == [
        ("person.add", None), ("person.disable", None), ("person.enable", None), ("project.make", "p"),
        ("project.public", "p"), ("person.invite", "p"), ("token.make", "p"), ("token.revoke", "p"),
        ("project.private", "p"), ("person.password", None),
    ]  # fmt: skip
    assert {(one["user"], one["from"]) for one in rows} == {(None, "command line")}
    assert rows[-1]["detail"] == {"name": "anna", "admin": False}
    assert [one["action"] for one in listed(command, "audit", "p", "--limit", 2)] == ["project.private", "token.revoke"]
    assert "project.private" in command("audit")[1]


def test_commands_about_people_need_a_tracker_that_is_there(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "runjson", "user", "list", "--tracker", tmp_path / "none"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("runjson: There is no tracker at")
