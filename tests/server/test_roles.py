"""Who may ask what: each route of the OpenAPI document, asked by everybody, against what is written here by hand."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from dataclasses import dataclass, field

import pytest
import requests
from runjson_tracker.access.sessions import csrf_of
from runjson_tracker.store import Store

from tests.server.cast import PASSWORD, ROLES, RUN, People
from tests.serving import bearer, serving

# What is answered: y granted; s 401, sign in first; f 403, forbidden; h 404, hidden or not there. Who asks:
# nobody; by sessions a stranger, a viewer, a contributor, an owner, an admin; by tokens of the scopes read, write and
# admin the viewer, the contributor, the owner, the admin; by tokens of the scope admin that are limited to another
# project the owner and the admin; by tokens somebody disabled, one that expired, one that was revoked; by a share who
# asks for its run, and who asks for another one. All those ask for a private project. The last four ask for a public
# one, of which the owner is a member: nobody, a stranger, the owner by the limited token, a share of the private one.
EXPECTED = """
GET    /session                y yyyyy yyy yyy yyy yyy yy sss yy yyyy
POST   /session                y yyyyy yyy yyy yyy yyy yy sss yy yyyy
DELETE /session                y yyyyy yyy yyy yyy yyy yy sss yy yyyy
GET    /sessions               s yyyyy ffy ffy ffy ffy ff sss ff syff
POST   /sessions/end           s yyyyy ffy ffy ffy ffy ff sss ff syff
GET    /openid/start           h hhhhh hhh hhh hhh hhh hh sss hh hhhh
GET    /openid/done            h hhhhh hhh hhh hhh hhh hh sss hh hhhh
GET    /people                 s ffffy fff fff fff ffy ff sss ff sfff
POST   /people                 s ffffy fff fff fff ffy ff sss ff sfff
POST   /people/disable         s ffffy fff fff fff ffy ff sss ff sfff
POST   /people/enable          s ffffy fff fff fff ffy ff sss ff sfff
POST   /people/password        s ffffy fff fff fff ffy ff sss ff sfff
POST   /invitations            s hffyy fff fff ffy ffy ff sss ff sfff
GET    /invitations            s hffyy fff fff ffy hhy hh sss hh fffh
POST   /invitations/withdraw   s hffyy fff fff ffy hhy hh sss hh fffh
POST   /invitations/asked      y yyyyy yyy yyy yyy yyy yy sss yy yyyy
POST   /invitations/accept     s yyyyy ffy ffy ffy ffy ff sss ff syff
GET    /tokens                 s yyyyy ffy ffy ffy ffy ff sss ff syff
POST   /tokens                 s yyyyy ffy ffy ffy ffy ff sss ff syff
POST   /tokens/revoke          s yyyyy ffy ffy ffy ffy ff sss ff syff
POST   /projects               s yyyyy fyy fyy fyy fyy ff sss ff syff
POST   /projects/public        s hffyy fff fff ffy hhy hh sss hh fffh
GET    /projects/size          s hyyyy yyy yyy yyy hhy hh sss hh yyyh
GET    /projects/members       s hfyyy fff fyy fyy hhy hh sss hh fffh
POST   /projects/members       s hffyy fff fff ffy hhy hh sss hh fffh
POST   /projects/members/remove s hffyy fff fff ffy hhy hh sss hh fffh
GET    /dashboards             s hyyyy yyy yyy yyy hhy hh sss hh yyyh
GET    /dashboards/one         s hyyyy yyy yyy yyy hhy hh sss hh yyyh
POST   /dashboards             s hfyyy fff fyy fyy hhy hh sss hh fffh
POST   /dashboards/remove      s hfyyy fff fyy fyy hhy hh sss hh fffh
POST   /shares                 s hfyyy fff fyy fyy hhy hh sss hh fffh
GET    /shares                 s hfyyy fff fyy fyy hhy hh sss hh fffh
POST   /shares/withdraw        s hffyy fff fff fyy hhy hh sss hh fffh
GET    /audit                  s hffyy fff fff ffy hhy hh sss hh fffh
POST   /runs                   s hfyyy fff fyy fyy fhy hh sss ff sfff
PUT    /runs                   s hfyyy fff fyy fyy fhy hh sss ff sfff
GET    /source                 s hyyyy yyy yyy yyy hhy hh sss yh yyyh
POST   /blobs/missing          s hfyyy fff fyy fyy hhy hh sss ff sfff
GET    /blobs/{sha256}         s hfyyy fff fyy fyy hhy hh sss ff sfff
PUT    /blobs/{sha256}         s hfyyy fff fyy fyy hhy hh sss ff sfff
POST   /blobs                  s hfyyy fff fyy fyy hhy hh sss ff sfff
PUT    /blobs                  s hfyyy fff fyy fyy hhy hh sss ff sfff
GET    /changes                s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /projects               y yyyyy yyy yyy yyy yyy yy sss yy yyyy
GET    /trash                  y yyyyy yyy yyy yyy yyy yy sss yy yyyy
GET    /find                   y yyyyy yyy yyy yyy yyy yy sss yy yyyy
POST   /find                   y yyyyy yyy yyy yyy yyy yy sss yy yyyy
GET    /runs                   s hyyyy yyy yyy yyy hhy hh sss yy yyyh
POST   /runs/search            s hyyyy yyy yyy yyy hhy hh sss yy yyyh
GET    /groups                 s hyyyy yyy yyy yyy hhy hh sss yy yyyh
POST   /groups/search          s hyyyy yyy yyy yyy hhy hh sss yy yyyh
GET    /best                   s hyyyy yyy yyy yyy hhy hh sss yy yyyh
POST   /best/search            s hyyyy yyy yyy yyy hhy hh sss yy yyyh
GET    /fields                 s hyyyy yyy yyy yyy hhy hh sss yy yyyh
GET    /run                    s hyyyy yyy yyy yyy hhy hh sss yh yyyh
POST   /runs/read              s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /status                 s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /files                  s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /export                 s hyyyy yyy yyy yyy hhy hh sss yh yyyh
POST   /series                 s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /points                 s hyyyy yyy yyy yyy hhy hh sss yh yyyh
POST   /points/ends            s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /texts/find             s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /folder                 s hyyyy yyy yyy yyy hhy hh sss yh yyyh
GET    /file                   s hyyyy yyy yyy yyy hhy hh sss yh yyyh
HEAD   /file                   s hyyyy yyy yyy yyy hhy hh sss yh yyyh
POST   /edits                  s hfyyy fff fyy fyy hhy hh sss hh fffh
POST   /trash                  s hfyyy fff fyy fyy hhy hh sss hh fffh
POST   /restore                s hfyyy fff fyy fyy hhy hh sss hh fffh
"""
ROWS = {
    f"{method} {path}": letters
    for method, path, *letters in (line.split() for line in EXPECTED.strip().splitlines())
}  # fmt: skip
_LETTERS = {401: "s", 403: "f", 404: "h"}
_FILE = b"the bytes of a file"
SHA256 = hashlib.sha256(_FILE).hexdigest()


@dataclass
class Asked:
    """What is sent: the query, the body."""

    query: dict[str, object] = field(default_factory=dict)
    json: object = None
    data: bytes | None = None


def requests_of(people: People, who, project, run, number):
    """For each route a request that is granted to whoever may ask it, about a project, and a run of it."""
    guest = f"guest{number}"
    own = who or "sam"
    of_project = {"project": project}
    readable, one = {"project": project, "run": run}, {"project": project, "id": run}
    best = {"by": "series.loss.min", "goal": "minimize"}
    return {
        "POST /session": lambda: Asked(json={"name": "vera", "password": PASSWORD}),
        "POST /sessions/end": lambda: Asked(json={"id": people.new_session(own)}),
        "POST /people": lambda: Asked(json={"name": guest}),
        "POST /people/disable": lambda: Asked(json={"name": people.guest(guest)}),
        "POST /people/enable": lambda: Asked(json={"name": people.guest(guest)}),
        "POST /people/password": lambda: Asked(json={"name": people.guest(guest), "password": "another password"}),
        "POST /invitations": lambda: Asked(json=of_project | {"role": "viewer"}),
        "GET /invitations": lambda: Asked(of_project),
        "POST /invitations/withdraw": lambda: Asked(json=of_project | {"id": people.standing(project)}),
        "POST /invitations/asked": lambda: Asked(json={"secret": people.invitation()}),
        "POST /invitations/accept": lambda: Asked(json={"secret": people.invitation()}),
        "POST /tokens": lambda: Asked(json={"name": f"token {number}"}),
        "POST /tokens/revoke": lambda: Asked(json={"id": people.new_token(own, f"old {number}").id}),
        "POST /projects": lambda: Asked(json={"name": f"new/{number}"}),
        "POST /projects/public": lambda: Asked(json=of_project | {"public": project == "public"}),
        "GET /projects/size": lambda: Asked(of_project),
        "GET /projects/members": lambda: Asked(of_project),
        "POST /projects/members": lambda: Asked(json=of_project | {"person": people.guest(guest), "role": "viewer"}),
        "POST /projects/members/remove": lambda: Asked(json=of_project | {"person": people.guest(guest, project)}),
        "GET /dashboards": lambda: Asked(of_project),
        "GET /dashboards/one": lambda: Asked(of_project | {"name": people.dashboard(project)}),
        "POST /dashboards": lambda: Asked(json=of_project | {"name": guest, "content": {}}),
        "POST /dashboards/remove": lambda: Asked(json=of_project | {"name": people.dashboard(project)}),
        "POST /shares": lambda: Asked(json=of_project | {"runs": [run]}),
        "GET /shares": lambda: Asked(of_project),
        "POST /shares/withdraw": lambda: Asked(json=of_project | {"id": people.share(project)[0].id}),
        "GET /audit": lambda: Asked(of_project),
        "POST /runs": lambda: Asked(of_project, data=RUN % (f"sent{number}".encode(), b"")),
        "PUT /runs": lambda: Asked(of_project, data=RUN % (f"sent{number}".encode(), b"")),
        "GET /source": lambda: Asked(readable),
        "POST /blobs/missing": lambda: Asked(json=of_project | {"sha256": [SHA256]}),
        "GET /blobs/{sha256}": lambda: Asked(of_project),
        "PUT /blobs/{sha256}": lambda: Asked(of_project, data=_FILE),
        "POST /blobs": lambda: Asked(of_project, data=_FILE),
        "PUT /blobs": lambda: Asked(of_project, data=_FILE),
        "GET /changes": lambda: Asked(readable),
        "GET /find": lambda: Asked({"text": run}),
        "POST /find": lambda: Asked(json={"texts": [run]}),
        "GET /runs": lambda: Asked(of_project),
        "POST /runs/search": lambda: Asked(json=of_project),
        "GET /groups": lambda: Asked(of_project | {"by": "status"}),
        "POST /groups/search": lambda: Asked(json=of_project | {"by": ["status"]}),
        "GET /best": lambda: Asked(of_project | best),
        "POST /best/search": lambda: Asked(json=of_project | best),
        "GET /fields": lambda: Asked(of_project),
        "GET /run": lambda: Asked(one),
        "POST /runs/read": lambda: Asked(json={"runs": [one]}),
        "GET /status": lambda: Asked(one),
        "GET /files": lambda: Asked(one),
        "GET /export": lambda: Asked(one),
        "POST /series": lambda: Asked(json={"runs": [one]}),
        "GET /points": lambda: Asked(one | {"kind": "text", "name": "log"}),
        "POST /points/ends": lambda: Asked(json=one | {"kind": "text", "stops": {"log": 1}}),
        "GET /texts/find": lambda: Asked(one | {"name": "log", "text": "begun"}),
        "GET /folder": lambda: Asked(one),
        "GET /file": lambda: Asked(one | {"kind": "artifacts", "name": "notes"}),
        "HEAD /file": lambda: Asked(one | {"kind": "artifacts", "name": "notes"}),
        "POST /edits": lambda: Asked(json=one | {"record": {"name": f"name {number}"}}),
        "POST /trash": lambda: Asked(json={"runs": [of_project | {"id": people.run(project, f"old{number}")}]}),
        "POST /restore": lambda: Asked(json={"runs": [one]}),
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("roles") / "store") as server, Store.open(server.place) as store:
        yield server, People(store)


def callers(people: People):
    """Who asks, in the order of the letters: the name, whether by a session, by which secret, for what."""
    for one in (None, "sam", "vera", "carl", "olga", "ada"):
        yield one, "session" if one else None, people.session(one) if one else "", "private", "one"
    for one in ("vera", "carl", "olga", "ada"):
        for scope in ("read", "write", "admin"):
            yield one, "token", people.token(one, scope), "private", "one"
    elsewhere = people.token("olga", "admin", project="elsewhere")
    yield "olga", "token", elsewhere, "private", "one"
    yield "ada", "token", people.token("ada", "admin", project="elsewhere"), "private", "one"
    for secret in (people.disabled(), people.expired(), people.revoked()):
        yield "carl", "token", secret, "private", "one"
    share = people.kept_share("private")[1]
    yield None, "token", share, "private", "one"
    yield None, "token", share, "private", "other"
    yield None, None, "", "public", "one"
    yield "sam", "session", people.session("sam"), "public", "one"
    yield "olga", "token", elsewhere, "public", "one"
    yield None, "token", share, "public", "one"


_numbers = itertools.count()


def ask(address, route, asked, by, secret):
    method, path = route.split()
    headers = {}
    if by == "token":
        headers = bearer(secret)
    elif by == "session":
        headers = {"Cookie": f"runjson_session={secret}", "X-CSRF-Token": csrf_of(secret)}
    place = f"{address}/api/v1{path.replace('{sha256}', SHA256)}"
    if asked.json is not None:
        headers["Content-Type"] = "application/json"
    body = asked.data if asked.json is None else json.dumps(asked.json)
    with requests.request(
        method, place, params=asked.query, data=body, headers=headers, allow_redirects=False, stream=True, timeout=30
    ) as answer:
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert method == "HEAD" or answer.json()["status"] == answer.status_code
            return _LETTERS.get(answer.status_code, answer.text)
        return "y"


@pytest.mark.parametrize("route", ROWS)
def test_a_route_grants_what_is_written_down(served, route):
    server, people = served
    found = ""
    for who, by, secret, project, run in callers(people):
        asked = requests_of(people, who, project, run, next(_numbers)).get(route, Asked)()
        found += ask(server.address, route, asked, by, secret)
    expected = ROWS[route]
    places = iter(found) if len(found) == len("".join(expected)) else None
    shown = [found] if places is None else ["".join(itertools.islice(places, len(one))) for one in expected]
    assert " ".join(shown) == " ".join(expected)


def test_every_route_is_written_down(served):
    server, _ = served
    described = requests.get(f"{server.address}/api/v1/openapi.json", timeout=30).json()["paths"]
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}" for path, methods in described.items() for method in methods
    }
    assert there == ROWS.keys()


def test_the_description_says_which_routes_ask_who_calls(served):
    server, _ = served
    document = requests.get(f"{server.address}/api/v1/openapi.json", timeout=30).json()
    assert document["components"]["securitySchemes"].keys() == {"token", "session", "csrf"}
    open_to_all, told = {"POST /session", "POST /invitations/asked"}, {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route, ways = f"{method.upper()} {path.removeprefix('/api/v1')}", operation["security"]
            told[route] = "no" if not ways else "may" if {} in ways else "must"
            session = {"session": []} if method in {"get", "head"} else {"session": [], "csrf": []}
            assert [way for way in ways if way] == ([] if told[route] == "no" else [{"token": []}, session])
    for route, letters in ROWS.items():
        nobody = {letters[0], letters[-1][0]}
        expected = "no" if route in open_to_all or "openid" in route else "may" if "y" in nobody else "must"
        if route != "POST /invitations/accept":  # a secret of an invitation stands for who has no account yet
            assert (route, told[route]) == (route, expected)
    assert told["POST /invitations/accept"] == "may"


def test_lists_say_nothing_of_what_their_reader_may_not_read(served):
    server, people = served
    people.run("private", "hidden", '"parameters": {"unheard_of": 1}, "tags": ["whispered"]')
    people.run("private", "away")
    people.store.put_away([("private", "away")])
    asked = {
        "GET /projects": [{}],
        "GET /runs": [{}, {"columns": "parameters.*"}, {"where": "parameters.unheard_o < 1"}, {"trash": "true"}],
        "GET /groups": [{"by": "tags"}, {"by": "project"}, {"by": "parameters.unheard_o"}],
        "GET /best": [{"by": "series.loss.min", "goal": "minimize", "per": "id"}, {"by": "parameters.unheard_o"}],
        "GET /fields": [{}],
        "GET /find": [{"text": "hidden"}, {"text": "private/hidden"}, {"text": "away"}],
        "GET /trash": [{}],
    }
    words = ("hidden", "away", "unheard_of", "whispered")
    readers, others = set(), set()
    for who, by, secret, *_ in callers(people):
        headers = {"Cookie": f"runjson_session={secret}"} if by == "session" else bearer(secret) if secret else {}
        answers = [
            requests.get(f"{server.address}/api/v1{route.split()[1]}", params=query, headers=headers, timeout=30)
            for route, queries in asked.items()
            for query in queries
        ]
        assert {one.status_code for one in answers} <= {200, 400, 401}
        told = {word for word in words if any(word in one.text for one in answers)}
        (readers if told == set(words) else others).add((who, by, by if by == "session" else secret))
        assert told in (set(), set(words)), (who, by)
    tokens = {(one, "token", people.token(one, scope)) for one in ROLES for scope in ("read", "write", "admin")}
    sessions = {(one, "session", "session") for one in ("vera", "carl", "olga", "ada")}
    assert readers == tokens | sessions | {("ada", "token", people.token("ada", "admin"))}
    assert not readers & others


def test_only_admins_ask_what_was_done_in_all_projects(served):
    server, people = served
    asked = {one: ask(server.address, "GET /audit", Asked(), "session", people.session(one)) for one in ("olga", "ada")}
    assert asked == {"olga": "f", "ada": "y"}
    assert ask(server.address, "GET /audit", Asked(), None, "") == "s"


def test_only_admins_see_and_withdraw_invitations_to_the_whole_server(served):
    server, people = served
    number = people.standing(None)
    for who, letter in ((None, "s"), ("olga", "f"), ("ada", "y")):
        by, secret = ("session", people.session(who)) if who else (None, "")
        assert ask(server.address, "GET /invitations", Asked(), by, secret) == letter
        withdrawn = Asked(json={"id": number})
        assert ask(server.address, "POST /invitations/withdraw", withdrawn, by, secret) == letter
    # The log says to which project an invitation was: whoever withdraws it names that.
    to_project = Asked(json={"id": people.standing("private")})
    assert ask(server.address, "POST /invitations/withdraw", to_project, "session", people.session("ada")) == "h"


def test_an_owner_withdraws_no_invitation_to_another_project(served):
    server, people = served
    elsewhere, own = people.standing("elsewhere"), Asked(json={"project": "private", "id": people.standing("private")})
    carl, olga = people.session("carl"), people.session("olga")
    assert ask(server.address, "POST /invitations/withdraw", own, "session", carl) == "f"
    other = Asked(json={"project": "private", "id": elsewhere})
    assert ask(server.address, "POST /invitations/withdraw", other, "session", olga) == "h"
    assert elsewhere in {one.id for one in people.access.invitations("elsewhere")}
    assert ask(server.address, "POST /invitations/withdraw", own, "session", olga) == "y"
    assert ask(server.address, "POST /invitations/withdraw", own, "session", olga) == "h"


def test_nobody_ends_the_session_of_somebody_else(served):
    server, people = served
    ended = Asked(json={"id": people.new_session("vera")})
    for who in ("carl", "ada"):
        assert ask(server.address, "POST /sessions/end", ended, "session", people.session(who)) == "h"
    assert ask(server.address, "POST /sessions/end", ended, "session", people.session("vera")) == "y"


def test_a_token_of_lesser_rights_can_not_get_greater_ones(served):
    server, people = served
    for secret in (people.token("ada", "write"), people.token("ada", "admin", project="elsewhere")):
        for body in ({"name": "more", "scope": "admin"}, {"name": "more", "scope": "admin", "project": "elsewhere"}):
            assert ask(server.address, "POST /tokens", Asked(json=body), "token", secret) == "f"
    write = people.token("carl", "write")
    public = Asked(json={"name": f"new/{next(_numbers)}", "public": True})
    assert ask(server.address, "POST /projects", public, "token", write) == "f"


def test_on_a_server_for_members_alone_nobody_sees_what_is_public(tmp_path):
    with serving(tmp_path / "store", "--members-only") as server, Store.open(server.place) as store:
        people = People(store)
        asked = Asked({"project": "public", "run": "one"})
        assert ask(server.address, "GET /source", asked, None, "") == "s"
        assert ask(server.address, "GET /changes", asked, None, "") == "s"
        assert ask(server.address, "GET /source", asked, "session", people.session("sam")) == "y"
        told = requests.get(f"{server.address}/api/v1/session", timeout=30).json()
        assert told["reads"] is False
        shared = Asked({"project": "private", "run": "one"})
        assert ask(server.address, "GET /source", shared, "token", people.share("private")[1]) == "y"


def test_what_takes_rights_away_is_in_the_log(served):
    server, people = served
    number = next(_numbers)
    guest, member, project = people.guest(f"away{number}"), people.guest(f"left{number}", "elsewhere"), "elsewhere"
    token, share = people.new_token(guest, "lost"), people.access.share(people.access.person("olga"), project, ["one"])
    of_olga = people.session("olga")
    done = [
        ("POST /projects/public", "olga", {"project": project, "public": True}, "project.public"),
        ("POST /projects/public", "olga", {"project": project, "public": False}, "project.private"),
        ("POST /projects/members/remove", "olga", {"project": project, "person": member}, "member.remove"),
        ("POST /shares/withdraw", "olga", {"project": project, "id": share[0].id}, "share.withdraw"),
        ("POST /tokens/revoke", guest, {"id": token.id}, "token.revoke"),
        ("POST /people/disable", "ada", {"name": guest}, "person.disable"),
        ("DELETE /session", "olga", None, "session.end"),
    ]
    for route, who, asked, action in done:
        before = {one.id for one in people.access.audit(limit=1)}
        secret = of_olga if who == "olga" else people.session(who)
        assert ask(server.address, route, Asked(json=asked), "session", secret) == "y", route
        (row,) = [one for one in people.access.audit(limit=10) if one.id > max(before, default=0)]
        assert (row.action, row.person, row.address) == (action, who, "127.0.0.1")
        assert row.project == (asked or {}).get("project")


def test_no_secret_stands_in_the_log_of_what_was_done(served):
    server, people = served
    admin = people.session("ada")
    headers = {"Cookie": f"runjson_session={admin}", "X-CSRF-Token": csrf_of(admin)}
    address = f"{server.address}/api/v1"
    made = [
        requests.post(f"{address}/tokens", json={"name": f"kept {time.time()}"}, headers=headers, timeout=30),
        requests.post(f"{address}/shares", json={"project": "private", "runs": ["one"]}, headers=headers, timeout=30),
        requests.post(f"{address}/invitations", json={}, headers=headers, timeout=30),
    ]
    secrets = [one.json()["secret"] for one in made]
    links = [one.json().get("link", "#") for one in made]
    assert links[1:] == [f"{server.address}/share#{secrets[1]}", f"{server.address}/invitation#{secrets[2]}"]
    told = requests.get(f"{address}/audit", params={"limit": 1000}, headers=headers, timeout=30).text
    actions = {row["action"] for row in json.loads(told)["rows"]}
    assert actions >= {"token.make", "share.make", "person.invite", "person.add", "project.make", "member.set"}
    for secret in (*secrets, admin, csrf_of(admin), PASSWORD):
        assert secret not in told
        assert secret not in server.log
