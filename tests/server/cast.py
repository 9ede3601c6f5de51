"""People with every role, and what they own, behind the server's back."""

from __future__ import annotations

import itertools
import time
from functools import cache
from io import BytesIO

from runjson_tracker.access.secret import digest, public_id
from runjson_uploader.attached import Sent
from runjson_uploader.upload import upload

PASSWORD = "correct horse battery"
RUN = (
    b'{"runjson": "1.0", "id": "%s", %s"series": {"loss": [0.5, 0.25]}, "text": {"log": ["begun"]}, '
    b'"artifacts": {"notes": {"data": "aGk=", "media_type": "text/plain"}}}\n'
)
ROLES = {"vera": "viewer", "carl": "contributor", "olga": "owner"}


class People:
    """A stranger, sam; a viewer, vera; a contributor, carl; an owner, olga; an admin, ada. Three projects: private,
    public, elsewhere, of which olga is an owner; runs "one" and "other" in the first two."""

    def __init__(self, store):
        self.store, self.access = store, store.access
        self._numbers = itertools.count()
        # Made once: nothing that is asked for ends them.
        self.token, self.kept_share = cache(self._token), cache(self.share)
        self.disabled, self.expired, self.revoked = cache(self._disabled), cache(self._expired), cache(self._revoked)
        for name in ("sam", "ada", *ROLES):
            self.access.add_person(name, PASSWORD if name == "vera" else None, admin=name == "ada")
        for project in ("private", "public", "elsewhere"):
            self.access.make_project(project, owner=self.access.person("olga"), public=project == "public")
            for run in ("one", "other"):
                self.run(project, run)
        for name, role in ROLES.items():
            self.access.set_member("private", name, role)

    def run(self, project, run, more=""):
        """A new run, which is tracked as if somebody had sent it."""
        sent = Sent({}, lambda sha256: None, [], ahead={})
        outcome = upload(
            BytesIO(RUN % (run.encode(), f"{more}, ".encode() if more else b"")),
            "run.json",
            sent,
            self.store,
            project=project,
        )
        assert outcome.answer == "new", outcome
        return run

    def dashboard(self, project):
        """The name of a new dashboard."""
        return self.store.dashboards.save(project, f"board {next(self._numbers)}", {}).name

    def session(self, name):
        return self.access.begin_session(self.access.person(name), 1000)[0]

    def new_session(self, name):
        """What a new session is known by."""
        return public_id(digest(self.session(name)))

    def new_token(self, name, called, scope="write", **more):
        return self.access.make_token(name, called, scope, **more)[0]

    def _token(self, name, scope, **more):
        return self.access.make_token(name, f"of the tests {next(self._numbers)}", scope, **more)[1]

    def _disabled(self):
        name = self.guest(f"gone{next(self._numbers)}", "private", "owner")
        secret = self.token(name, "admin")
        self.access.disable(name)
        return secret

    def _expired(self):
        return self._token("olga", "admin", expires=time.time() - 1)

    def _revoked(self):
        token, secret = self.access.make_token("olga", f"revoked {next(self._numbers)}", "admin")
        self.access.revoke("olga", token.id)
        return secret

    def guest(self, name, project=None, role="viewer"):
        self.access.add_person(name)
        if project is not None:
            self.access.set_member(project, name, role)
        return name

    def invitation(self):
        return self.access.invite(self.access.person("olga"), project="elsewhere", role="viewer", seconds=1000)

    def standing(self, project):
        """What a new invitation is known by."""
        role = None if project is None else "viewer"
        return public_id(digest(self.access.invite(None, project=project, role=role, seconds=1000)))

    def share(self, project):
        return self.access.share(self.access.person("olga"), project, ["one"])
