"""Quarantine says whose word a message is and whether it was resubmitted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "read_0003"
down_revision = "read_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    trust = sa.Column("trust", sa.String(length=8), server_default="client", nullable=False)
    op.add_column("quarantine", trust)
    op.add_column("quarantine", sa.Column("resubmitted_position", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("quarantine", "resubmitted_position")
    op.drop_column("quarantine", "trust")
