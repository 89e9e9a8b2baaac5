"""What Alembic runs: the versions of one store, in the transaction of whoever called."""

from __future__ import annotations

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("metadata"),  # only to compare; upgrading needs no tables
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
