"""The body of a category ranking."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import PIN_POSITION_MAX
from aggregates.kernel.limits import RANKING_BOOST_MAX
from aggregates.kernel.limits import RANKING_EVENTS_MAX
from app.schemas.asked import Flag
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.authored import key
from app.schemas.authored import names
from rulesets.category_rankings import STRATEGIES


class StrategySchema(Schema):
    """By what behaviour the category is ordered, and how much that weighs."""

    strategy = fields.String(required=True, validate=validate.OneOf(STRATEGIES))
    boost = Whole(validate=validate.Range(1, RANKING_BOOST_MAX))


class RankingEventSchema(Schema):
    """What is done to one product, and for whom; for everybody where nobody is named."""

    effect = fields.String(required=True, validate=validate.OneOf(["boost", "bury", "pin", "hide"]))
    sku = text(required=True, low=1)
    position = Whole(validate=validate.Range(1, PIN_POSITION_MAX))
    segments = names()
    audiences = names()
    cart_rules = names()


class CategoryRankingSchema(Schema):
    """A category ranking: in what order the products of a category stand."""

    name = text(low=1)
    key = key()
    category = text(required=True, low=1)
    ranking = fields.Nested(StrategySchema)
    apply_to_subcategories = Flag()
    events = fields.List(
        fields.Nested(RankingEventSchema), validate=validate.Length(max=RANKING_EVENTS_MAX)
    )
    store_views = names()
