"""Every recommender by the name of its unit type, in the order in which they are trained."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from projections.recommendations.most_purchased import MostPurchased
from projections.recommendations.recommender import Recommender

_ALL: tuple[Recommender, ...] = (MostPurchased(),)

RECOMMENDERS: Mapping[str, Recommender] = MappingProxyType({one.type: one for one in _ALL})
"""Type to recommender."""
TRAINED = tuple(one.type for one in _ALL if one.kind is not None)
"""The types that have a model."""
