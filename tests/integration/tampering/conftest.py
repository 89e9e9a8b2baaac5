"""A log with its checkpoints, on both kinds of databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.database import Stores
from app.eventlog.log import SqlEventLog
from tests.checkpoints_given import SignedLog


@pytest.fixture
def signed_log(stores: Stores, event_log: SqlEventLog, tmp_path: Path) -> SignedLog:
    """An empty log, and where its checkpoints go."""
    return SignedLog(stores, event_log, tmp_path)
