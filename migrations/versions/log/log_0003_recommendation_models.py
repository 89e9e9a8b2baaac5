"""Recommendation models and their artefacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0003"
down_revision = "log_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_artefacts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "part", name=op.f("pk_model_artefacts")),
    )
    op.create_table(
        "recommendation_models",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("trained_to", sa.BigInteger(), nullable=False),
        sa.Column("trained_at", sa.BigInteger(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "number", name=op.f("pk_recommendation_models")),
    )
    op.create_index(
        op.f("ix_recommendation_models_site_digest"),
        "recommendation_models",
        ["site", "digest"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_recommendation_models_site_digest"), table_name="recommendation_models")
    op.drop_table("recommendation_models")
    op.drop_table("model_artefacts")
