"""Proposals: the shapes of the answers."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from app.schemas.changes import DifferenceSchema


class ProposedActSchema(Schema):
    """One wish. `version`: the one that is published, whatever is saved later."""

    act = fields.String(required=True)
    kind = fields.String(required=True)
    id = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    starts_at = fields.String(required=True, allow_none=True)
    ends_at = fields.String(required=True, allow_none=True)


class ProposedChangeSchema(Schema):
    """What approving it would change of one live definition."""

    kind = fields.String(required=True)
    id = fields.String(required=True)
    act = fields.String(required=True)
    changes = fields.List(fields.Nested(DifferenceSchema), required=True)


class ClosedProposalSchema(Schema):
    """How a proposal ended; `revision` is what approving it made."""

    proposal_id = fields.String(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf(["waiting", "approved", "rejected", "withdrawn"])
    )
    revision = fields.Integer(required=True, allow_none=True)
    log_position = fields.Integer()


class ProposalSchema(ClosedProposalSchema):
    """A proposal; `differences` while it waits, against what is live now."""

    acts = fields.List(fields.Nested(ProposedActSchema), required=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    closed_at = fields.String(required=True, allow_none=True)
    closing_note = fields.String(required=True, allow_none=True)
    differences = fields.List(fields.Nested(ProposedChangeSchema))


class ProposalPageSchema(Schema):
    """One page of proposals, newest first."""

    items = fields.List(fields.Nested(ProposalSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
