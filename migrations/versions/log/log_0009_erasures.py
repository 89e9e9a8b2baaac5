"""Who was forgotten, and whom kept answers are about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0009"
down_revision = "log_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased_shoppers",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", "pseudonym", name=op.f("pk_erased_shoppers")),
        sqlite_with_rowid=False,
    )
    for column in ("position", "finished_at"):
        op.create_index(
            op.f(f"ix_erased_shoppers_site_{column}"), "erased_shoppers", ["site", column]
        )
    op.add_column(
        "log_heads",
        sa.Column("erased_position", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column(
        "idempotency_keys", sa.Column("about", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("idempotency_keys", "about")
    op.drop_column("log_heads", "erased_position")
    op.drop_table("erased_shoppers")
