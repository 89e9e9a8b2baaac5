"""Carts and rules drawn at random: what tests that hold for all of them are run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from aggregates.definition import id_of
from rulesets.benefits.registry import BENEFITS
from rulesets.compiled import CompiledRevision
from rulesets.outcome import CartOutcome
from rulesets.outcome import Decided
from rulesets.pipeline import decide
from rulesets.question import CartQuestion
from tests.actions_given import SKUS
from tests.actions_given import actions
from tests.actions_given import of_sku
from tests.actions_given import prices
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

Body = dict[str, Any]
CURRENCIES = ("USD", "EUR", "JPY", "KWD")
SHIPS = {"percent", "fixed", "cart_fixed", "buy_x_get_y", "to_percent", "to_fixed"}
QUANTITIES = st.one_of(st.integers(1, 40), st.sampled_from(["0.5", "2.3333", "0.0001"]))
OUTER = {"name": "outer", "mode": "best", "per": "cart"}
GROUPS: list[Body | None] = [
    None,
    None,
    {"name": "line", "mode": "best", "per": "line"},
    {"name": "first", "mode": "first", "per": "line"},
    OUTER,
    {"name": "inner", "mode": "stack", "per": "cart", "within": OUTER},
]


def lines(currency: str = "USD", *, composite: bool = False) -> st.SearchStrategy[list[Body]]:
    """Lines of a cart; with composite products among them, each a line with lines under it."""
    whole = st.tuples(_line(currency), st.lists(_line(currency), max_size=3 if composite else 0))
    return st.lists(whole, max_size=4 if composite else 6).map(_under)


def _line(currency: str) -> st.SearchStrategy[Body]:
    money = prices(currency)
    return st.fixed_dictionaries(
        {"quantity": QUANTITIES, "price": money, "sku": st.sampled_from(SKUS)},
        optional={"minimum_price": money, "no_discount": st.booleans()},
    )


def _under(families: list[tuple[Body, list[Body]]]) -> list[Body]:
    found: list[Body] = []
    for number, (whole, parts) in enumerate(families):
        found.append({**whole, "line_id": f"w{number}"})
        found += [{**part, "parent_line_id": f"w{number}"} for part in parts]
    return found


@st.composite
def offers(draw: st.DrawFn, currency: str = "USD") -> Body:
    """What a rule gives, to every cart: action, filter, shipping."""
    kind = draw(st.sampled_from(sorted(BENEFITS)))
    action = draw(actions(kind, currency))
    if kind in SHIPS and draw(st.booleans()):
        action["apply_to_shipping"] = True
    if draw(st.booleans()):
        action["items"] = of_sku(draw(st.sampled_from(SKUS)))
    free = draw(st.sampled_from(["no", "no", "items", "shipment"]))
    return {"action": action, "free_shipping": free}


@st.composite
def rules(draw: st.DrawFn, currency: str = "USD") -> Body:
    """A rule with conditions, a group, a budget."""
    money = prices(currency)
    attribute = draw(st.sampled_from(["cart.subtotal", "cart.subtotal_after_discount"]))
    operator = draw(st.sampled_from([">=", "<"]))
    body = {
        **draw(offers(currency)),
        "priority": draw(st.integers(0, 3)),
        "stop_further": draw(st.booleans()),
        "conditions": {"attribute": attribute, "operator": operator, "value": draw(money)},
    }
    group = draw(st.sampled_from(GROUPS))
    if group is not None:
        body["group"] = group
    if draw(st.booleans()):
        body["budget"] = {"amount": draw(money)}
    if "items" in body["action"] and draw(st.booleans()):
        body["totals_over"] = "eligible_lines"
    return body


def rule_sets(currency: str = "USD") -> st.SearchStrategy[dict[str, Body]]:
    """Up to six rules by key."""
    some = st.lists(rules(currency), max_size=6)
    return some.map(lambda found: dict(zip("pqrstu", found, strict=False)))


class Priced:
    """A cart under some rules. `spent`: minor units of each rule's budget, by key."""

    def __init__(
        self,
        cart_lines: list[Body],
        bodies: Mapping[str, Body],
        *,
        currency: str = "USD",
        shipping: str = "5",
        spent: Mapping[str, int] | None = None,
    ) -> None:
        self.revision: CompiledRevision = compiled(bodies, base_currency=currency)
        self.cart: CartQuestion = a_cart(cart_lines, currency=currency, shipping=shipping)
        ids = {key: id_of("cart-rules", place) for place, key in enumerate(bodies, 1)}
        usage = {ids[key]: {"spent": minor} for key, minor in (spent or {}).items()}
        self.facts = facts_of(self.cart, cart_lines, usage=usage)
        self.keys = {id_: key for key, id_ in ids.items()}

    def decided(self) -> Decided:
        """Every rule is checked by the evaluator."""
        return decide(self.revision, self.facts, self.cart, AT, 3, shadow_percent=100)

    def outcome(self) -> CartOutcome:
        """What was decided."""
        outcome = self.decided().outcome
        assert isinstance(outcome, CartOutcome)
        return outcome

    def by_whole(self) -> list[int]:
        """What is taken off each top-level line with its parts, and off shipping last."""
        at = {line.line_id: place for place, line in enumerate(self.cart.lines)}
        taken = [0] * (len(self.cart.lines) + 1)
        for rule in self.outcome().applied:
            for place, part in enumerate(rule.parts):
                above = self.cart.lines[place].parent_line_id
                taken[place if above is None else at[above]] += part
            taken[-1] += rule.shipping_minor
        return taken
