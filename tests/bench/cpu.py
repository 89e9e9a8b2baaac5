"""CPU time and memory of a process tree, to the nanosecond where the kernel tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil


def cpu_ns(pid: int) -> int:
    """Nanoseconds on a CPU of all living threads of a process and of its descendants."""
    return sum(_process_ns(each) for each in _tree(pid))


def resident_bytes(pid: int) -> int:
    """Resident memory of a process tree."""
    return sum(psutil.Process(each).memory_info().rss for each in _tree(pid))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for child in psutil.Process(pid).children(recursive=True):
        yield child.pid


def _process_ns(pid: int) -> int:
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            continue  # the thread ended between listing and reading
    return total
