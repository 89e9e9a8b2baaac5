"""Given: a request as a client sends it, a catalogue and a past, as facts of a decision.

Facts are taken by the code that takes them in production, so a case tells what a client sends
and not what it should become.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.kernel.clock import parse_moment
from aggregates.kernel.money import parse_money
from app.edge.validation import load
from app.schemas.asked import Open
from app.schemas.cart import CartQuestionSchema
from decisions.gather import Known
from decisions.gather import facts_of
from decisions.questions import cart_question
from decisions.shopper import History
from projections import activity
from projections.orders import Line
from projections.orders import Order
from projections.profiles import Profile
from projections.profiles import Trait
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.question import CartQuestion
from tests.given import AT
from tests.projection_events import recorded

Case = Mapping[str, Any]
_PAST = ("products", "traits", "events", "orders")


def asked(compiled: CompiledRevision, case: Case) -> tuple[CartQuestion, Facts]:
    """The question of a case and what is known when it is asked.

    `request`: the body of POST /v1/decisions/cart; lines need no `line_id`, and are of one unit
    unless they say otherwise. `products`: the catalogue by SKU. `traits`, `first_seen_at`: the
    profile. `events`, `orders`: the past. `at`: the moment.
    """
    request = _request(case["request"])
    case = {**case, **_recorded({name: case[name] for name in _PAST if name in case})}
    question = cart_question(request)
    products = {sku: {"sku": sku, **one} for sku, one in case.get("products", {}).items()}
    moment = parse_moment(case["at"]) if "at" in case else AT

    def products_of(skus: Collection[str]) -> dict[str, Any]:
        return {sku: products[sku] for sku in skus if sku in products}

    zone = ZoneInfo(compiled.settings.time_zone)
    history = History(
        zone,
        _profile(case),
        [row for one in case.get("events", ()) for row in activity.rows(_event(one), zone)],
        [_order(number, one) for number, one in enumerate(case.get("orders", ()), 1)],
    )
    known = Known(request, question, products, history, moment, products_of)
    return question, facts_of(compiled.needs, compiled.settings, known)


def _recorded(past: Mapping[str, Any]) -> dict[str, Any]:
    """As it is taken in: exact numbers, no floats."""
    found: dict[str, Any] = Open().deserialize(past)
    return found


def _request(written: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        {"line_id": str(number), "sku": f"sku-{number}", "quantity": 1, **line}
        for number, line in enumerate(written["lines"], 1)
    ]
    body = {"cart_id": "c", "currency": "USD", **written, "lines": lines}
    request: dict[str, Any] = load(CartQuestionSchema(), body)
    return request


def _profile(case: Case) -> Profile | None:
    if "traits" not in case and "first_seen_at" not in case:
        return None
    traits = {name: Trait(value, 0, 0) for name, value in case.get("traits", {}).items()}
    return Profile(parse_moment(case.get("first_seen_at", "2026-01-01T00:00:00Z")), traits)


def _event(one: Mapping[str, Any]) -> Any:
    data = {name: value for name, value in one.items() if name != "at"}
    return recorded("InteractionRecorded", 1, at=parse_moment(one["at"]), kind="track", **data)


def _order(number: int, one: Mapping[str, Any]) -> Order:
    currency = one.get("currency", "USD")
    lines = tuple(
        Line(
            line["sku"],
            Decimal(str(line.get("quantity", 1))),
            None,
            tuple(line.get("categories", ())),
        )
        for line in one.get("lines", ())
    )
    return Order(
        "a",
        str(number),
        one.get("status", "completed"),
        parse_moment(one["at"]),
        parse_moment(one["at"]),
        currency,
        parse_money(one["total"], currency),
        lines,
        tuple(one.get("coupons", ())),
        one.get("country"),
    )
