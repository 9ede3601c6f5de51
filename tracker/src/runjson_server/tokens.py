"""Tokens of programs: `/api/v1/tokens`."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field
from runjson_tracker.access import tokens as access_tokens
from runjson_tracker.access.roles import Scope

from runjson_server.asking import Asking, Asks
from runjson_server.problems import Problem, also

router: Final = APIRouter(prefix="/tokens", tags=["people"])
_DECADE: Final = 10 * 366 * 86400.0


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# For JSON 1.0 is a whole number, and "1" is none.
RowId = Annotated[int, Field(strict=True, ge=1, le=2**53 - 1), BeforeValidator(_whole)]


class Token(BaseModel):
    """A token, without its secret."""

    id: int
    person: str = Field(description="whose it is")
    name: str
    scope: Scope = Field(description="read looks, write also tracks and edits, admin does all that its person may do")
    project: str | None = Field(description="the one that it is limited to")
    created: float = Field(description="in seconds since 1970, as are expires, used and revoked")
    expires: float | None
    used: float | None = Field(description="when it was used last, to the minute")
    revoked: float | None

    @classmethod
    def of(cls, token: access_tokens.Token) -> Token:
        """A token of the store."""
        return cls.model_validate(token, from_attributes=True)


class Tokens(BaseModel):
    """Tokens, in the order in which they were made."""

    tokens: list[Token]


class NewToken(BaseModel):
    """A token that is to be made."""

    name: str = Field(
        min_length=1, max_length=128, description="what you call it; no other one that works has the name"
    )
    scope: Scope = "write"
    project: str | None = Field(default=None, max_length=1024, description="the one that it is limited to")
    expires_in: float | None = Field(
        default=None,
        gt=0,
        le=_DECADE,
        strict=True,
        allow_inf_nan=False,
        description="how long it works, in seconds; null for good",
    )


class MadeToken(Token):
    """A token that was made, with its secret, for which nobody can ask again."""

    secret: str


class Revoked(BaseModel):
    """The token that is to work no more."""

    id: RowId
    person: str | None = Field(default=None, max_length=128, description="whose it is, for admins; you by default")


@router.get("", summary="List tokens")
def tokens(
    asks: Asks,
    person: Annotated[str | None, Query(max_length=128, description="whose, for admins; you by default")] = None,
) -> Tokens:
    """List your tokens, those that ended too."""
    return Tokens(tokens=[Token.of(one) for one in asks.store.access.tokens(_whose(asks, person))])


@router.post("", summary="Make a token", status_code=201, responses=also(409))
def make(asks: Asks, new: NewToken) -> MadeToken:
    """Make a token of yours, which may do no more than you."""
    person = asks.in_person()
    if new.project is not None and asks.role(new.project) is None:
        raise asks.hidden(f'There is no project "{new.project}", or none that you may see.')
    expires = None if new.expires_in is None else time.time() + new.expires_in
    made, secret = asks.store.access.make_token(
        person.name, new.name, new.scope, project=new.project, expires=expires
    )  # fmt: skip
    asks.note("token.make", made.project, name=made.name, of=person.name, scope=made.scope, expires=expires)
    return MadeToken(**Token.of(made).model_dump(), secret=secret)


@router.post("/revoke", summary="Revoke a token", responses=also(409))
def revoke(asks: Asks, one: Revoked) -> Token:
    """Let a token of yours work no more."""
    whose = _whose(asks, one.person)
    found = next((token for token in asks.store.access.tokens(whose) if token.id == one.id), None)
    if found is None:
        raise Problem(404, f"{whose} has no token of the number {one.id}.")
    revoked = asks.store.access.revoke(whose, one.id)
    asks.note("token.revoke", revoked.project, name=revoked.name, of=whose)
    return Token.of(revoked)


def _whose(asks: Asking, person: str | None) -> str:
    """Whose tokens are meant: one's own, or as an admin those of anybody."""
    if person is None or not asks.signed_in().all:
        own = asks.in_person().name
        if person in {None, own}:
            return own
    asks.demand_admin()
    assert person is not None
    return person
