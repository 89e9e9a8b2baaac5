"""What other processes notice of destroyed keys; names are found by their pseudonyms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keys_0002"
down_revision = "keys_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "destructions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_destructions")),
    )
    op.create_index(op.f("ix_pseudonyms_site_pseudonym"), "pseudonyms", ["site", "pseudonym"])


def downgrade() -> None:
    op.drop_index(op.f("ix_pseudonyms_site_pseudonym"), table_name="pseudonyms")
    op.drop_table("destructions")
