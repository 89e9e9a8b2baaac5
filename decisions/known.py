"""What was known of a person as of a position of the log, told by the log alone.

The folds are those of the projections, so as of now the answer is what the projections hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from aggregates.kernel.money import format_exact
from aggregates.kernel.money import format_money
from aggregates.log import RecordedEvent
from decisions.as_of import AsOf
from decisions.explain import readable
from decisions.means import Means
from decisions.memberships import Memberships
from decisions.person_events import link_events
from decisions.person_events import positions
from decisions.person_events import read
from decisions.persons import Person
from decisions.shopper import TOPICS
from decisions.shopper import History
from decisions.shopper import history
from decisions.shopper import shopper_values
from projections import activity
from projections.orders import CANCELLED
from projections.orders import TOPICS as ORDER_TOPICS
from projections.orders import Order
from projections.profiles import UNSEALS
from projections.profiles import Profile
from projections.snapshot import Remembered

Json = dict[str, Any]
_ADDRESSES = ("default_billing", "default_shipping")
_ADDRESS_KEYS = ("country", "region", "city", "postcode")


@dataclass(slots=True)
class Activity:
    """How often a person did each thing, and when first and last."""

    counts: dict[str, list[int]] = field(default_factory=dict)

    def seen(self, events: Iterable[RecordedEvent]) -> Iterator[RecordedEvent]:
        """The same events, counted as they pass."""
        for event in events:
            try:
                name = activity.counted_as(event)
            except ValueError:
                name = None  # the projection sets it aside
            if name is not None:
                at = event.occurred_at
                count, first, last = self.counts.get(name, (0, at, at))
                self.counts[name] = [count + 1, min(first, at), max(last, at)]
            yield event

    def to_json(self) -> list[Json]:
        """By name."""
        return [
            {
                "event": name,
                "count": count,
                "first_at": format_moment(first),
                "last_at": format_moment(last),
            }
            for name, (count, first, last) in sorted(self.counts.items())
        ]


def known(means: Means, site: SiteId, person: Person, then: AsOf) -> Json:
    """Profile, links, segments, activity and orders, as an auditor reads them."""
    log = means.log
    memberships = Memberships.of(means, site, then)
    activity_of = Activity()
    where = positions(log, site, person.pseudonyms, 0, then.position)
    events = read(log, site, where, topics=TOPICS, unseal=UNSEALS)
    found = history(Remembered(), activity_of.seen(events), memberships.wanted, memberships.zone)
    links = link_events(means, site, person, then.position)
    registered = is_registered(means, site, person, then.position, links)
    return {
        "person": person.id,
        "pseudonyms": list(person.pseudonyms),
        "erased_pseudonyms": list(person.erased),
        "as_of": then.to_json(),
        "registered": registered,
        "profile": _profile(found.profile, registered),
        "links": told_links(links),
        "segments": memberships.told(found, registered),
        "activity": activity_of.to_json(),
        "orders": told_orders(found),
    }


def is_registered(
    means: Means, site: SiteId, person: Person, upto: int, links: Iterable[RecordedEvent]
) -> bool:
    """Whether the person is a customer. Who was never linked is told by one message of theirs: it
    holds one id, or says with `via` that it held two."""
    if any(event.data["customer"] == person.id for event in links):
        return True
    where = positions(means.log, site, [person.id], 0, upto)
    for event in read(means.log, site, where, unseal=True, first=1):
        if event.topic not in ORDER_TOPICS and "via" in event.data:
            return True
        named = event.data.get("user_id")
        if named is not None and means.pseudonyms.find(site, "customer", named) == person.id:
            return True
        if event.topic not in ORDER_TOPICS:
            return False
    return False


def told_links(events: Iterable[RecordedEvent]) -> list[Json]:
    """Each link with its beginning and end; `until` is null while it is open."""
    told: list[Json] = []
    is_open: dict[str, Json] = {}
    for event in events:
        data, moment = event.data, format_moment(event.occurred_at)
        closed = is_open.pop(data["anonymous"], None)
        if closed is not None:
            closed |= {"until": moment, "until_position": event.position}
        if event.topic == "IdentitiesLinked":
            link = {name: data[name] for name in ("anonymous", "customer", "trust")}
            link |= {"since": moment, "since_position": event.position}
            link |= {"until": None, "until_position": None}
            is_open[data["anonymous"]] = link
            told.append(link)
    return told


def told_orders(found: History) -> Json:
    """Orders that were not cancelled, net of refunds, by currency."""
    counted = [order for order in found.orders if order.status != CANCELLED]
    by_currency: dict[str, list[Order]] = {}
    for order in counted:
        by_currency.setdefault(order.currency or "", []).append(order)
    return {
        "count": len(counted),
        "cancelled": len(found.orders) - len(counted),
        "by_currency": [
            _summed(currency, orders) for currency, orders in sorted(by_currency.items())
        ],
    }


def _summed(currency: str, orders: list[Order]) -> Json:
    total = sum(order.net_minor for order in orders)
    return {
        "currency": currency,
        "count": len(orders),
        "sum": format_money(total, currency),
        "average": format_exact(Decimal(total) / len(orders), currency),
    }


def _profile(profile: Profile | None, registered: bool) -> Json | None:
    """Null if nothing was known. Group and addresses as conditions read them."""
    if profile is None:
        return None
    asked = {"shopper": {"customer_id": ""} if registered else {}}
    names = {
        which: {key: f"shopper.address.{which}.{key}" for key in _ADDRESS_KEYS}
        for which in _ADDRESSES
    }
    wanted = frozenset(name for keys in names.values() for name in keys.values())
    values = shopper_values(wanted | {"shopper.group"}, asked, profile)
    return {
        "first_seen_at": format_moment(profile.first_seen_at),
        "group": values["shopper.group"],
        "addresses": {
            which: {key: values[name] for key, name in keys.items() if name in values}
            for which, keys in names.items()
        },
        "traits": {
            name: {
                "value": readable(trait.value),
                "said_at": format_moment(trait.occurred_at),
                "log_position": trait.position,
            }
            for name, trait in sorted(profile.traits.items())
            if trait.value is not None
        },
    }
