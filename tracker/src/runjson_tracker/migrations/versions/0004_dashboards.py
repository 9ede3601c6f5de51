"""Dashboards: named arrangements of panels for a project."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "dashboards",
        sa.Column("project", identity, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("name", text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("person", text),
        sa.Column("changed", sa.Double, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
