"""Who asks, and what one may do in a project."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias, get_args

from runjson_tracker.errors import AccessRefused

# What a token is for: `read` looks, `write` also tracks and edits, `admin` does all that its person may do.
Scope: TypeAlias = Literal["read", "write", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


class Role(StrEnum):
    """What a member may do in a project; the greater role may do all that the lesser one may.

    A viewer reads runs, a contributor also tracks and edits them, an owner also says who is a member.
    """

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    OWNER = "owner"

    # Text compares by its letters; roles compare by what they may do.
    def __lt__(self, other: str) -> bool:
        return _ORDER[self] < _ORDER[Role(other)]

    def __le__(self, other: str) -> bool:
        return _ORDER[self] <= _ORDER[Role(other)]

    def __gt__(self, other: str) -> bool:
        return _ORDER[self] > _ORDER[Role(other)]

    def __ge__(self, other: str) -> bool:
        return _ORDER[self] >= _ORDER[Role(other)]


_ORDER: Final = {role: place for place, role in enumerate(Role)}
# The most that each scope gives.
MOST: Final[dict[Scope, Role]] = {"read": Role.VIEWER, "write": Role.CONTRIBUTOR, "admin": Role.OWNER}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in.

    Attributes:
        id: the number in this store.
        name: by which one is known.
        admin: whether one is an owner of every project.
        created: in seconds since 1970.
        disabled: since when one may do nothing any more; None if one may.
        subject: who that is for a provider of OpenID Connect, "issuer subject"; None for who has a password alone.
    """

    id: int
    name: str
    admin: bool
    created: float
    disabled: float | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Runs of a project that whoever has a link may look at.

    Attributes:
        id: the number in this store.
        person: the name of who shares.
        project: of the runs.
        runs: their ids; one, or those of a comparison.
        created: in seconds since 1970, as are `expires` and `withdrawn`; None for never.
    """

    id: int
    person: str
    project: str
    runs: tuple[str, ...]
    created: float
    expires: float | None = None
    withdrawn: float | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        person: who signed in; None for somebody unknown.
        scope: the most that is asked for; a session has the scope `admin`.
        project: the one project that a token is limited to; None for no limit.
        share: what was shared with whoever asks.
        token: the name of the token that was given.
        all: whether this is the one user of an embedded store, who may do everything.
    """

    person: Person | None = None
    scope: Scope = "read"
    project: str | None = None
    share: Share | None = None
    token: str | None = None
    all: bool = False


ANYONE: Final = Caller()
ALONE: Final = Caller(scope="admin", all=True)


def role_named(text: str) -> Role:
    """A role by its name.

    Raises:
        AccessRefused: there is none.
    """
    try:
        return Role(text)
    except ValueError:
        raise AccessRefused(f'"{text}" is no role: give one of {", ".join(reversed(Role))}.') from None


def scope_named(text: str) -> Scope:
    """A scope by its name.

    Raises:
        AccessRefused: there is none.
    """
    found = next((scope for scope in SCOPES if scope == text), None)
    if found is None:
        raise AccessRefused(f'"{text}" is no scope: give one of {", ".join(SCOPES)}.')
    return found
