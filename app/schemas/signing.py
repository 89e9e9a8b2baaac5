"""Public keys as they are served."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields


class SigningKeySchema(Schema):
    """One Ed25519 key."""

    key_id = fields.String(required=True)
    algorithm = fields.String(required=True)
    public_key = fields.String(required=True, metadata={"description": "base64 of 32 bytes"})
    pem = fields.String(required=True)


class SigningKeysSchema(Schema):
    """All keys, the current one first."""

    items = fields.List(fields.Nested(SigningKeySchema), required=True)
