"""Events in: /v1/batch and the six single routes.

Messages are idempotent by their ids, so an answer under an Idempotency-Key is stored after the
unit, not in it: if the process dies between the two, the repeat counts them as duplicates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from flask import Response

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import BATCH_BODY_BYTES_MAX
from aggregates.kernel.limits import BATCH_MESSAGES_MAX
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import collecting
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_json
from app.edge.edge import current_edge
from app.intake.events import Intake
from app.schemas.messages import BatchSchema
from app.schemas.messages import MessageSchema
from app.schemas.messages import ReceivedSchema

if TYPE_CHECKING:
    from app.wiring import Services

SINGLE = ("track", "identify", "page", "screen", "group", "alias")
_SENT_AT_LENGTH_MAX = 64


def blueprint(services: Services) -> Blueprint:
    """All routes by which events come in; `ingest` or `collect`."""
    routes = Blueprint("events", __name__, description="What happened in the shop.")
    intake = Intake(services.stores.log, services.keys, services.log, services.clock)

    def received(messages: list[Any], sent_at: str | None, kind: str | None) -> Response:
        public = collecting()
        if public:
            current_edge().limits.take_anonymous(caller().site, _anonymous_ids(messages))
        found = intake.receive(
            caller().site, messages, trusted=not public, sent_at=sent_at, kind=kind
        )
        return respond(200, found.to_json(), found.log_position)

    @routes.route("/v1/batch", methods=["POST"])
    @require("ingest", "collect")
    @routes.takes(BatchSchema)
    @routes.answers(200, ReceivedSchema)
    def batch() -> Response:
        """Up to 500 messages; each stands for itself."""
        return received(*_batch(read_json(BATCH_BODY_BYTES_MAX, allow_nul=True)), None)

    for kind in SINGLE:
        _add_single(routes, kind, received)

    return routes


def _add_single(
    routes: Blueprint, kind: str, received: Callable[[list[Any], str | None, str | None], Response]
) -> None:
    def one() -> Response:
        message = read_json(allow_nul=True)
        if not isinstance(message, dict):
            raise InvalidInput([Problem("", "wrong_type", "a message is an object")])
        return received([message], None, kind)

    one.__name__ = kind
    one.__doc__ = f"One {kind} message."
    documented = routes.answers(200, ReceivedSchema)(routes.takes(MessageSchema)(one))
    routes.route(f"/v1/{kind}", methods=["POST"])(require("ingest", "collect")(documented))


def _batch(document: Any) -> tuple[list[Any], str | None]:
    if not isinstance(document, dict):
        raise InvalidInput([Problem("", "wrong_type", "a batch is an object")])
    problems = []
    messages = document.get("batch")
    if "batch" not in document:
        problems.append(Problem("/batch", "required", "the list of messages"))
    elif not isinstance(messages, list):
        problems.append(Problem("/batch", "wrong_type", "a list of messages"))
    elif len(messages) > BATCH_MESSAGES_MAX:
        detail = f"at most {BATCH_MESSAGES_MAX} messages"
        problems.append(Problem("/batch", "too_many_messages", detail))
    sent_at = document.get("sentAt")
    if sent_at is not None and not (
        isinstance(sent_at, str) and len(sent_at) <= _SENT_AT_LENGTH_MAX
    ):
        problems.append(Problem("/sentAt", "not_a_moment", "an RFC 3339 moment"))
    if problems or not isinstance(messages, list):
        raise InvalidInput(problems)
    return messages, sent_at


def _anonymous_ids(messages: list[Any]) -> list[str]:
    ids = (message.get("anonymousId") for message in messages if isinstance(message, dict))
    return [value for value in ids if isinstance(value, str)]
