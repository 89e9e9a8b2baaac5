"""Simulations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0008"
down_revision = "log_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulations",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("site", "number", name=op.f("pk_simulations")),
    )
    op.create_index(
        op.f("ix_simulations_site_status_number"), "simulations", ["site", "status", "number"]
    )
    op.create_index(
        op.f("ix_simulations_site_digest_number"), "simulations", ["site", "digest", "number"]
    )


def downgrade() -> None:
    op.drop_table("simulations")
