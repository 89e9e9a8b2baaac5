"""Every rule and every segment with its tree: what was wanted, what was found, and where."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.money import format_money
from decisions.explaining import HIDDEN
from decisions.explaining import Explaining
from decisions.explaining import is_personal
from decisions.provenance import Provenance
from decisions.record import HIDES_SINCE
from decisions.sentences import first_leaf
from decisions.sentences import first_reason
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import coupon_key
from rulesets.compiled import CompiledRevision
from rulesets.coupons import NOT_FOR_THIS_SHOPPER
from rulesets.coupons import most_of
from rulesets.evaluator import explain
from rulesets.facts import Facts
from rulesets.outcome import CartOutcome
from rulesets.outcome import Decided
from rulesets.rejections import because
from rulesets.segments import REGISTERED
from rulesets.segments import Segment
from rulesets.strata import SEGMENTS
from rulesets.usage import COUPON_CUSTOMER_USES
from rulesets.usage import COUPON_USES
from rulesets.usage import MONEY
from rulesets.usage import OF_CUSTOMER
from rulesets.usage import used_of

Json = dict[str, Any]
BY_CONDITIONS = frozenset({"conditions_not_met", "audience_unknown"})


def rules_explained(asked: Explaining) -> list[Json]:
    """Every rule with its tree; those that did not apply with a sentence as well."""
    made = asked.made
    rules = because(
        made.compiled,
        made.record.sources.facts,
        made.question,
        made.decided,
        made.record.decided_at,
        tell=Provenance(asked),
        hides=made.record.semantics >= HIDES_SINCE,
    )
    return [_rule(asked, rule) for rule in rules]


def segments_explained(asked: Explaining) -> list[Json]:
    """Every segment with its tree and whether the shopper is in it; where not, why."""
    made = asked.made
    compiled, facts = made.compiled, made.record.sources.facts
    blocked = compiled.blocked_segments(made.record.decided_at, facts.currency)
    members = frozenset(made.decided.outcome.segments)
    tell, told = Provenance(asked), []
    for id_, known in _by_level(compiled, facts, made.decided):
        segment = compiled.segments[id_]
        tree = explain(segment.node, known, tell)
        if not asked.audit:
            tree = hidden(tree)
        one: Json = {
            "segment_id": id_,
            "name": asked.telling.names[id_],
            "member": id_ in members,
            "because": tree,
        }
        if id_ not in members:
            one["code"] = blocked.get(id_) or _outside(made.decided, segment, facts, tree)
            one["detail"] = _not_member(asked, one)
        told.append(one)
    return sorted(told, key=lambda one: str(one["segment_id"]))


def hidden(tree: Any) -> Any:
    """The tree without what the profile, the history and the orders say."""
    if isinstance(tree, list):
        return [hidden(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    name = tree.get("attribute")
    personal = "history" in tree or "orders" in tree
    if isinstance(name, str) and is_personal(name):
        personal = True
    if personal and "actual" in tree:
        return {**tree, "actual": HIDDEN}
    return {key: hidden(item) if key != "actual" else item for key, item in tree.items()}


def _rule(asked: Explaining, rule: Json) -> Json:
    if not asked.audit:
        rule = {**rule, "because": hidden(rule["because"])}
    compiled = asked.made.compiled.rules[rule["rule_id"]]
    told = {"rule_id": rule.pop("rule_id"), "name": asked.telling.names[compiled.id], **rule}
    limits = [*_limits(asked, compiled), *_code_limits(asked, compiled)]
    if limits:
        told["limits"] = limits
    if "code" in rule:
        told["detail"] = _not_applied(asked, compiled.id, rule)
        leaf = first_leaf(rule["because"]) if rule["code"] in BY_CONDITIONS else None
        if leaf is not None:
            told["leaf"] = leaf
    return told


def _not_applied(asked: Explaining, rule_id: str, rule: Mapping[str, Any]) -> str:
    telling, by = asked.telling, rule.get("by")
    texts = telling.messages
    return texts.one_of(
        "rules",
        rule["code"],
        rule=telling.names.get(rule_id, rule_id),
        by=telling.named(by) if by else texts.text("value.some_rule"),
        currency=telling.currency,
        why=first_reason(rule["because"], telling) if rule["code"] in BY_CONDITIONS else "",
    )


def _limits(asked: Explaining, rule: CartRule) -> Iterator[Json]:
    """How much of each limit of a rule was used when it was asked."""
    if rule.limits is None:
        return
    facts = asked.made.record.sources.facts
    used = used_of(facts.usage, rule.id)
    for name in sorted(rule.limits.names):
        most = rule.limits.most_of(name, facts.currency)
        yield _limit(asked, name, used.get(name, 0), most)


def _code_limits(asked: Explaining, rule: CartRule) -> Iterator[Json]:
    """The same of the generated codes on the cart that belong to the rule. Which of them are for
    others is an auditor's to see."""
    outcome = asked.made.decided.outcome
    coupons = outcome.coupons if isinstance(outcome, CartOutcome) else ()
    told = {coupon_key(one.code) for one in coupons if one.reason != NOT_FOR_THIS_SHOPPER}
    for key, found in asked.made.record.sources.facts.coupons.items():
        if found["rule_id"] != rule.id or not (asked.audit or key in told):
            continue
        for name in (COUPON_USES, COUPON_CUSTOMER_USES):
            most = most_of(rule, found, name)
            if most is not None:
                yield {"coupon": found["code"], **_limit(asked, name, found.get(name, 0), most)}


def _limit(asked: Explaining, name: str, used: int, most: int | None) -> Json:
    record = asked.made.record
    currency = record.sources.facts.currency

    def shown(value: int | None) -> Any:
        return format_money(value, currency) if name in MONEY and value is not None else value

    is_hidden = name in OF_CUSTOMER and not asked.audit
    return {
        "counter": name,
        "used": HIDDEN if is_hidden else shown(used),
        "most": shown(most),
        "from": {"source": "usage", "position": record.positions.get("usage")},
    }


def _by_level(
    compiled: CompiledRevision, facts: Facts, decided: Decided
) -> Iterator[tuple[str, Facts]]:
    """Each segment, and what was known when it was asked: of other segments, those of earlier
    levels. A paused one was not asked; it is told with what is known in the end."""
    members = frozenset(decided.outcome.segments)
    known = facts.copied(lines=False)
    found: set[str] = set()
    for stratum in compiled.segment_strata:
        for id_, _ in stratum.rules:
            yield id_, known
        found.update(id_ for id_, _ in stratum.rules)
        if found & members:
            known = known.copied(lines=False)
            known.values[SEGMENTS] = frozenset(found & members)
    for id_ in sorted(compiled.segments.keys() - found):
        yield id_, known


def _outside(decided: Decided, segment: Segment, facts: Facts, tree: Mapping[str, Any]) -> str:
    """Why a shopper is not in a segment that counts."""
    if segment.id in {name for name, _ in decided.faults}:
        return "rule_failed"
    if not segment.is_for(facts.values.get(REGISTERED) is True):
        return "only_registered" if segment.apply_to == "registered" else "only_visitors"
    return "engine_disagreed" if tree["truth"] else "conditions_not_met"


def _not_member(asked: Explaining, segment: Mapping[str, Any]) -> str:
    by_conditions = segment["code"] in BY_CONDITIONS
    return asked.telling.messages.one_of(
        "not_member",
        segment["code"],
        segment=segment["name"],
        currency=asked.telling.currency,
        why=first_reason(segment["because"], asked.telling) if by_conditions else "",
    )
