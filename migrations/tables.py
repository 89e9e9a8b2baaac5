"""Every table of every store, for Alembic to compare: importing a module registers its tables."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import MetaData

import app.checkpoints.tables
import app.eventlog.tables
import app.intake.import_runs
import app.jobs.run_rows
import app.verifying.verifications
import projections
from app.eventlog.key_tables import key_store
from projections.schema import log_store
from projections.schema import read_store

assert app.eventlog.tables.events.metadata is log_store
assert app.checkpoints.tables.checkpoints.metadata is log_store
assert app.intake.import_runs.import_runs.metadata is log_store
assert app.jobs.run_rows.job_runs.metadata is log_store
assert app.verifying.verifications.verifications.metadata is log_store


def metadata(store: str) -> MetaData:
    """What a store's tables are meant to be now."""
    for module in pkgutil.walk_packages(projections.__path__, "projections."):
        importlib.import_module(module.name)
    return {"log": log_store, "read": read_store, "keys": key_store}[store]
