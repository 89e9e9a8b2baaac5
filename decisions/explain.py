"""Explanations: why each rule did or did not apply, computed from what was recorded.

Without the scope `audit` what is known of the person stays hidden: `(profile)` stands in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aggregates.kernel.money import format_money
from decisions.explain_category import category_explained
from decisions.explain_category import category_sentences
from decisions.explain_units import units_explained
from decisions.explain_units import units_sentences
from decisions.gather import needs_of
from decisions.made import Made
from decisions.phrases import AND
from decisions.phrases import COUPONS
from decisions.phrases import NAMED
from decisions.phrases import REASONS
from decisions.phrases import RULES
from decisions.phrases import SENTENCES
from decisions.phrases import SOME_RULE
from decisions.sentences import Telling
from decisions.sentences import first_leaf
from decisions.sentences import first_reason
from decisions.sentences import reason
from decisions.sentences import type_of
from rulesets.category_outcome import CategoryOutcome
from rulesets.compiled import CompiledRevision
from rulesets.evaluator import shown
from rulesets.facts import Facts
from rulesets.facts import Scope
from rulesets.outcome import CartOutcome
from rulesets.outcome import ContentOutcome
from rulesets.outcome import Decided
from rulesets.question import Question
from rulesets.rejections import because
from rulesets.trace import FAILED
from rulesets.units_outcome import UnitsOutcome

HIDDEN = "(profile)"
_PERSONAL = ("shopper.", "context.customer_group")  # the latter is an alias of shopper.group
_BY_CONDITIONS = frozenset({"conditions_not_met", "audience_unknown"})
_ASKED = frozenset({"operator", "value", "values"})
_OPEN_OF_SHOPPER = frozenset({"shopper.is_registered", "shopper.segments", "shopper.audiences"})


def explanation(made: Made, *, audit: bool) -> dict[str, Any]:
    """`{summary, rules, facts, segments}`; facts only with `audit`."""
    rules = _rules(made, audit=audit)
    told: dict[str, Any] = {
        "summary": summary(made, rules, audit=audit),
        "rules": rules,
        "segments": [] if isinstance(made.decided.outcome, UnitsOutcome) else _segments(made),
    }
    if isinstance(made.decided.outcome, CategoryOutcome):
        told |= category_explained(made)
    elif isinstance(made.decided.outcome, UnitsOutcome):
        told |= units_explained(made, audit=audit)
    if audit:
        told["facts"] = facts_shown(made)
    return told


def rejected(made: Made, *, audit: bool) -> list[dict[str, Any]]:
    """The rules that did not apply, each with its code and a sentence; one whose conditions did
    not hold with the first leaf that failed, what it wanted and what was found."""
    return [
        {name: rule[name] for name in ("rule_id", "code", "detail", "by", "leaf") if name in rule}
        for rule in _rules(made, audit=audit)
        if "code" in rule
    ]


def failed(made: Made) -> list[dict[str, Any]]:
    """The rules that were left out for a fault of this service: told to everybody who asks."""
    names = _names(made)
    return [
        {
            "rule_id": step.rule_id,
            "code": step.code,
            "detail": RULES[step.code].format(rule=names.get(step.rule_id, step.rule_id)),
        }
        for step in made.decided.trace.steps
        if step.code == FAILED
    ]


def summary(made: Made, rules: list[dict[str, Any]], *, audit: bool) -> list[str]:
    """One sentence a segment, an applied rule, a refused coupon, a block; then the other rules."""
    outcome, telling = made.decided.outcome, _telling(made)
    if isinstance(outcome, UnitsOutcome):
        return units_sentences(made, telling.names, audit=audit)
    names = telling.names
    members = [names.get(segment, segment) for segment in outcome.segments]
    told = [SENTENCES["member"].format(segment=name) for name in members]
    if not members and made.compiled.segments:
        told.append(SENTENCES["no_member"])
    if isinstance(outcome, CartOutcome):
        trees = {rule["rule_id"]: rule["because"] for rule in rules}
        for rule in outcome.applied:
            sentence = SENTENCES["took_off_and_shipping" if rule.free_shipment else "took_off"]
            amount = format_money(rule.amount_minor, telling.currency)
            why = reason(trees[rule.rule_id], telling)
            name = names.get(rule.rule_id, rule.rule_id)
            told.append(sentence.format(rule=name, amount=telling.amount(amount), why=why))
        told += [
            COUPONS[coupon.reason].format(code=coupon.code)
            for coupon in outcome.coupons
            if coupon.reason is not None
        ]
    elif isinstance(outcome, ContentOutcome):
        told += _shown_blocks(outcome, names)
    else:
        told += category_sentences(made, names)
    return told + [rule["detail"] for rule in rules if "code" in rule]


def facts_shown(made: Made) -> dict[str, Any]:
    """The recorded facts as text a person reads: amounts as decimal text, counts in words."""
    facts = made.record.sources.facts
    units = isinstance(made.decided.outcome, UnitsOutcome)
    needs = needs_of(made.compiled, units=units)
    counts = [
        {
            **{k: readable(v) for k, v in count.raw.items() if k not in _ASKED},
            "value": shown(count.type, facts.counts.get(count.key), facts.currency),
        }
        for count in needs.counts
    ]
    return {
        "currency": facts.currency,
        "values": _scope(facts.values, needs.values, facts.currency),
        "lines": [_scope(line, needs.lines, facts.currency) for line in facts.lines],
        "counts": counts,
    }


def readable(value: Any) -> Any:
    """Revived canonical JSON for an answer: decimals become decimal text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {name: readable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [readable(item) for item in value]
    return value


def _told_by(made: Made) -> tuple[CompiledRevision, Facts, Question, Decided, int]:
    record = made.record
    return made.compiled, record.sources.facts, made.question, made.decided, record.decided_at


def _scope(scope: Scope, wanted: frozenset[str], currency: str) -> dict[str, Any]:
    return {
        name: shown(type_of(name), scope.get(name), currency)
        for name in sorted(wanted)
        if name in scope
    }


def _segments(made: Made) -> list[dict[str, Any]]:
    members, names = set(made.decided.outcome.segments), _names(made)
    return [
        {"segment_id": id_, "name": names[id_], "member": id_ in members}
        for id_ in sorted(made.compiled.segments)
    ]


def _names(made: Made) -> dict[str, str]:
    return {
        id_: definition.body.get("name") or definition.key or id_
        for (_, id_), definition in made.compiled.definitions.items()
    }


def _telling(made: Made) -> Telling:
    base = made.compiled.settings.base_currency
    return Telling(made.record.sources.facts.currency, base, _names(made))


def _shown_blocks(outcome: ContentOutcome, names: Mapping[str, str]) -> list[str]:
    told = []
    for block in outcome.blocks:
        name = names.get(block.block_id, block.block_id)
        why = [
            REASONS[kind].format(names.get(id_, id_))
            for kind, id_ in block.because
            if kind in REASONS
        ]
        sentence = SENTENCES["block_because" if why else "block_for_all"]
        told.append(sentence.format(block=name, why=AND.join(why)))
    if outcome.fallback:
        told.append(SENTENCES["fallback"])
    return told


def _rules(made: Made, *, audit: bool) -> list[dict[str, Any]]:
    """Every rule with its tree; those that did not apply with a sentence as well."""
    rules = because(*_told_by(made))
    if not audit:
        rules = [{**rule, "because": _hidden(rule["because"])} for rule in rules]
    telling = _telling(made)
    return [
        {**rule, "detail": _not_applied(rule, telling), **_first(rule)} if "code" in rule else rule
        for rule in rules
    ]


def _first(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The first leaf that failed, where it is the conditions that did."""
    leaf = first_leaf(rule["because"]) if rule["code"] in _BY_CONDITIONS else None
    return {} if leaf is None else {"leaf": leaf}


def _not_applied(rule: Mapping[str, Any], telling: Telling) -> str:
    names, by = telling.names, rule.get("by")
    return RULES[rule["code"]].format(
        rule=names.get(rule["rule_id"], rule["rule_id"]),
        by=NAMED.format(names.get(by, by)) if by else SOME_RULE,
        currency=telling.currency,
        why=first_reason(rule["because"], telling) if rule["code"] in _BY_CONDITIONS else "",
    )


def _hidden(tree: Any) -> Any:
    """The tree without what the profile, the history and the orders say."""
    if isinstance(tree, list):
        return [_hidden(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    name = tree.get("attribute")
    personal = "history" in tree or "orders" in tree
    if isinstance(name, str) and name.startswith(_PERSONAL) and name not in _OPEN_OF_SHOPPER:
        personal = True
    if personal and "actual" in tree:
        return {**tree, "actual": HIDDEN}
    return {key: _hidden(item) if key != "actual" else item for key, item in tree.items()}
