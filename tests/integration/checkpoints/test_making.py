"""Checkpoints: each extends the one before, whoever is killed, and none is made of another log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.errors import TamperedLog
from app.checkpoints.merkle import leaf_hash
from app.checkpoints.merkle import root_of
from app.checkpoints.note import signed_note
from app.checkpoints.tables import checkpoints
from app.checkpoints.tables import merkle_nodes
from app.checkpoints.tree import StoredTree
from app.eventlog.tables import events
from app.eventlog.tables import log_heads
from tests.checkpoints_given import SignedLog
from tests.log_events import SITE
from tests.log_events import unit
from tests.log_events import viewed

SIZES = (1, 5, 255, 256, 257, 700, 1_024)


def test_roots_are_those_of_a_tree_made_at_once(signed_log: SignedLog) -> None:
    signed_log.grow(*SIZES)
    with signed_log.stores.log.connect() as connection:
        rows = connection.scalars(select(events.c.hash).order_by(events.c.position)).all()
        leaves = [leaf_hash(bytes(row)) for row in rows]
        tree = StoredTree(connection, SITE)
        for start, end in ((0, 1_024), (256, 1_024), (512, 1_024), (512, 768), (1_020, 1_024)):
            assert tree(start, end) == root_of(leaves[start:end])
    signed = {each.position: each for each in signed_log.signed()}
    assert sorted(signed) == list(SIZES)
    for size in SIZES:
        assert signed[size].root == root_of(leaves[:size])
        assert signed[size].chain == bytes(rows[size - 1])
    assert signed_log.verify().checkpoints == len(SIZES)


def test_nothing_new_makes_no_checkpoint(signed_log: SignedLog) -> None:
    assert signed_log.maker.make() is None
    signed_log.grow(3)
    made = signed_log.maker.make()
    assert made is not None
    assert {each.position for each in signed_log.signed()} == {3}
    assert (signed_log.exported.folder / "latest").read_text() == signed_log.maker.note(3)


def test_one_that_was_exported_and_not_stored_is_stored_by_the_next(signed_log: SignedLog) -> None:
    signed_log.grow(3, 7)
    with signed_log.stores.log.begin() as connection:
        connection.execute(delete(checkpoints).where(checkpoints.c.position == 7))
    signed_log.grow(300)
    assert signed_log.verify().checkpoints == 3


def test_nodes_of_a_maker_that_died_are_used(signed_log: SignedLog) -> None:
    signed_log.grow(300, 700)
    with signed_log.stores.log.begin() as connection:
        connection.execute(delete(checkpoints).where(checkpoints.c.position == 700))
    for path in signed_log.exported.folder.glob("*700.checkpoint"):
        path.unlink()
    signed_log.grow(800)
    assert signed_log.verify().checkpoints == 2


Change = Callable[[SignedLog], None]


def _old_row(signed_log: SignedLog) -> None:
    with signed_log.stores.log.begin() as connection:
        connection.execute(update(events).where(events.c.position == 300).values(hash=bytes(32)))


def _new_row(signed_log: SignedLog) -> None:
    with signed_log.stores.log.begin() as connection:
        connection.execute(update(events).where(events.c.position == 303).values(state=b"{}"))


def _shorter(signed_log: SignedLog) -> None:
    with signed_log.stores.log.begin() as connection:
        connection.execute(delete(events).where(events.c.position > 299))
        row = connection.execute(select(events).where(events.c.position == 299)).one()
        connection.execute(
            update(log_heads).values(position=299, hash=row.hash, recorded_at=row.recorded_at)
        )


def _a_node(signed_log: SignedLog) -> None:
    with signed_log.stores.log.begin() as connection:
        connection.execute(update(merkle_nodes).values(hash=bytes(32)))


def _the_note(signed_log: SignedLog) -> None:
    note = signed_log.maker.note(300).replace("300\n", "299\n")
    with signed_log.stores.log.begin() as connection:
        connection.execute(update(checkpoints).values(note=note))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_old_row, "checkpoint_mismatch"),
        (_new_row, "hash_mismatch"),
        (_shorter, "log_truncated"),
        (_a_node, "checkpoint_mismatch"),
        (_the_note, "checkpoint_forged"),
    ],
)
def test_a_log_that_was_changed_is_not_signed(
    signed_log: SignedLog, change: Change, code: str
) -> None:
    signed_log.grow(300)
    signed_log.log.append(unit(*(viewed() for _ in range(5))))
    change(signed_log)
    with pytest.raises(TamperedLog) as refused:
        signed_log.maker.make()
    assert refused.value.code == code
    assert [path.name for path in signed_log.exported.folder.glob("*.checkpoint")] == [
        f"{300:020}.checkpoint"
    ]


def test_what_a_former_key_signed_is_still_believed(signed_log: SignedLog) -> None:
    signed_log.grow(3)
    signed_log.signing.rotate()
    signed_log.grow(5)
    assert signed_log.verify().checkpoints == 2


def test_two_installations_do_not_write_to_one_folder(
    signed_log: SignedLog, tmp_path: Path
) -> None:
    signed_log.grow(3)
    other = SignedLog(signed_log.stores, signed_log.log, tmp_path / "other")
    note = signed_note(signed_log.signed()[0], other.signing)
    with pytest.raises(TamperedLog, match="another checkpoint"):
        signed_log.exported.put(3, note)
