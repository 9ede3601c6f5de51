"""Who may do what: people, tokens, sessions, invitations, shares, the log of what was done; public projects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; all projects that are there are private."""
    op.add_column("projects", sa.Column("public", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "people",
        sa.Column("id", identity, primary_key=True),
        sa.Column("name", text, nullable=False, unique=True),
        sa.Column("password", sa.Text),
        sa.Column("subject", text, unique=True),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("disabled", sa.Double),
    )
    op.create_table(
        "members",
        sa.Column("project", identity, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("person", identity, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("added", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("members_of_person", "members", ["person"])
    op.create_table(
        "tokens",
        sa.Column("id", identity, primary_key=True),
        sa.Column("person", identity, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("project", identity, sa.ForeignKey("projects.id")),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("used", sa.Double),
        sa.Column("revoked", sa.Double),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", identity, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("used", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", identity, sa.ForeignKey("people.id")),
        sa.Column("project", identity, sa.ForeignKey("projects.id")),
        sa.Column("role", sa.String(16)),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("used", sa.Double),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shares",
        sa.Column("id", identity, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("person", identity, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("project", identity, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("runs", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("withdrawn", sa.Double),
    )
    op.create_table(
        "audit",
        sa.Column("id", identity, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("person", text),
        sa.Column("token", text),
        sa.Column("address", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("project", text),
        sa.Column("detail", sa.LargeBinary, nullable=False),
    )
    op.create_index("audit_of_project", "audit", ["project", "id"])
    op.create_table(
        "received",
        sa.Column("project", text, primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("added", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
