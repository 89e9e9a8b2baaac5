"""The decision of a forgotten person: it was here; the answer says when it became unreadable."""

from __future__ import annotations

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Erased
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from decisions.means import Means
from decisions.record import Record
from decisions.record import from_event


def readable(means: Means, site: SiteId, event: RecordedEvent) -> Record:
    """The record of an unsealed event; Erased with `erased_at`, the moment at which the first key
    of its person was destroyed."""
    try:
        return from_event(event)
    except Erased as error:
        names = [Pseudonym(name) for name in event.data["shoppers"]]
        if event.key is not None:  # a cart of nobody, redeemed by somebody, has a key of its own
            names.append(event.key)
        moments = [at for at in means.pseudonyms.destroyed(site, names).values() if at is not None]
        if not moments:
            raise
        told = format_moment(min(moments))
        detail = f"the person this decision was for was forgotten at {told}"
        raise Erased(error.code, detail, erased_at=told) from None
