"""The body of a recommendation unit."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import FILTERS_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.kernel.limits import UNIT_SIZE_MAX
from app.schemas.asked import Open
from app.schemas.asked import Whole
from app.schemas.authored import key
from app.schemas.authored import name
from app.schemas.authored import names
from rulesets.unit_types import PAGE_TYPES
from rulesets.unit_types import UNIT_TYPES

POSITION_MAX = 1_000
"""Units of a page are fewer; the rest is room to put one in between."""


class Label(fields.Field[Any]):
    """What shoppers read: a text, or one for each store view and a `default`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        texts = value if isinstance(value, dict) else {"default": value}
        for text in texts.values():
            if not isinstance(text, str) or not text.strip():
                raise ValidationError("wrong_type: a text, or one for each store view")
            if len(text) > STRING_LENGTH_MAX:
                raise ValidationError(f"too_long: at most {STRING_LENGTH_MAX} characters")
        return value


_filters = fields.List(Open(), validate=validate.Length(max=FILTERS_MAX))
UnitFiltersSchema = Schema.from_dict(
    {"include": _filters, "exclude": _filters}, name="UnitFiltersSchema"
)
"""What the unit may show, and what it never shows; what a filter may say is the linter's. Made of a
table, since marshmallow has attributes of these names."""


class RecommendationUnitSchema(Schema):
    """A recommendation unit: a strip of products on a type of page."""

    name = name()
    key = key()
    page_type = fields.String(required=True, validate=validate.OneOf(PAGE_TYPES))
    type = fields.String(required=True, validate=validate.OneOf(list(UNIT_TYPES)))
    label = Label(required=True, metadata={"type": ["string", "object"]})
    size = Whole(validate=validate.Range(1, UNIT_SIZE_MAX))
    position = Whole(validate=validate.Range(0, POSITION_MAX))
    filters = fields.Nested(UnitFiltersSchema)
    store_views = names()
