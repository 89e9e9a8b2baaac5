"""Explained trees in plain words: which conditions decided, and what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aggregates.kernel.money import format_money
from aggregates.kernel.money import parse_money
from decisions import phrases
from decisions.words import own_words_for
from decisions.words import words_for
from rulesets.attributes import SCOPES
from rulesets.attributes import lookup

_COMBINED = ("all", "any", "none", "not_all")
_NAMES_THINGS = frozenset({"shopper.segments", "cart.applied_rules"})
_SUMS = frozenset({"line.subtotal_incl_tax"})
"""Amounts that are facts and that no author names (rulesets/eligible_totals.py)."""
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
LEAVES_MAX = 4
LIKE_MAX = 2
LIST_MAX = 5
"""A sentence with more conditions or values is read by nobody; the tree has them all."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What sentences are told in: the currency of the facts, the one that amounts without a
    currency are in, and the names that stand for ids."""

    currency: str
    base: str
    names: Mapping[str, str] = field(default_factory=dict)

    def amount(self, text: str) -> str:
        """An amount of the facts with its currency."""
        return phrases.AMOUNT.format(text, self.currency)


def first_leaf(tree: dict[str, Any]) -> dict[str, Any] | None:
    """The first leaf that made the tree true or false; None if it asks for nothing. `negated`: its
    opposite was asked for, by `none` or `not_all`."""
    for leaf, opposite in _decisive(tree, opposite=False):
        return {**leaf, "negated": True} if opposite else leaf
    return None


def first_reason(tree: dict[str, Any], telling: Telling) -> str:
    """The same as a sentence, without the others."""
    for leaf, opposite in _decisive(tree, opposite=False):
        return _leaf(leaf, telling, opposite=opposite)
    return phrases.NO_CONDITIONS


def reason(tree: dict[str, Any], telling: Telling) -> str:
    """What made the tree true or false: `the cart's subtotal is 60.00 GBP (it had to be at least
    50.00 GBP)`."""
    leaves = list(_decisive(tree, opposite=False))
    if not leaves:
        return phrases.NO_CONDITIONS
    told = list(dict.fromkeys(_leaf(leaf, telling, opposite=opposite) for leaf, opposite in leaves))
    more = len(told) - LEAVES_MAX
    rest = [phrases.MORE.format(more)] if more > 0 else []
    return "; ".join([*told[:LEAVES_MAX], *rest])


def type_of(attribute: str) -> str:
    """The type of an attribute, wherever it may stand."""
    found = (lookup(attribute, scope) for scope in SCOPES)
    usual = "money" if attribute in _SUMS else "open"
    return next((known.type for known in found if known is not None), usual)


def _decisive(tree: dict[str, Any], *, opposite: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """The leaves that a tree's truth follows from, and whether their opposite was asked for."""
    form = next((form for form in _COMBINED if form in tree), None)
    if form is None:
        yield tree, opposite
        return
    truth = tree["truth"]
    positive = form in {"all", "any"}
    wanted = truth if positive else not truth
    for item in tree[form]:
        if item["truth"] is wanted:
            yield from _decisive(item, opposite=opposite is positive)


def _leaf(leaf: dict[str, Any], telling: Telling, *, opposite: bool) -> str:
    if leaf.get("lines") in {"found", "not_found"}:
        asks_for_one = leaf["lines"] == "found"
        found = leaf["truth"] is asks_for_one
        asked = phrases.ONE_ASKED if asks_for_one is not opposite else phrases.NONE_ASKED
        template = phrases.LINE_FOUND if found else phrases.NO_LINE_FOUND
        return template.format(asked=asked, like=_like(leaf.get("where"), telling))
    kind = _type(leaf)
    shown = _Shown(kind, leaf.get("attribute") in _NAMES_THINGS, telling)
    templates = {"set": phrases.LEAF_OF_SET, "bool": phrases.LEAF_OF_BOOL}
    asked = (phrases.REFUSED if opposite else phrases.ASKED)[leaf["operator"]]
    return templates.get(kind, phrases.LEAF).format(
        subject=_subject(leaf, telling),
        actual=shown.value(leaf.get("actual")),
        asked=asked.format(*shown.wanted(leaf)),
    )


def _type(leaf: Mapping[str, Any]) -> str:
    if "attribute" in leaf:
        return type_of(leaf["attribute"])
    return "money" if {leaf.get("orders"), leaf.get("lines")} & {"sum", "average", "amount"} else ""


def _subject(leaf: Mapping[str, Any], telling: Telling) -> str:
    if "attribute" in leaf:
        words = words_for(leaf["attribute"])
        return phrases.ELIGIBLE.format(words) if "totals_over" in leaf else words
    within = leaf.get("within_days")
    days = phrases.IN_ONE_DAY if within == 1 else phrases.IN_DAYS.format(within) if within else ""
    if "lines" in leaf:
        return phrases.LINE_TOTALS[leaf["lines"]] + _like(leaf.get("where"), telling)
    like = phrases.LIKE_THAT if leaf.get("where") is not None else ""
    if "history" in leaf:
        return phrases.COUNTS["history"].format(leaf["history"]) + like + days
    return phrases.COUNTS[leaf["orders"]] + like + days


def _like(where: Any, telling: Telling) -> str:
    """Which lines are meant, if a few words can say it: ` whose SKU is a`."""
    if not where or where in ({"all": []}, {"any": []}):
        return ""
    leaves = where.get("all", [where]) if isinstance(where, dict) else []
    if not 0 < len(leaves) <= LIKE_MAX or any("attribute" not in leaf for leaf in leaves):
        return phrases.LIKE_THAT if leaves or not isinstance(where, dict) else ""
    return phrases.WHOSE.format(phrases.AND.join(_holding(leaf, telling) for leaf in leaves))


def _holding(leaf: Mapping[str, Any], telling: Telling) -> str:
    kind = _type(leaf)
    holds = (phrases.HOLDS_OF_SET if kind == "set" else phrases.HOLDS)[leaf["operator"]]
    wanted = _Shown(kind, names_things=False, telling=telling).wanted(leaf)
    return f"{own_words_for(leaf['attribute'])} {holds.format(*wanted)}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """Values of one leaf as text. `names_things`: they are ids that have names."""

    kind: str
    names_things: bool
    telling: Telling

    def wanted(self, leaf: Mapping[str, Any]) -> list[str]:
        """What the leaf asks for, in the facts' currency if it names one: one text, or the pair of
        `between`."""
        currency: str = self.telling.base
        asked: Any = leaf.get("value")
        others = leaf.get("values") or {}
        if self.telling.currency in others:
            currency, asked = self.telling.currency, others[self.telling.currency]
        if leaf["operator"] == "between":
            return [self._one(_written(end, self.kind, currency)) for end in asked]
        items = asked if isinstance(asked, list) else [asked]
        told = [self._one(_written(item, self.kind, currency)) for item in items[:LIST_MAX]]
        more = len(items) - LIST_MAX
        return [", ".join([*told, *([phrases.MORE.format(more)] if more > 0 else [])])]

    def value(self, actual: Any) -> str:
        """What was found."""
        if self.kind == "set" and not actual:
            return phrases.NONE
        items = actual if isinstance(actual, list) else [actual]
        if self.kind == "money" and _AMOUNT.match(str(actual)):
            return self.telling.amount(actual)
        return ", ".join(self._one(item) for item in items)

    def _one(self, value: Any) -> str:
        if value is None:
            return phrases.UNKNOWN
        if isinstance(value, bool):
            return phrases.YES if value else phrases.NO
        text = str(value)
        if self.names_things and text in self.telling.names:
            return phrases.NAMED.format(self.telling.names[text])
        return text


def _written(value: Any, kind: str, currency: str) -> Any:
    """An amount that an author wrote, with all its digits and its currency."""
    if kind != "money" or value is None:
        return value
    amount = format_money(parse_money(value, currency, signed=True), currency)
    return phrases.AMOUNT.format(amount, currency)
