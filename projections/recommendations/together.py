"""What goes together: products that share sessions, or orders, more often than chance has it.

The score is a cosine that is weighted and damped. A group (a session or an order) of n products
gives 1/n to each of its pairs, so a long one says little about any of them; a pair that was seen c
times keeps c/(c + 10) of its score, so one coincidence does not outrank a habit:

    score(a, b) = sum of 1/n over the groups of both * c / (c + 10) / sqrt(groups of a * those of b)

Dividing by both frequencies is what keeps bestsellers from being everybody's neighbour. Example: a
in 4 sessions, b in 9, together in 2, one of 2 and one of 5 products: 0.7 / 6 * 2/12 = 0.0194.
Pairs no more frequent than chance (c * groups <= groups of a * groups of b) are none. Groups above
a limit of products are left out whole: a robot's visit, a restocking order. Sums are of integers,
so neither the order of rows nor the number of threads changes a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from projections.recommendations.artefact_format import NEIGHBOURS_MAX
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate

if TYPE_CHECKING:
    from ibis.expr.types import Table

SCALE = 10**9
DAMPING = 10
"""Chosen with the weighting 1/n on a validation split of RetailRocket's training sessions."""
CONTEXT_MAX = 50
"""Products of a context whose neighbours are added up: more would cost a decision milliseconds."""
_UNIT = 10_000  # the whole of which a group gives each of its pairs the n-th part


def together(items: Table, group_max: int) -> Table:
    """(sku, other, score, together) by sku and (-score, other), at most 50 for each, from the
    distinct pairs (group, sku) of `items`."""
    sizes = items.group_by("group").agg(size=items.count())
    sizes = sizes.filter(sizes.size <= group_max)
    items = items.join(sizes, "group")
    seen = items.group_by("sku").agg(groups=items.count())
    pairs = _pairs(items, _numbered(seen))
    return _nearest(_scored(pairs, items.group.nunique().as_scalar()))


def occurrences(items: Table) -> Table:
    """(sku, groups): in how many groups each product is."""
    return items.group_by("sku").agg(groups=items.count())


def added_up(
    model: Model, unit_type: str, asked: Asked, with_key: str, count_key: str
) -> list[Candidate]:
    """Candidates of neighbours: the scores for the products of the context are added, and the
    strongest of them is the evidence."""
    artefact = model.artefacts.get(unit_type)
    if artefact is None:
        return []
    context = dict.fromkeys(asked.skus)
    sums: dict[str, int] = {}
    strongest: dict[str, tuple[int, str, int]] = {}
    for sku in _first(context, CONTEXT_MAX):
        for other, score, count in artefact.of(sku):
            if other in context:
                continue
            before = sums.get(other)
            sums[other] = score if before is None else before + score
            if before is None or score > strongest[other][0]:
                strongest[other] = (score, sku, count)
    best = sorted(sums, key=lambda other: (-sums[other], other))[: asked.count]
    return [
        Candidate(
            other,
            sums[other],
            artefact.scale,
            {with_key: strongest[other][1], count_key: strongest[other][2]},
        )
        for other in best
    ]


def _numbered(seen: Table) -> Table:
    """Products with a number in the order of their SKUs: pairs are cheaper of numbers."""
    import ibis

    return seen.mutate(number=ibis.row_number().over(order_by=seen.sku))


def _pairs(items: Table, products: Table) -> Table:
    """(a, b, weight, together) with a < b, and the frequency and SKU of both."""
    coded = items.join(products, "sku").select("group", "number", share=_UNIT // items.size)
    left = coded.rename(a="number")
    right = coded.select("group", b="number")
    met = left.join(right, ["group", left.a < right.b])
    counted = met.group_by("a", "b").agg(weight=met.share.sum(), together=met.count())
    a = products.select(a="number", sku_a="sku", groups_a="groups")
    b = products.select(b="number", sku_b="sku", groups_b="groups")
    return counted.join(a, "a").join(b, "b")


def _scored(pairs: Table, groups: object) -> Table:
    """Pairs more frequent than chance with their score."""
    both = (pairs.groups_a * pairs.groups_b).cast("float64")
    weighed = pairs.weight.cast("float64") * pairs.together * (SCALE // _UNIT)
    score = (weighed / (both.sqrt() * (pairs.together + DAMPING))).floor().cast("int64")
    scored = pairs.mutate(score=score)
    return scored.filter(
        scored.score > 0, scored.together * groups > scored.groups_a * scored.groups_b
    )


def _nearest(pairs: Table) -> Table:
    """Both directions of each pair, the best of every product."""
    import ibis

    there = pairs.select("score", "together", sku="sku_a", other="sku_b")
    back = pairs.select("score", "together", sku="sku_b", other="sku_a")
    both = there.union(back)
    place = ibis.row_number().over(group_by="sku", order_by=[both.score.desc(), both.other])
    ranked = both.mutate(place=place)
    rows = ranked.filter(ranked.place < NEIGHBOURS_MAX)
    ordered = rows.order_by("sku", "place")
    return ordered.select("sku", "other", "score", "together")


def _first(skus: Iterable[str], count: int) -> list[str]:
    return list(skus)[:count]
