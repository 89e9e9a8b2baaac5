"""Idempotency-Key on POST, PUT and DELETE: the same key and body get the same answer for 24 hours.

A handler that appends passes `once(status, body)` to its unit, so that effect and answer become
durable together. An answer without a unit of its own, 4xx ones too, is stored by an empty unit
afterwards; 401, 403, 429 and 5xx are not stored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response
from flask import g
from flask import request

from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import BATCH_BODY_BYTES_MAX
from aggregates.kernel.limits import IDEMPOTENCY_KEY_LENGTH_MAX
from aggregates.log import Append
from aggregates.log import IdempotencyRow
from aggregates.log import StoredAnswer
from app.edge.answers import with_position
from app.edge.body import read_bytes
from app.edge.edge import Edge
from app.edge.problems import Unreadable
from app.edge.problems import answer_to
from app.eventlog.touched import listening

Rebuild = Callable[[StoredAnswer], Response]
"""Makes an answer again from what `once` kept of it, where the whole would be too large to keep."""

_KEY = re.compile(rf"[!-~]{{1,{IDEMPOTENCY_KEY_LENGTH_MAX}}}\Z")
_NOT_STORED = frozenset({401, 403, 429})
_DROPPED_HEADERS = frozenset({"content-length", "date", "server"})


@dataclass(slots=True)
class Attempt:
    """One request under an idempotency key. `about` gathers whom it is about; `kept`: its answer
    went into the handler's unit."""

    scope: str
    request: str
    about: set[str]
    kept: bool = False


def once(
    status: int, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None
) -> IdempotencyRow | None:
    """The row for the handler's unit, None without an Idempotency-Key.

    `body` is the answer without `log_position`, as for `respond`; on routes with `again`, whatever
    small object that function needs.
    """
    attempt: Attempt | None = g.get("attempt")
    if attempt is None:
        return None
    attempt.kept = True
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return _row(attempt, status, data, dict(headers or {}), mimetype="", spliced=True)


def guarded(
    edge: Edge,
    site: SiteId,
    key_id: str,
    handle: Callable[[], Response],
    again: Rebuild | None,
) -> Response:
    """Runs a handler under the request's Idempotency-Key, or answers what is stored."""
    key = request.environ["HTTP_IDEMPOTENCY_KEY"]
    if not _KEY.match(key):
        raise Unreadable("invalid_idempotency_key", "1 to 255 visible ASCII characters")
    with listening() as about:
        return _guarded(edge, site, _attempt(key_id, key, about), handle, again)


def _guarded(
    edge: Edge,
    site: SiteId,
    attempt: Attempt,
    handle: Callable[[], Response],
    again: Rebuild | None,
) -> Response:
    with edge.running.entered(attempt.scope):
        stored = edge.log.stored_answer(site, attempt.scope)
        if stored is not None:
            return _repeated(attempt, stored, again)
        g.attempt = attempt
        try:
            try:
                answer = handle()
            except AlreadyDone:
                raise
            except Exception as error:  # its answer is stored as any other
                answer = answer_to(error)
                attempt.kept = False
            if not attempt.kept and _is_stored(answer.status_code):
                edge.log.append(Append(site, once=_row_of(attempt, answer)))
        except AlreadyDone as done:
            return _repeated(attempt, done.answer, again)
        return answer


def _is_stored(status: int) -> bool:
    return status < 500 and status not in _NOT_STORED


def _attempt(key_id: str, key: str, about: set[str]) -> Attempt:
    body = g.get("body_digest") or hashlib.sha256(read_bytes(BATCH_BODY_BYTES_MAX)).hexdigest()
    parts = (key_id, request.method, request.path, key)
    scope = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    asked = hashlib.sha256(body.encode() + b"?" + request.query_string).hexdigest()
    return Attempt(scope, asked, about)


def _row_of(attempt: Attempt, answer: Response) -> IdempotencyRow:
    headers = {
        name: value for name, value in answer.headers if name.lower() not in _DROPPED_HEADERS
    }
    data = answer.get_data()
    return _row(attempt, answer.status_code, data, headers, answer.mimetype or "", spliced=False)


def _row(
    attempt: Attempt,
    status: int,
    data: bytes,
    headers: dict[str, str],
    mimetype: str,
    *,
    spliced: bool,
) -> IdempotencyRow:
    """`text` is the answer's body; `spliced` says that the row's log position belongs into it."""
    kept = {"text": data.decode(), "headers": headers, "mimetype": mimetype, "spliced": spliced}
    about = frozenset(attempt.about)
    return IdempotencyRow(attempt.scope, attempt.request, status, orjson.dumps(kept), about)


def _repeated(attempt: Attempt, stored: StoredAnswer, again: Rebuild | None) -> Response:
    if stored.request != attempt.request:
        raise InvalidValue("idempotency_key_reused", "this key was used with another body")
    kept = orjson.loads(stored.body)
    data = kept["text"].encode()
    if again is not None and kept["spliced"]:
        answer = again(StoredAnswer(stored.request, stored.status, data, stored.log_position))
    else:
        if kept["spliced"]:
            data = with_position(data, stored.log_position)
        mimetype = kept["mimetype"] or "application/json"
        answer = Response(data, stored.status, mimetype=mimetype)
        answer.headers.update(kept["headers"])
        answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["Idempotent-Replayed"] = "true"
    return answer
