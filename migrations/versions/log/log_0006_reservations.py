"""Open reservations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0006"
down_revision = "log_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reservations",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("moves", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "decision_id", name=op.f("pk_reservations")),
    )
    op.create_index(
        op.f("ix_reservations_site_expires_at"), "reservations", ["site", "expires_at"]
    )


def downgrade() -> None:
    op.drop_table("reservations")
