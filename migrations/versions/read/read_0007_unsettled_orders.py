"""Orders that settlement could not act on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0007"
down_revision = "read_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsettled_orders",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "order", name=op.f("pk_unsettled_orders")),
    )


def downgrade() -> None:
    op.drop_table("unsettled_orders")
