"""Whole rows of the log, exported checkpoints, and rewritings by who knows how it is hashed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.errors import TamperedLog
from app.checkpoints.exported import LATEST
from app.checkpoints.making import Maker
from app.checkpoints.note import read_note
from app.checkpoints.note import signed_note
from app.checkpoints.tables import checkpoints
from app.checkpoints.tables import merkle_nodes
from app.eventlog.chain import row_hash
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import log_heads
from tests.checkpoints_given import SignedLog
from tests.checkpoints_given import signing_in
from tests.fakes import SettableClock
from tests.log_events import SITE
from tests.log_events import unit
from tests.log_events import viewed

Tampering = Callable[[SignedLog, Connection], None]
SIGNED, SIZE = 300, 310
E, K, H = events.c, event_keys.c, log_heads.c


def _rows(connection: Connection) -> list[list[Any]]:
    return [list(row) for row in connection.execute(select(events).order_by(E.position))]


def _written(connection: Connection, rows: list[list[Any]]) -> None:
    """Puts these rows in the place of the log: numbered, hashed, with keys and head as they ought
    to be. Nothing in the database tells it from a log that the service wrote."""
    previous = bytes(32)
    connection.execute(delete(events))
    connection.execute(delete(event_keys))
    names = events.columns.keys()
    for position, row in enumerate(rows, 1):
        row[1] = position
        previous = row[9] = row_hash(previous, tuple(row[:9]))  # type: ignore[arg-type]
    connection.execute(insert(events), [dict(zip(names, row, strict=True)) for row in rows])
    keys = [{"site": r[0], "stream_id": r[2], "version": r[3], "position": r[1]} for r in rows]
    connection.execute(insert(event_keys), keys)
    last = {"position": len(rows), "hash": previous, "recorded_at": rows[-1][7]}
    connection.execute(update(log_heads).values(last))


def _delete_one(log: SignedLog, connection: Connection) -> None:
    connection.execute(delete(events).where(E.position == 7))


def _delete_one_and_close_the_gap(log: SignedLog, connection: Connection) -> None:
    rows = _rows(connection)
    connection.execute(delete(events).where(E.position == 7))
    for row in rows[7:]:
        connection.execute(update(events).where(E.position == row[1]).values(position=row[1] - 1))


def _insert_one(log: SignedLog, connection: Connection) -> None:
    row = dict(zip(events.columns.keys(), _rows(connection)[6], strict=True))
    connection.execute(insert(events), {**row, "position": SIZE + 1, "stream_id": bytes(16)})


def _insert_one_with_key(log: SignedLog, connection: Connection) -> None:
    _insert_one(log, connection)
    key = {"site": SITE, "stream_id": bytes(16), "version": 1, "position": SIZE + 1}
    connection.execute(insert(event_keys), key)


def _key_without_an_event(log: SignedLog, connection: Connection) -> None:
    key = {"site": SITE, "stream_id": bytes(16), "version": 1, "position": 7}
    connection.execute(insert(event_keys), key)


def _swap_two(log: SignedLog, connection: Connection) -> None:
    for before, after in ((7, 9_999), (8, 7), (9_999, 8)):
        connection.execute(update(events).where(E.position == before).values(position=after))


def _swap_two_states(log: SignedLog, connection: Connection) -> None:
    rows = _rows(connection)
    for one, other in ((6, 7), (7, 6)):
        values = {"stream_id": rows[other][2], "occurred_at": rows[other][6] + 1}
        connection.execute(update(events).where(E.position == rows[one][1]).values(values))


def _swap_two_keys(log: SignedLog, connection: Connection) -> None:
    for before, after in ((7, 9_999), (8, 7), (9_999, 8)):
        connection.execute(update(event_keys).where(K.position == before).values(position=after))


def _cut_the_end_off(log: SignedLog, connection: Connection) -> None:
    connection.execute(delete(events).where(E.position > SIGNED - 1))


def _move_the_head_back(log: SignedLog, connection: Connection) -> None:
    row = _rows(connection)[SIGNED - 2]
    values = {"position": SIGNED - 1, "hash": row[9], "recorded_at": row[7]}
    connection.execute(update(log_heads).values(values))


def _cut_consistently(log: SignedLog, connection: Connection) -> None:
    _written(connection, _rows(connection)[: SIGNED - 1])


def _cut_with_checkpoints(log: SignedLog, connection: Connection) -> None:
    _cut_consistently(log, connection)
    connection.execute(delete(checkpoints).where(checkpoints.c.position >= SIGNED))


def _rewrite(log: SignedLog, connection: Connection) -> None:
    rows = _rows(connection)
    rows[6][8] = b'{"open":{"event":"Other"},"v":1}'
    _written(connection, rows)


def _rewrite_with_the_tree(log: SignedLog, connection: Connection) -> None:
    _rewrite(log, connection)
    connection.execute(delete(merkle_nodes))


def _leave_one_out(log: SignedLog, connection: Connection) -> None:
    rows = _rows(connection)
    _written(connection, rows[:6] + rows[7:])


def _delete_everything(log: SignedLog, connection: Connection) -> None:
    for table in (events, event_keys, log_heads, merkle_nodes, checkpoints):
        connection.execute(delete(table))


def _file(log: SignedLog, position: int = SIGNED) -> Path:
    return log.exported.folder / f"{position:020}.checkpoint"


def _flip_a_file(log: SignedLog, connection: Connection) -> None:
    text = _file(log).read_text("utf-8")
    before, _, after = text.partition("chain ")
    digit = "1" if after[0] == "0" else "0"
    _file(log).write_text(f"{before}chain {digit}{after[1:]}", "utf-8")


def _resign_a_file(log: SignedLog, connection: Connection) -> None:
    stranger = signing_in(log.exported.folder / "stranger")
    note = signed_note(read_note(log.maker.note(SIGNED)), stranger)
    _file(log).write_text(note, "utf-8")


def _delete_a_file(log: SignedLog, connection: Connection) -> None:
    _file(log, 5).unlink()


def _add_a_file(log: SignedLog, connection: Connection) -> None:
    _file(log, 6).write_text(_file(log, 5).read_text("utf-8"), "utf-8")


def _swap_two_files(log: SignedLog, connection: Connection) -> None:
    one, other = _file(log, 5), _file(log)
    os.rename(one, one.with_suffix(".x"))
    os.rename(other, one)
    os.rename(one.with_suffix(".x"), other)


def _garble_a_file(log: SignedLog, connection: Connection) -> None:
    _file(log).write_bytes(b"\xff")


def _delete_a_stored_checkpoint(log: SignedLog, connection: Connection) -> None:
    connection.execute(delete(checkpoints).where(checkpoints.c.position == 5))


TAMPERINGS: dict[Tampering, str] = {
    _delete_one: "position_missing",
    _delete_one_and_close_the_gap: "hash_mismatch",
    _insert_one: "head_mismatch",
    _insert_one_with_key: "head_mismatch",
    _key_without_an_event: "key_mismatch",
    _swap_two: "hash_mismatch",
    _swap_two_states: "hash_mismatch",
    _swap_two_keys: "key_mismatch",
    _cut_the_end_off: "position_missing",
    _move_the_head_back: "head_mismatch",
    _cut_consistently: "log_truncated",
    _cut_with_checkpoints: "checkpoint_not_stored",
    _rewrite: "tree_mismatch",
    _rewrite_with_the_tree: "tree_mismatch",
    _leave_one_out: "tree_mismatch",
    _delete_everything: "checkpoint_not_stored",
    _flip_a_file: "checkpoint_forged",
    _resign_a_file: "checkpoint_unknown_key",
    _delete_a_file: "checkpoint_not_exported",
    _add_a_file: "checkpoint_differs",
    _swap_two_files: "checkpoint_differs",
    _garble_a_file: "checkpoint_unreadable",
    _delete_a_stored_checkpoint: "checkpoint_not_stored",
}


def _found(log: SignedLog) -> str:
    with pytest.raises(TamperedLog) as found:
        log.verify()
    return found.value.code


@pytest.fixture
def log(signed_log: SignedLog) -> SignedLog:
    """310 events, signed at 5 and 300."""
    signed_log.grow(5, SIGNED)
    signed_log.log.append(unit(*(viewed() for _ in range(SIZE - SIGNED))))
    assert signed_log.verify().events == SIZE
    return signed_log


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.__name__[1:])
def test_it_is_found(log: SignedLog, tampering: Tampering) -> None:
    with log.stores.log.begin() as connection:
        tampering(log, connection)
    assert _found(log) == TAMPERINGS[tampering]


def test_a_log_rewritten_with_its_whole_tree_is_another_than_the_one_signed(
    log: SignedLog, tmp_path: Path
) -> None:
    """Whoever owns the database makes all of it anew, but has not the key."""
    notes = {position: log.maker.note(position) for position in (5, SIGNED)}
    with log.stores.log.begin() as connection:
        _rewrite(log, connection)
        connection.execute(delete(merkle_nodes))
        connection.execute(delete(checkpoints))
    forger = SignedLog(log.stores, log.log, tmp_path / "forger")
    Maker(log.stores.log, forger.signing, forger.exported, SettableClock(), SITE).make()
    with log.stores.log.begin() as connection:
        connection.execute(delete(checkpoints))
        rows = [{"site": SITE, "position": at, "note": note} for at, note in notes.items()]
        connection.execute(insert(checkpoints), rows)
    assert _found(log) == "checkpoint_mismatch"
    with pytest.raises(TamperedLog) as refused:
        log.maker.make()
    assert refused.value.code == "checkpoint_mismatch"


def test_what_was_not_signed_yet_can_be_cut_off_by_design(log: SignedLog) -> None:
    with log.stores.log.begin() as connection:
        _written(connection, _rows(connection)[:SIGNED])
    assert log.verify().events == SIGNED


def test_nobody_believes_the_copy_of_the_newest(log: SignedLog) -> None:
    (log.exported.folder / LATEST).write_text("anything")
    assert log.verify().checkpoints == 2
