"""The tables of the store. Every type and constraint here is one that SQLite and PostgreSQL both keep.

Neither database's types are relied on where they differ: NaN is stored as NULL, beside a count that tells how many
there were; steps are doubles, since 2^64 is a step and no 64-bit integer; texts that may hold U+0000 are JSON in a
column of bytes; names sort by code point.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

# SQLite compares UTF-8 byte by byte, which is the order of code points; PostgreSQL does so in the collation "C".
ByCodePoint = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite numbers the rows of an INTEGER key by itself, and of no other type.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _summary_columns() -> list[Column[Any]]:  # Any: the columns are of several types
    """What is known of points without decoding them: the fields of `summary.Summary`."""
    return [
        Column("count", BigInteger, nullable=False),
        Column("nonfinite", BigInteger, nullable=False),
        Column("minimum", Double),
        Column("maximum", Double),
        Column("argmin", BigInteger),
        Column("argmax", BigInteger),
        Column("total", Double),
        Column("last", Double),
        Column("step_min", Double),
        Column("step_max", Double),
        Column("time_min", Double),
        Column("time_max", Double),
        Column("rising", Boolean, nullable=False),
    ]


projects = Table(
    "projects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", ByCodePoint, nullable=False, unique=True),
    Column("created", Double, nullable=False),
    Column("public", Boolean, nullable=False, server_default=false()),
)

# `content` is JSON, as the pages made it; `person` is the name of who saved it last.
dashboards = Table(
    "dashboards",
    metadata,
    Column("project", ForeignKey(projects.c.id), primary_key=True),
    Column("name", ByCodePoint, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("person", ByCodePoint),
    Column("changed", Double, nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# What a table of runs shows and is filtered by, so that no record is decoded for it; U+0000 is U+FFFD in `name` and
# `group`. `heard` is when a sign of the writers' life was last seen; `trashed` is when the run was put in the trash.
# `sources`, `points` and `series` are the sums over the run's sources.
runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", ForeignKey(projects.c.id), nullable=False),
    Column("run", ByCodePoint, nullable=False),
    Column("name", ByCodePoint),
    Column("group", ByCodePoint),
    Column("status", String(16)),
    Column("started", Double),
    Column("ended", Double),
    Column("tags", LargeBinary),
    Column("created", Double, nullable=False),
    Column("changed", Double, nullable=False),
    Column("heard", Double, nullable=False),
    Column("trashed", Double),
    Column("sources", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("series", BigInteger, nullable=False),
    UniqueConstraint("project", "run"),
)

# What the sources of a run say together. A table of its own: rows of runs stay so small that all of them are read soon.
records = Table(
    "records",
    metadata,
    Column("run", ForeignKey(runs.c.id, ondelete="CASCADE"), primary_key=True),
    Column("record", LargeBinary, nullable=False),
)

# The fields of a project's runs. `name` is a JSON pointer for a parameter, property, or entry of source or environment,
# and the name itself for a tag or a series of numbers.
fields = Table(
    "fields",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project", ForeignKey(projects.c.id), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", ByCodePoint, nullable=False),
    UniqueConstraint("project", "kind", "name"),
)

# The values of a field stand side by side, run by run: a filter, a sort or a mean reads one short stretch. Both tables
# can be made anew from records and series. There is no foreign key on `run`, as its index would cost as much again:
# whoever removes a run knows its fields from its record.
field_values = Table(
    "field_values",
    metadata,
    Column("field", ForeignKey(fields.c.id), primary_key=True),
    Column("run", BigInteger, primary_key=True),
    Column("type", String(8), nullable=False),
    Column("number", Double),
    Column("text", ByCodePoint),
    sqlite_with_rowid=False,
)

# Of series of numbers, the sources of the run taken together in their order.
field_series = Table(
    "field_series",
    metadata,
    Column("field", ForeignKey(fields.c.id), primary_key=True),
    Column("run", BigInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("nonfinite", BigInteger, nullable=False),
    Column("minimum", Double),
    Column("maximum", Double),
    Column("mean", Double),
    Column("last", Double),
    sqlite_with_rowid=False,
)

# `version` grows with each change: who writes says which version it read. `next_number` is the next free number of a
# series, so that a number never means two series.
sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run", ForeignKey(runs.c.id), nullable=False),
    Column("writer", ByCodePoint, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("read_bytes", BigInteger),
    Column("read_digest", String(64)),
    Column("points", BigInteger, nullable=False),
    Column("series", BigInteger, nullable=False),
    Column("next_number", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("created", Double, nullable=False),
    Column("changed", Double, nullable=False),
    UniqueConstraint("run", "writer"),
)

# A series is known by its number within its source, so that rows of chunks are small and a commit asks for no ids.
series = Table(
    "series",
    metadata,
    Column("source", ForeignKey(sources.c.id, ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", ByCodePoint, primary_key=True),
    Column("number", BigInteger, nullable=False),
    *_summary_columns(),
    sqlite_with_rowid=False,
)

# The columns from `argmin_step` to `odd_value` are those of `summary.Marks`: pictures are drawn of them. `checksum` is
# the CRC-32 of the encoded columns. These stand last: SQLite then reads the summary of a chunk, and its values alone,
# without the pages behind them.
chunks = Table(
    "chunks",
    metadata,
    Column("source", ForeignKey(sources.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    *_summary_columns(),
    Column("argmin_step", Double),
    Column("argmin_time", Double),
    Column("argmax_step", Double),
    Column("argmax_time", Double),
    Column("odd", BigInteger),
    Column("odd_step", Double),
    Column("odd_time", Double),
    Column("odd_value", Double),
    Column("checksum", BigInteger, nullable=False),
    Column("values", LargeBinary, nullable=False),
    Column("steps", LargeBinary),
    Column("times", LargeBinary),
)

# `position` is the index of an image's point, and 0 for an artifact.
files = Table(
    "files",
    metadata,
    Column("source", ForeignKey(sources.c.id, ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", ByCodePoint, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("path", ByCodePoint, nullable=False),
    Column("media_type", ByCodePoint),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Index("files_of_blob", "sha256"),
    sqlite_with_rowid=False,
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("added", Double, nullable=False),
    sqlite_with_rowid=False,
)

# Alembic's own table. It stands here so that a new store is stamped, and an old one known, without importing Alembic.
schema_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
