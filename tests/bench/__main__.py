"""`python -m tests.bench [NAME...]`: runs the benchmarks; all of them write docs/benchmarks.md."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.bench.report import Row
from tests.bench.report import write

NAMES = (
    "decisions",
    "explanations",
    "category",
    "recommendations",
    "engine",
    "growth",
    "publishing",
    "redemptions",
    "replay",
    "coupon_decisions",
    "hidden_codes",
    "intake",
    "follower",
    "rebuild",
    "verify",
    "memory",
    "simulation",
    "training",
    "next_item",
    "coupons",
    "demo",
)


def main(names: list[str]) -> int:
    """Prints each row as it is measured; 1 if a target was missed."""
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"benchmarks are: {', '.join(NAMES)}")  # noqa: T201
        return 2
    rows: list[Row] = []
    for name in names or NAMES:
        for row in import_module(f"tests.bench.{name}").run():
            print(row.text(), flush=True)  # noqa: T201
            rows.append(row)
    if not names:
        write(rows)
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
