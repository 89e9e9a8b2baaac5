"""Given: a decided cart as if it were recorded, so that it can be explained without a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kernel.ids import DecisionId
from decisions.made import Made
from decisions.record import SEMANTICS
from decisions.record import Record
from decisions.record import Sources
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.outcome import Decided
from rulesets.question import CartLine
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion

POSITIONS = {"head": 40, "profile": 30, "catalogue": 40, "settings": 2, "usage": 41}


def made_of(
    compiled: CompiledRevision,
    asked: tuple[CartQuestion | ContentQuestion, Facts],
    decided: Decided,
    at: int,
    *,
    seed: int = 7,
    semantics: int = SEMANTICS,
) -> Made:
    """The decision with a record around it; its request tells the lines by name and quantity."""
    question, facts = asked
    outcome = decided.outcome.to_json()
    record = Record(
        decision_id=DecisionId("dec_0"),
        kind="cart" if isinstance(question, CartQuestion) else "content",
        semantics=semantics,
        revision=1,
        revision_digest="digest",
        positions=dict(POSITIONS),
        decided_at=at,
        seed=seed,
        shoppers=(),
        outcome=outcome,
        outcome_digest="",
        trace_digest="",
        engine="durable_rules",
        disagreed=(),
        sources=Sources(_request(question), facts, {}),
    )
    return Made(record, compiled, question, decided, POSITIONS["head"])


def _request(question: CartQuestion | ContentQuestion) -> dict[str, Any]:
    if isinstance(question, ContentQuestion):
        cart = {} if question.cart is None else {"cart": _request(question.cart)}
        return {"slot": question.slot, **cart}
    lines: list[Mapping[str, Any]] = [_line(line) for line in question.lines]
    return {"cart_id": "cart", "currency": question.currency, "lines": lines}


def _line(line: CartLine) -> dict[str, Any]:
    told = {"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity}
    if line.parent_line_id is not None:
        told["parent_line_id"] = line.parent_line_id
    return told
