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
