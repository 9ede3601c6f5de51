"""The tables of who may do what. Times are seconds since 1970; of a secret only its SHA-256 is kept, in hex digits."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, LargeBinary, String, Table, Text

from runjson_tracker.tables import ByCodePoint, Id, metadata, projects

# `password` is encoded by argon2id and None for who signs in elsewhere; `subject` is who that is, "issuer subject" of
# OpenID Connect. People are never deleted: `disabled` is since when one may do nothing any more.
people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", ByCodePoint, nullable=False, unique=True),
    Column("password", Text),
    Column("subject", ByCodePoint, unique=True),
    Column("admin", Boolean, nullable=False),
    Column("created", Double, nullable=False),
    Column("disabled", Double),
)

members = Table(
    "members",
    metadata,
    Column("project", ForeignKey(projects.c.id), primary_key=True),
    Column("person", ForeignKey(people.c.id), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("added", Double, nullable=False),
    Index("members_of_person", "person"),
    sqlite_with_rowid=False,
)

# `project` is the one that a token is limited to. `used` is written once a minute at most.
tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person", ForeignKey(people.c.id), nullable=False),
    Column("name", ByCodePoint, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scope", String(8), nullable=False),
    Column("project", ForeignKey(projects.c.id)),
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("used", Double),
    Column("revoked", Double),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", ForeignKey(people.c.id), nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("used", Double, nullable=False),
    sqlite_with_rowid=False,
)

# Wrong passwords of a name from an address, which have one digest; the next one is compared from `until` on.
guesses = Table(
    "guesses",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("at", Double, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("until", Double, nullable=False),
    Index("guesses_by_time", "at"),
    sqlite_with_rowid=False,
)

# `person` is who invites; None on the command line.
invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", ForeignKey(people.c.id)),
    Column("project", ForeignKey(projects.c.id)),
    Column("role", String(16)),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("used", Double),
    sqlite_with_rowid=False,
)

# `runs` is JSON: the id of the run that is shared, or the ids of a comparison.
shares = Table(
    "shares",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("person", ForeignKey(people.c.id), nullable=False),
    Column("project", ForeignKey(projects.c.id), nullable=False),
    Column("runs", LargeBinary, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("withdrawn", Double),
)

# What was done. Names stand as texts, so that a row outlives what it names.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Double, nullable=False),
    Column("person", ByCodePoint),
    Column("token", ByCodePoint),
    Column("address", Text),
    Column("action", Text, nullable=False),
    Column("project", ByCodePoint),
    Column("detail", LargeBinary, nullable=False),
    Index("audit_of_project", "project", "id"),
)

# Blobs that were sent for a project, which is named as it need not be there yet, and wait for the run that names them.
received = Table(
    "received",
    metadata,
    Column("project", ByCodePoint, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("added", Double, nullable=False),
    sqlite_with_rowid=False,
)

__all__ = [
    "audit",
    "guesses",
    "invitations",
    "members",
    "metadata",
    "people",
    "received",
    "sessions",
    "shares",
    "tokens",
]
