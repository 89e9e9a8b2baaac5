"""Definitions, versions and revisions in requests and answers, whatever their kind."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

from aggregates.definition import PREFIXES
from aggregates.kernel.clock import parse_moment
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.authored import DESCRIPTION_LENGTH_MAX

BATCH_MAX = 5_000
"""A whole site in one revision."""


class Moment(fields.Field[int]):
    """RFC 3339 in, microseconds inside."""

    def _deserialize(self, value: object, attr: object, data: object, **kwargs: object) -> int:
        try:
            return parse_moment(value) if isinstance(value, str) else _refused()
        except ValueError:
            return _refused()


class ScheduleSchema(Schema):
    """From when and until when a published version counts."""

    starts_at = Moment(metadata={"type": "string", "format": "date-time"})
    ends_at = Moment(metadata={"type": "string", "format": "date-time"})
    version = Whole(validate=validate.Range(min=1))
    note = text(high=DESCRIPTION_LENGTH_MAX)


class NoteSchema(Schema):
    """Why."""

    note = text(high=DESCRIPTION_LENGTH_MAX)


class NamedSchema(Schema):
    """A definition by kind and id or key."""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(PREFIXES)))
    id = text(required=True, low=1, high=64)


class PublishedSchema(NamedSchema):
    """A definition to publish: its newest version, or the one given."""

    version = Whole(validate=validate.Range(min=1))
    starts_at = Moment(metadata={"type": "string", "format": "date-time"})
    ends_at = Moment(metadata={"type": "string", "format": "date-time"})


class RulesetSchema(Schema):
    """One revision: all of it or nothing."""

    publish = fields.List(fields.Nested(PublishedSchema), validate=validate.Length(max=BATCH_MAX))
    pause = fields.List(fields.Nested(NamedSchema), validate=validate.Length(max=BATCH_MAX))
    resume = fields.List(fields.Nested(NamedSchema), validate=validate.Length(max=BATCH_MAX))
    archive = fields.List(fields.Nested(NamedSchema), validate=validate.Length(max=BATCH_MAX))
    note = text(high=DESCRIPTION_LENGTH_MAX)


class DefinitionSchema(Schema):
    """A definition as it is now."""

    id = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf(["draft", "scheduled", "live", "expired", "paused", "archived"]),
    )
    version = fields.Integer(required=True)
    live_version = fields.Integer(required=True, allow_none=True)
    has_draft_changes = fields.Boolean(required=True)
    starts_at = fields.String(required=True, allow_none=True)
    ends_at = fields.String(required=True, allow_none=True)
    body = fields.Dict(required=True)
    created_at = fields.String(required=True)
    updated_at = fields.String(required=True)
    updated_by = fields.String(required=True)
    revision = fields.Integer()
    log_position = fields.Integer()


class DefinitionPageSchema(Schema):
    """One page of definitions."""

    items = fields.List(fields.Nested(DefinitionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class VersionSchema(Schema):
    """One saved body."""

    version = fields.Integer(required=True)
    live = fields.Boolean(required=True)
    body = fields.Dict(required=True)
    digest = fields.String(required=True)
    saved_at = fields.String(required=True)
    saved_by = fields.String(required=True)


class VersionPageSchema(Schema):
    """One page of versions, newest first."""

    items = fields.List(fields.Nested(VersionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RevisionSchema(Schema):
    """A revision; its entries where one is asked for."""

    revision = fields.Integer(required=True)
    digest = fields.String(required=True)
    published_at = fields.String(required=True)
    published_by = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    entries = fields.List(fields.Dict())
    log_position = fields.Integer()


class RevisionPageSchema(Schema):
    """One page of revisions, newest first."""

    items = fields.List(fields.Nested(RevisionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def _refused() -> int:
    raise ValidationError("not_a_moment: write a moment as 2026-11-23T08:00:00Z")
