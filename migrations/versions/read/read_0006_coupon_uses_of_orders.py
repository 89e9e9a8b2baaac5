"""Uses of coupons name their order and when they last changed. The table begins empty: its
projection has another version, so followers fold it anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0006"
down_revision = "read_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("coupon_uses")
    op.create_table(
        "coupon_uses",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("redemption_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("coupon", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
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
    op.create_index(op.f("ix_coupon_uses_site_updated_at"), "coupon_uses", ["site", "updated_at"])


def downgrade() -> None:
    op.drop_table("coupon_uses")
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
