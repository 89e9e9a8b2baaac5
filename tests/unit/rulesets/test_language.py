"""What a parsed tree knows of itself, and the registry behind it."""

from __future__ import annotations

from typing import Any

import orjson

from rulesets.attributes import lookup
from rulesets.attributes import table
from rulesets.evaluator import explain
from rulesets.evaluator import matches
from rulesets.facts import Facts
from rulesets.language import Count
from rulesets.language import Needs
from rulesets.language import Node
from rulesets.language import attributes_read
from rulesets.language import leaves
from rulesets.language import parse
from rulesets.language import uncovered


def cart(tree: Any) -> Node:
    return parse(tree, scope="cart", currency="USD", counted_properties=("color",))


def history(operator: str, value: int, sku: str = "a") -> dict[str, Any]:
    where = {"attribute": "event.sku", "operator": "==", "value": sku}
    return {
        "history": "Product Viewed",
        "within_days": 30,
        "operator": operator,
        "value": value,
        "where": where,
    }


def test_needs_are_exactly_what_the_leaves_read() -> None:
    node = cart(
        {
            "all": [
                {"attribute": "cart.subtotal", "operator": ">", "value": "1"},
                {
                    "lines": "found",
                    "where": {
                        "any": [
                            {"attribute": "line.sku", "operator": "==", "value": "a"},
                            {"attribute": "time.hour", "operator": "==", "value": 1},
                        ]
                    },
                },
                {"lines": "quantity", "operator": ">", "value": 1},
                history(">", 1),
            ]
        }
    )
    needs = attributes_read(node)
    assert needs.values == {"cart.subtotal", "time.hour"}
    assert needs.lines == {"line.sku", "line.quantity", "line.parent.sku"}
    assert [count.event for count in needs.counts] == ["Product Viewed"]


def test_two_leaves_that_count_the_same_share_one_count() -> None:
    node = cart({"all": [history(">", 1), history("<", 9), history(">", 1, "b")]})
    keys = [leaf.key for leaf in leaves(node) if isinstance(leaf, Count)]
    assert keys[0] == keys[1] != keys[2]
    assert len(attributes_read(node).counts) == 2
    assert len((Needs() | attributes_read(node) | attributes_read(node)).counts) == 2


def test_a_tree_without_an_amount_in_the_currency_is_uncovered() -> None:
    node = cart({"none": [{"attribute": "cart.subtotal", "operator": ">", "value": "1"}]})
    assert uncovered(node, "EUR")
    assert not uncovered(node, "USD")


def test_a_declared_property_is_readable_in_history() -> None:
    where = {"attribute": "event.properties.color", "operator": "==", "value": "Red"}
    node = cart({**history(">", 1), "where": where})
    assert isinstance(node, Count)
    assert node.where is not None
    assert matches(node.where, {"event.properties.color": "red"}, "USD")
    assert not matches(node.where, {}, "USD")


def test_an_explanation_is_the_tree_with_actual_values_as_json() -> None:
    node = cart(
        {
            "all": [
                {"attribute": "cart.subtotal", "operator": ">=", "value": "100.00"},
                {"attribute": "shopper.segments", "operator": "contains", "value": "b"},
                {"lines": "amount", "operator": ">", "value": "1.00"},
            ]
        }
    )
    facts = Facts(
        "USD",
        {"cart.subtotal": 9950, "shopper.segments": frozenset({"b", "a"})},
        [{"line.subtotal": 9950}],
    )
    because = orjson.loads(orjson.dumps(explain(node, facts)))
    assert because["truth"] is False
    assert [leaf["truth"] for leaf in because["all"]] == [False, True, True]
    assert [leaf["actual"] for leaf in because["all"]] == ["99.50", ["a", "b"], "99.50"]


def test_every_attribute_served_can_be_read_where_it_says() -> None:
    for row in table():
        name = row["name"].replace("<name>", "anything")
        for scope in row["scopes"]:
            attribute = lookup(name, scope)
            assert attribute is not None
            assert attribute.type == row["type"]
