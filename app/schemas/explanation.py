"""The shape of an explanation, for the OpenAPI page: what every kind has, and what each adds."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields


class ExplainedRuleSchema(Schema):
    """One live rule with its tree. `code`, `by` and `detail` say why it did not apply."""

    rule_id = fields.String(required=True)
    name = fields.String(required=True)
    fired = fields.Boolean(required=True)
    because = fields.Dict(required=True)
    code = fields.String()
    by = fields.String()
    detail = fields.String()
    leaf = fields.Dict()
    limits = fields.List(fields.Dict())


class ExplainedSegmentSchema(Schema):
    """One live segment with its tree; `code` and `detail` say why the shopper is not in it."""

    segment_id = fields.String(required=True)
    name = fields.String(required=True)
    member = fields.Boolean(required=True)
    because = fields.Dict(required=True)
    code = fields.String()
    detail = fields.String()


class ExplainedTotalsSchema(Schema):
    """Lines and shipping together, before a step and after it."""

    before = fields.String(required=True)
    after = fields.String(required=True)


class ExplainedStepSchema(Schema):
    """One rule at its turn: what it changed, or why it changed nothing."""

    step = fields.Integer(required=True)
    rule_id = fields.String(required=True)
    name = fields.String(required=True)
    applied = fields.Boolean(required=True)
    detail = fields.String(required=True)
    totals = fields.Nested(ExplainedTotalsSchema, required=True)
    amount = fields.String()
    lines = fields.List(fields.Dict())
    shipping = fields.Dict()
    group = fields.Dict()
    code = fields.String()
    by = fields.String()
    contest = fields.Dict()
    gifts = fields.List(fields.String())
    free_shipping_lines = fields.List(fields.String())
    frees_shipment = fields.Boolean()
    ends = fields.Dict()
    lost_lines = fields.List(fields.Dict())


class ExplanationSchema(Schema):
    """Why a decision came out as it did. `slot` and `blocks` of content; `ranking`, `events` and
    `items` of a category; `model`, `units` and `dropped` of recommendations."""

    summary = fields.List(fields.String(), required=True)
    rules = fields.List(fields.Nested(ExplainedRuleSchema), required=True)
    segments = fields.List(fields.Nested(ExplainedSegmentSchema), required=True)
    steps = fields.List(fields.Nested(ExplainedStepSchema), required=True)
    facts = fields.Dict(required=True)
    slot = fields.Dict()
    blocks = fields.List(fields.Dict())
    ranking = fields.Dict()
    events = fields.List(fields.Dict())
    items = fields.List(fields.Dict())
    model = fields.Dict(allow_none=True)
    units = fields.List(fields.Dict())
    dropped = fields.List(fields.Dict())
