"""Runs of jobs as `GET /v1/jobs` shows them."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from app.jobs.run_rows import STATUSES


class JobRunSchema(Schema):
    """One run. `progress` is its newest step, `detail` a sentence about its end."""

    job = fields.String(required=True)
    occasion = fields.String(
        required=True,
        metadata={"description": "What it is run once for, such as the start of its period."},
    )
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    attempt = fields.Integer(required=True)
    progress = fields.String(required=True)
    detail = fields.String(required=True)
    started_at = fields.DateTime(required=True)
    heartbeat_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "When it was last known to live; null if it was given back."},
    )
    finished_at = fields.DateTime(required=True, allow_none=True)


class JobRunPageSchema(Schema):
    """One page of runs, the one that began last first."""

    items = fields.List(fields.Nested(JobRunSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
