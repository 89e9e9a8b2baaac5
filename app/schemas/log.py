"""The log, its checkpoints and its verification as they are answered."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields


class LogEventSchema(Schema):
    """A row of the log as it is stored and hashed, its open fields readable beside it."""

    site = fields.String(required=True)
    position = fields.Integer(required=True)
    stream_id = fields.String(required=True)
    version = fields.Integer(required=True)
    topic = fields.String(required=True)
    shopper_id = fields.String(required=True, allow_none=True)
    occurred_at = fields.Integer(required=True, metadata={"description": "Microseconds, UTC."})
    recorded_at = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "base64 of what is stored"})
    data = fields.Dict(required=True, allow_none=True, metadata={"description": "Open fields."})
    sealed = fields.Boolean(required=True)
    hash = fields.String(required=True)


class LogPageSchema(Schema):
    """A page of the log; `next_after` is null at its end."""

    items = fields.List(fields.Nested(LogEventSchema), required=True)
    next_after = fields.Integer(required=True, allow_none=True)


class CheckpointSchema(Schema):
    """A checkpoint: how many events, the root over them, the last one's chain hash."""

    origin = fields.String(required=True)
    position = fields.Integer(required=True)
    root = fields.String(required=True)
    chain = fields.String(required=True)
    made_at = fields.DateTime(required=True)
    note = fields.String(required=True, metadata={"description": "C2SP tlog-checkpoint"})


class CheckpointPageSchema(Schema):
    """Checkpoints, the newest first, and the keys that may have signed them."""

    items = fields.List(fields.Nested(CheckpointSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    keys = fields.List(fields.String(), required=True)


class VerdictSchema(Schema):
    """Whether the log is what was written; if not, from where on and in what way."""

    intact = fields.Boolean(required=True)
    events = fields.Integer()
    head = fields.String()
    checkpoints = fields.Integer()
    checkpoint = fields.Integer(allow_none=True, metadata={"description": "The newest one."})
    position = fields.Integer()
    code = fields.String()
    detail = fields.String()


class VerificationSchema(Schema):
    """A verification by the job `verify`."""

    verification = fields.Integer(required=True)
    status = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    verdict = fields.Nested(VerdictSchema, required=True, allow_none=True)
