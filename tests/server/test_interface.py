"""The interface as its own description has it: whatever a client makes of that is answered as the description says."""

from __future__ import annotations

import json
import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from runjson_server.app import make_app
from runjson_server.reference import PAGE, as_markdown
from runjson_server.settings import Settings
from runjson_tracker.store import Store
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.server.cast import People
from tests.server.test_roles import ROWS, SHA256, Asked, requests_of
from tests.serving import bearer, serving
from tests.strategies import line, streams
from tests.web.rich import make_rich

# Server-sent events have no end; tests/server/test_changes.py has them.
ENDLESS = "/api/v1/changes"
EXAMPLES = int(os.environ.get("RUNJSON_EXAMPLES", "12"))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("interface") / "store", "--stall", "5") as server:
        yield server


@pytest.fixture(scope="module")
def headers(running):
    return bearer(running.token("ada", "admin", admin=True))


pytestmark = pytest.mark.once
schema = schemathesis.openapi.from_dict(make_app(Settings(tracker="")).openapi()).exclude(path=ENDLESS)
# The token of the test takes the place of a made-up one, so that nothing would be wrong with a request that is wrong
# in this alone. tests/server/test_roles.py has who is refused.
schema.config.generation.update(with_security_parameters=False)


@schemathesis.serializer("application/x-ndjson")
def lines(_, value):
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_each_operation_answers_as_it_is_described(case, running, headers):
    response = case.call(base_url=running.address, headers=headers)
    if response.status_code in {413, 414, 431}:
        return  # an address of more than 64 kB, or JSON of more than 8 MiB, is refused before it comes to a route
    # What is right by its shape may be wrong by what it means: a filter that nobody understands, a name with `..`.
    case.validate_response(response, headers=headers, excluded_checks=[positive_data_acceptance])


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A server with people, and runs that have everything."""
    place = tmp_path_factory.mktemp("filled")
    with serving(place / "store", "--stall", "5") as server, Store.open(server.place) as store:
        people = People(store)
        people.access.make_project("rich", owner=people.access.person("olga"))
        people.run("rich", "one")
        make_rich(server.place, place / "files")
        people.run("rich", "away")
        store.put_away([("rich", "away")])
        yield server, people


def described(answer, route):
    """Fails if an answer is not as the interface describes those of its route."""
    method, path = route.split()
    schema[f"/api/v1{path}"][method].validate_response(answer)


@pytest.mark.parametrize("route", [one for one in ROWS if "openid" not in one and "changes" not in one])
def test_an_answer_that_says_something_is_as_it_is_described(filled, route):
    server, people = filled
    asked = requests_of(people, "ada", "rich", "one", list(ROWS).index(route)).get(route, Asked)()
    answer = send(server, people, route, asked)
    assert answer.ok, answer.text
    described(answer, route)


EVERYTHING = {"project": "rich", "id": "everything"}
FIELDS = ["parameters.*", "properties.*", "source.*", "environment.*", "tags", "series.`train/loss`.min", "duration"]
# Questions to which the answers hold each kind of value that there is.
TOLD = [
    ("GET /projects", Asked({"empty": "true"})),
    ("GET /runs", Asked({"columns": FIELDS, "sort": "-started", "limit": 2})),
    ("GET /runs", Asked({"trash": "true"})),
    ("POST /runs/search", Asked(json={"columns": FIELDS, "where": "parameters.lr < 1"})),
    ("GET /groups", Asked({"by": ["status", "group"], "columns": ["series.`train/loss`.last", "parameters.lr"]})),
    ("GET /groups", Asked({"by": ["parameters.huge"], "columns": ["series.`gradient/norm`.last"]})),
    ("GET /best", Asked({"by": "series.`train/loss`.min", "per": "parameters.lr"})),
    ("GET /fields", Asked()),
    ("GET /find", Asked({"text": "e"})),
    ("GET /trash", Asked()),
    *((route, Asked(EVERYTHING)) for route in ("GET /run", "GET /status", "GET /files", "GET /export", "GET /folder")),
    ("GET /run", Asked({"project": "rich", "id": "failed"})),
    ("POST /runs/read", Asked(json={"runs": [EVERYTHING, {"project": "rich", "id": "many"}]})),
    ("POST /series", Asked(json={"runs": [EVERYTHING]})),
    ("POST /series", Asked(json={"runs": [EVERYTHING], "points": 10, "smoothing": 0.9})),
    *(
        ("GET /points", Asked(EVERYTHING | {"kind": kind, "name": name}))
        for kind, name in (
            ("text", "console/stdout"), ("images", "digits"), ("images", "far"),
            ("histograms", "weights"), ("histograms", "odd"),
        )
    ),
    ("POST /points/ends", Asked(json=EVERYTHING | {"kind": "images", "stops": {"digits": 3, "scan": 1}})),
    ("GET /texts/find", Asked(EVERYTHING | {"name": "console/stdout", "text": "Needle"})),
    ("GET /file", Asked(EVERYTHING | {"kind": "images", "name": "digits", "place": 0})),
    ("HEAD /file", Asked(EVERYTHING | {"kind": "artifacts", "name": "table"})),
]  # fmt: skip


@pytest.mark.parametrize(("route", "asked"), TOLD, ids=[f"{at}-{route}" for at, (route, _) in enumerate(TOLD)])
def test_an_answer_about_a_run_that_has_everything_is_as_it_is_described(filled, route, asked):
    answer = send(*filled, route, asked)
    assert answer.ok, answer.text
    assert answer.content or route.startswith("HEAD")
    described(answer, route)


@given(records=streams(most=4), text=strategies.text(max_size=40), number=strategies.integers(0))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_run_file_is_sent_is_answered_as_it_is_described(filled, records, text, number):
    server, people = filled
    content = b"".join(line(one) + b"\n" for one in records)
    for body in (content, content[: number % (len(content) + 1)], text.encode("utf-8", "replace")):
        for method in ("PUT", "POST"):
            answer = send(server, people, f"{method} /runs", Asked({"project": "sent"}, data=body))
            assert answer.status_code in {200, 409, 422}, answer.text
            described(answer, f"{method} /runs")


def send(server, people, route, asked):
    method, path = route.split()
    address = f"{server.address}/api/v1{path.replace('{sha256}', SHA256)}"
    headers = bearer(people.token("ada", "admin"))
    return requests.request(
        method, address, params=asked.query, json=asked.json, data=asked.data, headers=headers, timeout=60
    )


def test_a_route_that_takes_bytes_describes_them():
    paths = make_app(Settings(tracker="")).openapi()["paths"]
    taken = {
        f"{method} {path.removeprefix('/api/v1')}": sorted(operation["requestBody"]["content"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "application/octet-stream" in operation.get("requestBody", {"content": ()})["content"]
    }
    run_files = ["application/json", "application/octet-stream", "application/x-ndjson", "multipart/form-data"]
    assert [route for route, kinds in taken.items() if kinds == run_files] == ["put /runs", "post /runs"]
    blobs = [route for route, kinds in taken.items() if kinds == ["application/octet-stream"]]
    assert sorted(blobs) == ["post /blobs", "put /blobs", "put /blobs/{sha256}"]
    form = paths["/api/v1/runs"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert (form["required"], form["properties"].keys()) == (["run"], {"run", "files"})


def test_the_page_of_the_interface_is_the_one_that_is_made_of_it():
    made = as_markdown(make_app(Settings(tracker="")).openapi())
    assert PAGE.read_text(encoding="utf-8") == made, "make it: python -m runjson_server.reference"


def test_the_server_describes_itself_without_a_script(running):
    page = requests.get(f"{running.address}/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    for path in requests.get(f"{running.address}/api/v1/openapi.json").json()["paths"]:
        assert path in page.text
