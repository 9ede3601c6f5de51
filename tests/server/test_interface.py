"""The interface as its own description has it: whatever a client makes of that is answered as the description says."""

from __future__ import annotations

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


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_each_operation_answers_as_it_is_described(case, running, headers):
    response = case.call(base_url=running.address, headers=headers)
    if response.status_code in {414, 431}:
        return  # an address of more than 64 kB is refused before it comes to us
    # What is right by its shape may be wrong by what it means: a filter that nobody understands, a name with `..`.
    case.validate_response(response, headers=headers, excluded_checks=[positive_data_acceptance])


def test_the_page_of_the_interface_is_the_one_that_is_made_of_it():
    made = as_markdown(make_app(Settings(tracker="")).openapi())
    assert PAGE.read_text(encoding="utf-8") == made, "make it: python -m runjson_server.reference"


def test_the_server_describes_itself_without_a_script(running):
    page = requests.get(f"{running.address}/api/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    for path in requests.get(f"{running.address}/api/v1/openapi.json").json()["paths"]:
        assert path in page.text
