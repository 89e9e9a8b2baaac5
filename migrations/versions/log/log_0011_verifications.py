"""Verifications that were asked for, and their verdicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0011"
down_revision = "log_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifications",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("site", "number", name=op.f("pk_verifications")),
    )


def downgrade() -> None:
    op.drop_table("verifications")
