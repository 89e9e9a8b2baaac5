"""The compiled acceptor and the schema agree on every document, and on every message."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from marshmallow import Schema
from marshmallow import fields
from marshmallow import post_load
from marshmallow import validate

from aggregates.kernel.errors import InvalidInput
from app.edge.validation import load
from app.schemas.acceptor import CannotCompile
from app.schemas.acceptor import compiled
from app.schemas.cart import CartQuestionSchema
from app.schemas.content import ContentQuestionSchema

CART: dict[str, Any] = {
    "cart_id": "c-1",
    "currency": "USD",
    "shopper": {"customer_id": "42", "anonymous_id": "a-1"},
    "context": {
        "store_view": "en",
        "customer_group": "general",
        "audiences": ["vip"],
        "custom": {"vip": True, "score": 7, "tags": ["a", "b"], "ratio": 0.5},
    },
    "lines": [
        {
            "line_id": "1",
            "sku": "A",
            "quantity": 2,
            "unit_price": "10.00",
            "name": "Shoe",
            "categories": ["men/shoes"],
            "attributes": {"colour": "red"},
            "weight": "0.25",
            "minimum_price": "5.00",
            "no_discount": False,
        },
        {"line_id": "2", "sku": "B", "quantity": 2.5, "unit_price": 5, "parent_line_id": "1"},
    ],
    "shipping": {"method": "post", "amount": "4.00", "country": "DE", "postcode": "10115"},
    "payment_method": "card",
    "coupons": ["SAVE10"],
    "explain": True,
    "min_position": 3,
}
CONTENT: dict[str, Any] = {
    "slot": "home",
    "shopper": {"anonymous_id": "a"},
    "cart": {name: CART[name] for name in ("cart_id", "currency", "lines", "shipping", "coupons")},
    "product": {"sku": "A"},
    "dry_run": False,
}
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**53, 2**70, 0.1, 2.0, -0.0, 1e-7, 1e300, 12.34567, "", "x",
    "1", "1.5", "-1.5", "01", "1e3", "1.123456789", "١", "1\n", "x" * 1_025, [], {}, [1], ["a"],
    [None], {"a": 1}, {"$decimal": "1"}, {"a": 1.5}, {"a": {"b": [0.5, None]}}, 100_001, "100000.5",
    "0.00001", "9" * 16, "9" * 17,
)  # fmt: skip


def _answer(accept: Any, document: Any) -> tuple[str, Any]:
    try:
        return "accepted", repr(accept(document))
    except InvalidInput as error:
        return "refused", error.problems


def _mutated(document: Any, chance: random.Random) -> Any:
    """The document with one place replaced, removed, added to or repeated."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        keys = value.keys() if isinstance(value, dict) else range(len(value))
        for key in list(keys):
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(document)
    holder, key = chance.choice(places)
    act = chance.randrange(4)
    if act == 0:
        del holder[key]
    elif act == 1 and isinstance(holder, dict):
        holder[chance.choice(("unknown", "sku", "name", "coupons"))] = chance.choice(ODD)
    elif act == 2 and isinstance(holder, list):
        holder.append(copy.deepcopy(chance.choice(ODD)))
    else:
        holder[key] = copy.deepcopy(chance.choice(ODD))
    return document


@pytest.mark.parametrize(
    ("schema", "document"),
    [(CartQuestionSchema(), CART), (ContentQuestionSchema(), CONTENT)],
    ids=["cart", "content"],
)
def test_it_agrees_with_the_schema_on_mutated_documents(schema: Schema, document: Any) -> None:
    accept = compiled(schema)
    chance = random.Random(7)
    seen = {"accepted": 0, "refused": 0}
    for _ in range(1_500):
        mutated = copy.deepcopy(document)
        for _ in range(chance.randint(0, 2)):
            mutated = _mutated(mutated, chance)
        expected = _answer(lambda asked: load(schema, asked), copy.deepcopy(mutated))
        assert _answer(accept, mutated) == expected
        seen[expected[0]] += 1
    assert min(seen.values()) > 200


@pytest.mark.parametrize("document", [*ODD, {}])
def test_it_agrees_on_what_is_no_question_at_all(document: Any) -> None:
    schema = CartQuestionSchema()
    assert _answer(compiled(schema), document)[0] == "refused"
    assert _answer(compiled(schema), document) == _answer(lambda d: load(schema, d), document)


def test_a_document_in_normal_form_is_returned_itself() -> None:
    document = copy.deepcopy(CART)
    del document["context"]["custom"]["ratio"]
    document["lines"][0]["weight"] = 1
    document["lines"][1]["quantity"] = 2
    document["lines"][1]["unit_price"] = "5.00"
    assert compiled(CartQuestionSchema())(document) is document


@pytest.mark.parametrize("pointer", ["/context/custom", "/lines/0/attributes"])
def test_a_name_of_the_log_s_own_is_refused_in_an_open_object(pointer: str) -> None:
    """`{"$decimal": "x"}` would be read back from the log as a number, and be none."""
    document = copy.deepcopy(CART)
    holder = document["context"] if pointer == "/context/custom" else document["lines"][0]
    holder[pointer.rpartition("/")[2]] = {"$decimal": "x"}
    with pytest.raises(InvalidInput) as refused:
        compiled(CartQuestionSchema())(document)
    assert [(p.pointer, p.code) for p in refused.value.problems] == [(pointer, "reserved_name")]


def test_no_float_is_left_of_a_question() -> None:
    def floats(value: Any) -> bool:
        items = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            return any(floats(item) for item in items)
        return isinstance(value, float)

    loaded = compiled(CartQuestionSchema())(copy.deepcopy(CART))
    assert not floats(loaded)


def _with(**members: Any) -> Schema:
    return Schema.from_dict(members)()


class _Hooked(Schema):
    name = fields.String()

    @post_load
    def change(self, data: Any, **kwargs: Any) -> Any:
        return data


@pytest.mark.parametrize(
    "schema",
    [
        _Hooked(),
        _with(a=fields.String(data_key="b")),
        _with(a=fields.String(attribute="b")),
        _with(a=fields.String(allow_none=True)),
        _with(a=fields.String(load_default="b")),
        _with(a=fields.String(validate=validate.Regexp("a"))),
        _with(a=fields.Integer()),
        _with(a=fields.Float()),
        CartQuestionSchema(partial=True),
        CartQuestionSchema(unknown="exclude"),
    ],
)
def test_what_the_compiler_does_not_know_is_refused(schema: Schema) -> None:
    with pytest.raises(CannotCompile):
        compiled(schema)
