"""Candidates: what a model has for a question, best first, with its evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.clock import SECOND
from app.training.making import Made
from projections.recommendations.artefact_format import NEIGHBOURS
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import written
from projections.recommendations.models import NO_MODEL
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate
from projections.recommendations.registry import RECOMMENDERS
from projections.recommendations.registry import TRAINED
from projections.recommendations.together import CONTEXT_MAX
from rulesets.unit_types import UNIT_TYPES
from tests.histories import model_of

NEAR = {
    "cup": [["saucer", 50, 5], ["plate", 30, 3], ["spoon", 10, 1]],
    "pot": [["cup", 90, 9], ["spoon", 40, 4], ["plate", 10, 2]],
}


def neighbours(unit_type: str = "bought-bought") -> Model:
    return model_of(Made(written(unit_type, NEIGHBOURS, 100, sorted(NEAR.items())), 90))


def ranking(unit_type: str, *rows: tuple[object, ...]) -> Model:
    return model_of(Made(written(unit_type, RANKED, 1, rows), 90))


def test_every_type_of_unit_has_its_recommender() -> None:
    assert set(RECOMMENDERS) == set(UNIT_TYPES)
    assert set(TRAINED) == set(UNIT_TYPES) - {"recently-viewed"}


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_without_a_model_there_are_no_candidates(name: str) -> None:
    assert RECOMMENDERS[name].candidates(NO_MODEL, Asked(("cup",), (), 5)) == []


def test_a_ranking_gives_its_best_without_the_context() -> None:
    model = ranking("most-viewed", ("a", 9), ("b", 8), ("c", 7), ("d", 6))
    found = RECOMMENDERS["most-viewed"].candidates(model, Asked(("b",), (), 2))
    assert found == [
        Candidate("a", 9, 1, {"sessions": 9, "within_days": 7}),
        Candidate("c", 7, 1, {"sessions": 7, "within_days": 7}),
    ]


def test_what_trends_says_how_it_was_before() -> None:
    model = ranking("trending", ("a", 4_500, 12, 9))
    (found,) = RECOMMENDERS["trending"].candidates(model, Asked(count=5))
    assert found.because == {"sessions": 12, "before": 9, "hours": 24}


def test_neighbours_of_one_product_are_as_they_were_learned() -> None:
    found = RECOMMENDERS["bought-bought"].candidates(neighbours(), Asked(("cup",), (), 2))
    assert found == [
        Candidate("saucer", 50, 100, {"bought_with": "cup", "orders": 5}),
        Candidate("plate", 30, 100, {"bought_with": "cup", "orders": 3}),
    ]


def test_several_products_add_up_and_the_strongest_is_the_reason() -> None:
    model = neighbours("viewed-viewed")
    found = RECOMMENDERS["viewed-viewed"].candidates(model, Asked(("cup", "pot"), (), 9))
    assert found == [
        Candidate("saucer", 50, 100, {"viewed_with": "cup", "sessions": 5}),
        Candidate("spoon", 50, 100, {"viewed_with": "pot", "sessions": 4}),
        Candidate("plate", 40, 100, {"viewed_with": "cup", "sessions": 3}),
    ]


def test_a_product_that_stands_in_the_cart_twice_counts_once() -> None:
    recommender = RECOMMENDERS["bought-bought"]
    once = recommender.candidates(neighbours(), Asked(("cup",), (), 9))
    assert recommender.candidates(neighbours(), Asked(("cup", "cup"), (), 9)) == once


def test_only_so_many_products_of_a_large_cart_are_asked_for() -> None:
    skus = tuple(f"other-{number}" for number in range(CONTEXT_MAX))
    asked = Asked((*skus, "cup"), (), 9)
    assert RECOMMENDERS["bought-bought"].candidates(neighbours(), asked) == []


def test_what_was_viewed_comes_newest_first_and_once() -> None:
    viewed = (("b", 30 * SECOND), ("a", 20 * SECOND), ("b", 10 * SECOND), ("c", 5 * SECOND))
    found = RECOMMENDERS["recently-viewed"].candidates(NO_MODEL, Asked(("c",), viewed, 5))
    assert found == [
        Candidate("b", 30 * SECOND, SECOND, {"viewed_at": "1970-01-01T00:00:30.000000Z"}),
        Candidate("a", 20 * SECOND, SECOND, {"viewed_at": "1970-01-01T00:00:20.000000Z"}),
    ]


SKUS = st.sampled_from("abcdefgh")
LISTS = st.lists(
    st.tuples(SKUS, st.integers(1, 50), st.integers(1, 9)), max_size=6, unique_by=lambda e: e[0]
)


@given(
    st.dictionaries(SKUS, LISTS, max_size=6),
    st.lists(SKUS, max_size=5),
    st.integers(0, 6),
)
def test_candidates_are_ordered_and_never_of_the_context(
    near: dict[str, list[tuple[str, int, int]]], context: list[str], count: int
) -> None:
    model = model_of(Made(written("bought-bought", NEIGHBOURS, 1, sorted(near.items())), 0))
    found = RECOMMENDERS["bought-bought"].candidates(model, Asked(tuple(context), (), count))

    assert len(found) <= count
    assert not {one.sku for one in found} & set(context)
    assert found == sorted(found, key=lambda one: (-one.score, one.sku))
    for one in found:
        entries = [entry for sku in set(context) for entry in near.get(sku, ())]
        scores = [score for other, score, _ in entries if other == one.sku]
        assert one.score == sum(scores)
        strongest = near[one.because["bought_with"]]
        assert (one.sku, max(scores), one.because["orders"]) in strongest
