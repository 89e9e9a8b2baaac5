"""What a decision reads: the site and its catalogue at one log position, and what is known of the
person at a position of the followed projections that is not beyond it.

The events between the two are the log's to give (`EventLog.read_shopper`): the log only grows, so a
tail that is read later and bounded by the head is exact, across files and databases too.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import orjson

from aggregates.kernel.canonical import revive
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from projections import order_rows
from projections import product_views as view_rows
from projections import profiles as profile_rows
from projections import snapshot_sql
from projections.activity import Activity
from projections.activity import ActivityRow
from projections.coupons import Coupon
from projections.coupons import rows_of_keys
from projections.mentions import Mentions
from projections.order_rows import Orders
from projections.orders import Order
from projections.pinned import Pinned
from projections.positions import Place
from projections.product_views import ProductViews
from projections.product_views import Views
from projections.profiles import Profile
from projections.profiles import Profiles
from projections.seals import UNSEALED
from projections.seals import Seals

EXPIRED_AT_ONCE = 10_000
"""Reservations past their time that wait for the job which lets them go: it runs every minute."""
COUNTERS_AT_ONCE = 512
"""Keys of one statement: SQLite takes 32,766 parameters, but its plans grow with them."""

State = tuple[int, int]
"""What decides for a site: the newest revision, and the position of its settings' event."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Codes by key, and counters that moved, at one position of the log."""

    coupons: dict[str, Coupon]
    used: dict[str, int]
    position: int


@dataclass(frozen=True, slots=True)
class Present:
    """A site at the position `head`. `person` holds the asked pseudonyms and what is joined."""

    head: int
    recorded_at: int
    state: State
    person: frozenset[Pseudonym]
    products: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a person a decision needs; of activity those events, from a day on."""

    profile: bool = False
    orders: bool = False
    views: bool = False
    events: frozenset[str] = frozenset()
    first_day: int = 0

    @property
    def anything(self) -> bool:
        """Whether anything is wanted at all."""
        return self.profile or self.orders or self.views or bool(self.events)


@dataclass(slots=True)
class Remembered:
    """Rows of a person's pseudonyms, each kind as it was at its position: there its tail begins."""

    profiles: dict[Pseudonym, Profile] = field(default_factory=dict)
    profiles_position: int = 0
    activity: list[ActivityRow] = field(default_factory=list)
    activity_position: int = 0
    orders: list[Order] = field(default_factory=list)
    orders_position: int = 0
    views: dict[Pseudonym, Views] = field(default_factory=dict)
    views_position: int = 0


class Snapshots:
    """The reads of decisions, over the two stores' pinned connections."""

    def __init__(self, log: Pinned, read: Pinned, seals: Seals = UNSEALED) -> None:
        self._seals = seals
        self._log = log
        self._read = read
        self.mentions = Mentions(read)

    def close(self) -> None:
        """Closes the connections of both stores."""
        self._log.close()
        self._read.close()

    def products(self, site: SiteId, skus: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The products of these SKUs that are listed now."""
        if not skus:
            return {}
        padded = _padded(skus)
        statement = snapshot_sql.product_rows(self._log.dialect, len(padded))
        rows = self._log.rows(statement, {"of_site": site, **_names("sku", padded)})
        return {sku: _product(text) for sku, text in rows}

    def expired_reservations(self, site: SiteId, now: int, most: int) -> list[str]:
        """The decisions of reservations whose time is over, the oldest first."""
        statement = snapshot_sql.expired_reservations(self._log.dialect)
        given = {"of_site": site, "now": now, "most": most}
        rows = self._log.read(lambda cursor: statement.rows(cursor, given))
        return [decision for decision, _ in rows]

    def usage(self, site: SiteId, codes: Sequence[str], keys: Sequence[str], now: int) -> Moved:
        """These generated codes, and how far the counters `keys` have moved. What reservations hold
        whose time is over at `now` does not count. What is read is the same whether there are such
        codes and such uses or not: nobody learns that from how long it takes."""

        def read(cursor: Any) -> Moved:
            dialect = self._log.dialect
            coupons = self._coupons(cursor, site, codes)
            found: dict[str, int] = {}
            for start in range(0, len(keys), COUNTERS_AT_ONCE):
                padded = _padded(keys[start : start + COUNTERS_AT_ONCE])
                statement = snapshot_sql.counters(dialect, len(padded))
                given = {"of_site": site, **_names("key", padded)}
                found.update(dict(statement.rows(cursor, given)))
            over = snapshot_sql.expired_reservations(dialect)
            late = {"of_site": site, "now": now, "most": EXPIRED_AT_ONCE}
            for _, moves in over.rows(cursor, late) if keys else ():
                for key, by in orjson.loads(moves).items():
                    if key in found:
                        found[key] -= by
            rows = snapshot_sql.head(dialect).rows(cursor, {"of_site": site})
            used = {key: by for key, by in found.items() if by}
            return Moved(coupons, used, rows[0][0])

        return self._log.read(read)

    def coupons(self, site: SiteId, codes: Sequence[str]) -> dict[str, Coupon]:
        """These generated codes as they are now, by key."""
        return self._log.read(lambda cursor: self._coupons(cursor, site, codes))

    def _coupons(self, cursor: Any, site: SiteId, codes: Sequence[str]) -> dict[str, Coupon]:
        if not codes:
            return {}
        padded = _padded(codes)
        statement = rows_of_keys(self._log.dialect, len(padded))
        given = {"of_site": site, **_names("key", padded)}
        return {row[0]: Coupon(*row) for row in statement.rows(cursor, given)}

    def ever_linked(self, site: SiteId, customer: Pseudonym) -> list[Pseudonym]:
        """The anonymous pseudonyms that were ever linked to a customer, open or not."""
        statement = snapshot_sql.ever_linked(self._log.dialect)
        rows = self._log.rows(statement, {"of_site": site, "customer": customer})
        return [Pseudonym(row[0]) for row in rows]

    def model_number(self, site: SiteId) -> int:
        """The number of the newest model; 0 if none was trained yet."""
        statement = snapshot_sql.newest_model(self._log.dialect)
        rows = self._log.rows(statement, {"of_site": site})
        number: int = rows[0][0] or 0
        return number

    def present(
        self,
        site: SiteId,
        pseudonym: Pseudonym | None = None,
        also: Pseudonym | None = None,
        skus: Sequence[str] = (),
    ) -> Present:
        """The site now; NotFound if it was never opened. The person is the pseudonym with all that
        is linked to it, and `also` by itself: named in the same request, joined for it alone."""
        padded = _padded(skus)
        statement = snapshot_sql.present(self._log.dialect, pseudonym is not None, len(padded))
        rows = self._log.rows(
            statement, {"of_site": site, "of": pseudonym, **_names("sku", padded)}
        )
        if not rows:
            raise NotFound("site_unknown", "no site by that name")
        person = {name for name in (pseudonym, also) if name is not None}
        products: dict[str, dict[str, Any]] = {}
        state = (0, 0, 0, 0)
        for what, *numbers, one, other in rows:
            if what == snapshot_sql.PRODUCT:
                products[one] = _product(other)
            elif what == snapshot_sql.LINK:
                person |= {Pseudonym(one), Pseudonym(other)}
            else:
                state = tuple(numbers)
        head, recorded_at, revision, settings_position = state
        return Present(
            head, recorded_at, (revision or 0, settings_position), frozenset(person), products
        )

    def remembered(
        self, site: SiteId, person: Sequence[Pseudonym], wanted: Wanted, zone: str
    ) -> Remembered:
        """The wanted rows of these pseudonyms. Rows folded by other code, or with days of another
        time zone than `zone`, count as none: then the tail is the whole history."""

        def read(cursor: Any) -> Remembered:
            dialect = self._read.dialect
            places = snapshot_sql.places(dialect).rows(cursor, {"of_site": site})
            found = {row[0]: row for row in places}
            given = {"of_site": site, **_names("shopper", person)}
            count = len(person)
            remembered = Remembered()
            if wanted.profile and (position := _position(found, Profiles, zone)):
                remembered.profiles_position = position
                statement = snapshot_sql.profile_rows(dialect, count)
                rows = {Pseudonym(name): row for name, *row in statement.rows(cursor, given)}
                traits = self._seals.open(site, {name: row[1] for name, row in rows.items()})
                remembered.profiles = {
                    name: profile_rows.from_row(row[0], traits.get(name))
                    for name, row in rows.items()
                }
            if wanted.orders and (position := _position(found, Orders, zone)):
                remembered.orders_position = position
                statement = snapshot_sql.order_rows(dialect, count)
                remembered.orders = [
                    order_rows.from_row(*row) for row in statement.rows(cursor, given)
                ]
            if wanted.views and (position := _position(found, ProductViews, zone)):
                remembered.views_position = position
                statement = snapshot_sql.view_rows(dialect, count)
                remembered.views = {
                    Pseudonym(row[0]): view_rows.from_row(row[1])
                    for row in statement.rows(cursor, given)
                }
            if wanted.events and (position := _position(found, Activity, zone)):
                remembered.activity_position = position
                remembered.activity = self._activity(cursor, wanted, given, count)
            return remembered

        return self._read.read(read)

    def _activity(
        self, cursor: Any, wanted: Wanted, given: Mapping[str, Any], count: int
    ) -> list[ActivityRow]:
        events = sorted(wanted.events)
        statement = snapshot_sql.activity_rows(self._read.dialect, count, len(events))
        rows = statement.rows(
            cursor, {**given, **_names("event", events), "first_day": wanted.first_day}
        )
        return [ActivityRow(*row) for row in rows]


def _position(
    found: Mapping[str, Sequence[Any]],
    projection: type[Profiles | Activity | Orders | ProductViews],
    zone: str,
) -> int:
    """Where the rows of a projection stand; 0 if this code cannot continue them."""
    row = found.get(projection.name)
    place = Place(*row[1:]) if row is not None else None
    if place is None or place.version != projection.version:
        return 0
    return 0 if projection.zoned and place.zone != zone else place.position


def _product(text: str) -> dict[str, Any]:
    product: dict[str, Any] = orjson.loads(text)
    return revive(product) if '"$decimal"' in text else product


def _padded(values: Sequence[str]) -> list[str]:
    """To a power of two, by repeating the first: few statements serve lists of all lengths."""
    room = 1 << (len(values) - 1).bit_length() if values else 0
    return [*values, *list(values[:1]) * (room - len(values))]


def _names(prefix: str, values: Sequence[str]) -> dict[str, str]:
    return {f"{prefix}_{index}": value for index, value in enumerate(values)}
