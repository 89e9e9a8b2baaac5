"""What is known of a person, as facts: profile, day rows and orders, brought up to a log position.

The same folds serve a decision (rows of the projections and the tail after them) and a replay from
the log (no rows, all events): that is why both find the same facts.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from functools import lru_cache
from functools import reduce
from typing import Any
from typing import TypeVar
from zoneinfo import ZoneInfo

from aggregates.kernel.canonical import number
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import Pseudonym
from aggregates.log import RecordedEvent
from decisions.asked import fact
from projections import activity
from projections import orders
from projections import product_views
from projections import profiles
from projections.activity import ActivityRow
from projections.categories import with_ancestors
from projections.days import first_day
from projections.days import local_day
from projections.orders import CANCELLED
from projections.orders import Order
from projections.product_views import Views
from projections.profiles import GROUP_TRAIT
from projections.profiles import Profile
from projections.snapshot import Remembered
from projections.snapshot import Wanted
from rulesets.evaluator import matches
from rulesets.facts import Scope
from rulesets.facts import Value
from rulesets.language import Count
from rulesets.language import Needs
from rulesets.language import attributes_read

T = TypeVar("T")
ProductsOf = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
TOPICS = profiles.TOPICS | activity.TOPICS | orders.TOPICS
_PROFILE = (
    "shopper.traits.",
    "shopper.address.",
    "shopper.first_seen_at",
    "shopper.group",
    "context.customer_group",
)
_PRICES = frozenset({"price", "special_price"})
_ADDRESS = "shopper.address."
_ADDRESS_KEYS = {"postcode": ("postcode", "postalCode"), "region": ("region", "state")}
_ADDRESSES = {
    "default_billing": ("default_billing", "billing_address", "address"),
    "default_shipping": ("default_shipping", "shipping_address", "address"),
    "any": (
        "default_billing",
        "billing_address",
        "default_shipping",
        "shipping_address",
        "address",
    ),
}


@dataclass(frozen=True, slots=True)
class Window:
    """What counts are taken in: amounts of one currency, days up to today."""

    currency: str
    today: int

    def first(self, count: Count) -> int:
        """The first day that a count looks at."""
        days = count.within_days
        return first_day(self.today, days) if days is not None else 0


@dataclass(frozen=True, slots=True)
class History:
    """A person at one log position; days are those of `zone`."""

    zone: ZoneInfo
    profile: Profile | None = None
    activity: Sequence[ActivityRow] = ()
    orders: Sequence[Order] = ()
    views: Views = field(default_factory=dict)


def wanted_rows(needs: Needs, today: int, *, units: bool = False) -> Wanted:
    """What to ask of the projections for these needs; units look at orders and views as well."""
    rows = _rows_of(needs)
    return Wanted(
        profile=rows.profile,
        orders=units or rows.orders,
        views=units,
        events=rows.events,
        first_day=first_day(today, rows.days) if rows.days is not None else 0,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """What needs come to, whatever day it is. `days` None: all of them."""

    profile: bool
    orders: bool
    events: frozenset[str]
    days: int | None


@lru_cache(maxsize=64)
def _rows_of(needs: Needs) -> _Rows:
    """Once for the needs of a revision, which are equal only to themselves."""
    history = [count for count in needs.counts if count.kind == "history"]
    days = [count.within_days for count in history]
    return _Rows(
        profile=any(name.startswith(_PROFILE) for name in needs.values),
        orders=any(count.kind == "orders" for count in needs.counts),
        events=frozenset(count.event for count in history),
        days=None if None in days else max((day for day in days if day is not None), default=None),
    )


def history(
    remembered: Remembered, tail: Iterable[RecordedEvent], wanted: Wanted, zone: ZoneInfo
) -> History:
    """The rows and the events after them, folded together."""
    parts: dict[Pseudonym, Profile] = dict(remembered.profiles)
    rows = list(remembered.activity)
    kept = {(order.shopper_id, order.order): order for order in remembered.orders}
    views: dict[Pseudonym, Views] = dict(remembered.views)
    for event in tail:
        shopper, position = event.shopper_id, event.position
        if shopper is None:
            continue
        if (
            wanted.profile
            and event.topic in profiles.TOPICS
            and position > remembered.profiles_position
        ):
            folded = _folded(profiles.fold, parts.get(shopper), event)
            if folded is not None:
                parts[shopper] = folded
        if (
            wanted.events
            and event.topic in activity.TOPICS
            and position > remembered.activity_position
        ):
            new = _folded(lambda _, e: activity.rows(e, zone), None, event) or []
            rows += [row for row in new if row.event in wanted.events]
        if wanted.orders and event.topic in orders.TOPICS and position > remembered.orders_position:
            key = (shopper, event.data["order"])
            order = _folded(orders.fold, kept.get(key), event)
            if order is not None:
                kept[key] = order
        if (
            wanted.views
            and event.topic in product_views.TOPICS
            and position > remembered.views_position
        ):
            views[shopper] = _folded(product_views.fold, views.get(shopper), event) or {}
    return History(
        zone,
        profiles.combined(parts[name] for name in sorted(parts)),
        [row for row in rows if row.day >= wanted.first_day],
        orders.of_person(kept.values()),
        reduce(product_views.merged, (views[name] for name in sorted(views)), {}),
    )


def _folded(
    fold: Callable[[T | None, RecordedEvent], T | None], before: T | None, event: RecordedEvent
) -> T | None:
    """The fold of one event. One that cannot be folded changes nothing: the follower sets it aside
    for the same reason, so rows and tail agree."""
    try:
        return fold(before, event)
    except (ValueError, KeyError, TypeError, AttributeError):
        return before


def shopper_values(
    wanted: frozenset[str], request: Mapping[str, Any], profile: Profile | None
) -> Scope:
    """`shopper.*` but segments."""
    shopper, context = request.get("shopper") or {}, request.get("context") or {}
    registered = "customer_id" in shopper
    traits = profile.values() if profile is not None else {}
    found: Scope = {}
    for name in wanted:
        value: Value | None = None
        if name == "shopper.is_registered":
            value = registered
        elif name in {"shopper.group", "context.customer_group"}:
            value = _group(context, traits, registered)
        elif name == "shopper.audiences":
            value = fact(context.get("audiences"))
        elif name == "shopper.first_seen_at":
            value = format_moment(profile.first_seen_at) if profile is not None else None
        elif name.startswith("shopper.traits."):
            value = fact(traits.get(name[15:]))
        elif name.startswith(_ADDRESS):
            value = _address(name[len(_ADDRESS) :], traits)
        if value is not None:
            found[name] = value
    return found


def traits_behind(attribute: str) -> tuple[str, ...]:
    """The traits that an attribute of the shopper is read from, the first that is set."""
    if attribute.startswith("shopper.traits."):
        return (attribute[15:],)
    if attribute in {"shopper.group", "context.customer_group"}:
        return (GROUP_TRAIT,)
    if attribute.startswith(_ADDRESS):
        return _ADDRESSES.get(attribute[len(_ADDRESS) :].partition(".")[0], ())
    return ()


def count_values(
    counts: Iterable[Count], known: History, window: Window, products: ProductsOf
) -> dict[str, Value]:
    """The value of each history and orders condition; undefined ones are absent."""
    found: dict[str, Value] = {}
    rows: dict[str, list[ActivityRow]] = {}
    for row in known.activity:
        rows.setdefault(row.event, []).append(row)
    for count in counts:
        if count.kind == "history":
            found[count.key] = _events(count, rows.get(count.event, ()), window, products)
        else:
            value = _orders(count, known, window)
            if value is not None:
                found[count.key] = value
    return found


def _group(context: Mapping[str, Any], traits: Mapping[str, Any], registered: bool) -> str:
    asked = context.get("customer_group")
    if asked:
        return str(asked)
    known = traits.get(GROUP_TRAIT)
    if isinstance(known, str) and known:
        return known
    return "general" if registered else "not_logged_in"


def _address(asked: str, traits: Mapping[str, Any]) -> Value | None:
    """`any.country` is the countries of all known addresses."""
    which, _, key = asked.partition(".")
    values = []
    for trait in _ADDRESSES.get(which, ()):
        address = traits.get(trait)
        if isinstance(address, dict):
            keys = _ADDRESS_KEYS.get(key, (key,))
            value = next((address[k] for k in keys if isinstance(address.get(k), str)), "")
            if value:
                values.append(value)
    if not values:
        return None
    return frozenset(values) if which == "any" and len(set(values)) > 1 else values[0]


def _events(
    count: Count, of_the_name: Sequence[ActivityRow], window: Window, products: ProductsOf
) -> int:
    if not of_the_name:
        return 0
    first = window.first(count)
    rows = [row for row in of_the_name if row.day >= first]
    where = count.where
    if where is None:
        return sum([row.count for row in rows])
    listed = [name for name in attributes_read(where).values if name.startswith("product.")]
    total = 0
    for row in rows:
        scopes = activity.scopes(row.facets, window.currency)
        if listed:
            _add_products(scopes, listed, window.currency, products)
        if any(matches(where, scope, window.currency) for scope in scopes):
            total += row.count
    return total


def _add_products(
    scopes: Iterable[Scope], names: Iterable[str], currency: str, products: ProductsOf
) -> None:
    found = products(sorted({str(scope["event.sku"]) for scope in scopes if "event.sku" in scope}))
    for scope in scopes:
        product = found.get(str(scope.get("event.sku")))
        if product is not None:
            scope.update(_product(names, product, currency))


def _product(names: Iterable[str], product: Mapping[str, Any], currency: str) -> Scope:
    """`product.*` of a listed product; its prices only in the asked currency."""
    found: Scope = {}
    for name in names:
        key = name[8:]
        raw: Any
        if key.startswith("attributes."):
            raw = product.get("attributes", {}).get(key[11:])
        elif key == "categories":
            raw = sorted(with_ancestors(product.get("categories") or ()))
        elif key in _PRICES:
            raw = product.get(f"{key}_minor") if product.get("currency") == currency else None
        else:
            raw = product.get({"product_type": "type"}.get(key, key))
        value = fact(raw)
        if value is not None:
            found[name] = value
    return found


def _orders(count: Count, known: History, window: Window) -> Value | None:
    """Cancelled orders are skipped unless `where` asks for the status; sums are over orders in the
    cart's currency; the average of none is undefined."""
    where, currency = count.where, window.currency
    names_status = where is not None and "order.status" in attributes_read(where).values
    first = window.first(count)
    found = [
        order
        for order in known.orders
        if (names_status or order.status != CANCELLED)
        and order.completed_at is not None
        and local_day(order.completed_at, known.zone) >= first
    ]
    if where is not None:
        found = [
            order
            for order in found
            if any(matches(where, scope, currency) for scope in orders.scopes(order, currency))
        ]
    if count.measure == "count":
        return len(found)
    if count.measure == "quantity":
        return number(sum((Decimal(order.net_quantity) for order in found), Decimal(0)))
    totals = [order.net_minor for order in found if order.currency == currency]
    if count.measure == "sum":
        return sum(totals)
    return number(Decimal(sum(totals)) / len(totals)) if totals else None
