"""Products keep the place where they were first listed, and a row when they are taken out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0004"
down_revision = "log_0003"
branch_labels = None
depends_on = None

# A product's place is the position of the first event of its stream, which a row's event names.
_FIRST = """
UPDATE products SET place = (
    SELECT first.position FROM events AS last
    JOIN event_keys AS first
      ON first.site = last.site AND first.stream_id = last.stream_id AND first.version = 1
    WHERE last.site = products.site AND last.position = products.position
)
"""


def upgrade() -> None:
    op.add_column("products", sa.Column("place", sa.BigInteger(), nullable=True))
    op.execute(_FIRST)
    with op.batch_alter_table("products") as batch:
        batch.alter_column("place", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("product", existing_type=sa.Text(), nullable=True)
    op.create_index(
        op.f("ix_products_site_position"), "products", ["site", "position"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_products_site_position"), table_name="products")
    op.execute("DELETE FROM products WHERE product IS NULL")
    with op.batch_alter_table("products") as batch:
        batch.alter_column("product", existing_type=sa.Text(), nullable=False)
        batch.drop_column("place")
