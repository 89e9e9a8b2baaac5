"""Bundles: the packing saves as much as trying everything does."""

from __future__ import annotations

from itertools import combinations
from itertools import permutations

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from rulesets.benefits.packing import packed

Parts = list[tuple[set[int], int]]
LINES = range(3)
PARTS = st.lists(
    st.tuples(st.sets(st.sampled_from(LINES), min_size=1), st.integers(1, 2)),
    min_size=1,
    max_size=2,
)


def fits(units: tuple[int, ...], slots: list[set[int]]) -> bool:
    """Whether each unit has a place of its own."""
    return any(
        all(unit in slot for unit, slot in zip(order, slots, strict=True))
        for order in set(permutations(units))
    )


def most_saved(
    parts: list[tuple[set[int], int]], free: list[int], price: list[int], at: int
) -> int:
    """By trying every choice of units for every number of bundles."""
    units = [line for line in LINES for _ in range(free[line])]
    best, size, times = 0, sum(count for _, count in parts), 1
    while times * size <= len(units):
        slots = [lines for lines, count in parts for _ in range(count * times)]
        for chosen in set(combinations(units, times * size)):
            saved = sum(price[line] for line in chosen) - times * at
            if saved > best and fits(chosen, slots):
                best = saved
        times += 1
    return best


@settings(max_examples=150, deadline=None)
@given(
    PARTS,
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.lists(st.integers(0, 9), min_size=3, max_size=3),
    st.integers(0, 20),
)
def test_no_other_choice_of_units_saves_more(
    parts: list[tuple[set[int], int]], free: list[int], price: list[int], at: int
) -> None:
    times, units = packed(parts, dict(enumerate(free)), price, at)
    assert all(0 <= count <= free[line] for line, count in units.items())
    assert sum(units.values()) == times * sum(count for _, count in parts)
    saved = sum(count * price[line] for line, count in units.items()) - times * at
    assert saved == most_saved(parts, free, price, at)


def test_many_units_are_packed_at_once() -> None:
    free = {0: 100_000, 1: 100_000, 2: 100_000}
    parts: Parts = [({0, 1}, 1), ({1, 2}, 2)]
    times, units = packed(parts, free, [5, 9, 7], 10)
    assert times == 100_000
    assert units == free
