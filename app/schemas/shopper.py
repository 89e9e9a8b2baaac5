"""Persons: what is asked, and the shapes of the answers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validates_schema

from app.schemas.asked import Whole
from app.schemas.asked import text


class LookupSchema(Schema):
    """Whose person id is asked for: one id of a client."""

    customer_id = text(low=1)
    anonymous_id = text(low=1)
    min_position = Whole()

    @validates_schema
    def _one(self, data: dict[str, Any], **options: Any) -> None:
        if ("customer_id" in data) == ("anonymous_id" in data):
            raise ValidationError("customer_or_anonymous: give one of the two")


class PersonSchema(Schema):
    """A person: the pseudonyms that links join now. Any of them stands for `person` in a path."""

    person = fields.String(required=True)
    pseudonyms = fields.List(fields.String(), required=True)


class AsOfSchema(Schema):
    """All events up to a position, looked at in a moment."""

    log_position = fields.Integer(required=True)
    at = fields.String(required=True)


class TraitSchema(Schema):
    """A trait, and the event that said it."""

    value = fields.Raw(required=True)
    said_at = fields.String(required=True)
    log_position = fields.Integer(required=True)


class ProfileSchema(Schema):
    """Traits as they stood; group and addresses as conditions read them."""

    first_seen_at = fields.String(required=True)
    group = fields.String(required=True)
    addresses = fields.Dict(required=True)
    traits = fields.Dict(fields.String(), fields.Nested(TraitSchema), required=True)


class LinkSchema(Schema):
    """A browser that was a customer's. `trust`: who said so; a `client` joins nothing."""

    anonymous = fields.String(required=True)
    customer = fields.String(required=True)
    trust = fields.String(required=True)
    since = fields.String(required=True)
    since_position = fields.Integer(required=True)
    until = fields.String(required=True, allow_none=True)
    until_position = fields.Integer(required=True, allow_none=True)


class NamedSegmentSchema(Schema):
    """A segment. `reads`: what of a request it depends on."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    reads = fields.List(fields.String())


class SegmentsSchema(Schema):
    """Memberships by the revision of then. `not_told`: segments that depend on a request."""

    revision = fields.Integer(required=True)
    members = fields.List(fields.Nested(NamedSegmentSchema), required=True)
    not_told = fields.List(fields.Nested(NamedSegmentSchema), required=True)


class ActivitySchema(Schema):
    """How often a person did something."""

    event = fields.String(required=True)
    count = fields.Integer(required=True)
    first_at = fields.String(required=True)
    last_at = fields.String(required=True)


class CurrencySumSchema(Schema):
    """Orders of one currency, net of refunds."""

    currency = fields.String(required=True)
    count = fields.Integer(required=True)
    sum = fields.String(required=True)
    average = fields.String(required=True)


class OrdersSchema(Schema):
    """Orders that were not cancelled, and how many were."""

    count = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    by_currency = fields.List(fields.Nested(CurrencySumSchema), required=True)


class KnownSchema(PersonSchema):
    """What was known of a person. `erased_pseudonyms`: joined ones whose keys are destroyed."""

    erased_pseudonyms = fields.List(fields.String(), required=True)
    as_of = fields.Nested(AsOfSchema, required=True)
    registered = fields.Boolean(required=True)
    profile = fields.Nested(ProfileSchema, required=True, allow_none=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)
    segments = fields.Nested(SegmentsSchema, required=True)
    activity = fields.List(fields.Nested(ActivitySchema), required=True)
    orders = fields.Nested(OrdersSchema, required=True)


class TimelineItemSchema(Schema):
    """One event of a person's timeline. `event` is the name that the shop knows it by; `erased`:
    its sealed part cannot be read any more."""

    log_position = fields.Integer(required=True)
    kind = fields.String(required=True)
    topic = fields.String(required=True)
    event = fields.String(required=True, allow_none=True)
    occurred_at = fields.String(required=True)
    recorded_at = fields.String(required=True)
    shopper = fields.String(required=True, allow_none=True)
    erased = fields.Boolean(required=True)
    data = fields.Dict(required=True)


class TimelineSchema(PersonSchema):
    """One page of a timeline, in the order of the log, which it follows up to `upto`."""

    upto = fields.Integer(required=True)
    items = fields.List(fields.Nested(TimelineItemSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
