"""A server of a team, with people, projects and runs, and how tests sign in at it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect
from runjson_tracker.store import Store

from tests.serving import Serving, serving
from tests.web.experiments import HOSTILE, experiment, track

PASSWORD = "correct horse battery"
# A project's name that wants to be a script, and that a shell would take apart.
ODD = "odd/" + HOSTILE


@contextmanager
def team(place: object, *options: str) -> Iterator[Serving]:
    """A server: ada is an admin, berta an owner of `vision/digits`, carl a viewer there, dora a stranger."""
    with Store.open(str(place)) as store:
        access = store.access
        for name in ("ada", "berta", "carl", "dora"):
            access.add_person(name, PASSWORD, admin=name == "ada")
        access.make_project("vision/digits", owner=access.person("berta"))
        access.make_project(ODD, owner=access.person("berta"))
        access.set_member("vision/digits", "carl", "viewer")
        for number in range(6):
            track(store, "vision/digits", experiment(number, random.Random(number)))
        track(store, ODD, {"runjson": "1.0", "id": "odd", "name": HOSTILE, "tags": [HOSTILE]})
    with serving(place, "--members-only", *options) as server:
        yield server


def sign_in(page: Page, server: Serving, name: str, path: str = "/runs", password: str = PASSWORD) -> None:
    """Sign in through the page, and come to a path."""
    page.watched.expected = {401}
    page.goto(f"{server.address}{path}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation")).to_contain_text(name)


def copied(page: Page) -> str:
    """What the copy button beside a secret that is shown once puts into the clipboard."""
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))
