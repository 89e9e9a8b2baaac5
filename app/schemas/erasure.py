"""What erasing a person takes and answers."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from app.erasure.erase import ON_REQUEST


class ErasureSchema(Schema):
    """Why; a code of the site's own, never a name."""

    reason = fields.String(
        load_default=ON_REQUEST, validate=validate.Regexp(r"[a-z][a-z0-9_]{0,63}\Z")
    )


class ErasedSchema(Schema):
    """`erased`: nobody can read anything of the person. `finished`: nothing is left in the files of
    the stores either."""

    person = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["erased", "finished"]))
    pseudonyms = fields.Integer(required=True)
    erased_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    log_position = fields.Integer(required=True)
