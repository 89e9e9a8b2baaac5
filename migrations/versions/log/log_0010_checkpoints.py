"""Merkle nodes over the log, and signed checkpoints of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0010"
down_revision = "log_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merkle_nodes",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site", "level", "number", name=op.f("pk_merkle_nodes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoints",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "position", name=op.f("pk_checkpoints")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("checkpoints")
    op.drop_table("merkle_nodes")
