"""Secrets that a program makes up: who has one may do something. The store keeps their digests alone."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from sqlalchemy import Column, ColumnElement, false

# Tells a token from other secrets, so that those who look for leaked ones find it.
TOKEN: Final = "rj_"  # noqa: S105  what all of them begin with is no secret
_BYTES: Final = 32
# So many hex digits of a digest: no two rows ever have the same, and nothing follows from them.
_ID_DIGITS: Final = 16
_ID: Final = re.compile(rf"[0-9a-f]{{{_ID_DIGITS}}}")


def new_secret(prefix: str = "") -> str:
    """A secret of 256 random bits, in 43 characters that stand in an address as they are."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so that there is nothing to guess and no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def public_id(of_digest: str) -> str:
    """By what people and the log know an invitation or a session: the beginning of its secret's digest."""
    return of_digest[:_ID_DIGITS]


def has_public_id(digests: Column[str], of_row: str) -> ColumnElement[bool]:
    """Whether a row, by its column of digests, is the one that is known by this."""
    # Other texts are none of a row, and PostgreSQL does not take all of them.
    return digests.startswith(of_row) if _ID.fullmatch(of_row) else false()
