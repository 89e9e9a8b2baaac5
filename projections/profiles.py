"""Profiles: when a pseudonym was first seen, and its traits.

A row belongs to one pseudonym for ever. A person's profile is combined when it is asked for, so
merging and unmerging fold nothing anew. A trait is the value with the greatest (occurred_at,
position); null unsets it and is kept, so that an older value that arrives late stays unset.
Traits stand in the rows sealed. A group message sets the trait `customer_group`. Traits that only
a client claims are not folded.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import revive
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.forgetting import rows_of
from projections.projection import Write
from projections.schema import read_store
from projections.seals import UNSEALED
from projections.seals import Seals
from projections.upserts import insert_or_replace

GROUP_TRAIT = "customer_group"
UNSEALS = frozenset({"ShopperIdentified", "ShopperGrouped"})
TOPICS = frozenset(
    {"InteractionRecorded", "OrderCompleted", "OrderUpdated", "OrderRefunded", "OrderCancelled"}
    | UNSEALS
)

profiles = Table(
    "profiles",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("shopper_id", String(32), primary_key=True),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("traits", Text, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Trait:
    """A value and the event that said it. `value` None: unset."""

    value: Any
    occurred_at: int
    position: int

    def newer_than(self, other: Trait | None) -> bool:
        """Whether it takes the other's place."""
        return other is None or (self.occurred_at, self.position) > (
            other.occurred_at,
            other.position,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one pseudonym, or of a person when combined."""

    first_seen_at: int
    traits: Mapping[str, Trait] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """The traits that are set, by name."""
        return {name: t.value for name, t in self.traits.items() if t.value is not None}


def fold(profile: Profile | None, event: RecordedEvent) -> Profile:
    """The profile after one event of its pseudonym (of TOPICS, with UNSEALS unsealed)."""
    seen = event.occurred_at
    if profile is not None and profile.first_seen_at < seen:
        seen = profile.first_seen_at
    traits = profile.traits if profile is not None else {}
    claimed = _claimed(event) if event.topic in UNSEALS else {}
    newer = {name: trait for name, trait in claimed.items() if trait.newer_than(traits.get(name))}
    if profile is not None and not newer and seen == profile.first_seen_at:
        return profile
    return Profile(seen, {**traits, **newer} if newer else traits)


def combined(parts: Iterable[Profile]) -> Profile | None:
    """The profile of a person: first seen by any pseudonym, each trait its newest value."""
    person: Profile | None = None
    for part in parts:
        if person is None:
            person = part
            continue
        traits = dict(person.traits)
        for name, trait in part.traits.items():
            if trait.newer_than(traits.get(name)):
                traits[name] = trait
        person = Profile(min(person.first_seen_at, part.first_seen_at), traits)
    return person


def from_row(first_seen_at: int, traits: bytes | None) -> Profile:
    """The reverse of a row's columns; `traits` opened, None where their key is destroyed."""
    stored = revive(orjson.loads(traits)) if traits is not None else {}
    return Profile(first_seen_at, {name: Trait(*parts) for name, parts in stored.items()})


def of_shoppers(
    connection: Connection,
    site: SiteId,
    shoppers: Iterable[str],
    seals: Seals = UNSEALED,
    owner: SiteId | None = None,
) -> dict[Pseudonym, Profile]:
    """The rows of these pseudonyms; `owner` is the site of the keys, if rows are kept aside."""
    rows = connection.execute(
        select(profiles.c.shopper_id, profiles.c.first_seen_at, profiles.c.traits).where(
            profiles.c.site == site, profiles.c.shopper_id.in_(list(shoppers))
        )
    )
    found = {Pseudonym(row[0]): (row[1], row[2]) for row in rows}
    traits = seals.open(owner or site, {name: row[1] for name, row in found.items()})
    return {name: from_row(row[0], traits.get(name)) for name, row in found.items()}


class Profiles:
    """The followed projection. `seals`: traits stand in rows under the shopper's key."""

    name = "profiles"
    version = 2
    topics = TOPICS
    unseals = UNSEALS
    tables = (profiles,)
    forgets = (rows_of(profiles.c.shopper_id),)
    zoned = False

    def __init__(self, seals: Seals = UNSEALED) -> None:
        self._seals = seals

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows of the pseudonyms whose profile these events change."""
        shoppers = {event.shopper_id for event in events if event.shopper_id is not None}
        owner = events[0].site
        before = of_shoppers(connection, site, shoppers, self._seals, owner)
        after = dict(before)
        for event in events:
            if event.shopper_id is not None:
                after[event.shopper_id] = fold(after.get(event.shopper_id), event)
        changed = {
            name: profile for name, profile in after.items() if profile is not before.get(name)
        }
        traits = self._seals.seal(owner, {name: _traits(p) for name, p in changed.items()})
        rows = [
            {
                "site": site,
                "shopper_id": name,
                "first_seen_at": profile.first_seen_at,
                "traits": traits[name],
            }
            for name, profile in changed.items()
        ]
        return [Write(insert_or_replace(connection.dialect.name, profiles), rows)] if rows else []


def _claimed(event: RecordedEvent) -> dict[str, Trait]:
    if event.data.get("trust") != "server":
        return {}
    values = event.data.get("traits") or {}
    if event.topic == "ShopperGrouped":
        group = event.data.get("group_id")
        values = {GROUP_TRAIT: group} if group is not None else {}
    return {
        name: Trait(revive(value), event.occurred_at, event.position)
        for name, value in values.items()
    }


def _traits(profile: Profile) -> bytes:
    return canonical(
        {name: [t.value, t.occurred_at, t.position] for name, t in profile.traits.items()}
    )
