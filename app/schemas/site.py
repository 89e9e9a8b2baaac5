"""`PUT /v1/site`: a site's settings. What is left out takes its default."""

from __future__ import annotations

from zoneinfo import available_timezones

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import COUPONS_MAX
from aggregates.kernel.limits import HISTORY_DAYS_MAX
from aggregates.kernel.money import DIGITS
from app.schemas.asked import Flag
from app.schemas.asked import Whole
from app.schemas.asked import text

DAY_S = 86_400
YEAR_H = 366 * 24
PROPERTIES_MAX = 50
"""Declared properties: each is a facet of every day row of every shopper."""


def _currency(value: str) -> None:
    if value not in DIGITS:
        raise ValidationError("unknown_currency: not an ISO 4217 code")


def _zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("unknown_time_zone: not a name of the IANA database")


class SiteSchema(Schema):
    """The settings of a site."""

    name = text()
    base_currency = fields.String(validate=_currency)
    time_zone = fields.String(validate=_zone)
    history_days = Whole(validate=validate.Range(1, HISTORY_DAYS_MAX))
    max_coupons = Whole(validate=validate.Range(0, COUPONS_MAX))
    decision_max_age_s = Whole(validate=validate.Range(1, DAY_S))
    consent = fields.String(validate=validate.OneOf(["assumed", "required"]))
    tax_basis = fields.String(validate=validate.OneOf(["excl_tax", "incl_tax"]))
    counted_properties = fields.List(
        text(low=1, high=100), validate=validate.Length(max=PROPERTIES_MAX)
    )
    seal_search_phrases = Flag()
    attribution_window_h = Whole(validate=validate.Range(1, YEAR_H))
    out_of_stock_last = Flag()
    notes = fields.String(validate=validate.OneOf(["optional", "required"]))
    approval = fields.String(validate=validate.OneOf(["none", "four_eyes"]))
    require_simulation = fields.String(validate=validate.OneOf(["no", "cart_rules"]))
    simulation_max_age_h = Whole(validate=validate.Range(1, YEAR_H))
