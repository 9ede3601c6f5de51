"""The log of what was done, by whom, and from where."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from runjson_tracker.access.members import named
from runjson_tracker.access.part import Part
from runjson_tracker.access.roles import Caller
from runjson_tracker.access.tables import audit
from runjson_tracker.chunks import decode_json, encode_json
from runjson_tracker.fields import storable


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Something that was done.

    Attributes:
        id: its number, which grows.
        at: when, in seconds since 1970.
        person: the name of who did it, and `token` that of the token; None where there was none.
        token: see there.
        address: from where; None if that is not known.
        action: what was done, such as `token.make`.
        project: in which project.
        detail: what else there is to say, as JSON.
    """

    id: int
    at: float
    person: str | None
    token: str | None
    address: str | None
    action: str
    project: str | None
    detail: dict[str, Any]  # Any: any JSON


class Audit(Part):
    """What was done."""

    def note(
        self, caller: Caller, action: str, *, project: str | None = None, address: str | None = None, **detail: object
    ) -> None:
        """Write down that something was done.

        Args:
            caller: who did it.
            action: what, such as `token.make`.
            project: in which project.
            address: from where.
            detail: what else there is to say, as JSON; no secrets.
        """
        if caller.share is not None:
            detail = {"share": caller.share.id, **detail}
        if project is not None and not named(project):
            # The name of a project is found by an index, which takes no text of any length.
            detail, project = {"project": project, **detail}, None
        told = json.loads(_whole(json.dumps(detail, ensure_ascii=False)))
        row = {
            "at": time.time(), "person": None if caller.person is None else caller.person.name,
            "token": _text(caller.token), "address": _text(address), "action": _text(action),
            "project": project, "detail": encode_json(told),
        }  # fmt: skip
        with self._writing() as connection:
            connection.execute(insert(audit), row)

    def audit(
        self, *, project: str | None = None, person: str | None = None, action: str | None = None,
        after: int | None = None, limit: int = 100,
    ) -> list[AuditRow]:  # fmt: skip
        """What was done, the last first.

        Args:
            project: in this one alone.
            person: by whoever has this name alone.
            action: what of this name alone, such as `token.make`.
            after: what comes after the row of this number, which is what was done before it.
            limit: so many rows at most.
        """
        statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if project is not None:
            if not named(project):
                return []
            statement = statement.where(audit.c.project == project)
        if person is not None:
            statement = statement.where(audit.c.person == _text(person))
        if action is not None:
            statement = statement.where(audit.c.action == _text(action))
        if after is not None:
            statement = statement.where(audit.c.id < after)
        with self._reading() as connection:
            rows = connection.execute(statement).mappings().all()
        return [AuditRow(**{**row, "detail": decode_json(row["detail"])}) for row in rows]


def _whole(text: str) -> str:
    """A text that has UTF-8: what came from outside may hold half of a pair of surrogates."""
    return text.encode("utf-8", "replace").decode()


def _text(text: str | None) -> str | None:
    return None if text is None else storable(_whole(text))
