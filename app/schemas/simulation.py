"""Simulations: what is asked, and the shapes of the answers."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE
from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from aggregates.definition import PREFIXES
from aggregates.kernel.limits import SIMULATION_CHANGES_MAX
from aggregates.kernel.limits import SIMULATION_SAMPLE_MAX
from aggregates.kernel.limits import SIMULATION_TOP_MAX
from app.schemas.asked import Flag
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.definition import Moment
from decisions.simulation.spec import SCHEDULES_MODES
from decisions.simulation.spec import SEGMENTS_MODES
from projections.simulations import STATUSES

KINDS = ("cart", "content", "category", "recommendations")
_MOMENT = {"type": "string", "format": "date-time"}


class ChangeSchema(Schema):
    """A definition as the candidate has it: its whole body beside `kind`, and `id` or `key` where
    it is there already. Without a body: what is saved of it, the newest or `version`. With
    `remove`: it is not live in the candidate."""

    class Meta:
        unknown = INCLUDE

    kind = fields.String(required=True, validate=validate.OneOf(sorted(PREFIXES)))
    id = text(low=1, high=64)
    key = text(low=1, high=64)
    version = Whole(validate=validate.Range(min=1))
    remove = Flag()
    starts_at = Moment(metadata=_MOMENT)
    ends_at = Moment(metadata=_MOMENT)


class CandidateSchema(Schema):
    """A revision, the newest without a number, and what is changed of it."""

    revision = Whole(validate=validate.Range(min=1))
    changes = fields.List(
        fields.Nested(ChangeSchema), validate=validate.Length(max=SIMULATION_CHANGES_MAX)
    )


class OverSchema(Schema):
    """Decisions recorded from a moment on and before another."""

    from_ = Moment(required=True, data_key="from", attribute="from", metadata=_MOMENT)
    to = Moment(required=True, metadata=_MOMENT)
    kind = fields.String(validate=validate.OneOf(KINDS))


class SampleSchema(Schema):
    """A share, as decimal text up to 1, or a number of decisions. Another seed draws others."""

    share = fields.String(validate=validate.Regexp(r"(?:0\.[0-9]{1,9}|1(?:\.0{1,9})?)\Z"))
    count = Whole(validate=validate.Range(1, SIMULATION_SAMPLE_MAX))
    seed = Whole()

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Either, and a share above 0."""
        if ("share" in data) is ("count" in data):
            raise ValidationError("share_or_count: a sample has either a share or a count")
        if "share" in data and not data["share"].strip("0."):
            raise ValidationError("out_of_range: a share is more than 0", "share")


class SimulationQuestionSchema(Schema):
    """What would have been decided."""

    candidate = fields.Nested(CandidateSchema, required=True)
    over = fields.Nested(OverSchema, required=True)
    sample = fields.Nested(SampleSchema)
    segments = fields.String(validate=validate.OneOf(SEGMENTS_MODES))
    schedules = fields.String(validate=validate.OneOf(SCHEDULES_MODES))
    top = Whole(validate=validate.Range(1, SIMULATION_TOP_MAX))


class ProgressSchema(Schema):
    """In positions of the log; a sample by number passes over them twice."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class SimulationErrorSchema(Schema):
    """Why a simulation failed."""

    code = fields.String(required=True)
    detail = fields.String(required=True)


class SimulationSchema(Schema):
    """A simulation without its result."""

    id = fields.String(required=True)
    job = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    digest = fields.String(required=True)
    candidate = fields.Dict(required=True)
    over = fields.Dict(required=True)
    sample = fields.Dict(required=True, allow_none=True)
    segments = fields.String(required=True, validate=validate.OneOf(SEGMENTS_MODES))
    schedules = fields.String(required=True, validate=validate.OneOf(SCHEDULES_MODES))
    asked_by = fields.String(required=True)
    asked_at = fields.String(required=True)
    started_at = fields.String(required=True, allow_none=True)
    ended_at = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    progress = fields.Nested(ProgressSchema, required=True, allow_none=True)
    error = fields.Nested(SimulationErrorSchema, required=True, allow_none=True)


class AskedSimulationSchema(SimulationSchema):
    """A simulation that was just asked for or cancelled."""

    log_position = fields.Integer(required=True)


class WholeSimulationSchema(SimulationSchema):
    """A simulation with its result, once it has one (docs/simulation.md)."""

    result = fields.Dict(required=True, allow_none=True)


class SimulationPageSchema(Schema):
    """One page of simulations, newest first."""

    items = fields.List(fields.Nested(SimulationSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
