"""What a followed projection is beyond a Projection: what its rows depend on, and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy import Executable
from sqlalchemy import Table

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.activity import Activity
from projections.authoring_changes import AuthoringChanges
from projections.coupon_uses import CouponUses
from projections.decisions_index import DecisionsIndex
from projections.order_events import OrderEvents
from projections.order_rows import Orders
from projections.product_views import ProductViews
from projections.profiles import Profiles
from projections.projection import Write
from projections.quarantine import Quarantine
from projections.seals import UNSEALED
from projections.seals import Seals


class Followed(Protocol):
    """A projection run by the follower.

    A raised `version` (the fold means something else now), or for a `zoned` one another time zone
    of the site, makes the follower fold its `tables` anew from the first event. `forgets` are the
    statements that delete a forgotten person's rows (projections/forgetting.py).
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def topics(self) -> frozenset[str]: ...
    @property
    def unseals(self) -> frozenset[str]: ...
    @property
    def tables(self) -> Sequence[Table]: ...
    @property
    def zoned(self) -> bool: ...
    @property
    def forgets(self) -> Sequence[Executable]: ...

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """As Projection.fold; it only reads."""


def followed(seals: Seals = UNSEALED) -> tuple[Followed, ...]:
    """All of them. `seals` keeps what is personal in their rows."""
    return (
        Profiles(seals),
        Activity(),
        Orders(),
        ProductViews(),
        DecisionsIndex(),
        Quarantine(),
        OrderEvents(),
        CouponUses(),
        AuthoringChanges(),
    )
