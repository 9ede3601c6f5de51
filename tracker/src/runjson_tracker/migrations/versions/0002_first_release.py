"""The tables of the first release."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None

text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables; they never change here, only in later migrations."""
    op.create_table(
        "projects",
        sa.Column("id", identity, primary_key=True),
        sa.Column("name", text, nullable=False, unique=True),
        sa.Column("created", sa.Double, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", identity, primary_key=True),
        sa.Column("project", identity, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("run", text, nullable=False),
        sa.Column("name", text),
        sa.Column("group", text),
        sa.Column("status", sa.String(16)),
        sa.Column("started", sa.Double),
        sa.Column("ended", sa.Double),
        sa.Column("tags", sa.LargeBinary),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("changed", sa.Double, nullable=False),
        sa.Column("heard", sa.Double, nullable=False),
        sa.Column("trashed", sa.Double),
        sa.Column("sources", sa.BigInteger, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("series", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("project", "run"),
    )
    op.create_table(
        "records",
        sa.Column("run", identity, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "fields",
        sa.Column("id", identity, primary_key=True),
        sa.Column("project", identity, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.UniqueConstraint("project", "kind", "name"),
    )
    op.create_table(
        "field_values",
        sa.Column("field", identity, sa.ForeignKey("fields.id"), primary_key=True),
        sa.Column("run", sa.BigInteger, primary_key=True),
        sa.Column("type", sa.String(8), nullable=False),
        sa.Column("number", sa.Double),
        sa.Column("text", text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "field_series",
        sa.Column("field", identity, sa.ForeignKey("fields.id"), primary_key=True),
        sa.Column("run", sa.BigInteger, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("nonfinite", sa.BigInteger, nullable=False),
        sa.Column("minimum", sa.Double),
        sa.Column("maximum", sa.Double),
        sa.Column("mean", sa.Double),
        sa.Column("last", sa.Double),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sources",
        sa.Column("id", identity, primary_key=True),
        sa.Column("run", identity, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("writer", text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("read_bytes", sa.BigInteger),
        sa.Column("read_digest", sa.String(64)),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("series", sa.BigInteger, nullable=False),
        sa.Column("next_number", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("changed", sa.Double, nullable=False),
        sa.UniqueConstraint("run", "writer"),
    )
    op.create_table(
        "series",
        _source(),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        *_summary(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chunks",
        _source(),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        *_summary(),
        sa.Column("argmin_step", sa.Double),
        sa.Column("argmin_time", sa.Double),
        sa.Column("argmax_step", sa.Double),
        sa.Column("argmax_time", sa.Double),
        sa.Column("odd", sa.BigInteger),
        sa.Column("odd_step", sa.Double),
        sa.Column("odd_time", sa.Double),
        sa.Column("odd_value", sa.Double),
        sa.Column("checksum", sa.BigInteger, nullable=False),
        sa.Column("values", sa.LargeBinary, nullable=False),
        sa.Column("steps", sa.LargeBinary),
        sa.Column("times", sa.LargeBinary),
    )
    op.create_table(
        "files",
        _source(),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("path", text, nullable=False),
        sa.Column("media_type", text),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("files_of_blob", "files", ["sha256"])
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("added", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )


def _source() -> sa.Column[int]:
    return sa.Column("source", identity, sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)


def _summary() -> list[sa.Column[Any]]:  # Any: the columns are of several types
    return [
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("nonfinite", sa.BigInteger, nullable=False),
        sa.Column("minimum", sa.Double),
        sa.Column("maximum", sa.Double),
        sa.Column("argmin", sa.BigInteger),
        sa.Column("argmax", sa.BigInteger),
        sa.Column("total", sa.Double),
        sa.Column("last", sa.Double),
        sa.Column("step_min", sa.Double),
        sa.Column("step_max", sa.Double),
        sa.Column("time_min", sa.Double),
        sa.Column("time_max", sa.Double),
        sa.Column("rising", sa.Boolean, nullable=False),
    ]
