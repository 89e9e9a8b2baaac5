"""Whatever is changed in a stored log, verification finds it and says where."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy import update

from aggregates.kernel.errors import TamperedLog
from app.database import Stores
from app.eventlog.log import SqlEventLog
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import log_heads
from app.verifying.log import verify
from tests.log_events import SITE
from tests.log_events import assert_whole
from tests.log_events import unit
from tests.log_events import viewed

THIRD = events.c.position == 3
TAMPERINGS: list[tuple[Any, str, int]] = [
    (update(events).where(THIRD).values(state=b"{}"), "hash_mismatch", 3),
    (update(events).where(THIRD).values(occurred_at=1), "hash_mismatch", 3),
    (update(events).where(THIRD).values(shopper_id="x"), "hash_mismatch", 3),
    (update(events).where(THIRD).values(hash=bytes(32)), "hash_mismatch", 3),
    (delete(events).where(THIRD), "position_missing", 3),
    (delete(events).where(events.c.position == 5), "position_missing", 5),
    (update(events).where(THIRD).values(position=9), "position_missing", 3),
    (delete(event_keys).where(event_keys.c.position == 3), "key_mismatch", 3),
    (update(event_keys).where(event_keys.c.position == 3).values(position=4), "key_mismatch", 3),
    (update(log_heads).values(hash=bytes(32)), "head_mismatch", 5),
    (update(log_heads).values(recorded_at=1), "head_mismatch", 5),
    (update(log_heads).values(position=4), "head_mismatch", 5),
]


@pytest.mark.parametrize(("tampering", "code", "position"), TAMPERINGS)
def test_a_changed_log_does_not_verify(
    event_log: SqlEventLog, stores: Stores, tampering: Any, code: str, position: int
) -> None:
    event_log.append(unit(*(viewed() for _ in range(5))))
    assert_whole(stores)
    with stores.log.begin() as connection:
        connection.execute(tampering)
    with pytest.raises(TamperedLog) as found:
        verify(stores.log, SITE)
    assert (found.value.code, found.value.data["position"]) == (code, position)


def test_an_empty_log_verifies(stores: Stores) -> None:
    assert verify(stores.log, SITE).events == 0


def test_progress_is_told(event_log: SqlEventLog, stores: Stores) -> None:
    event_log.append(unit(*(viewed() for _ in range(2_500))))
    told: list[tuple[int, int]] = []
    verify(stores.log, SITE, lambda done, total: told.append((done, total)))
    assert told == [(2_500, 2_500)]
