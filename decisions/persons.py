"""A person at a position of the log: the pseudonyms that links joined then, and its lasting id.

Who was joined to whom is told by the link streams in the log alone. They are named for the
anonymous pseudonym, so the links of a customer are found by the rows of projections/identities.py,
which never lose one; what those rows say of a link is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from decisions.means import Means
from projections.identities import SERVER

_PSEUDONYM = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is the customer's pseudonym, or the asked one while it is joined to no customer.

    `erased`: joined pseudonyms whose keys are destroyed; they are not among `pseudonyms`.
    """

    id: Pseudonym
    pseudonyms: tuple[Pseudonym, ...]
    erased: tuple[Pseudonym, ...] = ()


def looked_up(means: Means, site: SiteId, kind: str, value: str) -> Person:
    """The person of a client id as it is linked now; NotFound for one that never came. Nothing is
    made by asking."""
    name = means.pseudonyms.find(site, kind, value)
    if name is None:
        raise NotFound("person_unknown", "no person of this site has this id")
    return person_at(means, site, name, means.log.head(site).position)


def person_at(means: Means, site: SiteId, name: str, position: int) -> Person:
    """The person that a pseudonym belonged to at a position. NotFound if it is none of this site;
    Erased, with the moment, if it was forgotten."""
    asked = Pseudonym(name)
    known = means.pseudonyms.destroyed(site, [asked]) if _PSEUDONYM.match(name) else {}
    if asked not in known:
        raise NotFound("person_unknown", "no person of this site has this pseudonym")
    erased_at = known[asked]
    if erased_at is not None:
        moment = format_moment(erased_at)
        raise Erased("person_erased", f"this person was forgotten at {moment}", erased_at=moment)
    customer = _customer_of(means, site, asked, position) or asked
    joined = {asked, customer}
    for anonymous in means.reads.ever_linked(site, customer):
        if _customer_of(means, site, anonymous, position) == customer:
            joined.add(anonymous)
    fates = means.pseudonyms.destroyed(site, sorted(joined))
    readable = tuple(sorted(one for one in joined if fates[one] is None))
    erased = tuple(sorted(joined.difference(readable)))
    return Person(customer if customer in readable else asked, readable, erased)


def _customer_of(
    means: Means, site: SiteId, anonymous: Pseudonym, position: int
) -> Pseudonym | None:
    """The customer that a server had joined an anonymous pseudonym to: its last link decides."""
    stream = stream_id(site, "link", anonymous)
    for event in means.log.read_stream(site, stream, upto=position, last=True):
        if event.topic == "IdentitiesLinked" and event.data["trust"] == SERVER:
            return Pseudonym(event.data["customer"])
    return None
