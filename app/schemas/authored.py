"""Fields that bodies of definitions share.

A body is kept as its author wrote it, in one normal form: amounts are decimal text, numbers are
whole or decimals, nothing is filled in. What a tree may say is the linter's to judge.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import HTML_LENGTH_MAX
from aggregates.kernel.limits import PRIORITY_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX
from app.schemas.asked import Amount
from app.schemas.asked import Whole
from app.schemas.asked import text

NAMES_MAX = 500
"""Names in one list: no more of anything can be live."""
DESCRIPTION_LENGTH_MAX = 10 * STRING_LENGTH_MAX
KEY = r"[a-z0-9-]{1,64}\Z"


class Tree(fields.Field[Any]):
    """A condition tree; its inside is the linter's."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("wrong_type: a tree is an object")
        return value


class AnyJson(fields.Field[Any]):
    """Whatever the author wants to show."""


class ContentSchema(Schema):
    """What a block or a slot's fallback shows."""

    html = fields.String(validate=validate.Length(max=HTML_LENGTH_MAX))
    json = AnyJson()


def key(*, required: bool = False) -> fields.String:
    """The author's own name of a definition."""
    return fields.String(required=required, validate=validate.Regexp(KEY))


def name() -> fields.String:
    """What people call it."""
    return text(required=True, low=1)


def names() -> fields.List[Any]:
    """Ids, keys or names, none twice."""
    return fields.List(text(low=1), validate=[validate.Length(max=NAMES_MAX), _each_once])


def priority() -> Whole:
    """The order in which things are tried; low is first."""
    return Whole(required=True, validate=validate.Range(0, PRIORITY_MAX))


def day() -> fields.String:
    """A local day: `2026-11-23`."""
    return fields.String(validate=_a_day)


def amounts() -> fields.Dict:
    """Amounts in further currencies."""
    return fields.Dict(keys=text(low=3, high=3), values=Amount())


def _a_day(value: str) -> None:
    try:
        if date.fromisoformat(value).isoformat() == value:
            return
    except ValueError:
        pass
    raise ValidationError("not_a_date: write a day as 2026-11-23")


def _each_once(values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("named_twice: a name stands here twice")
