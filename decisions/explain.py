"""Explanations: why a decision came out as it did, computed from what was recorded.

Without the scope `audit` what is known of the person stays hidden: `(profile)` stands in its place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aggregates.kernel.ids import SiteId
from aggregates.kernel.money import format_money
from decisions.evidence import Evidence
from decisions.explain_category import category_explained
from decisions.explain_category import category_sentences
from decisions.explain_content import content_explained
from decisions.explain_content import content_sentences
from decisions.explain_rules import rules_explained
from decisions.explain_rules import segments_explained
from decisions.explain_steps import steps_explained
from decisions.explain_units import units_explained
from decisions.explain_units import units_sentences
from decisions.explaining import Explaining
from decisions.gather import needs_of
from decisions.made import Made
from decisions.means import Means
from decisions.messages.catalogue import ENGLISH
from decisions.sentences import first_leaf
from decisions.sentences import reason
from decisions.sentences import type_of
from rulesets.category_outcome import CategoryOutcome
from rulesets.coupons import as_told
from rulesets.evaluator import shown
from rulesets.facts import Scope
from rulesets.outcome import CartOutcome
from rulesets.outcome import ContentOutcome
from rulesets.trace import FAILED
from rulesets.units_outcome import UnitsOutcome

Json = dict[str, Any]
_ASKED = frozenset({"operator", "value", "values"})
_REJECTED = ("rule_id", "code", "detail", "by", "leaf")


def explanation(made: Made, *, audit: bool, locale: str = ENGLISH) -> Json:
    """`{summary, rules, segments, steps}` and what the kind of the decision adds; `facts` only with
    `audit`. Nothing is read but the record."""
    return _explained(Explaining.of(made, audit=audit, locale=locale))


def explained_for_audit(means: Means, site: SiteId, made: Made, locale: str = ENGLISH) -> Json:
    """The same for an auditor, with the events of the log behind each value."""
    evidence = Evidence(means, site, made)
    return _explained(Explaining.of(made, audit=True, locale=locale, evidence=evidence))


def rejected(explained: Json) -> list[Json]:
    """The rules that did not apply, each with its code and a sentence; one whose conditions did
    not hold with the first leaf that failed, what it wanted and what was found."""
    rules = (rule for rule in explained["rules"] if "code" in rule)
    return [{name: rule[name] for name in _REJECTED if name in rule} for rule in rules]


def failed(made: Made) -> list[Json]:
    """The rules that were left out for a fault of this service: told to everybody who asks."""
    telling = Explaining.of(made, audit=False).telling
    return [
        {
            "rule_id": step.rule_id,
            "code": step.code,
            "detail": telling.messages.one_of(
                "rules", step.code, rule=telling.names.get(step.rule_id, step.rule_id)
            ),
        }
        for step in made.decided.trace.steps
        if step.code == FAILED
    ]


def readable(value: Any) -> Any:
    """Revived canonical JSON for an answer: decimals become decimal text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {name: readable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [readable(item) for item in value]
    return value


def _explained(asked: Explaining) -> Json:
    outcome = asked.made.decided.outcome
    of_units = isinstance(outcome, UnitsOutcome)  # which read no segment and no rule
    told: Json = {
        "summary": [],
        "rules": rules_explained(asked),
        "segments": [] if of_units else segments_explained(asked),
        "steps": [],
    }
    told["steps"] = steps_explained(asked, told["rules"])
    if isinstance(outcome, CategoryOutcome):
        told |= category_explained(asked)
    elif isinstance(outcome, UnitsOutcome):
        told |= units_explained(asked)
    elif isinstance(outcome, ContentOutcome):
        told |= content_explained(asked)
    if asked.audit:
        told["facts"] = _facts_shown(asked.made)
    told["summary"] = _summary(asked, told)
    return told


def _summary(asked: Explaining, told: Json) -> list[str]:
    """One sentence a segment, an applied rule, a refused coupon, a block; then the other rules."""
    outcome = asked.made.decided.outcome
    if isinstance(outcome, UnitsOutcome):
        return units_sentences(asked, told)
    sentences = _members(asked)
    if isinstance(outcome, CartOutcome):
        sentences += _taken(asked, outcome, told)
    elif isinstance(outcome, ContentOutcome):
        sentences += content_sentences(asked)
    else:
        sentences += category_sentences(asked, told)
    return sentences + [rule["detail"] for rule in told["rules"] if "code" in rule]


def _members(asked: Explaining) -> list[str]:
    """The segments that the shopper is in."""
    texts, names = asked.telling.messages, asked.telling.names
    members = asked.made.decided.outcome.segments
    told = [texts.text("told.member", segment=names.get(one, one)) for one in members]
    if not members and asked.made.compiled.segments:
        told.append(texts.text("told.no_member"))
    return told


def _taken(asked: Explaining, outcome: CartOutcome, told: Json) -> list[str]:
    """What each rule took off a cart, and the codes that did not count."""
    telling, texts = asked.telling, asked.telling.messages
    trees = {rule["rule_id"]: rule["because"] for rule in told["rules"]}
    return [
        texts.text(
            "told.took_off_and_shipping" if rule.free_shipment else "told.took_off",
            rule=telling.names.get(rule.rule_id, rule.rule_id),
            amount=telling.amount(format_money(rule.amount_minor, telling.currency)),
            why=_why(asked, rule.rule_id, outcome, trees[rule.rule_id]),
        )
        for rule in outcome.applied
    ] + [
        texts.one_of("coupons", coupon.reason, code=coupon.code)
        for coupon in as_told(outcome.coupons, audit=asked.audit)
        if coupon.reason is not None
    ]


def _why(asked: Explaining, rule_id: str, outcome: CartOutcome, tree: Json) -> str:
    """What let a rule apply: the code that it was applied by, and its conditions."""
    telling, texts = asked.telling, asked.telling.messages
    code = outcome.codes.get(rule_id) or asked.made.compiled.rules[rule_id].coupon
    if code is None:
        return reason(tree, telling)
    told = [texts.text("told.by_code", code=code)]
    if first_leaf(tree) is not None:
        told.append(reason(tree, telling))
    return texts.text("list.semicolon").join(told)


def _facts_shown(made: Made) -> Json:
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


def _scope(scope: Scope, wanted: frozenset[str], currency: str) -> Json:
    return {
        name: shown(type_of(name), scope.get(name), currency)
        for name in sorted(wanted)
        if name in scope
    }
