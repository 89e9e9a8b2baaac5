"""Quarantine: what was refused, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

import orjson
from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import BODY_BYTES_MAX
from aggregates.log import EventLog
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_bytes
from app.edge.body import read_json
from app.edge.min_position import checked
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.edge.validation import load
from app.intake.events import Intake
from app.intake.resubmission import Resubmission
from app.schemas.messages import QuarantinePageSchema
from app.schemas.messages import RepairSchema
from app.schemas.messages import ResubmittedSchema
from projections import quarantine
from projections.quarantine import Quarantined

if TYPE_CHECKING:
    from app.wiring import Services

STATUSES = ("open", "resubmitted", "all")
_STATUS = {
    "in": "query",
    "name": "status",
    "schema": {"type": "string", "enum": list(STATUSES), "default": "open"},
    "description": "Those that wait for a repair, those that were resubmitted, or all.",
}


def blueprint(services: Services) -> Blueprint:
    """/v1/quarantine; `audit` to read, `ingest` to resubmit."""
    routes = Blueprint("quarantine", __name__, description="Messages that were refused.")
    intake = Intake(services.stores.log, services.keys, services.log, services.clock)
    resubmission = Resubmission(intake, services.keys, services.log)

    @routes.route("/v1/quarantine", parameters=PARAMETERS)
    @require("audit")
    @routes.queries([_STATUS])
    @routes.answers(200, QuarantinePageSchema)
    def quarantined() -> Response:
        """Messages that were refused, newest first."""
        only(("status",))
        site, asked, status = caller().site, page(), _status()
        wait_for(
            from_query(), lambda: services.log.head(site).position - services.follower.lag(site)
        )
        before = None if asked.after is None else checked(asked.after)
        with services.stores.read.connect() as connection:
            found = quarantine.listed(connection, site, asked.limit + 1, before, status)
        items, cursor = asked.of(found, lambda item: item.position)
        shown = [_shown(services.log, item) for item in items]
        return respond(200, {"items": shown, "next_cursor": cursor})

    @routes.route("/v1/quarantine/<position>/resubmit", methods=["POST"])
    @require("ingest")
    @routes.takes(RepairSchema)
    @routes.answers(200, ResubmittedSchema)
    def resubmit(position: str) -> Response:
        """Takes a refused message in, as it is or repaired, under the trust that it came with."""
        repair = load(RepairSchema(), read_json() if read_bytes(BODY_BYTES_MAX).strip() else {})
        who = caller()
        done = resubmission.resubmit(who.site, checked(position), repair, who.key_id)
        return respond(200, done.to_json(), done.log_position)

    return routes


def _status() -> bool | None:
    """Whether those that were resubmitted are asked for; None: all."""
    asked = request.args.get("status", STATUSES[0])
    if asked not in STATUSES:
        detail = f"one of {', '.join(STATUSES)}"
        raise InvalidInput([Problem("/status", "not_one_of", detail)])
    return None if asked == "all" else asked == "resubmitted"


def _shown(log: EventLog, item: Quarantined) -> dict[str, Any]:
    event = log.read_position(caller().site, item.position, unseal=True)
    kept = event.data if event is not None else {}
    message, received_at = kept.get("message"), kept.get("received_at")
    return {
        "position": item.position,
        "code": item.code,
        "detail": item.detail,
        "trust": item.trust,
        "status": "open" if item.resubmitted_position is None else "resubmitted",
        "resubmitted_position": item.resubmitted_position,
        "recorded_at": format_moment(item.recorded_at),
        "received_at": None if received_at is None else format_moment(received_at),
        "message": None if message is None else orjson.loads(message),
    }
