"""`POST /v1/decisions/recommendations`: the question, and the shape of its answer."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import CONTEXT_SKUS_MAX
from aggregates.kernel.limits import UNITS_ASKED_MAX
from app.schemas.asked import ContextSchema
from app.schemas.asked import Flag
from app.schemas.asked import ShopperSchema
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.asked import texts
from app.schemas.decision import DecisionAnswerSchema
from rulesets.unit_types import PAGE_TYPES


class RecommendationsQuestionSchema(Schema):
    """The question: which products do the units of this page show?"""

    page_type = fields.String(required=True, validate=validate.OneOf(PAGE_TYPES))
    units = fields.List(text(low=1, high=64), validate=validate.Length(max=UNITS_ASKED_MAX))
    shopper = fields.Nested(ShopperSchema)
    context = fields.Nested(ContextSchema)
    sku = text(low=1)
    cart_skus = texts(CONTEXT_SKUS_MAX)
    category = text()
    explain = Flag()
    dry_run = Flag()
    min_position = Whole()
    min_revision = Whole()


class RecommendedSchema(Schema):
    """One product of a unit, and what speaks for it."""

    sku = fields.String(required=True)
    rank = fields.Integer(required=True)
    score = fields.String(required=True)
    source = fields.String(required=True)
    because = fields.Dict(required=True)


class UnitAnswerSchema(Schema):
    """One unit. `readiness` is that of its type's model; `fallback` says why its own type did not
    fill it, `code` why it shows nothing."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    label = fields.String(required=True)
    items = fields.List(fields.Nested(RecommendedSchema), required=True)
    readiness = fields.Integer(required=True, allow_none=True)
    fallback = fields.String()
    code = fields.String()


class ServedModelSchema(Schema):
    """The model behind the answer, and what it was trained to."""

    id = fields.String(required=True)
    trained_at = fields.String(required=True)
    log_position = fields.Integer(required=True)


class RecommendationsAnswerSchema(DecisionAnswerSchema):
    """The units of a page in their order."""

    units = fields.List(fields.Nested(UnitAnswerSchema), required=True)
    model = fields.Nested(ServedModelSchema, required=True, allow_none=True)
