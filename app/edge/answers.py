"""Answers: JSON bytes, with the log position of a write spliced in where the log decided it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response


def respond(
    status: int,
    body: Mapping[str, Any] | bytes,
    log_position: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer. `body` is a JSON object without `log_position`, as a dict or ready bytes."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    if log_position is not None:
        data = with_position(data, log_position)
    answer = Response(data, status, content_type="application/json")
    if headers is not None:
        answer.headers.extend(headers)
    if headers is None or "Cache-Control" not in headers:
        answer.headers.add("Cache-Control", "no-store")
    return answer


def with_position(body: bytes, log_position: int) -> bytes:
    """`{"a":1}` and 7 make `{"a":1,"log_position":7}`."""
    comma = b"" if body == b"{}" else b","
    return b'%b%b"log_position":%d}' % (body[:-1], comma, log_position)
