"""Erasing a person: the event first, then the keys, then every copy, then the traces in files.

The event makes it so: from its position on the log refuses whatever names one of the pseudonyms,
and projections delete their rows where they come to it. All that follows may be done twice, by
whoever comes to it: the request, the job `erase`, or any process that the log refused
(app/eventlog/log.py). An erasure is finished when nothing is left in the files of the stores.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy import select

from aggregates.erasure import ERASED
from aggregates.erasure import erased
from aggregates.erasure import erasures
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from app.erasure import remains
from app.eventlog.touched import listening
from app.scrubbing import scrub
from decisions.acts import attempts
from migrations.tables import metadata
from projections import erased_shoppers
from projections.erased_shoppers import Erased
from projections.identities import identity_links
from projections.identities import person

if TYPE_CHECKING:
    from app.wiring import Services

ON_REQUEST = "on_request"
"""Why somebody is erased, unless somebody says otherwise."""
_PSEUDONYM = re.compile(r"[0-9a-f]{32}\Z")
_FOLLOW_S = 60.0
_PAUSE_S = 0.05


def erase(
    services: Services, site: SiteId, name: str, *, actor: str, reason: str = ON_REQUEST
) -> Erased:
    """Erases whom a pseudonym belongs to. Nobody can read anything of them when it returns; copies
    in files are gone when it is `finished`. Erasing again goes on with the first erasure.

    NotFound `person_unknown`.
    """
    known = Pseudonym(name)
    if not _PSEUDONYM.match(name) or known not in services.keys.destroyed(site, [known]):
        raise NotFound("person_unknown", "no person of this site has this pseudonym")
    with listening():  # the answer is about nobody any more
        begun = _begun(services, site, known, actor, reason)
        if begun.finished_at is None:
            remains.clear(services, site, begun)
    return begun


def finish(services: Services, site: SiteId, begun: Erased) -> Erased:
    """Takes the last copies of an erased person away. Unavailable while somebody still reads old
    pages of a file, or another follower is on its way: then again."""
    for name in _linked_meanwhile(services, site, begun):
        erase(services, site, name, actor="erase", reason=ON_REQUEST)
    _follow(services, site, begun.position)
    remains.clear(services, site, begun, everywhere=True)
    for store, engine in services.stores.engines().items():
        if not scrub(engine, metadata(store).sorted_tables):
            raise Unavailable("database_busy", f"the {store} store is being read; try again")
    at = services.clock.now()
    with services.stores.log.execution_options(writing=True).begin() as connection:
        erased_shoppers.finish(connection, site, begun.position, at)
    found = _found(services, site, min(begun.pseudonyms))
    assert found is not None
    return found


def _begun(services: Services, site: SiteId, name: Pseudonym, actor: str, reason: str) -> Erased:
    """The erasure of a person, in the log."""
    for _ in attempts():
        found = _found(services, site, name)
        if found is not None:
            return found
        head = services.log.head(site).position
        with services.stores.log.connect() as connection:
            names = everybody(connection, site, name)
        stream = erasures(site)
        last = services.log.read_stream(site, stream, last=True)
        version = last[-1].version if last else 0
        event = erased(site, version + 1, names, head, (actor, reason))
        try:
            services.log.append(Append(site, (event,), expect={stream: version}))
        except VersionConflict:
            continue
    found = _found(services, site, name)
    if found is None:
        raise Unavailable("contended", "others are being erased at this moment; try again")
    return found


def _found(services: Services, site: SiteId, name: Pseudonym) -> Erased | None:
    with services.stores.log.connect() as connection:
        return erased_shoppers.find(connection, site, name)


def everybody(connection: Connection, site: SiteId, name: Pseudonym) -> frozenset[Pseudonym]:
    """The pseudonyms joined to this one, and the browsers that said they are theirs: a browser's
    word is enough to be forgotten with somebody, never to have somebody forgotten."""
    joined = person(connection, site, [name])
    c = identity_links.c
    browsers = connection.scalars(
        select(c.anonymous).where(
            c.site == site, c.customer.in_(joined), c.unlinked_position.is_(None)
        )
    )
    names = joined | {Pseudonym(browser) for browser in browsers}
    return names - erased_shoppers.among(connection, site, names)


def _linked_meanwhile(services: Services, site: SiteId, begun: Erased) -> list[Pseudonym]:
    """Pseudonyms that were linked to the person after its links were followed and before its
    erasure was in the log."""
    event = services.log.read_position(site, begun.position)
    assert event is not None
    assert event.topic == ERASED
    links = services.log.read(
        site, event.data["followed_to"], begun.position, upto=begun.position, topics=_LINKED
    )
    late = {
        Pseudonym(link.data["anonymous"])
        for link in links
        if link.data["customer"] in begun.pseudonyms
    }
    return sorted(late - begun.pseudonyms)


_LINKED = frozenset({"IdentitiesLinked"})


def _follow(services: Services, site: SiteId, position: int) -> None:
    """Until every projection has folded the erasure, whoever does it."""
    until = time.monotonic() + _FOLLOW_S
    while True:
        services.follower.catch_up(site)
        if services.follower.folded(site) >= position:
            return
        if time.monotonic() > until:
            raise Unavailable("not_caught_up", "the projections do not reach the erasure")
        time.sleep(_PAUSE_S)
