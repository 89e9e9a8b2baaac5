"""Packing: which units of a cart make the most bundles, and the dearest.

Parts may share candidates: a unit that two parts may take is given to the one that needs it. Lines
are tried from the dearest on, and a unit is bundled if the parts can make room for it by passing
units on to each other. That finds the dearest units that fill so many bundles, whatever the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

Units = dict[int, int]
"""Line -> whole units of it."""


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
    candidates = [(frozenset(lines).intersection(free), count) for lines, count in parts]
    most = min(sum(free[line] for line in lines) // count for lines, count in candidates)

    def filled(times: int) -> Units | None:
        packing = _Packing(candidates, times)
        found = {line: packing.add(line, free[line]) for line in dearest}
        return None if any(packing.room) else found

    def worth(units: Units) -> int:
        return sum(count * price[line] for line, count in units.items())

    low, best = 0, dict.fromkeys(dearest, 0)
    while low < most:
        times = (low + most + 1) // 2
        units, fewer = filled(times), filled(times - 1)
        if units is not None and fewer is not None and worth(units) - worth(fewer) > bundle_price:
            low, best = times, units
        else:
            most = times - 1
    return low, best


class _Packing:
    """So many bundles, while they are filled. `room`: the units that each part still lacks."""

    __slots__ = ("_lines", "_taken", "room")

    def __init__(self, parts: Sequence[tuple[frozenset[int], int]], times: int) -> None:
        self._lines = [lines for lines, _ in parts]
        self._taken: list[Units] = [{} for _ in parts]
        self.room = [count * times for _, count in parts]

    def add(self, line: int, most: int) -> int:
        """Puts in as many units of a line as find room; how many that are."""
        added = 0
        while added < most and (path := self._path(line)):
            added += self._passed_on(path, line, most - added)
        return added

    def _path(self, line: int) -> list[tuple[int, int]]:
        """Parts from one that takes the line to one with room; each with the line of which it
        passes units on to the next. Empty if there is none."""
        came: dict[int, tuple[int, int] | None] = {
            part: None for part, lines in enumerate(self._lines) if line in lines
        }
        queue = list(came)
        for part in queue:
            if self.room[part]:
                path, before = [(part, -1)], came[part]
                while before is not None:
                    path.append(before)
                    before = came[before[0]]
                return path[::-1]
            for other, lines in enumerate(self._lines):
                passed = None if other in came else self._to_pass(part, lines)
                if passed is not None:
                    came[other] = (part, passed)
                    queue.append(other)
        return []

    def _to_pass(self, part: int, lines: frozenset[int]) -> int | None:
        return next(
            (one for one, count in self._taken[part].items() if count and one in lines), None
        )

    def _passed_on(self, path: list[tuple[int, int]], line: int, most: int) -> int:
        last = path[-1][0]
        count = min(most, self.room[last], *(self._taken[part][one] for part, one in path[:-1]))
        coming = line
        for part, passed in path:
            taken = self._taken[part]
            taken[coming] = taken.get(coming, 0) + count
            if part != last:
                taken[passed] -= count
                coming = passed
        self.room[last] -= count
        return count
