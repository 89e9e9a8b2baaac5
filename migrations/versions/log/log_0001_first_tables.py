"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "log_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_position", sa.BigInteger(), nullable=False),
        sa.Column("revoked_position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
    )
    op.create_index(op.f("ix_api_keys_site"), "api_keys", ["site"], unique=False)
    op.create_table(
        "counters",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("most IS NULL OR used <= most", name=op.f("ck_counters_within_limit")),
        sa.PrimaryKeyConstraint("site", "key", name=op.f("pk_counters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "definition_bodies",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "digest", name=op.f("pk_definition_bodies")),
    )
    op.create_table(
        "definition_versions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "site", "kind", "id", "version", name=op.f("pk_definition_versions")
        ),
    )
    op.create_table(
        "definitions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("stream_version", sa.Integer(), nullable=False),
        sa.Column("saved", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("live_version", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("site", "kind", "id", name=op.f("pk_definitions")),
    )
    op.create_index(
        op.f("ix_definitions_site_kind_key"), "definitions", ["site", "kind", "key"], unique=True
    )
    op.create_table(
        "event_keys",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("stream_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "stream_id", "version", name=op.f("pk_event_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("shopper_id", sa.String(length=32), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("site", "position", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_site_shopper_id_position"),
        "events",
        ["site", "shopper_id", "position"],
        unique=False,
        sqlite_where=sa.text("shopper_id IS NOT NULL"),
        postgresql_where=sa.text("shopper_id IS NOT NULL"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("log_position", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "scope", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_site_expires_at"),
        "idempotency_keys",
        ["site", "expires_at"],
        unique=False,
    )
    op.create_table(
        "identity_links",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("anonymous", sa.String(length=32), nullable=False),
        sa.Column("linked_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("trust", sa.String(length=8), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("unlinked_position", sa.BigInteger(), nullable=True),
        sa.Column("unlinked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "site", "anonymous", "linked_position", name=op.f("pk_identity_links")
        ),
    )
    op.create_index(
        op.f("ix_identity_links_site_customer"),
        "identity_links",
        ["site", "customer"],
        unique=False,
    )
    op.create_table(
        "log_heads",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "order_owners",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("order", sa.String(length=64), nullable=False),
        sa.Column("shopper_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "order", name=op.f("pk_order_owners")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "products",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=1024), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "sku", name=op.f("pk_products")),
    )
    op.create_table(
        "revision_entries",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("from_revision", sa.Integer(), nullable=False),
        sa.Column("to_revision", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "site", "kind", "id", "from_revision", name=op.f("pk_revision_entries")
        ),
    )
    op.create_index(
        op.f("ix_revision_entries_site_to_revision_from_revision"),
        "revision_entries",
        ["site", "to_revision", "from_revision"],
        unique=False,
    )
    op.create_table(
        "revisions",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("site", "revision", name=op.f("pk_revisions")),
    )
    op.create_table(
        "sites",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_sites")),
    )


def downgrade() -> None:
    op.drop_table("sites")
    op.drop_table("revisions")
    op.drop_index(
        op.f("ix_revision_entries_site_to_revision_from_revision"), table_name="revision_entries"
    )
    op.drop_table("revision_entries")
    op.drop_table("products")
    op.drop_table("order_owners")
    op.drop_table("log_heads")
    op.drop_index(op.f("ix_identity_links_site_customer"), table_name="identity_links")
    op.drop_table("identity_links")
    op.drop_index(op.f("ix_idempotency_keys_site_expires_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(
        op.f("ix_events_site_shopper_id_position"),
        table_name="events",
        sqlite_where=sa.text("shopper_id IS NOT NULL"),
        postgresql_where=sa.text("shopper_id IS NOT NULL"),
    )
    op.drop_table("events")
    op.drop_table("event_keys")
    op.drop_index(op.f("ix_definitions_site_kind_key"), table_name="definitions")
    op.drop_table("definitions")
    op.drop_table("definition_versions")
    op.drop_table("definition_bodies")
    op.drop_table("counters")
    op.drop_index(op.f("ix_api_keys_site"), table_name="api_keys")
    op.drop_table("api_keys")
