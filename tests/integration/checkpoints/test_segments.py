"""A long log is verified in segments, in several processes, and holds or breaks as one."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from aggregates.kernel.errors import TamperedLog
from app.eventlog.tables import events
from app.verifying import log as verifying
from tests.checkpoints_given import SignedLog

SIZES = (100, 256, 511, 512, 513, 1_000)


@pytest.fixture
def segmented(signed_log: SignedLog, monkeypatch: pytest.MonkeyPatch) -> SignedLog:
    """A thousand events in segments of 256 instead of 65,536."""
    monkeypatch.setattr(verifying, "SEGMENT_EVENTS", 256)
    monkeypatch.setattr(verifying, "ALONE_EVENTS", 0)
    signed_log.grow(*SIZES)
    return signed_log


def test_checkpoints_within_and_between_segments_agree(segmented: SignedLog) -> None:
    assert segmented.verify().checkpoints == len(SIZES)


@pytest.mark.parametrize("position", [1, 256, 257, 1_000])
def test_a_fault_is_told_by_its_place_wherever_segments_meet(
    segmented: SignedLog, position: int
) -> None:
    with segmented.stores.log.begin() as connection:
        connection.execute(update(events).where(events.c.position == position).values(version=9))
    with pytest.raises(TamperedLog) as found:
        segmented.verify()
    assert (found.value.code, found.value.data["position"]) == ("hash_mismatch", position)


def test_processes_find_the_first_fault(segmented: SignedLog) -> None:
    assert segmented.verify(processes=2).events == 1_000
    with segmented.stores.log.begin() as connection:
        for position in (700, 300):
            changed = update(events).where(events.c.position == position).values(hash=bytes(32))
            connection.execute(changed)
    with pytest.raises(TamperedLog) as found:
        segmented.verify(processes=2)
    assert found.value.data["position"] == 300
