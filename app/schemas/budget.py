"""Budgets: the shape of what is spent and what is left."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields


class SpentSchema(Schema):
    """Money of one currency. `over`: what is spent beyond a budget that was lowered since."""

    currency = fields.String(required=True)
    budget = fields.String(required=True)
    spent = fields.String(required=True)
    remaining = fields.String(required=True)
    over = fields.String(required=True)


class ThresholdSchema(Schema):
    """A threshold, and when it was noted that it was passed."""

    currency = fields.String(required=True)
    percent = fields.Integer(required=True)
    reached_at = fields.String(required=True, allow_none=True)


class BudgetOfSchema(Schema):
    """Of `rule/<id>`, or of `campaign/<name>`."""

    subject = fields.String(required=True)
    uses = fields.Integer(required=True)
    uses_total = fields.Integer(required=True, allow_none=True)
    money = fields.List(fields.Nested(SpentSchema), required=True)
    thresholds = fields.List(fields.Nested(ThresholdSchema), required=True)


class BudgetsSchema(Schema):
    """All of them."""

    items = fields.List(fields.Nested(BudgetOfSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
