"""Whose an order event is: its order's first owner, whoever sent it (docs/adr/0008).

The owner of an order that this very batch makes counts for the batch's later messages. Of an order
whose owner was forgotten only what counts is kept: nothing that is said of it has a key any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from aggregates.erasure import OWNER_ERASED
from aggregates.events import VOCABULARY
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import NewEvent
from app.intake.message import Draft
from projections import order_owners


@dataclass(frozen=True, slots=True)
class Owners:
    """The digest of each order number of a batch, and the owner of each digest that has one."""

    digests: Mapping[str, str]
    owners: dict[str, Pseudonym]

    @classmethod
    def known(cls, connection: Connection, site: SiteId, digests: Mapping[str, str]) -> Owners:
        """With the owners that the log knows now."""
        return cls(digests, order_owners.of_orders(connection, site, digests.values()))

    def event(
        self, stream: UUID, draft: Draft, sender: Pseudonym | None, *, trusted: bool
    ) -> NewEvent:
        """The order's event. A client's claim is its own; a trusted one is the owner's."""
        assert draft.order_id is not None
        data = draft.data
        order = data["order"] = self.digests[draft.order_id]
        if not trusted:
            return NewEvent(stream, 1, draft.topic, data, sender, draft.occurred_at)
        owner = self.owners.get(order)
        if owner == OWNER_ERASED:
            is_open = VOCABULARY[draft.topic].open - {"via"}
            counted = {name: data[name] for name in data.keys() & is_open}
            return NewEvent(stream, 1, draft.topic, counted, None, draft.occurred_at)
        if owner is None:
            if draft.topic == "OrderCompleted" and sender is not None:
                self.owners[order] = sender
            else:
                data["flags"] = [*data.get("flags", ()), "order_unknown"]
            return NewEvent(stream, 1, draft.topic, data, sender, draft.occurred_at)
        if sender is not None and sender != owner:
            data["via"] = sender
        sealed_for = sender if sender is not None else owner
        return NewEvent(stream, 1, draft.topic, data, owner, draft.occurred_at, sealed_for)
