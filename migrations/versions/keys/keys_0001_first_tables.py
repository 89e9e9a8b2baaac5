"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keys_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pseudonyms",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site", "digest", name=op.f("pk_pseudonyms")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shopper_keys",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", "pseudonym", name=op.f("pk_shopper_keys")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("shopper_keys")
    op.drop_table("pseudonyms")
