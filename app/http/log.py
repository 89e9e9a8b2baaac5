"""The log itself for auditors: its pages, its checkpoints, proofs from them, its verification."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from app.checkpoints import proofs
from app.checkpoints import stored
from app.checkpoints.note import read_note
from app.checkpoints.note import verifier_key
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import checked
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.eventlog.reads import NO_END
from app.schemas.log import CheckpointPageSchema
from app.schemas.log import LogPageSchema
from app.schemas.log import VerdictSchema
from app.schemas.log import VerificationSchema
from app.verifying import verifications
from app.verifying.verdict import verdict
from app.verifying.verifications import Verification
from app.wiring import Services

AT_ONCE_EVENTS = 200_000
"""About two seconds; a worker has two threads."""
_AFTER = [PARAMETERS[0], {"in": "query", "name": "after", "schema": {"type": "integer"}}]
_PROOF: list[dict[str, Any]] = [
    {"in": "query", "name": name, "schema": {"type": kind}, "description": meaning}
    for name, kind, meaning in (
        ("position", "integer", "An event by its position."),
        ("decision_id", "string", "An event by the decision that it is of."),
        ("checkpoint", "integer", "The checkpoint to prove it by; the first that covers it."),
        ("from", "integer", "A former checkpoint, to be proven the beginning of `to`."),
        ("to", "integer", "A later checkpoint."),
    )
]


def blueprint(services: Services) -> Blueprint:
    """What an auditor keeps a copy of, and checks."""
    routes = Blueprint("log", __name__, description="The log, its checkpoints, proofs from them.")
    engine = services.stores.log

    @routes.route("/v1/log", parameters=_AFTER)
    @require("audit")
    @routes.answers(200, LogPageSchema)
    def pages() -> Response:
        """Events after a position with their hashes: all that a copy of the log needs. What is
        sealed stays sealed."""
        only({"after"})
        site, limit, after = caller().site, page().limit, _position("after") or 0
        wait_for(from_query(), lambda: services.log.head(site).position)
        rows = services.log.reads.hashed_page(site, after, NO_END, limit)
        items = [_item(row) for row in rows]
        last = items[-1]["position"] if len(items) == limit else None
        return respond(200, {"items": items, "next_after": last})

    @routes.route("/v1/log/checkpoints", parameters=PARAMETERS)
    @require("audit")
    @routes.answers(200, CheckpointPageSchema)
    def checkpoints() -> Response:
        """Signed checkpoints, the newest first; `key` is what tools for signed notes check them
        with."""
        only(())
        site, asked = caller().site, page()
        wait_for(from_query(), lambda: services.log.head(site).position)
        before = asked.after if isinstance(asked.after, int) else None
        with engine.connect() as connection:
            found = stored.listed(connection, site, asked.limit + 1, before)
        items, cursor = asked.of(found, lambda item: item[0])
        keys = [*services.signing.known().values()]
        shown = [_checkpoint(note) for _, note in items]
        names = {item["origin"] for item in shown}
        told = [verifier_key(name, key) for name in sorted(names) for key in keys]
        return respond(200, {"items": shown, "next_cursor": cursor, "keys": told})

    @routes.route("/v1/log/proof", parameters=_PROOF)
    @require("audit")
    @routes.answers(200, {"type": "object"})
    def proof() -> Response:
        """That an event is in the log (`position` or `decision_id`), or that one checkpoint's log
        begins with another's (`from` and `to`). docs/verify_proof.py checks both."""
        names = frozenset(request.args)
        only({"position", "decision_id", "checkpoint", "from", "to"})
        site = caller().site
        match sorted(names - {"checkpoint", "min_position"}):
            case ["from", "to"] if "checkpoint" not in names:
                former, later = _position("from") or 0, _position("to") or 0
                return respond(200, proofs.consistency(engine, site, former, later))
            case ["decision_id"]:
                position = proofs.position_of_decision(engine, site, request.args["decision_id"])
            case ["position"]:
                position = _position("position") or 0
            case _:
                detail = "position, or decision_id, or from and to"
                raise InvalidInput([Problem("/position", "required", detail)])
        return respond(200, proofs.inclusion(engine, site, position, _position("checkpoint")))

    @routes.route("/v1/log/verify", methods=["POST"])
    @require("audit")
    @routes.answers(200, VerdictSchema)
    @routes.answers(202, VerificationSchema)
    def verified() -> Response:
        """Recomputes the hash chain of the site's whole log and holds it against every checkpoint.
        A log that is longer than a request may take is verified by a job: then 202."""
        site = caller().site
        if services.log.head(site).position <= AT_ONCE_EVENTS:
            return respond(200, verdict(services, site))
        number = verifications.ask(engine, site, services.clock.now())
        return respond(202, _shown(verifications.find(engine, site, number)))

    @routes.route("/v1/log/verifications/<number>")
    @require("audit")
    @routes.answers(200, VerificationSchema)
    def verification(number: str) -> Response:
        """A verification that was asked for, and its verdict when it is done."""
        named = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
        return respond(200, _shown(verifications.find(engine, caller().site, named)))

    return routes


def _shown(found: Verification) -> dict[str, Any]:
    return {
        "verification": found.number,
        "status": "waiting" if found.ended_at is None else "done",
        "asked_at": format_moment(found.asked_at),
        "ended_at": None if found.ended_at is None else format_moment(found.ended_at),
        "verdict": found.verdict,
    }


def _position(name: str) -> int | None:
    text = request.args.get(name)
    try:
        return None if text is None else checked(text)
    except InvalidValue as error:
        raise InvalidInput([error.at(f"/{name}")]) from None


def _item(row: Any) -> dict[str, Any]:
    state = orjson.loads(bytes(row[8]))
    told = {"data": state.get("open"), "sealed": "sealed" in state}
    return {**proofs.event_json(row), **told, "hash": bytes(row[9]).hex()}


def _checkpoint(note: str) -> dict[str, Any]:
    read = read_note(note)
    return {
        "origin": read.origin,
        "position": read.position,
        "root": read.root.hex(),
        "chain": read.chain.hex(),
        "made_at": format_moment(read.made_at),
        "note": note,
    }
