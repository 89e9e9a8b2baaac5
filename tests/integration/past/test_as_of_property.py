"""As of a position p is what the projections held when the log ended at p, for any history."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

from hypothesis import HealthCheck
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.money import format_money
from app.eventlog.sealing import RowSeals
from decisions.links import LinksOfLog
from projections import activity
from projections import identities
from projections import order_rows
from projections import profiles
from projections.orders import of_person
from tests.desk import SITE
from tests.desk import Desk

USERS = st.sampled_from(["anna", "bert"])
BROWSERS = st.sampled_from(["a1", "a2", "a3"])
ORDERS = st.sampled_from(["o1", "o2"])
IDS = st.one_of(
    st.fixed_dictionaries({"userId": USERS}),
    st.fixed_dictionaries({"anonymousId": BROWSERS}),
    st.fixed_dictionaries({"userId": USERS, "anonymousId": BROWSERS}),
)
BOTH = st.fixed_dictionaries({"userId": USERS, "anonymousId": BROWSERS})
_runs = count()


def _messages() -> st.SearchStrategy[tuple[dict[str, Any], int]]:
    """A message with the days that it comes late."""
    traits = st.dictionaries(st.sampled_from(["city", "tier"]), st.sampled_from(["x", "y", None]))
    of_order = st.builds(
        lambda ids, name, order, total: {
            "type": "track",
            "event": name,
            **ids,
            "properties": {"order_id": order, "total": total, "currency": "USD"},
        },
        IDS,
        st.sampled_from(["Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"]),
        ORDERS,
        st.integers(1, 90),
    )
    return st.tuples(
        st.one_of(
            st.builds(lambda ids, told: {"type": "identify", **ids, "traits": told}, BOTH, traits),
            st.builds(
                lambda user, browser: {"type": "alias", "userId": user, "previousId": browser},
                USERS,
                BROWSERS,
            ),
            st.builds(
                lambda ids, group: {"type": "group", **ids, "groupId": group},
                IDS,
                st.sampled_from(["trade", "retail"]),
            ),
            st.builds(
                lambda ids, name: {"type": "track", "event": name, **ids, "properties": {}},
                IDS,
                st.sampled_from(["Product Viewed", "Cart Viewed"]),
            ),
            of_order,
        ),
        st.integers(0, 3),
    )


def _order(name: str, order: str, total: int) -> tuple[dict[str, Any], int]:
    told = {"order_id": order, "total": total, "currency": "USD"}
    return {"type": "track", "event": name, "userId": "anna", "properties": told}, 0


@given(st.lists(_messages(), min_size=5, max_size=12))
@example(
    [
        _order("Order Completed", "o1", 50),
        _order("Order Completed", "o2", 30),
        _order("Order Refunded", "o2", 10),
        _order("Order Cancelled", "o1", 50),
    ]
)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_as_of_any_position_is_what_the_projections_held_there(
    desk: Desk, history: list[tuple[dict[str, Any], int]]
) -> None:
    run = next(_runs)
    held: list[tuple[int, dict[str, dict[str, Any]]]] = []
    for message, days in history:
        desk.clock.advance(60 * SECOND)
        desk.send(_of_run(run, message, desk.clock.now() - days * DAY))
        desk.follow()
        held.append((desk.head, _held(desk, run)))
    for position, persons in held:
        for name, expected in persons.items():
            answer = desk.made("GET", f"/v1/shoppers/{name}?as_of={position}")
            assert _seen(answer) == expected, (position, name)
    names = sorted(held[-1][1])
    for name in names:
        assert _seen(desk.made("GET", f"/v1/shoppers/{name}")) == held[-1][1][name]
    for position in range(held[0][0], desk.head):  # also in the midst of what one request wrote
        name = names[position % len(names)]
        answer = _seen(desk.made("GET", f"/v1/shoppers/{name}?as_of={position}"))
        assert (answer["pseudonyms"], answer["traits"]) == _folded(desk, name, position), position


def _of_run(run: int, message: dict[str, Any], at: int) -> dict[str, Any]:
    """Ids of one example are nobody's in another."""
    own = {
        name: f"{run}-{message[name]}"
        for name in ("userId", "anonymousId", "previousId")
        if name in message
    }
    if "order_id" in message.get("properties", {}):
        order = f"{run}-{message['properties']['order_id']}"
        own["properties"] = {**message["properties"], "order_id": order}
    return {**message, **own, "timestamp": format_moment(at)}


def _held(desk: Desk, run: int) -> dict[str, dict[str, Any]]:
    """What the projections hold of each pseudonym's person now."""
    keys = desk.services.keys
    ids = [("customer", name) for name in ("anna", "bert")]
    ids += [("anonymous", name) for name in ("a1", "a2", "a3")]
    names = [keys.find(SITE, kind, f"{run}-{name}") for kind, name in ids]
    return {name: _of_person(desk, name) for name in names if name is not None}


def _of_person(desk: Desk, name: str) -> dict[str, Any]:
    with desk.services.stores.log.connect() as connection:
        person = sorted(identities.person(connection, SITE, [name]))
    with desk.services.stores.read.connect() as connection:
        parts = profiles.of_shoppers(connection, SITE, person, RowSeals(desk.services.keys))
        found = profiles.combined(parts.values())
        rows = activity.of_shoppers(connection, SITE, person)
        orders = of_person(order_rows.of_shoppers(connection, SITE, person))
    counts = Counter[str]()
    for row in rows:
        counts[row.event] += row.count
    live = [order for order in orders if order.status != "cancelled"]
    return {
        "pseudonyms": person,
        "first_seen_at": format_moment(found.first_seen_at) if found else None,
        "traits": found.values() if found else {},
        "activity": dict(counts),
        "orders": len(live),
        "cancelled": len(orders) - len(live),
        "sum": format_money(sum(order.net_minor for order in live), "USD"),
    }


def _folded(desk: Desk, name: str, position: int) -> tuple[list[str], dict[str, Any]]:
    """A person out of the first events of the log, one after the other."""
    log = desk.services.log
    person = sorted(LinksOfLog(log, SITE).person(Pseudonym(name), position))
    parts: dict[str, profiles.Profile] = {}
    for event in log.read(SITE, 0, 10_000, upto=position, topics=profiles.TOPICS, unseal=True):
        if event.shopper_id in person:
            parts[event.shopper_id] = profiles.fold(parts.get(event.shopper_id), event)
    found = profiles.combined(parts.values())
    return [*map(str, person)], found.values() if found else {}


def _seen(answer: dict[str, Any]) -> dict[str, Any]:
    profile, orders = answer["profile"], answer["orders"]
    traits = profile["traits"] if profile else {}
    return {
        "pseudonyms": answer["pseudonyms"],
        "first_seen_at": profile["first_seen_at"] if profile else None,
        "traits": {name: told["value"] for name, told in traits.items()},
        "activity": {row["event"]: row["count"] for row in answer["activity"]},
        "orders": orders["count"],
        "cancelled": orders["cancelled"],
        "sum": orders["by_currency"][0]["sum"] if orders["by_currency"] else "0.00",
    }
