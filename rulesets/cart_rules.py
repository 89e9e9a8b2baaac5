"""A cart rule, parsed once: what its author wrote as what a decision asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import reduce
from operator import or_
from typing import Any
from typing import Literal

import orjson

from aggregates.kernel.canonical import canonical
from rulesets.attributes import RUNNING
from rulesets.benefits.benefit import Benefit
from rulesets.benefits.registry import benefit_of
from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.definitions import normal
from rulesets.eligible_totals import over_eligible
from rulesets.gates import TOGETHER
from rulesets.gates import Gate
from rulesets.gates import gate_of
from rulesets.lanes import Step
from rulesets.lanes import path_of
from rulesets.nearly import Nearly
from rulesets.nearly import nearly_of
from rulesets.nodes import Needs
from rulesets.nodes import Node
from rulesets.nodes import attributes_read
from rulesets.nodes import uncovered
from rulesets.operators import fold
from rulesets.schedules import Window
from rulesets.schedules import window
from rulesets.settled import shared
from rulesets.strata import SEGMENTS
from rulesets.strata import running_names
from rulesets.strata import segments_named
from rulesets.usage import Limits
from rulesets.usage import code_limits_of
from rulesets.usage import limits_of

FreeShipping = Literal["no", "items", "shipment"]


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
    is_generated: bool
    """Whether it needs one of its own generated codes."""
    code_limits: Mapping[str, int]
    """What its author set for every generated code, by the counter's name."""
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
    is_gift: bool
    counts_together: bool
    """Whether its lines have to reach something together, such as a tier or a bundle."""
    parts: tuple[ItemFilter, ...]
    """Which lines may be each part of a bundle."""
    lanes: tuple[Step, ...]
    limits: Limits | None
    nearly: Nearly | None
    reward_points: int
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

    def label(self, store_view: object, code: str | None = None) -> str:
        """Of the store view, else the default; a coupon rule's description, else its code."""
        labels = self.labels
        if isinstance(store_view, str) and labels.get(store_view):
            return labels[store_view]
        if labels.get("default"):
            return labels["default"]
        coupon = code or self.coupon
        return (self.description or coupon) if coupon else ""

    def spoken(self, store_view: object, code: str | None = None) -> bytes:
        """Its entry in a list of an answer, as JSON: a comma, and all up to the amount's text.
        `code`: the generated one that it applied by."""
        view = store_view if store_view in self.labels else None
        if code is not None:
            return self._entry(view, code)
        try:
            return self._spoken[view]
        except KeyError:
            return self._spoken.setdefault(view, self._entry(view, None))

    def _entry(self, view: object, code: str | None) -> bytes:
        entry = {
            "rule_id": self.id,
            "name": self.name,
            "label": self.label(view, code),
            "coupon": code or self.coupon,
        }
        return b',%b,"amount":"' % orjson.dumps(entry)[:-1]

    @property
    def spoken_end(self) -> bytes:
        """What follows the amount in the list of applied rules."""
        return b'","reward_points":%d}' % self.reward_points if self.reward_points else b'"}'

    def _read(self, currency: str) -> Benefit | None:
        if uncovered(self.node, currency):
            return None
        if self.items is not None and uncovered(self.items.node, currency):
            return None
        if any(uncovered(part.node, currency) for part in self.parts):
            return None
        if self.limits is not None and not self.limits.covers(currency):
            return None
        return benefit_of(self.action, currency, self.base_currency)


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
    node, conditions = reading.parse(body.get("conditions", {"all": []}), "cart", "/conditions")
    action = body["action"]
    items = _items(action, reading, common.filters)
    parts = _parts(action, reading, common.filters)
    if items is not None and body.get("totals_over") == "eligible_lines":
        node = over_eligible(node, items.node)
    node = shared(node, common.leaves)
    needs = attributes_read(node)
    filters = [part for part in (items, *parts) if part is not None]
    limits = limits_of(body, reading.settings.base_currency)
    asked_coupon = body.get("coupon") or {}
    coupon, is_generated = asked_coupon.get("code"), asked_coupon.get("type") == "generated"
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
        gate=gate_of(action),
        stop_further=bool(body.get("stop_further")),
        store_views=views,
        groups=groups,
        coupon=coupon,
        coupon_key=coupon_key(coupon) if coupon else None,
        is_generated=is_generated,
        code_limits=code_limits_of(body),
        free_shipping=body.get("free_shipping") or "no",
        apply_to_shipping=bool(action.get("apply_to_shipping")),
        labels=body.get("labels") or {},
        description=body.get("description") or "",
        blocks=reading.references("dynamic-blocks", body.get("dynamic_blocks")),
        window=times,
        paused=definition.paused,
        is_open=not any(
            (definition.paused, times.edges, views, groups, coupon, is_generated, named, limits)
        ),
        running_read=running_names(node).union(*(running_names(one.node) for one in filters)),
        segments=named,
        audiences="shopper.audiences" in needs.values,
        is_gift=action["type"] == "free_gift",
        counts_together=action["type"] in TOGETHER,
        parts=parts,
        lanes=path_of(body.get("group")),
        limits=limits,
        nearly=nearly_of(body, reading.settings.base_currency),
        reward_points=body.get("reward_points") or 0,
        needs=_outside_running(reduce(or_, (one.needs for one in filters), needs | _header(body))),
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
    return _filter(tree, reading, "/action/items", filters)


def _parts(
    action: Mapping[str, Any], reading: Reading, filters: dict[bytes, int]
) -> tuple[ItemFilter, ...]:
    return tuple(
        _filter(part["where"], reading, f"/action/bundle/{number}/where", filters)
        for number, part in enumerate(action.get("bundle") or ())
    )


def _filter(tree: Any, reading: Reading, pointer: str, filters: dict[bytes, int]) -> ItemFilter:
    node, written = reading.parse(tree, "line", pointer)
    needs = attributes_read(node)
    number = filters.setdefault(canonical(written), len(filters))
    return ItemFilter(number, node, not RUNNING.isdisjoint(needs.lines), needs)


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
