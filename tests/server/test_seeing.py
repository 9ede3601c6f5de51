"""Who sees which runs over HTTP, and who changes them: what is another one's is not there."""

from __future__ import annotations

import io
import json
import time

import pytest
import requests
from runjson_tracker.errors import AccessRefused, RunMissing
from runjson_tracker.remote.http import Http
from runjson_tracker.remote.reading import RemoteTracker
from runjson_tracker.store import Store

from tests.served import served
from tests.server.runs import BARE, add
from tests.serving import bearer


@pytest.fixture
def store(place):
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def team(store, place):
    """A server with two projects: of ada, and of bob, who each see their own; "open" is public."""
    access = store.access
    for name in ("ada", "bob"):
        access.add_person(name)
        access.make_project(name, owner=access.person(name))
        files = [("artifacts", "m", None, "m.bin", b"of " + name.encode())]
        record = {"parameters": {f"of-{name}": 1}, "artifacts": {"m": {"path": "m.bin"}}}
        add(store, f"{name}1", project=name, record=record, files=files, loss=BARE)
        add(store, f"{name}2", project=name, record=record, loss=BARE)
    access.make_project("open", owner=None, public=True)
    add(store, "o1", project="open", loss=BARE)
    with served(place, alone=False) as address:
        yield address


def token(store, name, scope="write"):
    return store.access.make_token(name, f"t{time.monotonic_ns()}", scope)[1]


OF_RUNS = [
    ("GET", "run", {"project": "bob", "id": "bob1"}),
    ("GET", "status", {"project": "bob", "id": "bob1"}),
    ("GET", "files", {"project": "bob", "id": "bob1"}),
    ("GET", "export", {"project": "bob", "id": "bob1"}),
    ("GET", "file", {"project": "bob", "id": "bob1", "kind": "artifacts", "name": "m"}),
    ("GET", "points", {"project": "bob", "id": "bob1", "kind": "text", "name": "x"}),
    ("GET", "texts/find", {"project": "bob", "id": "bob1", "name": "x", "text": "a"}),
    ("GET", "folder", {"project": "bob", "id": "bob1"}),
    ("GET", "source", {"project": "bob", "run": "bob1"}),
    ("POST", "points/ends", {"project": "bob", "id": "bob1", "kind": "text", "stops": {"x": 1}}),
    ("POST", "series", {"runs": [{"project": "bob", "id": "bob1"}]}),
    ("POST", "series", {"runs": [{"project": "open", "id": "o1"}, {"project": "bob", "id": "bob1"}]}),
    ("POST", "runs/read", {"runs": [{"project": "bob", "id": "bob1"}]}),
]
TABLES = [
    ("GET", "runs", {"project": "bob"}),
    ("POST", "runs/search", {"project": "bob"}),
    ("GET", "groups", {"project": "bob"}),
    ("POST", "groups/search", {"project": "bob"}),
    ("GET", "best", {"project": "bob", "by": "series.loss.min"}),
    ("POST", "best/search", {"project": "bob", "by": "series.loss.min"}),
    ("GET", "fields", {"project": "bob"}),
    ("POST", "series", {"project": "bob"}),
]
CHANGES = [
    ("POST", "edits", {"project": "bob", "id": "bob1", "record": {"tags": ["x"]}}),
    ("POST", "trash", {"runs": [{"project": "bob", "id": "bob1"}]}),
    ("POST", "restore", {"runs": [{"project": "bob", "id": "bob1"}]}),
]


ROUTES = [*OF_RUNS, *TABLES, *CHANGES]


def ask(address, method, path, asked, secret):
    how = {"params": asked} if method == "GET" else {"json": asked}
    return requests.request(
        method, f"{address}/api/v1/{path}", headers=bearer(secret) if secret else {}, timeout=60, **how
    )


def test_what_is_another_ones_is_not_there(store, team):
    ada, bob = token(store, "ada"), token(store, "bob")
    for method, path, asked in ROUTES:
        there = ask(team, method, path, asked, ada)
        missing = ask(team, method, path, json.loads(json.dumps(asked).replace("bob", "eve")), ada)
        assert (there.status_code, missing.status_code) == (404, 404), path
        assert there.json()["detail"].replace("bob", "eve") == missing.json()["detail"]
        assert ask(team, method, path, asked, None).status_code == 401, path
        assert ask(team, method, path, asked, bob).ok, path


def test_what_is_another_ones_is_left_out_of_lists(store, team):
    secret = token(store, "ada")

    def get(path, **asked):
        return ask(team, "GET", path, asked, secret).json()

    assert [one["name"] for one in get("projects")["projects"]] == ["ada", "open"]
    assert {row["project"] for row in get("runs", columns="parameters.*")["rows"]} == {"ada", "open"}
    assert get("runs", columns="parameters.*")["columns"] == ["parameters.of-ada"]
    assert get("groups", by="project")["groups"][0]["runs"] == 2
    assert get("best", by="series.loss.min", per="project")["best"][-1]["key"] == ["open"]
    assert "parameters.of-bob" not in get("fields")["fields"]
    assert "parameters.of-ada" in get("fields")["fields"]
    assert get("find", text="bob1") == get("find", text="bob/b") == {"found": [[]]}
    assert [row["id"] for row in get("find", text="ada1")["found"][0]] == ["ada1"]
    told = ask(team, "POST", "series", {"names": ["loss"]}, secret).json()["portions"]
    assert {one["project"] for one in told} == {"ada", "open"}
    unknown = ask(team, "GET", "runs", {"where": "parameters.of-bo == 1"}, secret).json()
    assert "of-bob" not in json.dumps(unknown)
    ask(team, "POST", "trash", {"runs": [{"project": "bob", "id": "bob2"}]}, token(store, "bob"))
    assert get("trash") == {"runs": []}
    assert [row["project"] for row in get("runs", trash="true")["rows"]] == []


def test_the_projects_are_told_with_what_one_may_do_in_each(store, team):
    access = store.access
    access.make_project("made/empty", owner=access.person("ada"))
    access.set_member("bob", "ada", "viewer")
    access.add_person("eve", admin=True)

    def roles(secret, **asked):
        told = ask(team, "GET", "projects", asked, secret).json()["projects"]
        return {one["name"]: (one["role"], one["public"], one["runs"]) for one in told}

    open_to_all = {"open": ("viewer", True, 1)}
    seen = {"ada": ("owner", False, 2), "bob": ("viewer", False, 2), **open_to_all}
    assert roles(token(store, "ada", "admin")) == seen
    assert roles(token(store, "ada", "admin"), empty="true") == seen | {"made/empty": ("owner", False, 0)}
    assert roles(token(store, "ada", "write"))["ada"] == ("contributor", False, 2)
    assert roles(token(store, "ada", "read"))["ada"] == ("viewer", False, 2)
    limited = access.make_token("ada", "limited", "admin", project="bob")[1]
    assert roles(limited, empty="true") == {"bob": ("viewer", False, 2), **open_to_all}
    assert roles(None) == open_to_all
    assert set(roles(token(store, "eve", "admin"), empty="true")) == {"ada", "bob", "made/empty", "open"}
    assert {role for role, *_ in roles(token(store, "eve", "admin")).values()} == {"owner"}
    made = ask(team, "GET", "projects", {"empty": "true"}, token(store, "ada")).json()["projects"][2]
    assert made["changed"] == access.project_settings("made/empty").created
    assert roles(access.share(access.person("bob"), "bob", ["bob1"])[1], empty="true") == {}


def test_who_has_a_link_is_told_what_was_shared(store, team):
    secret = store.access.share(store.access.person("bob"), "bob", ["bob2", "bob1"])[1]
    told = ask(team, "GET", "session", {}, secret).json()
    assert told["share"] == {"person": "bob", "project": "bob", "runs": ["bob2", "bob1"], "expires": None}
    assert (told["person"], told["admin"], told["writes"], told["reads"]) == (None, False, False, True)
    assert ask(team, "GET", "session", {}, token(store, "bob")).json()["share"] is None


def test_a_browser_that_opened_a_link_gets_files_of_its_runs_and_of_no_others_without_a_header(store, team):
    store.access.set_public("open", True)
    secret = store.access.share(store.access.person("bob"), "bob", ["bob1"])[1]
    browser = requests.Session()

    def file(run, path="file", project="bob"):
        asked = {"project": project, "id": run} | ({"kind": "artifacts", "name": "m"} if path == "file" else {})
        return browser.get(f"{team}/api/v1/{path}", params=asked, timeout=30)

    assert file("bob1").status_code == 401
    opened = browser.get(f"{team}/api/v1/session", headers=bearer(secret), timeout=30)
    cookies = [one.lower() for one in opened.raw.headers.getlist("Set-Cookie")]
    assert [one.partition("path=")[2].partition(";")[0] for one in cookies] == [
        "/api/v1/file", "/api/v1/export", "/api/v1/changes",
    ]  # fmt: skip
    assert all("httponly" in one and "samesite=strict" in one for one in cookies)
    assert file("bob1").content == b"of bob"
    assert file("bob1", "export").ok
    assert file("o1", "export", "open").ok  # what everybody reads is not hidden by it
    for run, project in (("bob2", "bob"), ("ada1", "ada")):
        assert file(run, project=project).status_code == 401
    # It is no session: all else is asked for as nobody.
    assert browser.get(f"{team}/api/v1/session", timeout=30).json()["share"] is None
    assert browser.get(f"{team}/api/v1/run", params={"project": "bob", "id": "bob1"}, timeout=30).status_code == 401
    store.put_away([("bob", "bob1")])
    assert file("bob1").status_code == 401
    store.take_back([("bob", "bob1")])
    assert file("bob1").ok
    left = browser.delete(f"{team}/api/v1/session", headers=bearer(secret), timeout=30)
    assert left.status_code == 204
    assert "runjson_session" not in left.headers["Set-Cookie"]  # who is signed in beside it stays so
    assert file("bob1").status_code == 401
    browser.get(f"{team}/api/v1/session", headers=bearer(secret), timeout=30)
    assert store.access.withdraw("bob", 1)
    assert file("bob1").status_code == 401


def test_who_has_a_link_sees_its_runs_and_nothing_else(store, team):
    secret = store.access.share(store.access.person("bob"), "bob", ["bob1"])[1]
    for method, path, asked in OF_RUNS:
        if "open" not in json.dumps(asked):
            assert ask(team, method, path, asked, secret).ok, path
        other = json.loads(json.dumps(asked).replace("bob1", "bob2"))
        assert ask(team, method, path, other, secret).status_code == 404, path
    for method, path, asked in TABLES:
        told = ask(team, method, path, asked, secret)
        assert told.ok, path
        assert "bob2" not in told.text, path
        other = json.loads(json.dumps(asked).replace("bob", "open"))
        assert ask(team, method, path, other, secret).status_code == 404, path
    for method, path, asked in CHANGES:
        assert ask(team, method, path, asked, secret).status_code in {403, 404}, path
    found = ask(team, "GET", "find", {"text": "bob"}, secret).json()["found"]
    assert [[row["id"] for row in rows] for rows in found] == [["bob1"]]
    assert ask(team, "GET", "find", {"text": "ada1"}, secret).json() == {"found": [[]]}
    for path, member in (("projects", "projects"), ("trash", "runs")):
        assert ask(team, "GET", path, {}, secret).json()[member] == [], path
    (portion,) = ask(team, "POST", "series", {}, secret).json()["portions"]
    assert (portion["project"], portion["run"]) == ("bob", "bob1")


def test_a_table_for_who_has_a_link_knows_the_shared_runs_and_their_fields_alone(store, team):
    add(store, "bob3", project="bob", record={"parameters": {"whispered": 5, "of-bob": 7}}, loss=BARE)
    secret = store.access.share(store.access.person("bob"), "bob", ["bob1", "bob2"])[1]

    def get(path, **asked):
        return ask(team, "GET", path, asked, secret).json()

    # Nobody hears by it that there is another run, whose id is the beginning of one that was shared.
    add(store, "bob10", project="bob", loss=BARE)
    tenth = store.access.share(store.access.person("bob"), "bob", ["bob10"])[1]
    found = ask(team, "GET", "find", {"text": "bob1"}, tenth).json()["found"]
    assert [[row["id"] for row in rows] for rows in found] == [["bob10"]]
    for asked in ({}, {"project": "bob"}):
        page = get("runs", columns="parameters.*", sort="-id", **asked)
        assert ([row["id"] for row in page["rows"]], page["total"]) == (["bob2", "bob1"], 2)
        assert page["columns"] == ["parameters.of-bob"]
    first = get("runs", limit=1, sort="id")
    assert [row["id"] for row in get("runs", limit=1, sort="id", after=first["next"])["rows"]] == ["bob2"]
    assert get("groups", by="parameters.of-bob") == get("groups", by="parameters.of-bob", project="bob")
    (group,) = get("groups", columns="parameters.of-bob")["groups"]
    assert (group["runs"], group["statistics"]["parameters.of-bob"]["mean"]) == (2, 1)
    assert get("best", by="parameters.of-bob", goal="maximize")["best"][0]["run"]["id"] in {"bob1", "bob2"}
    assert "parameters.of-bob" in get("fields")["fields"]
    assert "parameters.whispered" not in get("fields")["fields"]
    said = [
        get("runs", where=f"parameters.{name} > 1")["detail"].replace(name, "") for name in ("whispered", "nowhere_")
    ]
    assert said[0] == said[1]
    assert "whispered" not in json.dumps(get("runs", where="parameters.whispere > 1"))
    assert get("runs", where='parameters.of-bob == 7 or id == "bob3"')["total"] == 0
    store.put_away([("bob", "bob2")])
    assert [row["id"] for row in get("runs")["rows"]] == ["bob1"]
    assert get("runs", trash="true")["rows"] == get("groups", trash="true")["groups"] == []


def test_who_has_a_link_sees_no_run_in_the_trash(store, team):
    secret = store.access.share(store.access.person("bob"), "bob", ["bob1"])[1]
    store.put_away([("bob", "bob1")])
    bob = token(store, "bob")
    for method, path, asked in OF_RUNS[:6]:
        assert ask(team, method, path, asked, secret).status_code == 404, path
        assert ask(team, method, path, asked, bob).ok or path == "status", path


def test_nobody_who_has_not_signed_in_takes_a_tracker_for_an_empty_one(store, team):
    store.access.set_public("open", False)
    http = Http(team, "")
    http.patience = 0.0
    with pytest.raises(AccessRefused, match="runjson login"):
        RemoteTracker(http).select_runs()
    with pytest.raises(AccessRefused, match="not known"):
        RemoteTracker(Http(team, "rj_none")).projects()


def test_who_may_only_look_changes_nothing_and_what_is_changed_is_noted(store, team, tmp_path):
    store.access.set_member("ada", "bob", "viewer")
    change = {"project": "ada", "id": "ada1", "record": {"tags": ["seen"]}}
    runs = {"runs": [{"project": "ada", "id": "ada1"}]}
    for secret in (token(store, "bob"), token(store, "ada", "read")):
        for path, asked in (("edits", change), ("trash", runs), ("restore", runs)):
            assert ask(team, "POST", path, asked, secret).status_code == 403
    assert "tags" not in store.run("ada", "ada1").record
    secret = token(store, "ada")
    remote = RemoteTracker(Http(team, secret))
    remote.edit("ada", "ada1", {"tags": ["seen"]})
    assert (remote.put_away([("ada", "ada1")]), remote.put_away([("ada", "ada1")])) == (1, 0)
    assert [(one.project, one.id) for one in remote.trash()] == [("ada", "ada1")]
    assert remote.take_back([("ada", "ada1")]) == 1
    noted = [(one.person, one.action, one.project, one.detail["run"]) for one in store.access.audit(project="ada")]
    assert noted == [("ada", action, "ada", "ada1") for action in ("restore", "trash", "trash", "edit")]
    with pytest.raises(RunMissing):
        remote.edit("ada", "none", {"tags": ["x"]})


def test_an_edit_claims_no_file_of_another_project(store, team):
    theirs = store.run("bob", "bob1").sources[0].files[0].sha256
    file = {"kind": "artifacts", "name": "m", "path": "m", "sha256": theirs}
    asked = {"project": "ada", "id": "ada2", "record": {"artifacts": {"m": {"path": "m"}}}, "files": [file]}
    answer = ask(team, "POST", "edits", asked, token(store, "ada"))
    assert (answer.status_code, "send them" in answer.json()["detail"]) == (422, True)
    assert store.source("ada", "ada2", "~") is None


# -- signing in --------------------------------------------------------------------------------------------------------


def test_a_token_is_kept_when_it_is_good_and_forgotten(store, team, monkeypatch, capsys, tmp_path):
    from runjson.__main__ import main

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("RUNJSON_TOKEN", raising=False)
    kept = tmp_path / "runjson/tokens.json"

    def login(line, *more):
        monkeypatch.setattr("sys.stdin", io.StringIO(line))
        code = main(["login", team, *more])
        return code, *capsys.readouterr()

    secret = token(store, "bob")
    assert login("rj_wrong\n")[0] == 2
    assert login("\n")[0] == 2
    assert not kept.exists()
    code, out, _ = login(f"{secret}\n")
    assert (code, "as bob" in out, secret in out) == (0, True, False)
    assert (kept.stat().st_mode & 0o777, json.loads(kept.read_text())) == (0o600, {team: secret})
    assert main(["show", "bob1", "--to", team]) == 0
    assert "bob/bob1" in capsys.readouterr().out
    assert login("", "--logout")[0] == 0
    assert main(["show", "bob1", "--to", team]) == 1
    assert json.loads(kept.read_text()) == {}
