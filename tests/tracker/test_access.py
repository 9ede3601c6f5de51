"""Roles in projects, what is shared, the log, and which blobs a project may name."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

import pytest
from runjson_tracker.access.roles import ALONE, ANYONE, Caller, Role
from runjson_tracker.access.tables import invitations, received, sessions
from runjson_tracker.errors import AccessRefused
from runjson_tracker.store import Store
from runjson_tracker.upkeep.freeing import DAY
from sqlalchemy import event, func, select, update

from tests.tracker.rights import PASSWORD, change, meet
from tests.tracker.threads import failures_of


def count(store, table):
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


# -- roles -------------------------------------------------------------------------------------------------------------

# What a member (or none, "-"), an admin, or somebody disabled may do with a scope, in a private and in a public
# project: with no limit, limited to this project, and limited to another one. o(wner), c(ontributor), v(iewer), -.
TABLE = """
person             scope   private: none here other   public: none here other
-                  read             -    -    -                v    v    v
-                  write            -    -    -                v    v    v
-                  admin            -    -    -                v    v    v
viewer             read             v    v    -                v    v    v
viewer             write            v    v    -                v    v    v
viewer             admin            v    v    -                v    v    v
contributor        read             v    v    -                v    v    v
contributor        write            c    c    -                c    c    v
contributor        admin            c    c    -                c    c    v
owner              read             v    v    -                v    v    v
owner              write            c    c    -                c    c    v
owner              admin            o    o    -                o    o    v
admin              read             -    -    -                v    v    v
admin              write            -    -    -                v    v    v
admin              admin            o    o    -                o    o    v
admin+viewer       read             v    v    -                v    v    v
admin+viewer       write            v    v    -                v    v    v
admin+viewer       admin            o    o    -                o    o    v
disabled           admin            -    -    -                v    v    v
disabled+owner     read             -    -    -                v    v    v
disabled+owner     write            -    -    -                v    v    v
disabled+owner     admin            -    -    -                v    v    v
disabled+admin     admin            -    -    -                v    v    v
"""
LETTERS = {"o": Role.OWNER, "c": Role.CONTRIBUTOR, "v": Role.VIEWER, "-": None}


def expected():
    for line in TABLE.strip().splitlines()[1:]:
        kinds, scope, *letters = line.split()
        for index, letter in enumerate(letters):
            project = "private" if index < 3 else "public"
            limit = (None, project, "elsewhere")[index % 3]
            yield kinds, scope, limit, project, LETTERS[letter]


def test_what_everybody_may_do_is_as_the_table_says(access):
    for project in ("private", "public", "elsewhere"):
        access.make_project(project, owner=None, public=project == "public")
    callers = {}
    for kinds in {row[0] for row in expected()}:
        name = kinds.replace("+", ".").replace("-", "nobody")
        access.add_person(name, admin="admin" in kinds)
        for role in Role:
            if role in kinds:
                for project in ("private", "public"):
                    access.set_member(project, name, role)
        callers[kinds] = access.person(name)  # as who asked before one was disabled
        if "disabled" in kinds:
            access.disable(name)
    wrong = [
        (kinds, scope, limit, project, found)
        for kinds, scope, limit, project, role in expected()
        if (found := access.role(Caller(callers[kinds], scope, limit), project)) != role
        or type(found) is not type(role)
    ]
    assert wrong == []
    # What may be read is what there is a role in.
    for kinds, scope, limit in {row[:3] for row in expected()}:
        caller = Caller(callers[kinds], scope, limit)
        names = access.readable(caller)
        everything = ["elsewhere", "private", "public"]
        assert [one for one in everything if access.role(caller, one)] == (everything if names is None else names)


def test_who_did_not_sign_in_reads_what_is_public_and_a_share_gives_no_role(access):
    access.make_project("private", owner=None)
    access.make_project("public", owner=None, public=True)
    assert [access.role(ANYONE, one) for one in ("private", "public", "none")] == [None, "viewer", None]
    assert access.readable(ANYONE) == ["public"]
    assert [access.role(ALONE, one) for one in ("private", "public", "none")] == ["owner", "owner", None]
    assert access.readable(ALONE) is None


def test_who_asks_and_what_they_may_do_is_asked_at_once(store, access):
    anna = access.add_person("anna")
    access.make_project("p", owner=anna)
    _, secret = access.make_token("anna", "laptop", "write")
    access.token(secret)
    asked = []
    event.listen(store.engine, "checkout", lambda *_: asked.append(1))
    caller, role = access.token_in(secret, "p")
    assert len(asked) == 1
    assert (caller, role) == (access.token(secret), "contributor")
    assert access.role(caller, "p") == role
    for project in (None, "q", "a\0b"):
        assert access.token_in(secret, project) == (caller, None)
    assert access.token_in("rj_none", "p") is None


def test_roles_compare_by_what_they_may_do():
    assert Role.OWNER > Role.CONTRIBUTOR > Role.VIEWER
    assert Role.VIEWER < "contributor"
    assert Role.OWNER >= "owner" <= Role.OWNER
    assert max("viewer", Role.OWNER, Role.CONTRIBUTOR, key=Role) is Role.OWNER


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "a//b", "x" * 5000, "'; DROP TABLE people; --"])
def test_names_of_any_text_are_answered_with_none(access, name):
    assert access.role(ANYONE, name) is None
    assert access.project_settings(name) is None
    assert access.members(name) == access.shares(name) == access.audit(project=name) == []
    assert access.may_claim(name, ["0" * 64, "\0"]) == set()
    assert access.person(name) is None
    assert access.person_of(name) is None
    assert access.sign_in(name, PASSWORD) is None
    assert access.token(name) is access.session(name) is access.share_of(name) is access.invitation(name) is None
    assert access.tokens(name) == []
    assert not access.withdraw(name, 2**70)
    access.note(ANYONE, "sign-in.fail", name=name, project=name, address=name)


# -- projects and members ----------------------------------------------------------------------------------------------


def test_a_project_is_made_once_and_its_owner_is_who_made_it(access):
    anna, berta = access.add_person("anna"), access.add_person("berta")
    assert access.make_project("p", owner=anna, public=True)
    assert not access.make_project("p", owner=berta)
    assert [(one.name, one.role, one.disabled) for one in access.members("p")] == [("anna", "owner", False)]
    settings = access.project_settings("p")
    assert (settings.name, settings.public, settings.members) == ("p", True, 1)
    access.set_public("p", False)
    assert not access.project_settings("p").public
    with pytest.raises(AccessRefused, match='no project "none"'):
        access.set_public("none", True)
    for name in ("", "a//b", "a\0", "\ud800"):
        with pytest.raises(AccessRefused, match="The project"):
            access.make_project(name, owner=anna)
    assert [one.name for one in access.projects()] == ["p"]


def test_a_project_that_an_upload_made_belongs_to_nobody_who_comes_later(access, track):
    track(project="p", loss=[1.0])
    assert not access.make_project("p", owner=access.add_person("anna"))
    assert access.members("p") == []
    assert not access.project_settings("p").public


def test_of_many_who_make_a_project_at_once_one_is_its_owner(place):
    with Store.open(place) as store:
        somebody = [store.access.add_person(f"person{number}") for number in range(6)]
        made = []

        def make(number):
            with Store.open(place) as own:
                for turn in range(5):
                    if own.access.make_project(f"p{turn}", owner=somebody[number]):
                        made.append((f"p{turn}", somebody[number].name))

        assert failures_of(make, 6) == []
        assert len(made) == 5
        for project, name in made:
            assert [one.name for one in store.access.members(project)] == [name]


def test_the_last_owner_of_a_project_stays(access):
    anna, _ = access.add_person("anna"), access.add_person("berta")
    access.make_project("p", owner=anna)
    for leave in (
        lambda: access.remove_member("p", "anna"),
        lambda: access.set_member("p", "anna", "viewer"),
    ):
        with pytest.raises(AccessRefused, match='"anna" is the last owner of the project "p"'):
            leave()
    access.set_member("p", "berta", "owner")
    access.disable("berta")
    with pytest.raises(AccessRefused, match="last owner"):
        access.remove_member("p", "anna")
    access.enable("berta")
    access.remove_member("p", "anna")
    assert [(one.name, one.role) for one in access.members("p")] == [("berta", "owner")]
    with pytest.raises(AccessRefused, match='"anna" is no member'):
        access.remove_member("p", "anna")
    with pytest.raises(AccessRefused, match='"boss" is no role: give one of owner, contributor, viewer'):
        access.set_member("p", "anna", "boss")
    access.set_member("p", "berta", "owner")


@pytest.mark.parametrize("way", ["removed", "viewer"])
def test_of_two_owners_who_leave_at_once_one_stays(store, access, way):
    names = ("anna", "berta")
    access.make_project("p", owner=access.add_person("anna"))
    access.add_person("berta")
    access.set_member("p", "berta", "owner")
    meet(store, "DELETE FROM members" if way == "removed" else "UPDATE members")
    leave = access.remove_member if way == "removed" else lambda project, name: access.set_member(project, name, way)
    failures = failures_of(lambda number: leave("p", names[number]), 2)
    assert [type(one) for one in failures] == [AccessRefused]
    assert [one.role for one in access.members("p")].count("owner") == 1


# -- shares ------------------------------------------------------------------------------------------------------------


def test_a_share_shows_its_runs_until_it_ends(store, access, track):
    for run in ("r1", "r2", "r3"):
        track(run, loss=[1.0])
    anna = access.add_person("anna")
    share, secret = access.share(anna, "p", ["r2", "r1", "r2"], expires=time.time() + 100)
    found = access.share_of(secret)
    assert found == share
    assert (share.person, share.project, share.runs) == ("anna", "p", ("r2", "r1"))
    assert [access.shared(found, "p", run) for run in ("r1", "r2", "r3")] == [True, True, False]
    assert not access.shared(found, "q", "r1")
    caller = Caller(share=found)
    access.set_public("p", True)
    assert access.role(caller, "p") is None
    assert access.readable(caller) == []
    assert not access.shared(replace(found, expires=time.time() - 1), "p", "r1")
    assert not access.withdraw("q", share.id)
    assert access.withdraw("p", share.id)
    assert not access.withdraw("p", share.id)
    assert access.share_of(secret) is None
    (listed,) = access.shares("p")
    assert listed.withdrawn is not None
    assert not access.shared(listed, "p", "r1")
    _, late = access.share(anna, "p", ["r1"], expires=time.time() - 1)
    assert access.share_of(late) is None


@pytest.mark.parametrize(
    ("project", "runs", "told"),
    [
        ("p", ["r1", "none"], 'no run "none"'),
        ("p", ["r\0"], "has no run"),
        ("p", [], "1 to 1,000 runs, not 0"),
        ("p", list(map(str, range(1001))), "not 1,001"),
        ("none", ["r1"], 'no project "none"'),
    ],
)
def test_what_is_not_there_is_not_shared(access, track, project, runs, told):
    track("r1", loss=[1.0])
    with pytest.raises(AccessRefused, match=told):
        access.share(access.add_person("anna"), project, runs)


# -- the log -----------------------------------------------------------------------------------------------------------


def test_what_was_done_is_listed_the_last_first_and_in_pages(access):
    anna = access.add_person("anna")
    access.make_project("p", owner=anna)
    for number in range(5):
        access.note(Caller(anna, token="laptop"), "run.edit", project="p", address="::1", run=f"r{number}")
    access.note(ANYONE, "sign-in.fail", name="\ud800\0")
    first, *rest = access.audit()
    assert (first.person, first.token, first.action, first.project, first.detail) == (
        None, None, "sign-in.fail", None, {"name": "?\0"},
    )  # fmt: skip
    assert [one.detail["run"] for one in rest] == ["r4", "r3", "r2", "r1", "r0"]
    assert {(one.person, one.token, one.address, one.project) for one in rest} == {("anna", "laptop", "::1", "p")}
    page = access.audit(project="p", limit=2)
    assert [one.detail["run"] for one in page] == ["r4", "r3"]
    assert [one.detail["run"] for one in access.audit(project="p", after=page[-1].id, limit=2)] == ["r2", "r1"]
    assert access.audit(project="q") == []


def test_what_was_done_is_filtered_by_who_did_it_and_by_what_it_is(access):
    anna, berta = access.add_person("anna"), access.add_person("berta")
    for number in range(4):
        for person in (anna, berta):
            access.note(Caller(person), "edit" if number % 2 else "trash", project="p" if number else None, run=number)
    access.note(ANYONE, "sign-in.fail\0")
    assert [one.detail["run"] for one in access.audit(person="anna")] == [3, 2, 1, 0]
    assert [(one.person, one.detail["run"]) for one in access.audit(action="edit", limit=3)] == [
        ("berta", 3), ("anna", 3), ("berta", 1),
    ]  # fmt: skip
    last = access.audit(person="berta", action="trash", project="p")
    assert [one.detail["run"] for one in last] == [2]
    assert [one.detail["run"] for one in access.audit(person="berta", action="trash", after=last[0].id)] == [0]
    assert len(access.audit(action="sign-in.fail\0")) == 1
    assert access.audit(person="nobody") == access.audit(action="\ud800") == access.audit(person="", action="") == []


def test_what_can_be_no_project_is_written_down_beside_it(access):
    long = secrets.token_hex(5000)  # longer than PostgreSQL keeps in an index, and not to be compressed
    for text in (long, "a//b", "\ud800"):
        access.note(ANYONE, "refused", project=text, path="/x")
    assert [(one.project, one.detail["project"]) for one in access.audit()] == [
        (None, "?"), (None, "a//b"), (None, long),
    ]  # fmt: skip


# -- blobs on their way ------------------------------------------------------------------------------------------------


def test_a_blob_is_claimed_by_the_project_it_was_sent_for_or_is_a_file_of(store, access):
    with store.ingest("p", "r", "", None) as ingest:
        ingest.add_file("artifacts", "model", None, "model", None, b"model")
        ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
    (tracked,) = (sha256 for sha256, _ in store.blobs.all())
    sent, other = "a" * 64, "b" * 64
    access.receive("q", sent)
    access.receive("q", sent)
    asked = [tracked, sent, other, "no digest", *(f"{number:064x}" for number in range(1200))]
    assert access.may_claim("p", asked) == {tracked}
    assert access.may_claim("q", asked) == {sent}
    assert access.may_claim("none", asked) == set()
    for project, sha256 in (("p", "no digest"), ("p\0", sent)):
        with pytest.raises(AccessRefused, match="can be no file"):
            access.receive(project, sha256)


def test_gc_removes_what_ended_and_keeps_what_does_not(store, access, cheap):
    now = time.time()
    anna = access.add_person("anna")
    access.begin_session(anna, 100)
    change(store, update(sessions).values(expires=now - 1))
    lasting, _ = access.begin_session(anna, 100)
    for used, expires in (
        (now - 31 * DAY, now + DAY), (now - 29 * DAY, now + DAY), (None, now - 31 * DAY), (None, now - 29 * DAY),
        (None, now + DAY),
    ):  # fmt: skip
        access.invite(anna, seconds=0)
        change(store, update(invitations).where(invitations.c.created > now).values(
            used=used, expires=expires, created=0))  # fmt: skip
    access.receive("p", "a" * 64)
    change(store, update(received).values(added=now - 1.1 * DAY))
    access.receive("p", "b" * 64)
    store.free(dry_run=True)
    assert (count(store, sessions), count(store, invitations), count(store, received)) == (2, 5, 2)
    store.free()
    assert (count(store, sessions), count(store, invitations)) == (1, 3)
    assert access.session(lasting) is not None
    assert access.may_claim("p", ["a" * 64, "b" * 64]) == {"b" * 64}
    access.forget_received(time.time() + 1)
    assert count(store, received) == 0


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_bytes_of_the_database(tmp_path, cheap):
    place = tmp_path / "store"
    with Store.open(place) as store:
        access = store.access
        anna = access.add_person("anna", PASSWORD)
        access.make_project("p", owner=anna)
        with store.ingest("p", "r", "", None) as ingest:
            ingest.commit({"id": "r"}, "", "document", None, None, {"id": "r"})
        given = [
            PASSWORD, *access.begin_session(anna, 100), access.make_token("anna", "laptop", "read")[1],
            access.invite(anna, seconds=100), access.share(anna, "p", ["r"])[1],
        ]  # fmt: skip
        access.set_password("anna", "another password")
        assert (place / "tracker.sqlite-wal").stat().st_size > 0
        kept = b"".join(path.read_bytes() for path in place.glob("tracker.sqlite*"))
    kept += (place / "tracker.sqlite").read_bytes()
    assert b"laptop" in kept
    for secret in [*given, "another password"]:
        assert secret.removeprefix("rj_").encode() not in kept
