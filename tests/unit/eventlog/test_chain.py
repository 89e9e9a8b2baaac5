"""The hash chain against a plain reading of its definition, and a golden hash."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from app.eventlog.chain import EMPTY
from app.eventlog.chain import Row
from app.eventlog.chain import hashed
from app.eventlog.chain import row_hash

INTEGERS = st.integers(-(2**63), 2**63 - 1)
ROWS = st.tuples(
    st.text(st.characters(codec="utf-8")),
    INTEGERS,
    st.binary(min_size=16, max_size=16),
    INTEGERS,
    st.text(st.characters(codec="utf-8")),
    st.none() | st.text(st.characters(codec="utf-8")),
    INTEGERS,
    INTEGERS,
    st.binary(),
)
GOLDEN: Row = ("shop", 1, bytes(range(16)), 1, "SiteOpened", None, 5, 7, b'{"open":{},"v":1}')


def plainly(previous: bytes, row: Row) -> bytes:
    data = previous
    for value in row:
        if value is None:
            data += b"\xff\xff\xff\xff"
            continue
        if isinstance(value, int):
            content = value.to_bytes(8, "big", signed=True)
        else:
            content = value.encode() if isinstance(value, str) else value
        data += len(content).to_bytes(4, "big") + content
    return sha256(data).digest()


@given(ROWS, st.binary(min_size=32, max_size=32))
def test_a_hash_is_what_the_definition_says(row: Row, previous: bytes) -> None:
    assert row_hash(previous, row) == plainly(previous, row)


def test_the_definition_never_changes() -> None:
    assert row_hash(EMPTY, GOLDEN).hex() == GOLDEN_HASH


def test_each_row_hangs_on_the_one_before_it() -> None:
    rows = hashed(EMPTY, [GOLDEN, GOLDEN])
    assert rows[1][9] == row_hash(rows[0][9], GOLDEN) != rows[0][9]


GOLDEN_HASH = "d3c86c5e0bae792734edd309b423bae1a242f5581e49c34c7bf95a67a99e1142"
"""Stored logs stand on it: if this test fails, old logs no longer verify."""
