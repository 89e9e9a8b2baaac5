"""Streams are named as uuid5 names them: what is stored under such a name must be found again."""

from __future__ import annotations

from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.ids import STREAMS
from aggregates.kernel.ids import stream_id


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_stream_has_the_name_that_uuid5_gives(name: str) -> None:
    assert stream_id("shop", "message", name) == uuid5(STREAMS, f"shop/message/{name}")
