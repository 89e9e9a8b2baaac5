"""docs/rules-guide.md: each example is published and asked for, as it stands on the page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aggregates.definition import id_of
from aggregates.kernel.clock import DAY
from aggregates.log import Append
from aggregates.log import Counter
from app.database import Stores
from app.schemas.cart import CartQuestionSchema
from app.schemas.cart_rule import CartRuleSchema
from app.schemas.segment import SegmentSchema
from decisions.answer import answer
from decisions.cart import decide_cart
from decisions.messages.catalogue import CATALOGUES
from rulesets.benefits.registry import BENEFITS
from rulesets.linter import lint
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

Json = dict[str, Any]
PAGE = (Path(__file__).parents[2] / "docs" / "rules-guide.md").read_text("utf-8")
BLOCK = re.compile(
    r"^#+ (?P<heading>[^\n]+)$|^```json (?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
DEFAULTS: Json = {
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
"""What the page says that a rule is where it does not say otherwise."""


@dataclass
class Example:
    """One cart with what stands before it on the page."""

    name: str
    segments: Json
    rules: Json
    past: Json
    cart: Json
    answer: Json = field(default_factory=dict)


def examples() -> list[Example]:
    """In the order of the page; rules hold for every cart up to the next rules."""
    found: list[Example] = []
    heading, said = "", dict[str, Json]()
    for match in BLOCK.finditer(PAGE):
        if match["heading"]:
            heading, said = match["heading"], {}
            continue
        block = json.loads(match["text"])
        if match["kind"] == "answer":
            found[-1].answer = block
            continue
        said[match["kind"]] = block
        if match["kind"] == "cart":
            parts = [said.get(kind, {}) for kind in ("segments", "rules", "past", "cart")]
            found.append(Example(f"{heading}: {len(found)}", *parts))
    return found


EXAMPLES = examples()


def rules_of(example: Example) -> dict[str, Json]:
    """With what the page leaves out, checked as a draft is."""
    bodies = {}
    for place, (key, body) in enumerate(example.rules.items(), 1):
        whole = {"name": key, "priority": place, **DEFAULTS, **body}
        bodies[key] = CartRuleSchema().load(whole)
    return bodies


def question_of(example: Example) -> Json:
    """The same of a cart."""
    cart = {"cart_id": "c", "currency": "USD", "explain": True, **example.cart}
    cart["lines"] = [
        {"line_id": str(place), "quantity": 1, **line}
        for place, line in enumerate(cart["lines"], 1)
    ]
    loaded: Json = CartQuestionSchema().load(cart)
    return loaded


def remember(given: Given, example: Example) -> None:
    """What the shopper did, and how often rules were used."""
    ada = given.shopper("customer", "ada")
    for number, order in enumerate(example.past.get("orders", ())):
        minor = int(Decimal(order["total"]) * 100)
        told = {"currency": "USD", "total_minor": minor, "products": []}
        given.tell("OrderCompleted", ada, order["days_ago"] * DAY, order=f"o{number}", **told)
    for event in example.past.get("events", ()):
        seen = {"event": event["event"], "products": [{"sku": event["sku"]}]}
        given.tell("InteractionRecorded", ada, event["days_ago"] * DAY, kind="track", **seen)
    for key, uses in example.past.get("uses", {}).items():
        rule_id = id_of("cart-rules", list(example.rules).index(key) + 1)
        given.log.append(Append(SITE, move=(Counter(f"rule/{rule_id}/uses", uses),)))


def shown(expected: Any, actual: Any) -> Any:
    """As much of the answer as the page shows."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {name: shown(one, actual.get(name)) for name, one in expected.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [shown(one, other) for one, other in zip(expected, actual, strict=True)]
    return actual


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.name))
def test_an_example_is_answered_as_it_stands_on_the_page(
    example: Example, sqlite_stores: Stores, clock: SettableClock
) -> None:
    given = given_site(sqlite_stores, clock)
    try:
        segments = {key: SegmentSchema().load(body) for key, body in example.segments.items()}
        rules = rules_of(example)
        for body in rules.values():
            assert lint("cart-rules", body, settings=given.revisions.settings) == []
        given.publish(segments=segments, cart_rules=rules)
        remember(given, example)
        made = decide_cart(given.means, SITE, question_of(example), lambda made: None)
        assert example.answer
        assert shown(example.answer, answer(made, audit=True)) == example.answer
    finally:
        given.close()


def test_each_action_form_and_mode_has_an_example() -> None:
    told = json.dumps([example.rules for example in EXAMPLES], default=str)
    for kind in BENEFITS:
        assert f'"type": "{kind}"' in told
    for form in ("all", "any", "none", "not_all", "lines", "history", "orders", "attribute"):
        assert f'"{form}": ' in told
    for value in ("found", "not_found", "quantity", "amount", "count", "sum", "average"):
        assert f'"{value}"' in told
    for mode in ("stack", "best", "first"):
        assert f'"mode": "{mode}"' in told


def test_each_field_and_each_code_is_told() -> None:
    for name in CartRuleSchema().fields:
        assert f"`{name}`" in PAGE or f'"{name}"' in PAGE, name
    for code in CATALOGUES["en"].tables["rules"]:
        assert f"`{code}`" in PAGE, code


def test_the_table_of_contents_leads_to_every_chapter() -> None:
    headings = re.findall(r"^##+ (.+)$", PAGE, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
    linked = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert linked <= anchors
    assert anchors - linked == {"contents"}
