"""Explanations: why each rule did or did not apply, computed from what was recorded.

Without the scope `audit` what is known of the person stays hidden: `(profile)` stands in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aggregates.kernel.money import format_money
from decisions.made import Made
from decisions.sentences import reason
from rulesets.attributes import SCOPES
from rulesets.attributes import lookup
from rulesets.compiled import CompiledRevision
from rulesets.evaluator import shown
from rulesets.facts import Facts
from rulesets.facts import Scope
from rulesets.outcome import CartOutcome
from rulesets.outcome import ContentOutcome
from rulesets.outcome import Decided
from rulesets.question import Question
from rulesets.rejections import because
from rulesets.rejections import rejections

HIDDEN = "(profile)"
_PERSONAL = ("shopper.", "context.customer_group")  # the latter is an alias of shopper.group
_ASKED = frozenset({"operator", "value", "values"})
_OPEN_OF_SHOPPER = frozenset({"shopper.is_registered", "shopper.segments", "shopper.audiences"})


def explanation(made: Made, *, audit: bool) -> dict[str, Any]:
    """`{summary, rules, facts, segments}`; facts only with `audit`."""
    rules = because(*_told_by(made))
    if not audit:
        rules = [{**rule, "because": _hidden(rule["because"])} for rule in rules]
    told: dict[str, Any] = {
        "summary": summary(made, rules),
        "rules": rules,
        "segments": _segments(made),
    }
    if audit:
        told["facts"] = facts_shown(made)
    return told


def rejected(made: Made) -> list[dict[str, Any]]:
    """The rules that did not apply, each with its code."""
    return rejections(*_told_by(made))


def summary(made: Made, rules: list[dict[str, Any]]) -> list[str]:
    """One sentence a segment, an applied rule, a refused coupon, a block; then the other rules."""
    outcome = made.decided.outcome
    names = _names(made)
    trees = {rule["rule_id"]: rule for rule in rules}
    members = [_name(names, segment) for segment in outcome.segments]
    told = [f"The shopper is in the segment “{name}”." for name in members]
    if not members and made.compiled.segments:
        told.append("The shopper is in no segment.")
    applied: set[str] = set()
    if isinstance(outcome, CartOutcome):
        for rule in outcome.applied:
            applied.add(rule.rule_id)
            amount = format_money(rule.amount_minor, made.record.sources.facts.currency)
            free = " and made shipping free" if rule.free_shipment else ""
            why = reason(trees[rule.rule_id]["because"])
            told.append(f"“{_name(names, rule.rule_id)}” took off {amount}{free}: {why}.")
        for coupon in outcome.coupons:
            if coupon.reason is not None:
                said = coupon.reason.replace("_", " ")
                told.append(f"The code {coupon.code} was not applied: {said}.")
    elif isinstance(outcome, ContentOutcome):
        told += _shown_blocks(outcome, names)
    for rule_id, tree in trees.items():
        if rule_id not in applied and tree.get("code"):
            told.append(_not_applied(_name(names, rule_id), tree))
    return told


def facts_shown(made: Made) -> dict[str, Any]:
    """The recorded facts as text a person reads: amounts as decimal text, counts in words."""
    facts = made.record.sources.facts
    counts = [
        {
            **{k: readable(v) for k, v in count.raw.items() if k not in _ASKED},
            "value": shown(count.type, facts.counts.get(count.key), facts.currency),
        }
        for count in made.compiled.needs.counts
    ]
    needs = made.compiled.needs
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
        name: shown(_type(name), scope.get(name), currency)
        for name in sorted(wanted)
        if name in scope
    }


def _type(name: str) -> str:
    found = (lookup(name, scope) for scope in SCOPES)
    return next((attribute.type for attribute in found if attribute is not None), "open")


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


def _name(names: Mapping[str, str], id_: str) -> str:
    return names.get(id_, id_)


def _shown_blocks(outcome: ContentOutcome, names: Mapping[str, str]) -> list[str]:
    told = []
    for block in outcome.blocks:
        why = " and ".join(
            f"the {kind} “{_name(names, id_)}”" for kind, id_ in block.because if kind != "default"
        )
        shown_for = f"because of {why}" if why else "to everybody"
        told.append(f"The block “{_name(names, block.block_id)}” is shown {shown_for}.")
    if outcome.fallback:
        told.append("No block is for this shopper: the slot shows its fallback.")
    return told


def _not_applied(name: str, rule: Mapping[str, Any]) -> str:
    code = str(rule["code"])
    if code == "conditions_not_met":
        return f"“{name}” did not apply: {reason(rule['because'])}."
    by = f" by {rule['by']}" if rule.get("by") else ""
    return f"“{name}” did not apply: {code.replace('_', ' ')}{by}."


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
