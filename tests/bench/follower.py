"""The follower with all its projections, over the events of a shop and those of a wholesaler."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.follower_speed import Said
from tests.bench.follower_speed import measure
from tests.bench.follower_speed import shop
from tests.bench.follower_speed import wholesale
from tests.bench.report import Row

AT_LEAST = 8_000


def run() -> list[Row]:
    """A row for each history; what they hold says tests/bench/follower_speed.py."""
    return [
        _row("views, searches, pages, identifies, orders of 1 to 5 lines", 60_000, shop),
        _row("nothing but orders of 5 to 35 lines and refunds", 10_000, wholesale),
    ]


def _row(what: str, events: int, said: Said) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        speed = measure(Path(folder), events, said)
    return Row(
        f"follower with all its projections: {what}",
        f"{AT_LEAST:,} events/s",
        f"{speed.events_per_s:,.0f} events/s",
        speed.events_per_s >= AT_LEAST,
        f"{speed.cpu_us_per_event:.0f} us of CPU for each event",
    )
