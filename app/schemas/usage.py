"""Usage: the shape of counters as of a position."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields

from app.schemas.shopper import AsOfSchema


class CounterSchema(Schema):
    """A counter of `rule/<id>`, `campaign/<name>` or `coupon/<code>`: whole uses, or money where
    there is a currency. `person`: whose uses; `most`: its limit, by the revision of then."""

    subject = fields.String(required=True)
    name = fields.String(required=True)
    person = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    used = fields.Raw(required=True)
    most = fields.Raw(required=True, allow_none=True)


class UsagePageSchema(Schema):
    """One page of counters that had moved."""

    as_of = fields.Nested(AsOfSchema, required=True)
    revision = fields.Integer(required=True)
    items = fields.List(fields.Nested(CounterSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
