"""What goes together: small histories with the scores that the definition gives."""

from __future__ import annotations

from math import floor
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.clock import DAY
from app.training import engine
from app.training.making import make
from projections.recommendations.artefact_format import NEIGHBOURS_MAX
from projections.recommendations.bought_bought import ORDER_PRODUCTS_MAX
from projections.recommendations.bought_bought import BoughtBought
from projections.recommendations.recommender import Recommender
from projections.recommendations.together import DAMPING
from projections.recommendations.together import SCALE
from projections.recommendations.viewed_viewed import SESSION_PRODUCTS_MAX
from projections.recommendations.viewed_viewed import ViewedViewed
from tests.histories import HOUR
from tests.histories import NOW
from tests.histories import bought
from tests.histories import history
from tests.histories import learned
from tests.histories import seen
from tests.histories import trained

BOTH = (ViewedViewed(), BoughtBought())
Groups = list[list[str]]
pytestmark = pytest.mark.parametrize("recommender", BOTH, ids=lambda one: one.type)


def rows(
    recommender: Recommender, groups: Groups, at: int = NOW - HOUR
) -> list[tuple[object, ...]]:
    return learned(recommender, seen(*groups, at=at), bought(*groups, at=at))


def defined(groups: Groups) -> list[tuple[object, ...]]:
    """The rows by the definition, in plain Python."""
    sets = [set(group) for group in groups]
    frequency: dict[str, int] = {}
    weight: dict[tuple[str, str], int] = {}
    count: dict[tuple[str, str], int] = {}
    for group in sets:
        for a in group:
            frequency[a] = frequency.get(a, 0) + 1
            for b in group - {a}:
                weight[a, b] = weight.get((a, b), 0) + 10_000 // len(group)
                count[a, b] = count.get((a, b), 0) + 1
    found = []
    for (a, b), c in count.items():
        times = frequency[a] * frequency[b]
        score = floor(weight[a, b] * c * (SCALE // 10_000) / (sqrt(times) * (c + DAMPING)))
        if c * len(sets) > times and score:
            found.append((a, b, score, c))
    return sorted(found, key=lambda row: (row[0], -row[2], row[1]))


GROUPS = [["a", "b"], ["a", "b", "c"], ["c"], ["d", "a"], ["d"], ["e"]]


def test_a_pair_scores_what_the_definition_says(recommender: Recommender) -> None:
    found = rows(recommender, GROUPS)
    together = (10_000 // 2 + 10_000 // 3) * 2 * (SCALE // 10_000) / (sqrt(3 * 2) * 12)
    assert ("a", "b", floor(together), 2) in found
    assert found == defined(GROUPS)


def test_a_product_that_is_everywhere_is_nobodys_neighbour(recommender: Recommender) -> None:
    groups = [["bag", "a", "b"], ["bag", "a", "b"], ["bag", "c"], ["bag"], ["bag"]]
    found = rows(recommender, groups)
    assert {(row[0], row[1]) for row in found} == {("a", "b"), ("b", "a")}


def test_one_coincidence_does_not_outrank_a_habit(recommender: Recommender) -> None:
    habit = [["cup", "saucer"]] * 6 + [["cup"]] * 2
    found = rows(recommender, [*habit, ["cup", "whim"], *[["else"]] * 20])
    assert [row[1] for row in found if row[0] == "cup"] == ["saucer", "whim"]


def test_what_is_older_than_six_months_is_forgotten(recommender: Recommender) -> None:
    assert rows(recommender, GROUPS, at=NOW - 183 * DAY - HOUR) == []
    assert rows(recommender, GROUPS, at=NOW - 182 * DAY) == defined(GROUPS)


def test_a_group_beyond_the_limit_is_left_out_whole(recommender: Recommender) -> None:
    most = SESSION_PRODUCTS_MAX if recommender is BOTH[0] else ORDER_PRODUCTS_MAX
    long = [f"sku-{number:03}" for number in range(most + 1)]
    assert rows(recommender, [*GROUPS, long]) == defined(GROUPS)
    allowed = rows(recommender, [*GROUPS, long[1:]])
    assert sum(1 for row in allowed if row[0] == long[1]) == NEIGHBOURS_MAX


def test_the_fifty_best_are_kept_and_ties_go_by_sku(recommender: Recommender) -> None:
    groups = [["hub", f"sku-{number:02}"] for number in range(60)] + [["else"]] * 60
    found = [row for row in rows(recommender, groups) if row[0] == "hub"]
    assert [row[1] for row in found] == [f"sku-{number:02}" for number in range(NEIGHBOURS_MAX)]


def test_a_model_gives_what_the_expression_found(recommender: Recommender) -> None:
    model = trained(recommender, seen(*GROUPS), bought(*GROUPS))
    artefact = model.artefacts[recommender.type]
    assert {sku: artefact.of(sku) for sku in "abcde"} == {
        sku: [row[1:] for row in defined(GROUPS) if row[0] == sku] for sku in "abcde"
    }


def test_neither_threads_nor_the_order_of_rows_change_the_digest(recommender: Recommender) -> None:
    chance = Random(3)
    skus = [f"sku-{number}" for number in range(150)]
    groups = [chance.sample(skus, chance.randrange(1, 12)) for _ in range(3_000)]
    digests = set()
    for threads in (1, 2, 4):
        with history(seen(*groups), bought(*groups)) as opened:
            opened.views.get_backend().raw_sql(f"SET threads = {threads}")
            made = make(recommender, opened, engine.rows_of)
        assert made is not None
        digests.add((made.artefact.digest, made.readiness))
        chance.shuffle(groups)
    assert len(digests) == 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5, unique=True), max_size=12)
)
def test_pairs_are_symmetric_and_nothing_is_its_own_neighbour(
    recommender: Recommender, groups: Groups
) -> None:
    found = rows(recommender, groups)
    assert found == defined(groups)
    pairs = {(row[0], row[1]): row[2:] for row in found}
    assert all(a != b for a, b in pairs)
    assert all(pairs[b, a] == what for (a, b), what in pairs.items())
