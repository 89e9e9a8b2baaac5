"""The hash chain: every row's hash covers the row and, through the row before it, all before it.

SHA-256(previous hash, then for each column in table order: 4-byte big-endian length, bytes).
Integers are 8 bytes big-endian; a missing value has the length 0xFFFFFFFF and no bytes. The state
is hashed as it is stored, so an erasure (which destroys keys, not rows) leaves the chain whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from struct import Struct

Row = tuple[str, int, bytes, int, str, str | None, int, int, bytes]
"""site, position, stream_id, version, topic, shopper_id, occurred_at, recorded_at, state."""

HashedRow = tuple[str, int, bytes, int, str, str | None, int, int, bytes, bytes]

EMPTY = bytes(32)
"""The hash before the first event."""

_MISSING = b"\xff\xff\xff\xff"
_INTEGER = Struct(">Iq").pack
_TWO_INTEGERS = Struct(">IqIq").pack
_LENGTH = Struct(">I").pack


def row_hash(previous: bytes, row: Row) -> bytes:
    """The hash of one row after the row of hash `previous`."""
    site, position, stream, version, topic, shopper, occurred_at, recorded_at, state = row
    return sha256(
        b"".join(
            (
                previous,
                _text(site),
                _INTEGER(8, position),
                _LENGTH(len(stream)),
                stream,
                _INTEGER(8, version),
                _text(topic),
                _MISSING if shopper is None else _text(shopper),
                _TWO_INTEGERS(8, occurred_at, 8, recorded_at),
                _LENGTH(len(state)),
                state,
            )
        )
    ).digest()


def hashed(previous: bytes, rows: Iterable[Row]) -> list[HashedRow]:
    """The rows with their hashes, in order."""
    chained = []
    for row in rows:
        previous = row_hash(previous, row)
        chained.append((*row, previous))
    return chained


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH(len(encoded)) + encoded
