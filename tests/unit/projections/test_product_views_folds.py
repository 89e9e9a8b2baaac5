"""What a shopper looked at: the same whatever the order in which it is told."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.limits import PRODUCTS_VIEWED_MAX
from projections import product_views
from tests.projection_events import viewed

SEEN = st.lists(st.tuples(st.integers(0, 90).map(str), st.integers(0, 200)), max_size=150)


def folded(seen: list[tuple[str, int]]) -> dict[str, int]:
    views: product_views.Views = {}
    for position, (sku, at) in enumerate(seen, 1):
        views = product_views.fold(views, viewed(position, sku, at))
    return dict(views)


@given(SEEN, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(seen: list[tuple[str, int]], chance: object) -> None:
    shuffled = list(seen)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert list(folded(seen).items()) == list(folded(shuffled).items())


@given(SEEN, SEEN)
def test_two_pseudonyms_together_saw_what_one_would_have_seen(
    one: list[tuple[str, int]], other: list[tuple[str, int]]
) -> None:
    together = reduce(product_views.merged, (folded(one), folded(other)))
    assert dict(together) == folded([*one, *other])


@given(SEEN)
def test_the_newest_views_are_kept_newest_first(seen: list[tuple[str, int]]) -> None:
    newest: dict[str, int] = {}
    for sku, at in seen:
        newest[sku] = max(at, newest.get(sku, -1))
    expected = sorted(newest.items(), key=lambda one: (-one[1], one[0]))[:PRODUCTS_VIEWED_MAX]
    assert list(folded(seen).items()) == expected
