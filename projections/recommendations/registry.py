"""Every recommender by the name of its unit type, in the order in which they are trained."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from projections.recommendations.bought_bought import BoughtBought
from projections.recommendations.most_purchased import MostPurchased
from projections.recommendations.most_viewed import MostViewed
from projections.recommendations.recently_viewed import RecentlyViewed
from projections.recommendations.recommender import Recommender
from projections.recommendations.trending import Trending
from projections.recommendations.viewed_viewed import ViewedViewed

_ALL: tuple[Recommender, ...] = (
    MostPurchased(),
    MostViewed(),
    Trending(),
    BoughtBought(),
    ViewedViewed(),
    RecentlyViewed(),
)

RECOMMENDERS: Mapping[str, Recommender] = MappingProxyType({one.type: one for one in _ALL})
"""Type to recommender."""
TRAINED = tuple(one.type for one in _ALL if one.kind is not None)
"""The types that have a model."""
