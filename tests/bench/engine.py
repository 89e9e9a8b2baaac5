"""Literals and engine alone: 1,000 rules like a shop's, every cart another one."""

from __future__ import annotations

from tests.bench.engine_alone import measure
from tests.bench.report import Row

RULES = 1_000
AT_MOST_US = 1_500.0


def run() -> list[Row]:
    """One row. A program remembers its last answer, so equal carts would measure that memory."""
    measured = measure(RULES)
    median = measured["both_us"]
    return [
        Row(
            f"engine alone, {RULES:,} rules, {measured['fired']:.0f} fire on average",
            "at most 1.5 ms CPU",
            f"{median:,.0f} us",
            median <= AT_MOST_US,
            f"literals {measured['literals_us']:,.0f} us, network {measured['engine_us']:,.0f} us,"
            f" p99 of both {measured['both_p99_us']:,.0f} us",
        )
    ]
