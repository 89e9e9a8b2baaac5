"""`POST /v1/decisions/category`: the question, and the shape of its answer."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import FILTERS_MAX
from app.schemas.asked import ContextSchema
from app.schemas.asked import Flag
from app.schemas.asked import Open
from app.schemas.asked import ShopperSchema
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.cart import CartSchema
from app.schemas.decision import DecisionAnswerSchema
from decisions.category_page import SORTS_MAX


class CategoryQuestionSchema(Schema):
    """The question: which products does a page of this category show, in which order?

    What a filter and a sort may say is read by decisions/category_page.py.
    """

    category = text(required=True)
    shopper = fields.Nested(ShopperSchema)
    context = fields.Nested(ContextSchema)
    cart = fields.Nested(CartSchema)
    filter = fields.List(Open(), validate=validate.Length(max=FILTERS_MAX))
    sort = fields.List(Open(), validate=validate.Length(max=SORTS_MAX))
    page = Whole()
    page_size = Whole()
    explain = Flag()
    dry_run = Flag()
    min_position = Whole()
    min_revision = Whole()


class MovedBySchema(Schema):
    """What moved a product: the strategy of a ranking, or what its author does to the product."""

    rule_id = fields.String(required=True)
    effect = fields.String(required=True)


class RankedItemSchema(Schema):
    """One product of the page."""

    sku = fields.String(required=True)
    position = fields.Integer(required=True)
    score = fields.String(required=True)
    moved_by = fields.List(fields.Nested(MovedBySchema))


class RankingSchema(Schema):
    """Whose strategy ranks the category; `fallback` says why it is not ranked as it was meant."""

    strategy = fields.String(required=True)
    rule_id = fields.String()
    inherited = fields.Boolean()
    fallback = fields.String()


class CategoryAnswerSchema(DecisionAnswerSchema):
    """A ranked page."""

    items = fields.List(fields.Nested(RankedItemSchema), required=True)
    total = fields.Integer(required=True)
    facets = fields.List(fields.Dict(), required=True)
    suggestions = fields.List(fields.String(), required=True)
    ranking = fields.Nested(RankingSchema, required=True)
    rejected_rules = fields.List(fields.Dict())
