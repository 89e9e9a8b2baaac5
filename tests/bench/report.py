"""What a benchmark says: one row a target, printed, and written to docs/benchmarks.md between the
comments that name it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import psutil

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_HEAD = """Written by `make bench`. Every figure is a ratio of, or was measured in, one run on one
machine: {machine}, {when}.

The denominator of the decision ratios is `GET /livez` of the same server, alternating with the
measured request in rounds of about a second: granian, 1 worker, 1 thread, 1 client, SQLite with
`synchronous=FULL`. A ratio compares the medians over the rounds of the CPU time of the server's
process tree per request. Wall times are one client's, on a machine that is not otherwise idle.

| what | asked | measured | held | beside it |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One target. `note` is what stands beside it and has no target."""

    what: str
    asked: str
    measured: str
    held: bool
    note: str = ""

    def text(self) -> str:
        """As a line on the terminal."""
        mark = "held" if self.held else "MISSED"
        return f"{mark:6}  {self.what}: {self.measured} (asked: {self.asked})  {self.note}"

    def markdown(self) -> str:
        """As a row of the table."""
        mark = "yes" if self.held else "**no**"
        return f"| {self.what} | {self.asked} | {self.measured} | {mark} | {self.note} |"


def write(rows: Iterable[Row]) -> None:
    """Replaces the table of docs/benchmarks.md; what is written about it stays."""
    memory = psutil.virtual_memory().total / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"
    head = _HEAD.format(machine=machine, when=datetime.now(UTC).strftime("%Y-%m-%d"))
    replaced("rows", head + "\n".join(row.markdown() for row in rows))


def replaced(name: str, text: str) -> None:
    """Puts a text between the two comments of that name in docs/benchmarks.md."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    before, rest = DOCUMENT.read_text("utf-8").split(start, 1)
    DOCUMENT.write_text(before + start + text + end + rest.split(end, 1)[1], "utf-8")


def microseconds(ns: float) -> str:
    """`1,234 us`."""
    return f"{ns / 1000:,.0f} us"
