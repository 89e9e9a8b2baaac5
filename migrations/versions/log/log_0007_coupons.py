"""Coupon codes and their batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0007"
down_revision = "log_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coupons",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("code_key", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("uses_max", sa.BigInteger(), nullable=True),
        sa.Column("customer_uses_max", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "code_key", name=op.f("pk_coupons")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_coupons_site_rule_id_code_key"), "coupons", ["site", "rule_id", "code_key"]
    )
    op.create_table(
        "coupon_batches",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", "number", name=op.f("pk_coupon_batches")),
    )
    op.create_index(
        op.f("ix_coupon_batches_site_ended_at_number"),
        "coupon_batches",
        ["site", "ended_at", "number"],
    )


def downgrade() -> None:
    op.drop_table("coupon_batches")
    op.drop_table("coupons")
