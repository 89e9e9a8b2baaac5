"""The products that each pseudonym looked at last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0002"
down_revision = "read_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "product_views",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("shopper_id", sa.String(length=32), nullable=False),
        sa.Column("views", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "shopper_id", name=op.f("pk_product_views")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("product_views")
