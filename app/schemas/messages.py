"""Messages, for the documentation: intake checks them by hand (app/intake/message.py)."""

from __future__ import annotations

from marshmallow import INCLUDE
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import BATCH_MESSAGES_MAX


class MessageSchema(Schema):
    """One message: the common fields of Segment and RudderStack. Other fields are kept."""

    class Meta:
        """Whatever a client adds is kept, sealed."""

        unknown = INCLUDE

    type = fields.String(
        validate=validate.OneOf(["track", "identify", "page", "screen", "group", "alias"]),
        metadata={"description": "Given by the path on the single routes."},
    )
    event = fields.String(metadata={"description": "Of `track`: `Product Viewed`, ..."})
    messageId = fields.String(metadata={"description": "Sent twice, it counts once."})  # noqa: N815
    anonymousId = fields.String()  # noqa: N815
    userId = fields.String()  # noqa: N815
    timestamp = fields.DateTime()
    sentAt = fields.DateTime()  # noqa: N815
    context = fields.Dict()
    properties = fields.Dict()
    traits = fields.Dict()
    previousId = fields.String()  # noqa: N815
    groupId = fields.String()  # noqa: N815


class BatchSchema(Schema):
    """Many messages, each standing for itself."""

    class Meta:
        """Clients add `writeKey`, `integrations` and others."""

        unknown = INCLUDE

    batch = fields.List(
        fields.Nested(MessageSchema),
        required=True,
        validate=validate.Length(max=BATCH_MESSAGES_MAX),
    )
    sentAt = fields.DateTime()  # noqa: N815


class RejectedSchema(Schema):
    """A message that was refused, and why. It stands in quarantine."""

    index = fields.Integer(required=True)
    messageId = fields.String(required=True, allow_none=True)  # noqa: N815
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ReceivedSchema(Schema):
    """What became of the messages; what is accepted is durable."""

    success = fields.Boolean(required=True)
    accepted = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    rejected = fields.List(fields.Nested(RejectedSchema), required=True)
    log_position = fields.Integer(required=True)


class QuarantinedSchema(Schema):
    """A refused message; `message` is null when its shopper was erased."""

    position = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    trust = fields.String(
        required=True,
        validate=validate.OneOf(["server", "client"]),
        metadata={"description": "Of the key it came under; resubmitting it changes nothing."},
    )
    status = fields.String(required=True, validate=validate.OneOf(["open", "resubmitted"]))
    resubmitted_position = fields.Integer(required=True, allow_none=True)
    recorded_at = fields.DateTime(required=True)
    received_at = fields.DateTime(required=True, allow_none=True)
    message = fields.Raw(required=True, allow_none=True)


class QuarantinePageSchema(Schema):
    """One page of quarantine, newest first."""

    items = fields.List(fields.Nested(QuarantinedSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class RepairSchema(Schema):
    """What is taken in instead of the refused message; nothing: the message as it is."""

    message = fields.Dict(metadata={"description": "The whole message, repaired."})


class ResubmittedSchema(Schema):
    """A message that left quarantine; a duplicate was in the log already."""

    position = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["resubmitted"]))
    accepted = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    log_position = fields.Integer(required=True)
