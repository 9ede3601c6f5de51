"""Copying a whole store into another one, and back."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from runjson.__main__ import main
from runjson_schema.points import Points
from runjson_schema.sources import merged
from runjson_tracker.access.roles import ANYONE, Caller
from runjson_tracker.access.tables import audit, members, people, shares, tokens
from runjson_tracker.exports.canonical import canonical_run
from runjson_tracker.store import Store, StoreError
from runjson_tracker.tables import chunks, projects
from runjson_tracker.upkeep.moving import move
from sqlalchemy import select, update

from tests.tracker.points import numbers


def fill(store, count=8):
    """Runs of all that a store holds: writers, long series, texts, files that runs share, edits, the trash."""
    for index in range(count):
        for writer in ("", "rank-1") if index % 3 == 0 else ("",):
            record = {"runjson": "1.0", "id": f"r{index}", "name": f"run \0 {index}", "tags": ["a", f"t{index}"],
                      "parameters": {"lr": 0.1, "big": {"$int": str(2**70)}, "nan": {"$float": "NaN"}},
                      "artifacts": {"model": {"path": "model.bin"}}}  # fmt: skip
            if writer:
                record["writer"] = writer
            with store.ingest("p/q", f"r{index}", writer, None) as ingest:
                ingest.append("series", "loss", numbers(9000))
                ingest.append(
                    "series", "odd", Points(np.array([np.nan, np.inf, -np.inf, 1.5]), np.array([0, 2.0**64, -1, 1]))
                )
                ingest.append("text", "log", Points(["one", "two \0 \U0001f600"]))
                ingest.add_file(
                    "artifacts", "model", None, "model.bin", None, b"shared" if index % 2 else b"own %d" % index
                )
                ingest.commit(record, "", "stream", 17, "ab", merged)
    store.put_away([("p/q", "r1")])


def forms(store):
    found = {(one.project, one.id): canonical_run(store, one.project, one.id) for one in store.runs()}
    return found | {("trash", one.id): one.since for one in store.trash()}


@pytest.fixture
def filled(tmp_path):
    with Store.open(tmp_path / "from") as store:
        fill(store)
        yield store


def test_a_store_is_the_same_in_another_one_and_back(filled, place, tmp_path):
    with Store.open(place) as other, Store.open(tmp_path / "back") as back:
        moved = move(filled, other)
        assert (moved.runs, moved.unchanged, moved.files) == (8, 0, 5)
        assert move(other, back).runs == 8
        assert forms(other) == forms(back) == forms(filled)
        assert other.check().problems == back.check().problems == []
        assert [one.heard for one in rows(back)] == [one.heard for one in rows(filled)]
        again = move(filled, other)
        assert (again.runs, again.unchanged) == (0, 8)
        # What is asked of fields and series is answered alike.
        where = 'parameters.lr == 0.1 and series.loss.max > 0 and tags contains "t4"'
        from runjson_tracker.query.table import select_runs

        assert [[one.id for one in select_runs(s.engine, where=where).rows] for s in (filled, other, back)] == [
            ["r4"]
        ] * 3


def rows(store):
    from runjson_tracker.tables import runs
    from sqlalchemy import select

    with store.engine.connect() as connection:
        return connection.execute(select(runs.c.run, runs.c.heard).order_by(runs.c.run)).all()


@pytest.mark.once
def test_a_store_goes_into_postgresql_with_object_storage_and_back(filled, postgresql, s3, tmp_path):
    server, template = postgresql
    with server.database(template) as url, Store.open(f"{url}&blobs={s3()}") as other:
        move(filled, other)
        assert other.check().problems == []
        with Store.open(tmp_path / "back") as back:
            move(other, back)
            assert forms(back) == forms(filled)
            assert back.check().problems == []


def test_a_run_that_grew_since_is_refused_and_replaced_when_that_is_asked_for(filled, place):
    with Store.open(place) as other:
        move(filled, other)
        with filled.ingest("p/q", "r2", "", filled.source("p/q", "r2", "")) as ingest:
            ingest.append("series", "loss", Points(np.array([1.0])))
            record = filled.source("p/q", "r2", "").record
            ingest.commit(record, "", "stream", 18, "cd", record)
        with pytest.raises(StoreError, match=r"has another p/q/r2: --replace"):
            move(filled, other)
        assert forms(other) != forms(filled)
        assert move(filled, other, replace=True).runs == 1
        assert forms(other) == forms(filled)
        assert other.check().problems == []


def test_a_damaged_chunk_is_not_copied(filled, place):
    with filled.transaction() as connection:
        connection.execute(update(chunks).where(chunks.c.source == 1).values(steps=b"\0" * 30))
    with Store.open(place) as other:
        with pytest.raises(StoreError, match="other bytes than were written"):
            move(filled, other)
        assert other.runs() == []


def damage_a_file(store):
    """Other bytes in a file of a store, of which there are as many."""
    (first, size), *_ = store.blobs.all()
    store.blobs.path(first).chmod(0o644)
    store.blobs.path(first).write_bytes(b"x" * size)
    return first


def test_a_damaged_file_is_not_copied(filled, place):
    first = damage_a_file(filled)
    with Store.open(place) as other:
        with pytest.raises(StoreError, match=f"The blob {first} of .* has other bytes"):
            move(filled, other)
        assert first not in dict(other.blobs.all())


def test_a_copy_that_is_killed_again_and_again_comes_to_its_end(tmp_path, place):
    rng = random.Random(3)
    with Store.open(tmp_path / "from") as store:
        fill(store, 24)
    words = [sys.executable, "-m", "runjson", "store", "move", str(tmp_path / "from"), str(place)]
    kills, seen = 0, 0
    for _ in range(12):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        with process:
            process.stdout.readline()  # the first run of this turn is copied, or it is at its end
            time.sleep(rng.uniform(0.0, 0.15))
            process.kill()
            process.stdout.read()
        kills += process.returncode == -signal.SIGKILL
        with Store.open(place) as other:
            assert len(other.runs()) >= seen
            seen = len(other.runs())
        if seen == 23:
            break
    assert kills >= 3
    assert main(words[3:]) == 0
    with Store.open(tmp_path / "from") as store, Store.open(place) as other:
        assert forms(other) == forms(store)
        assert other.check().problems == []


def test_the_command_says_what_it_did(filled, tmp_path, capsys):
    words = ["store", "move", str(tmp_path / "from"), str(tmp_path / "to")]
    assert main(words) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "copied     p/q/r0"
    assert told[-1] == "copied 8 runs, 99,066 points and 5 files, 0 there already: all is well"
    assert main(words) == 0
    assert capsys.readouterr().out == "copied 0 runs, 0 points and 0 files, 8 there already: all is well\n"
    assert main(["store", "move", str(tmp_path / "none"), str(tmp_path / "to")]) == 2
    assert "There is no tracker at" in capsys.readouterr().err


def test_the_command_says_what_is_wrong_with_the_target(filled, tmp_path, capsys):
    words = ["store", "move", str(tmp_path / "from"), str(tmp_path / "to")]
    assert main(words) == 0
    with Store.open(tmp_path / "to") as other:
        first = damage_a_file(other)
    capsys.readouterr()
    assert main(words) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"the blob {first} has other bytes than were stored",
        "copied 0 runs, 0 points and 0 files, 8 there already: 1 problem",
    ]


def test_a_run_that_came_into_the_target_meanwhile_stays(filled, place, monkeypatch):
    from runjson_tracker.upkeep import moving

    with Store.open(place) as other:
        copied = moving._copy_files

        def tracked_meanwhile(*given):
            if not other.runs():
                with other.ingest("p/q", "r0", "", None) as ingest:
                    ingest.append("series", "loss", Points(np.array([7.0, 8.0])))
                    ingest.commit({"id": "r0"}, "", "stream", 1, "a", {"id": "r0"})
            return copied(*given)

        monkeypatch.setattr(moving, "_copy_files", tracked_meanwhile)
        with pytest.raises(StoreError, match="has another p/q/r0"):
            move(filled, other)
        assert other.source("p/q", "r0", "").points("series", "loss").values.tolist() == [7.0, 8.0]


def test_zeros_below_zero_are_the_same_in_each_database(place, tmp_path):
    with Store.open(place) as one, Store.open(tmp_path / "two") as two, Store.open(tmp_path / "three") as three:
        with one.ingest("p", "r", "", None) as ingest:
            ingest.append("series", "loss", Points(np.array([-0.0]), np.array([-0.0]), np.array([-0.0])))
            ingest.commit({"runjson": "1.0", "id": "r"}, "", "stream", 1, "a", {"runjson": "1.0", "id": "r"})
        move(one, two)
        move(two, three)
        assert move(one, three).unchanged == 1


def test_stores_that_would_share_their_files_are_not_copied(filled, postgresql):
    server, _ = postgresql
    with (
        server.database() as url,
        Store.open(f"{url}&blobs={filled.blobs.folder}") as other,
        pytest.raises(StoreError, match="keep their files in one place"),
    ):
        move(filled, other)


# -- who may do what ---------------------------------------------------------------------------------------------------


@pytest.fixture
def peopled(filled):
    """The same runs, and people who may do something with them; the secrets that they have."""
    access = filled.access
    for name, admin in (("zoe", False), ("anna", True), ("berta", False)):
        access.add_person(name, f"the password of {name}", admin=admin)
    access.add_person("elsewhere", subject="https://id.example.org 17")
    access.disable("berta")
    access.make_project("empty", owner=access.person("zoe"), public=True)
    access.set_public("p/q", True)
    for name, role in (("zoe", "owner"), ("berta", "viewer")):
        access.set_member("p/q", name, role)
    _, token = access.make_token("zoe", "laptop", "write", project="p/q", expires=time.time() + 1000)
    access.token(token)
    _, revoked = access.make_token("zoe", "lost", "admin")
    access.revoke("zoe", "lost")
    _, share = access.share(access.person("anna"), "p/q", ["r0", "r2"])
    session, _ = access.begin_session(access.person("zoe"), 1000)
    for number in range(3):
        access.note(Caller(access.person("zoe"), token="laptop"), "run.edit", project="p/q", run=f"r{number}")
    access.note(ANYONE, "sign-in.fail", address="::1")
    return {"token": token, "revoked": revoked, "share": share, "session": session}


def rights(store):
    """All rows of who may do what, without the numbers that are a store's own."""

    def whole(table, *names):
        columns = [column for column in table.columns if column.name not in {"id", "person", "project"}]
        return [*columns, *names]

    own = {
        projects: select(*whole(projects)),
        people: select(*whole(people)),
        members: select(*whole(members, projects.c.name, people.c.name)).join_from(members, projects).join(people),
        tokens: select(*whole(tokens, projects.c.name, people.c.name)).join_from(tokens, people).outerjoin(projects),
        shares: select(*whole(shares, projects.c.name, people.c.name)).join_from(shares, projects).join(people),
    }
    with store.engine.connect() as connection:
        found = {table.name: sorted(map(repr, connection.execute(statement))) for table, statement in own.items()}
        log = select(*(column for column in audit.columns if column.name != "id")).order_by(audit.c.id)
        return found | {"audit": connection.execute(log).all()}


def test_who_may_do_what_is_the_same_in_another_store_and_back(filled, peopled, place, tmp_path):
    with Store.open(place) as other, Store.open(tmp_path / "back") as back:
        other.access.add_person("first")  # numbers are others there
        move(filled, other)
        move(filled, other)
        assert [one.name for one in other.access.people()] == ["anna", "berta", "elsewhere", "first", "zoe"]
        caller = other.access.token(peopled["token"])
        assert (caller.person.name, caller.scope, caller.project) == ("zoe", "write", "p/q")
        assert other.access.role(caller, "p/q") == "contributor"
        assert other.access.token(peopled["revoked"]) is other.access.session(peopled["session"]) is None
        assert other.access.sign_in("zoe", "the password of zoe") == caller.person
        assert other.access.sign_in("berta", "the password of berta") is None
        assert other.access.person_of("https://id.example.org 17").name == "elsewhere"
        assert other.access.share_of(peopled["share"]).runs == ("r0", "r2")
        assert other.access.project_settings("empty").public
        move(other, back)
        back.access.set_password("first", "nobody moves it back")
        kept = rights(back)
        kept["people"] = [row for row in kept["people"] if "first" not in row]
        assert kept == rights(filled)
        assert other.check().problems == back.check().problems == []


def test_rights_that_are_others_are_refused_and_replaced_when_that_is_asked_for(filled, peopled, place):
    with Store.open(place) as other:
        move(filled, other)
        filled.access.note(ANYONE, "sign-in.fail")
        for change, told in (
            (lambda: filled.access.enable("berta"), "the person berta"),
            (lambda: filled.access.set_public("p/q", False), "the project p/q"),
            (lambda: filled.access.set_member("p/q", "berta", "contributor"), "a member of a project"),
            (lambda: filled.access.revoke("zoe", "laptop"), "the token laptop"),
            (lambda: filled.access.withdraw("p/q", 1), "the share 1"),
        ):
            change()
            before = rights(other)
            with pytest.raises(StoreError, match=f"has other settings of {told}: --replace"):
                move(filled, other)
            assert rights(other) == before
            move(filled, other, replace=True)
            assert rights(other) == rights(filled)


def test_a_log_that_was_copied_in_part_is_copied_to_its_end(filled, peopled, place, monkeypatch):
    from runjson_tracker.upkeep import moving_access

    monkeypatch.setattr(moving_access, "_ROWS_AT_ONCE", 2)
    with Store.open(place) as other:
        move(filled, other)
        with other.transaction() as connection:
            last = select(audit.c.id).order_by(audit.c.id.desc()).limit(1).scalar_subquery()
            assert connection.execute(audit.delete().where(audit.c.id == last)).rowcount == 1
        move(filled, other)
        assert rights(other) == rights(filled)
