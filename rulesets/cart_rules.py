"""A cart rule, parsed once: what its author wrote as what a decision asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any
from typing import Literal

import orjson

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import InvalidInput
from rulesets.attributes import RUNNING
from rulesets.benefits.benefit import Benefit
from rulesets.benefits.registry import BENEFITS
from rulesets.benefits.registry import unavailable
from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.definitions import normal
from rulesets.nodes import Needs
from rulesets.nodes import Node
from rulesets.nodes import attributes_read
from rulesets.nodes import uncovered
from rulesets.operators import fold
from rulesets.question import scaled
from rulesets.schedules import Window
from rulesets.schedules import window
from rulesets.settled import shared
from rulesets.strata import SEGMENTS
from rulesets.strata import running_names
from rulesets.strata import segments_named

FreeShipping = Literal["no", "items", "shipment"]


@dataclass(frozen=True, slots=True)
class Gate:
    """Which units of a line count: at most `most`, in whole steps of `step` (both in SCALE)."""

    step: int
    most: int

    def units(self, quantity: int) -> int | None:
        """The units that count; None if the line is too small for one step.

        Step 10: of 23.5 come 20, of 9 none. At most 3 of 5: 3.
        """
        if self.step > quantity:
            return None
        counted = min(quantity, self.most) if self.most else quantity
        return counted // self.step * self.step if self.step else counted


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which lines a rule is about. Rules with equal filters share `number`."""

    number: int
    node: Node
    running: bool
    needs: Needs


@dataclass(frozen=True, slots=True)
class CartRule:
    """One live cart rule. `order` is its place by (priority, id)."""

    id: str
    name: str
    order: int
    node: Node
    always: bool
    running: bool
    items: ItemFilter | None
    gate: Gate | None
    stop_further: bool
    store_views: frozenset[str] | None
    groups: frozenset[str] | None
    coupon: str | None
    coupon_key: str | None
    free_shipping: FreeShipping
    apply_to_shipping: bool
    labels: Mapping[str, str]
    description: str
    blocks: frozenset[str]
    window: Window
    paused: bool
    is_open: bool
    """Whether nothing but its conditions can keep it from applying, and the currency."""
    running_read: frozenset[str]
    segments: frozenset[str]
    audiences: bool
    needs: Needs
    action: Mapping[str, Any]
    base_currency: str
    _benefits: dict[str, Benefit | None] = field(default_factory=dict, compare=False, repr=False)
    _spoken: dict[object, bytes] = field(default_factory=dict, compare=False, repr=False)

    def benefit(self, currency: str) -> Benefit | None:
        """What it gives in a currency; None if it needs an amount that its author did not give."""
        try:
            return self._benefits[currency]
        except KeyError:
            found = self._benefits[currency] = self._read(currency)
            return found

    def label(self, store_view: object) -> str:
        """Of the store view, else the default; a coupon rule's description, else its code."""
        labels = self.labels
        if isinstance(store_view, str) and labels.get(store_view):
            return labels[store_view]
        if labels.get("default"):
            return labels["default"]
        return (self.description or self.coupon) if self.coupon else ""

    def spoken(self, store_view: object) -> bytes:
        """Its entry in a list of an answer, as JSON: a comma, and all up to the amount's text."""
        view = store_view if store_view in self.labels else None
        try:
            return self._spoken[view]
        except KeyError:
            entry = {
                "rule_id": self.id,
                "name": self.name,
                "label": self.label(store_view),
                "coupon": self.coupon,
            }
            ready = b',%b,"amount":"' % orjson.dumps(entry)[:-1]
            return self._spoken.setdefault(view, ready)

    def _read(self, currency: str) -> Benefit | None:
        if uncovered(self.node, currency):
            return None
        if self.items is not None and uncovered(self.items.node, currency):
            return None
        return BENEFITS[self.action["type"]](self.action, currency, self.base_currency)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the rules of one revision have in common: leaves, and numbers of equal filters."""

    leaves: dict[Any, Node] = field(default_factory=dict)
    filters: dict[bytes, int] = field(default_factory=dict)


def compile_rule(
    definition: LiveDefinition, reading: Reading, order: int, common: Shared
) -> CartRule:
    """Parses a live rule; InvalidInput for what decisions cannot do."""
    body = definition.body
    problems = unavailable(body)
    if problems:
        raise InvalidInput(problems, f"cart rule {definition.id}")
    node, conditions = reading.parse(body.get("conditions", {"all": []}), "cart", "/conditions")
    node = shared(node, common.leaves)
    needs = attributes_read(node)
    action = body["action"]
    items = _items(action, reading, common.filters)
    coupon = (body.get("coupon") or {}).get("code")
    views, groups = normal(body.get("store_views")), normal(body.get("customer_groups"))
    named = segments_named(node)
    times = window(
        definition.starts_at,
        definition.ends_at,
        body.get("from_date"),
        body.get("to_date"),
        reading.zone,
    )
    return CartRule(
        id=definition.id,
        name=body["name"],
        order=order,
        node=node,
        always=conditions in ({"all": []}, {"any": []}),
        running=bool(running_names(node)),
        items=items,
        gate=_gate(action),
        stop_further=bool(body.get("stop_further")),
        store_views=views,
        groups=groups,
        coupon=coupon,
        coupon_key=coupon_key(coupon) if coupon else None,
        free_shipping=body.get("free_shipping") or "no",
        apply_to_shipping=bool(action.get("apply_to_shipping")),
        labels=body.get("labels") or {},
        description=body.get("description") or "",
        blocks=reading.references("dynamic-blocks", body.get("dynamic_blocks")),
        window=times,
        paused=definition.paused,
        is_open=not any((definition.paused, times.edges, views, groups, coupon, named)),
        running_read=running_names(node) | (running_names(items.node) if items else frozenset()),
        segments=named,
        audiences="shopper.audiences" in needs.values,
        needs=_outside_running(needs | (items.needs if items else Needs()) | _header(body)),
        action=action,
        base_currency=reading.settings.base_currency,
    )


def coupon_key(code: str) -> str:
    """A code as it is compared: case, and space around it, do not count."""
    return fold(code)


def _items(
    action: Mapping[str, Any], reading: Reading, filters: dict[bytes, int]
) -> ItemFilter | None:
    tree = action.get("items")
    if tree is None or tree in ({"all": []}, {"any": []}):
        return None
    node, written = reading.parse(tree, "line", "/action/items")
    needs = attributes_read(node)
    number = filters.setdefault(canonical(written), len(filters))
    return ItemFilter(number, node, not RUNNING.isdisjoint(needs.lines), needs)


def _gate(action: Mapping[str, Any]) -> Gate | None:
    step = scaled(Decimal(str(action.get("step") or 0)))
    most = scaled(Decimal(str(action.get("max_quantity") or 0)))
    return Gate(step, most) if step or most else None


def _header(body: Mapping[str, Any]) -> Needs:
    """What the rule reads beside its trees."""
    values = set()
    if body.get("store_views") or any(name != "default" for name in body.get("labels") or ()):
        values.add("context.store_view")
    if body.get("customer_groups"):
        values.add("shopper.group")
    return Needs(values=frozenset(values))


def _outside_running(needs: Needs) -> Needs:
    """What has to be gathered: running totals come to be only while rules are applied."""
    return Needs(needs.values - RUNNING - {SEGMENTS}, needs.lines - RUNNING, needs.counts)
