"""What approving a proposal would change: for each definition, the live body against the proposed.

It is said against what is live now, so it tells the truth also after other revisions came.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from aggregates.kernel.ids import SiteId
from aggregates.proposal import Proposal
from app.authoring.bodies import on_the_wire
from app.authoring.drafts import live_body
from app.authoring.states import changes
from projections import definition_reads
from projections import revisions

Json = dict[str, Any]


def proposed_changes(connection: Connection, site: SiteId, made: Proposal) -> list[Json]:
    """`{kind, id, act, changes: [{path, before, after}]}` for each act."""
    places = [(told["kind"], told["name"]) for told in made.acts]
    stored = definition_reads.named(connection, site, places)
    wanted = {
        (told["kind"], told["name"]): told["version"]
        for told in made.acts
        if told["version"] is not None
    }
    digests = definition_reads.digests(connection, site, wanted)
    bodies = revisions.bodies(connection, site, set(digests.values()))
    found = []
    for told, place in zip(made.acts, places, strict=True):
        now = stored.get(place)
        live = live_body(connection, site, now) if now is not None and not now.archived else None
        before = on_the_wire(live) if live is not None else None
        after = before
        if told["verb"] == "publish":
            after = on_the_wire(bodies[digests[place]])
        elif told["verb"] == "archive":
            after = None
        head = {"kind": told["kind"], "id": told["name"], "act": told["verb"]}
        found.append({**head, "changes": changes(before, after)})
    return found
