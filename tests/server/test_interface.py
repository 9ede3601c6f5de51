"""The interface as its own description has it: whatever a client makes of that is answered as the description says."""

from __future__ import annotations

import json
import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from runjson_server.app import make_app
from runjson_server.reference import PAGE, as_markdown
from runjson_server.settings import Settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.serving import bearer, serving

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
