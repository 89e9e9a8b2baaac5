"""Readiness: what the figures of a type say about a unit that would show it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.recommendations.readiness import OfNeighbours
from projections.recommendations.readiness import of_ranking
from projections.recommendations.readiness import relevance


@pytest.mark.parametrize(
    ("scores", "readiness"),
    [
        ([], 0),
        ([7], (1 + 5) // 2),
        ([3] * 20, (20 + 100) // 2),
        ([1] * 60, (60 + 100) // 2),
        ([1] * 100, 100),
        ([10**6] + [1] * 199, (100 + 5) // 2),
    ],
)
def test_a_ranking_is_ready_by_its_size_and_its_evenness(scores: list[int], readiness: int) -> None:
    assert of_ranking(scores) == readiness


@given(st.lists(st.integers(1, 10**9), max_size=300))
def test_a_ranking_is_ready_between_0_and_100(scores: list[int]) -> None:
    assert 0 <= of_ranking(scores) <= 100


def test_neighbours_are_ready_by_how_often_they_fill_a_unit_and_how_they_differ() -> None:
    figure = OfNeighbours()
    figure.add("popular", ["a", "b", "c", "d", "e", "f"])
    figure.add("a", ["popular"])
    occurrences = [("popular", 90), ("a", 5), ("b", 3), ("c", 1), ("d", 1)]

    served, different = 90, 100  # of 100 times; 6 products shown of 5 that occurred
    assert figure.figure(occurrences) == (served + different) // 2


def test_neighbours_of_nothing_are_not_ready() -> None:
    assert OfNeighbours().figure([]) == 0
    assert OfNeighbours().figure([("alone", 100)]) == 0


def test_the_two_thresholds_say_what_is_shown() -> None:
    assert [relevance(figure) for figure in (100, 75, 74, 50, 49, 0)] == [
        "high",
        "high",
        "less",
        "less",
        "insufficient",
        "insufficient",
    ]
