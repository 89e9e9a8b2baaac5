"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("shopper_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=1024), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "site", "shopper_id", "event", "day", "digest", name=op.f("pk_activity")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision_mentions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "site", "what", "name", "position", name=op.f("pk_decision_mentions")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("site", "position", name=op.f("pk_decisions")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_decisions_site_decision_id"), "decisions", ["site", "decision_id"], unique=False
    )
    op.create_table(
        "orders",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("shopper_id", sa.String(length=32), nullable=False),
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("content_at", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("coupons", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("refunds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "shopper_id", "order", name=op.f("pk_orders")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_orders_site_order"), "orders", ["site", "order"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("shopper_id", sa.String(length=32), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("traits", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "shopper_id", name=op.f("pk_profiles")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "projection_positions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("projection", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("site", "projection", name=op.f("pk_projection_positions")),
    )
    op.create_table(
        "quarantine",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "position", name=op.f("pk_quarantine")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "set_aside",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("projection", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("set_aside_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "projection", "position", name=op.f("pk_set_aside")),
    )


def downgrade() -> None:
    op.drop_table("set_aside")
    op.drop_table("quarantine")
    op.drop_table("projection_positions")
    op.drop_table("profiles")
    op.drop_index(op.f("ix_orders_site_order"), table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_decisions_site_decision_id"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("decision_mentions")
    op.drop_table("activity")
