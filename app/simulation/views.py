"""Simulations as answers show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from app.authoring.bodies import on_the_wire
from app.jobs import run_rows
from decisions.simulation.spec import KIND
from projections.simulations import RUNNING
from projections.simulations import SimulationRow

JOB = "simulations"
"""The job that runs them, as GET /v1/jobs names it."""
_PROGRESS = re.compile(r"(sim_\d+) (\d+)/(\d+)\Z")
Json = dict[str, Any]


def simulation_view(row: SimulationRow, progress: Json | None = None) -> Json:
    """A simulation without its result. `progress` is in positions of the log."""
    question = row.question
    return {
        "id": row.id,
        "job": JOB,
        "status": row.status,
        "digest": row.digest,
        "candidate": {
            "revision": question["candidate"]["revision"],
            "changes": [_change(change) for change in question["candidate"]["changes"]],
        },
        "over": {
            "from": format_moment(question["from_at"]),
            "to": format_moment(question["to_at"]),
            "kind": KIND,
        },
        "sample": question["sample"],
        "segments": question["segments"],
        "schedules": question["schedules"],
        "asked_by": row.actor,
        "asked_at": format_moment(row.asked_at),
        "started_at": _moment(row.started_at),
        "ended_at": _moment(row.ended_at),
        "attempts": row.attempts,
        "progress": progress,
        "error": row.error,
    }


def progress_of(connection: Connection, site: SiteId, row: SimulationRow) -> Json | None:
    """How far one is that runs now, as its run last said."""
    if row.status != RUNNING:
        return None
    for run in run_rows.listed(connection, site, 1, job=JOB, status=run_rows.RUNNING):
        said = _PROGRESS.match(run.progress)
        if said and said[1] == row.id:
            return {"done": int(said[2]), "total": int(said[3])}
    return None


def _change(change: Mapping[str, Any]) -> Json:
    body = change["body"]
    return {
        "kind": change["kind"],
        "id": change["id"],
        "key": change["key"],
        "change": "removed" if body is None else "added" if change["is_new"] else "changed",
        "body": None if body is None else on_the_wire(body),
        "starts_at": _moment(change["starts_at"]),
        "ends_at": _moment(change["ends_at"]),
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else format_moment(at)
