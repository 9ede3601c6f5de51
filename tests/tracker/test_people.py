"""People, and the secrets that they have: passwords, sessions, tokens, invitations."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import pytest
from runjson_tracker.access import passwords
from runjson_tracker.access.roles import Caller
from runjson_tracker.access.secret import digest, public_id
from runjson_tracker.access.sessions import csrf_of
from runjson_tracker.access.tables import invitations, people, sessions, tokens
from runjson_tracker.errors import AccessRefused, StoreError
from runjson_tracker.store import Store
from sqlalchemy import select, update

from tests.tracker.rights import PASSWORD, change, meet
from tests.tracker.threads import failures_of

# -- people ------------------------------------------------------------------------------------------------------------


def test_somebody_signs_in_with_the_password_that_was_set_last(access):
    made = access.add_person("anna@example.org", PASSWORD)
    assert access.sign_in("anna@example.org", PASSWORD) == made == access.person("anna@example.org")
    assert access.sign_in("anna@example.org", "wrong password") is None
    access.set_password("anna@example.org", "another password")
    assert access.sign_in("anna@example.org", PASSWORD) is None
    assert access.sign_in("anna@example.org", "another password") == made


def test_names_that_nobody_has_take_as_much_work_as_others(access, monkeypatch):
    access.add_person("anna", PASSWORD)
    access.add_person("elsewhere", subject="https://id.example.org 17")
    encoder, nobodys = passwords._encoder()
    checked = []

    class Counting:
        def verify(self, encoded, password):
            checked.append(encoded.rsplit("$", 2)[0])  # the parameters
            return encoder.verify(encoded, password)

        check_needs_rehash = encoder.check_needs_rehash

    monkeypatch.setattr(passwords, "_encoder", lambda: (Counting(), nobodys))
    for name in ("anna", "elsewhere", "nobody", "no name at all"):
        assert access.sign_in(name, "wrong password") is None
    assert len(checked) == 4
    assert len(set(checked)) == 1
    assert access.sign_in("elsewhere", "nobody's") is None  # the password that stands for none is nobody's
    assert not passwords.is_password(None, "nobody's")


def test_a_password_of_older_parameters_is_encoded_anew_when_it_is_seen(store, access):
    from argon2 import PasswordHasher

    access.add_person("anna", PASSWORD)
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    change(store, update(people).values(password=old))
    assert access.sign_in("anna", PASSWORD) is not None
    with store.engine.connect() as connection:
        new = connection.execute(select(people.c.password)).scalar_one()
    assert new.startswith("$argon2id$")
    assert new != old
    assert not passwords.is_outdated(new)
    assert access.sign_in("anna", PASSWORD) is not None


@pytest.mark.parametrize(
    ("password", "told"),
    [("1234567", "at least 8 characters"), ("ä" * 513, "at most 1,024 bytes"), ("", "at least 8 characters")],
)
def test_a_password_that_is_too_short_or_too_long_is_refused(access, cheap, password, told):
    with pytest.raises(AccessRefused, match=told):
        access.add_person("anna", password)
    assert access.people() == []


def test_passwords_of_any_characters_work_and_the_spelling_of_an_accent_is_one(access, cheap):
    access.add_person("anna", "passe\u0301 compose")
    assert access.sign_in("anna", "pass\u00e9 compose") is not None
    access.set_password("anna", "\ud800 \0 half a pair")
    assert access.sign_in("anna", "\ud800 \0 half a pair") is not None
    access.set_password("anna", "x" * 1024)
    assert access.sign_in("anna", "x" * 1024) is not None
    assert access.sign_in("anna", "x" * 1025) is None


@pytest.mark.parametrize("name", ["", "-x", ".x", "two words", "a/b", "käthe", "x" * 129, "a\n", "a\0"])
def test_what_can_be_no_name_of_somebody_is_refused(access, name):
    with pytest.raises(AccessRefused, match="can be no name"):
        access.add_person(name)


def test_a_name_and_a_subject_are_one_persons(access):
    anna = access.add_person("anna", subject="https://id.example.org 17")
    with pytest.raises(AccessRefused, match='"anna" is there already'):
        access.add_person("anna")
    with pytest.raises(AccessRefused, match="Somebody with the subject"):
        access.add_person("berta", subject="https://id.example.org 17")
    assert access.person_of("https://id.example.org 17") == anna
    assert access.person_of("https://id.example.org 18") is None
    assert [one.name for one in access.people()] == ["anna"]
    access.add_person("Berta")
    assert [one.name for one in access.people()] == ["Berta", "anna"]


def test_of_many_who_take_one_name_at_once_one_gets_it(store, access):
    meet(store, "INSERT INTO people")
    failures = failures_of(lambda number: access.add_person("anna"), 3)
    assert [type(one) for one in failures] == [AccessRefused] * 2


def test_who_is_disabled_is_signed_out_and_comes_back_with_the_same_tokens(access, cheap):
    anna = access.add_person("anna", PASSWORD, subject="issuer 1")
    session, _ = access.begin_session(anna, 100)
    _, token = access.make_token("anna", "laptop", "read")
    access.disable("anna")
    assert access.person("anna").disabled == pytest.approx(time.time(), abs=100)
    assert access.sign_in("anna", PASSWORD) is access.session(session) is access.token(token) is None
    assert access.person_of("issuer 1") is None
    with pytest.raises(AccessRefused, match="is disabled: `runjson user enable anna`"):
        access.begin_session(anna, 100)
    with pytest.raises(AccessRefused, match="is disabled"):
        access.make_token("anna", "other", "read")
    access.enable("anna")
    assert access.session(session) is None
    assert access.token(token).person == access.sign_in("anna", PASSWORD) == anna


@pytest.mark.parametrize(
    "call",
    [
        lambda access: access.set_password("nobody", PASSWORD),
        lambda access: access.disable("nobody"),
        lambda access: access.enable("no\0body"),
        lambda access: access.make_token("nobody", "a", "read"),
        lambda access: access.revoke("nobody", "a"),
        lambda access: access.set_member("p", "nobody", "viewer"),
    ],
)
def test_what_is_to_be_done_to_nobody_is_refused(access, cheap, call):
    access.make_project("p", owner=None)
    with pytest.raises(AccessRefused, match="There is nobody named"):
        call(access)


def test_without_argon2_the_extra_is_named(access, monkeypatch):
    passwords._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "argon2", None)
    with pytest.raises(StoreError, match=r"runjson\[serve\]"):
        access.add_person("anna", PASSWORD)
    access.add_person("berta")
    with pytest.raises(StoreError, match=r"runjson\[serve\]"):
        access.sign_in("anna", PASSWORD)
    monkeypatch.undo()
    passwords._encoder.cache_clear()


# -- sessions ----------------------------------------------------------------------------------------------------------


def test_a_session_is_its_persons_until_it_ends(store, access):
    anna = access.add_person("anna")
    secret, csrf = access.begin_session(anna, 100)
    other, other_csrf = access.begin_session(anna, 100)
    assert access.session(secret) == Caller(anna, scope="admin")
    assert csrf_of(secret) == csrf != secret
    assert csrf_of(other) == other_csrf != csrf
    access.end_session(secret)
    access.end_session(secret)
    assert access.session(secret) is None
    assert access.session(other) is not None
    change(store, update(sessions).values(expires=time.time() - 1))
    assert access.session(other) is None


def test_another_password_signs_everybody_out_of_that_name_alone(access, cheap):
    anna, berta = access.add_person("anna", PASSWORD), access.add_person("berta", PASSWORD)
    (first, _), (second, _) = access.begin_session(anna, 100), access.begin_session(anna, 100)
    kept, _ = access.begin_session(berta, 100)
    access.set_password("anna", "another password")
    assert access.session(first) is access.session(second) is None
    assert access.session(kept) is not None


def test_no_session_of_somebody_who_is_disabled_meanwhile_is_left(store, access):
    anna = access.add_person("anna")
    meet(store, ("INSERT INTO sessions", "DELETE FROM sessions"))
    begin_or_disable = (lambda: access.begin_session(anna, 100), lambda: access.disable("anna"))
    failures = failures_of(lambda number: begin_or_disable[number](), 2)
    assert all(isinstance(one, AccessRefused) for one in failures), failures
    with store.engine.connect() as connection:
        assert connection.execute(select(sessions)).all() == []


def test_a_token_works_where_its_use_can_not_be_written(store, access, place):
    anna = access.add_person("anna")
    _, secret = access.make_token("anna", "laptop", "read")
    with Store.open(place) as other, store.transaction() as held:
        held.execute(update(tokens).values(used=0.0))
        other.wait_at_most(0.1)
        assert other.access.token(secret).person == anna


def test_when_a_session_or_a_token_was_used_is_written_once_a_minute(store, access):
    session, _ = access.begin_session(access.add_person("anna"), 1000)
    _, token = access.make_token("anna", "laptop", "read")

    def used(table):
        with store.engine.connect() as connection:
            return connection.execute(select(table.c.used)).scalar_one()

    assert used(tokens) is None
    for table, ask in ((sessions, lambda: access.session(session)), (tokens, lambda: access.token(token))):
        ask()
        first = used(table)
        assert first == pytest.approx(time.time(), abs=100)
        ask()
        assert used(table) == first
        change(store, update(table).values(used=first - 61))
        ask()
        assert used(table) >= first


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_a_token_is_its_persons_within_its_scope_and_project(access):
    anna = access.add_person("anna")
    access.make_project("p", owner=anna)
    token, secret = access.make_token("anna", "laptop", "write", project="p", expires=time.time() + 100)
    assert len(secret) == 3 + 43
    assert secret.startswith("rj_")
    assert access.token(secret) == Caller(anna, "write", "p", None, "laptop")
    assert access.token(secret[:-1]) is access.token(secret + "\ud800") is access.token("") is None
    (listed,) = access.tokens("anna")
    assert replace(listed, used=None) == token
    assert access.tokens("berta") == access.tokens("no\0name") == []


@pytest.mark.parametrize("by", ["name", "number"])
def test_a_revoked_token_works_no_more(access, by):
    access.add_person("anna")
    token, secret = access.make_token("anna", "laptop", "read")
    _, other = access.make_token("anna", "desk", "read")
    assert access.revoke("anna", "laptop" if by == "name" else str(token.id)).id == token.id
    assert access.token(secret) is None
    assert access.token(other) is not None
    with pytest.raises(AccessRefused, match="runjson token list --user anna"):
        access.revoke("anna", "laptop")
    assert [one.revoked is None for one in access.tokens()] == [False, True]


def test_a_token_ends_when_it_expires(store, access):
    access.add_person("anna")
    _, secret = access.make_token("anna", "laptop", "read", expires=time.time() + 100)
    assert access.token(secret) is not None
    change(store, update(tokens).values(expires=time.time() - 1))
    assert access.token(secret) is None


def test_a_persons_tokens_that_work_have_names_of_their_own(store, access):
    access.add_person("anna")
    access.add_person("berta")
    access.make_token("anna", "laptop", "read")
    access.make_token("berta", "laptop", "read")
    with pytest.raises(AccessRefused, match='anna has a token "laptop"'):
        access.make_token("anna", "laptop", "write")
    change(store, update(tokens).values(expires=time.time() - 1))
    again, _ = access.make_token("anna", "laptop", "read")
    assert access.revoke("anna", "laptop").id == again.id
    access.make_token("anna", "laptop", "read")
    meet(store, "INSERT INTO tokens")
    failures = failures_of(lambda number: access.make_token("anna", "desk", "read"), 3)
    assert [type(one) for one in failures] == [AccessRefused] * 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("anna", "a", "all"), '"all" is no scope: give one of read, write, admin'),
        (("anna", "", "read"), "can be no name of a token"),
        (("anna", "a\0", "read"), "can be no name of a token"),
    ],
)
def test_what_can_be_no_token_is_refused(access, given, told):
    access.add_person("anna")
    with pytest.raises(AccessRefused, match=told):
        access.make_token(*given)
    with pytest.raises(AccessRefused, match='no project "none"'):
        access.make_token("anna", "a", "read", project="none")


def test_somebody_sees_where_they_are_signed_in_and_ends_one_or_all_others(store, access):
    anna, berta = access.add_person("anna"), access.add_person("berta")
    here, there, elsewhere = (access.begin_session(anna, 100)[0] for _ in range(3))
    bertas, _ = access.begin_session(berta, 100)
    over, _ = access.begin_session(anna, -1)
    change(store, update(sessions).where(sessions.c.digest == digest(there)).values(used=time.time() + 50))
    seen = access.sessions(anna, here)
    assert seen[0].id == public_id(digest(there))
    assert {one.id: one.current for one in seen} == {
        public_id(digest(one)): one == here for one in (here, there, elsewhere)
    }
    assert all(one.expires == pytest.approx(one.created + 100) for one in seen)
    assert {one.current for one in access.sessions(anna)} == {False}
    for wrong in (public_id(digest(bertas)), public_id(digest(over)), digest(there), "", "%", "\0", "\ud800", "0" * 16):
        assert access.end_session_of(anna, wrong) is False
    assert access.end_session_of(anna, seen[0].id) is True
    assert access.end_session_of(anna, seen[0].id) is False
    assert (access.session(there), access.session(elsewhere).person) == (None, anna)
    assert access.end_other_sessions(anna, here) == 1
    assert (access.session(elsewhere), access.session(here).person, access.session(bertas).person) == (
        None,
        anna,
        berta,
    )
    assert access.end_other_sessions(anna, None) == 1
    assert access.sessions(anna) == []


# -- invitations -------------------------------------------------------------------------------------------------------


def test_whoever_is_invited_becomes_a_person_and_a_member_once(access, cheap):
    anna = access.add_person("anna")
    access.make_project("p", owner=anna)
    secret = access.invite(anna, project="p", role="contributor", seconds=100)
    invitation = access.invitation(secret)
    assert (invitation.by, invitation.project, invitation.role) == ("anna", "p", "contributor")
    berta = access.accept(secret, "berta", PASSWORD)
    assert access.sign_in("berta", PASSWORD) == berta
    assert access.role(Caller(berta, "admin"), "p") == "contributor"
    assert access.invitation(secret) is None
    with pytest.raises(AccessRefused, match="was used, has expired, or never was"):
        access.accept(secret, "carla", PASSWORD)
    with pytest.raises(AccessRefused, match="was used, has expired, or never was"):
        access.accept_as(secret, anna)
    assert access.person("carla") is None


def test_an_invitation_stands_when_it_could_not_be_accepted(access, cheap):
    anna = access.add_person("anna")
    secret = access.invite(anna, seconds=100)
    for name, password, told in (
        ("anna", PASSWORD, "is there already"),
        ("no name", PASSWORD, "can be no name"),
        ("berta", "short", "at least 8"),
    ):
        with pytest.raises(AccessRefused, match=told):
            access.accept(secret, name, password)
    with pytest.raises(AccessRefused, match="is for somebody new"):
        access.accept_as(secret, anna)
    assert access.accept(secret, "berta", None, subject="issuer 1") == access.person_of("issuer 1")


def test_of_many_who_accept_at_once_one_comes_in(store, access, cheap):
    secret = access.invite(None, seconds=100)
    meet(store, "UPDATE invitations")
    failures = failures_of(lambda number: access.accept(secret, f"person{number}", PASSWORD), 3)
    assert [type(one) for one in failures] == [AccessRefused] * 2
    assert len(access.people()) == 1


def test_an_invitation_ends_by_time_and_with_the_rights_of_who_gave_it(store, access, cheap):
    anna, berta = access.add_person("anna"), access.add_person("berta")
    access.make_project("p", owner=anna)
    access.set_member("p", "berta", "contributor")
    too_much = access.invite(berta, project="p", role="owner", seconds=100)
    with pytest.raises(AccessRefused, match="may not give this role any more"):
        access.accept(too_much, "carla", PASSWORD)
    assert access.person("carla") is None
    as_viewer = access.invite(berta, project="p", role="viewer", seconds=100)
    access.disable("berta")
    assert access.invitation(as_viewer) is None
    with pytest.raises(AccessRefused, match="has expired"):
        access.accept(as_viewer, "carla", PASSWORD)
    access.enable("berta")
    assert access.invitation(as_viewer) is not None
    change(store, update(invitations).values(expires=time.time() - 1))
    assert access.invitation(as_viewer) is None
    with pytest.raises(AccessRefused, match="has expired"):
        access.accept(as_viewer, "carla", PASSWORD)
    for project, role in (("p", None), (None, "viewer"), ("none", "viewer"), ("p", "boss")):
        with pytest.raises(AccessRefused):
            access.invite(anna, project=project, role=role, seconds=100)


def test_invitations_that_stand_are_listed_without_their_secrets_and_one_is_withdrawn(store, access, cheap):
    anna, berta = access.add_person("anna"), access.add_person("berta")
    for project in ("p", "q"):
        access.make_project(project, owner=anna)
    used = access.invite(anna, project="p", role="viewer", seconds=100)
    access.accept(used, "carla", PASSWORD)
    access.invite(anna, project="p", role="viewer", seconds=-1)
    stays = access.invite(berta, project="q", role="viewer", seconds=100)
    access.invite(None, seconds=100)
    access.disable("berta")
    goes = access.invite(anna, project="p", role="owner", seconds=100)
    listed = access.invitations("p")
    assert [(one.by, one.project, one.role) for one in listed] == [("anna", "p", "owner")]
    assert listed[0].expires == pytest.approx(listed[0].created + 100)
    assert access.invitations("none") == access.invitations("a//b") == access.invitations("\ud800") == []
    everywhere = [(one.by, one.project, one.role) for one in access.invitations()]
    assert everywhere == [("anna", "p", "owner"), (None, None, None), ("berta", "q", "viewer")]
    assert not any(secret in repr(access.invitations()) for secret in (stays, goes, digest(goes)))
    for wrong in (public_id(digest(used)), digest(goes), "", "%", "\0", "\ud800", "0" * 16):
        with pytest.raises(AccessRefused, match="it was used, was withdrawn, or never was"):
            access.withdraw_invitation(wrong)
    assert access.withdraw_invitation(listed[0].id) == listed[0]
    with pytest.raises(AccessRefused, match="was withdrawn"):
        access.withdraw_invitation(listed[0].id)
    assert access.invitation(goes) is None
    with pytest.raises(AccessRefused, match="ask for another one"):
        access.accept(goes, "dora", PASSWORD)
    access.enable("berta")
    assert access.invitation(stays).project == "q"


def test_of_one_who_accepts_and_one_who_withdraws_at_once_one_comes_too_late(store, access):
    secret = access.invite(None, seconds=100)
    found = access.invitations()[0].id
    meet(store, ("UPDATE invitations", "DELETE FROM invitations"))
    doing = [lambda: access.accept(secret, "anna", None, subject="issuer 1"), lambda: access.withdraw_invitation(found)]
    failures = failures_of(lambda number: doing[number](), 2)
    assert [type(one) for one in failures] == [AccessRefused]
    assert access.invitations() == []


def test_who_is_there_becomes_a_member_and_keeps_a_greater_role(access):
    anna, berta = access.add_person("anna"), access.add_person("berta")
    access.make_project("p", owner=anna)
    for role, then in (("contributor", "contributor"), ("viewer", "contributor"), ("owner", "owner")):
        assert access.accept_as(access.invite(anna, project="p", role=role, seconds=100), berta) == "p"
        assert access.role(Caller(berta, "admin"), "p") == then
