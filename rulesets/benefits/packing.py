"""Packing: which units of a cart make the most bundles, and the dearest.

Parts may share candidates: a unit that two parts may take is given to the one that needs it. Lines
are tried from the dearest on, and a unit is bundled if the parts can make room for it by passing
units on to each other. That finds the dearest units that fill so many bundles, whatever the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

Units = dict[int, int]
"""Line -> whole units of it."""
_Filled = tuple[int, Units] | None
"""What the units are worth, and the units; None if so many bundles cannot be filled."""


def packed(
    parts: Sequence[tuple[Iterable[int], int]],
    free: Mapping[int, int],
    price: Sequence[int],
    bundle_price: int,
) -> tuple[int, Units]:
    """How many bundles there are, and their units. `parts`: the lines that each may be of, and how
    many units it takes; `free`: the units there are. As many bundles count as each save something:
    one more never saves more than the one before it.
    """
    dearest = sorted(free, key=lambda line: (-price[line], line))
    candidates = _merged(parts, free)
    rooms = [sum(free[line] for line in lines) // count for lines, count in candidates.items()]
    most = min(*rooms, sum(free.values()) // sum(candidates.values()))

    @cache
    def filled(times: int) -> _Filled:
        packing, found = _Packing(candidates, times), dict.fromkeys(dearest, 0)
        for line in dearest:
            if not packing.lacking:
                break
            found[line] = packing.add(line, free[line])
        worth = sum(count * price[line] for line, count in found.items())
        return None if packing.lacking else (worth, found)

    def is_worth_it(times: int) -> bool:
        with_it, without = filled(times), filled(times - 1)
        return bool(with_it and without and with_it[0] - without[0] > bundle_price)

    low, high = 0, most
    while low < high:
        # The most there can be is tried first: it is what most carts come to.
        times = high if high == most else (low + high + 1) // 2
        low, high = (times, high) if is_worth_it(times) else (low, times - 1)
    found = filled(low)
    assert found is not None, "no bundles are always filled"
    return low, found[1]


def _merged(
    parts: Sequence[tuple[Iterable[int], int]], free: Mapping[int, int]
) -> dict[frozenset[int], int]:
    """Parts of the same lines are one part of more units."""
    merged: dict[frozenset[int], int] = {}
    for lines, count in parts:
        among = frozenset(lines).intersection(free)
        merged[among] = merged.get(among, 0) + count
    return merged


class _Packing:
    """So many bundles, while they are filled. `lacking`: the units that they still lack."""

    __slots__ = ("_closed", "_held", "_lines", "_masks", "_room", "_taken", "lacking")

    def __init__(self, parts: Mapping[frozenset[int], int], times: int) -> None:
        self._lines = list(parts)
        self._masks = [sum(1 << line for line in lines) for lines in parts]
        self._taken: list[Units] = [{} for _ in parts]
        self._held = [0] * len(parts)
        """The lines of which a part has units, as bits."""
        self._room = [count * times for count in parts.values()]
        self._closed: set[int] = set()
        """Full parts that cannot pass anything on to one with room: that never changes again."""
        self.lacking = sum(self._room)

    def add(self, line: int, most: int) -> int:
        """Puts in as many units of a line as find room; how many that are."""
        takers = [
            part
            for part, lines in enumerate(self._lines)
            if line in lines and part not in self._closed
        ]
        added = 0
        while added < most and (path := self._path(takers)):
            added += self._passed_on(path, line, most - added)
        return added

    def _path(self, takers: Sequence[int]) -> list[tuple[int, int]]:
        """Parts from one of the takers to one with room; each with the line of which it passes
        units on to the next. Empty if there is none."""
        for part in takers:
            if self._room[part]:
                return [(part, -1)]
        came: dict[int, tuple[int, int] | None] = dict.fromkeys(takers)
        queue = list(takers)
        for part in queue:
            for other, mask in enumerate(self._masks):
                shared = 0 if other in came or other in self._closed else self._held[part] & mask
                if not shared:
                    continue
                came[other] = (part, (shared & -shared).bit_length() - 1)
                if self._room[other]:
                    return self._back(other, came)
                queue.append(other)
        self._closed.update(came)
        return []

    @staticmethod
    def _back(last: int, came: Mapping[int, tuple[int, int] | None]) -> list[tuple[int, int]]:
        path, before = [(last, -1)], came[last]
        while before is not None:
            path.append(before)
            before = came[before[0]]
        return path[::-1]

    def _passed_on(self, path: list[tuple[int, int]], line: int, most: int) -> int:
        last = path[-1][0]
        count = min(most, self._room[last], *(self._taken[part][one] for part, one in path[:-1]))
        coming = line
        for part, passed in path:
            taken = self._taken[part]
            taken[coming] = taken.get(coming, 0) + count
            self._held[part] |= 1 << coming
            if part != last:
                taken[passed] -= count
                if not taken[passed]:
                    self._held[part] &= ~(1 << passed)
                coming = passed
        self._room[last] -= count
        self.lacking -= count
        return count
