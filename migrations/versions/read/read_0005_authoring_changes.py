"""Who changed what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0005"
down_revision = "read_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authoring_changes",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "position", name=op.f("pk_authoring_changes")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_authoring_changes_site_kind_subject_position"),
        "authoring_changes",
        ["site", "kind", "subject", "position"],
    )


def downgrade() -> None:
    op.drop_table("authoring_changes")
