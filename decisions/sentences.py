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
from decisions.messages.catalogue import CATALOGUES
from decisions.messages.catalogue import ENGLISH
from decisions.messages.catalogue import Messages
from rulesets.attributes import SCOPES
from rulesets.attributes import lookup

_COMBINED = ("all", "any", "none", "not_all")
_NAMES_THINGS = frozenset({"shopper.segments", "cart.applied_rules"})
_SUMS = frozenset({"line.subtotal_incl_tax"})
"""Amounts that are facts and that no author names (rulesets/eligible_totals.py)."""
_NUMBERS = frozenset({"number", "int"})
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
LEAVES_MAX = 4
LIKE_MAX = 2
LIST_MAX = 5
"""A sentence with more conditions or values is read by nobody; the tree has them all."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What sentences are told in: the currency of the facts, the one that amounts without a
    currency are in, the names that stand for ids, and the language."""

    currency: str
    base: str
    names: Mapping[str, str] = field(default_factory=dict)
    messages: Messages = CATALOGUES[ENGLISH]

    def amount(self, text: str) -> str:
        """An amount of the facts with its currency."""
        return self.messages.amount(text, self.currency)

    def named(self, id_: str) -> str:
        """The name of what an id stands for, in quotes."""
        return self.messages.named(self.names.get(id_, id_))


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
    return telling.messages.text("leaf.no_conditions")


def reason(tree: dict[str, Any], telling: Telling) -> str:
    """What made the tree true or false: `the cart's subtotal is 60.00 GBP (it had to be at least
    50.00 GBP)`."""
    leaves = list(_decisive(tree, opposite=False))
    texts = telling.messages
    if not leaves:
        return texts.text("leaf.no_conditions")
    told = list(dict.fromkeys(_leaf(leaf, telling, opposite=opposite) for leaf, opposite in leaves))
    more = len(told) - LEAVES_MAX
    rest = [texts.text("list.more", count=more)] if more > 0 else []
    return texts.text("list.semicolon").join([*told[:LEAVES_MAX], *rest])


def leaf_in_words(leaf: dict[str, Any], telling: Telling) -> str:
    """One leaf by itself: what was found, and what it asked for."""
    return _leaf(leaf, telling, opposite=False)


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
    texts = telling.messages
    if leaf.get("lines") in {"found", "not_found"}:
        asks_for_one = leaf["lines"] == "found"
        found = leaf["truth"] is asks_for_one
        asked = "leaf.one_asked" if asks_for_one is not opposite else "leaf.none_asked"
        line = texts.text("leaf.line" if found else "leaf.no_line")
        subject = _like(line, leaf.get("where"), telling)
        return texts.text("leaf.found", subject=subject, asked=texts.text(asked))
    kind = _type(leaf)
    shown = _Shown(kind, leaf.get("attribute") in _NAMES_THINGS, telling)
    return texts.one_of(
        "leaf",
        kind if kind in {"set", "bool"} else "one",
        subject=_subject(leaf, telling),
        actual=shown.value(leaf.get("actual")),
        asked=shown.wanted("refused" if opposite else "asked", leaf),
    )


def _type(leaf: Mapping[str, Any]) -> str:
    if "attribute" in leaf:
        return type_of(leaf["attribute"])
    is_sum = {leaf.get("orders"), leaf.get("lines")} & {"sum", "average", "amount"}
    return "money" if is_sum else "number"


def _subject(leaf: Mapping[str, Any], telling: Telling) -> str:
    texts = telling.messages
    if "attribute" in leaf:
        words = texts.words_for(leaf["attribute"])
        return texts.text("leaf.eligible", subject=words) if "totals_over" in leaf else words
    if "lines" in leaf:
        return _like(texts.one_of("line_totals", leaf["lines"]), leaf.get("where"), telling)
    if "history" in leaf:
        subject = texts.text("counts.history", event=leaf["history"])
    else:
        subject = texts.one_of("counts", leaf["orders"])
    if leaf.get("where") is not None:
        subject = texts.text("leaf.like_that", subject=subject)
    within = leaf.get("within_days")
    if not within:
        return subject
    if within == 1:
        return texts.text("leaf.in_one_day", subject=subject)
    return texts.text("leaf.in_days", subject=subject, days=within)


def _like(subject: str, where: Any, telling: Telling) -> str:
    """Which lines are meant, if a few words can say it: ` whose SKU is a`."""
    texts = telling.messages
    if not where or where in ({"all": []}, {"any": []}):
        return subject
    leaves = where.get("all", [where]) if isinstance(where, dict) else []
    if not 0 < len(leaves) <= LIKE_MAX or any("attribute" not in leaf for leaf in leaves):
        is_some = leaves or not isinstance(where, dict)
        return texts.text("leaf.like_that", subject=subject) if is_some else subject
    what = texts.text("list.and").join(_holding(leaf, telling) for leaf in leaves)
    return texts.text("leaf.whose", subject=subject, what=what)


def _holding(leaf: Mapping[str, Any], telling: Telling) -> str:
    kind = _type(leaf)
    table = "holds_of_set" if kind == "set" else "holds"
    what = telling.messages.words_for(leaf["attribute"], "own_words")
    return _Shown(kind, names_things=False, telling=telling).wanted(table, leaf, what=what)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Values of one leaf as text. `names_things`: they are ids that have names."""

    kind: str
    names_things: bool
    telling: Telling

    def wanted(self, table: str, leaf: Mapping[str, Any], **given: str) -> str:
        """What the leaf asks for, by a table of operators, in the facts' currency if it names
        one."""
        texts, operator = self.telling.messages, leaf["operator"]
        currency: str = self.telling.base
        asked: Any = leaf.get("value")
        others = leaf.get("values") or {}
        if self.telling.currency in others:
            currency, asked = self.telling.currency, others[self.telling.currency]
        if operator == "between":
            low, high = (self._written(end, currency) for end in asked)
            return texts.one_of(table, operator, low=low, high=high, **given)
        items = asked if isinstance(asked, list) else [asked]
        told = [self._written(item, currency) for item in items[:LIST_MAX]]
        more = len(items) - LIST_MAX
        rest = [texts.text("list.more", count=more)] if more > 0 else []
        value = texts.text("list.comma").join([*told, *rest])
        return texts.one_of(table, operator, value=value, **given)

    def value(self, actual: Any) -> str:
        """What was found."""
        texts = self.telling.messages
        if self.kind == "set" and not actual:
            return texts.text("value.none")
        items = actual if isinstance(actual, list) else [actual]
        if self.kind == "money" and _AMOUNT.match(str(actual)):
            return self.telling.amount(actual)
        return texts.text("list.comma").join(self._one(item) for item in items)

    def _one(self, value: Any) -> str:
        texts = self.telling.messages
        if value is None:
            return texts.text("value.unknown")
        if isinstance(value, bool):
            return texts.text("value.yes" if value else "value.no")
        text = str(value)
        if self.names_things and text in self.telling.names:
            return self.telling.named(text)
        return texts.number(text) if self.kind in _NUMBERS else text

    def _written(self, value: Any, currency: str) -> str:
        """A value that an author wrote; an amount with all its digits and its currency."""
        if self.kind != "money" or value is None:
            return self._one(value)
        amount = format_money(parse_money(value, currency, signed=True), currency)
        return self.telling.messages.amount(amount, currency)
