"""Events of orders that wait for settlement, and the uses of coupons for reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0004"
down_revision = "read_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_events",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("has_coupons", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("site", "position", name=op.f("pk_order_events")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_order_events_site_order_position"), "order_events", ["site", "order", "position"]
    )
    op.create_table(
        "settled_upto",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_settled_upto")),
    )
    op.create_table(
        "coupon_uses",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("redemption_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("coupon", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("is_over_limit", sa.Boolean(), nullable=False),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "redemption_id", "number", name=op.f("pk_coupon_uses")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_coupon_uses_site_used_at"), "coupon_uses", ["site", "used_at"])


def downgrade() -> None:
    op.drop_table("coupon_uses")
    op.drop_table("settled_upto")
    op.drop_table("order_events")
