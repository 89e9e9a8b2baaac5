"""Samples of a simulation: the same ones whoever draws them, and bounds that hold the truth."""

from __future__ import annotations

import random

import pytest

from decisions.simulation.estimates import Interval
from decisions.simulation.estimates import Moments
from decisions.simulation.estimates import count_of
from decisions.simulation.estimates import total_of
from decisions.simulation.sampling import limit_of_count
from decisions.simulation.sampling import limit_of_share
from decisions.simulation.sampling import place_of

IDS = [f"dec_{number:032x}" for number in range(2_000)]
SEEDS = 500


def differences() -> dict[str, int]:
    """As a changed rule makes them: most carts get what they got, some more, few a lot more."""
    draw = random.Random(5)
    return {
        name: 0
        if draw.random() < 0.7
        else round(draw.lognormvariate(6, 0.8)) * draw.choice((1, 1, -1))
        for name in IDS
    }


def drawn(seed: int, below: int) -> list[str]:
    return [name for name in IDS if place_of(name, seed) < below]


def moments_of(values: dict[str, int], names: list[str]) -> Moments:
    """Added up in two parts, as two processes would."""
    parts = (Moments(), Moments())
    for number, name in enumerate(names):
        parts[number % 2].add(values[name])
    parts[0].merge(parts[1])
    return parts[0]


def covered(found: list[Interval], truth: int) -> float:
    return sum(one.low <= truth <= one.high for one in found) / len(found)


@pytest.mark.parametrize("how", ["share", "count"])
def test_an_interval_holds_the_truth_for_95_of_100_seeds(how: str) -> None:
    values = differences()
    totals, counts = [], []
    for seed in range(SEEDS):
        below = limit_of_share("0.25")
        if how == "count":
            below = limit_of_count((place_of(name, seed) for name in IDS), 500)
        names = drawn(seed, below)
        assert how == "share" or len(names) == 500
        moments = moments_of(values, names)
        totals.append(total_of(moments, len(names), len(IDS)))
        counts.append(count_of(moments.nonzero, len(names), len(IDS)))
    assert 0.92 <= covered(totals, sum(values.values())) <= 0.98
    assert 0.92 <= covered(counts, sum(value != 0 for value in values.values())) <= 0.98
    truth = sum(values.values())
    mean = sum(one.value for one in totals) / SEEDS
    assert abs(mean - truth) < 0.02 * abs(truth)
    assert all(one.is_sound for one in totals)


def test_a_sample_of_all_is_exact() -> None:
    values = differences()
    names = drawn(3, limit_of_share("1"))
    assert names == IDS
    found = total_of(moments_of(values, names), len(IDS), len(IDS))
    assert found == Interval(sum(values.values()), *[sum(values.values())] * 2, True)
    assert count_of(7, 10, 10) == Interval(7, 7, 7, True)


def test_a_larger_sample_holds_a_smaller_one_of_its_seed() -> None:
    small = set(drawn(9, limit_of_share("0.05")))
    assert small < set(drawn(9, limit_of_share("0.2")))
    assert small != set(drawn(8, limit_of_share("0.05")))


def test_what_was_not_seen_may_still_be_there() -> None:
    assert count_of(0, 300, 30_000).high > 300  # the rule of three
    assert not total_of(Moments(), 300, 30_000).is_sound
    assert count_of(0, 0, 50) == Interval(0, 0, 50, False)
    assert limit_of_count([5, 7], 3) == 2**64
