"""What joins an interaction to others: Segment's names carry it as Adobe's do."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.events import VOCABULARY
from aggregates.kernel.errors import InvalidValue
from app.intake.interactions import Reading
from app.intake.message import Envelope
from app.intake.message import read
from app.intake.names import UNIT_EVENTS
from tests.fakes import NOON

ENVELOPE = Envelope("client", NOON, Reading("USD", (), False))


def told(event: str, properties: Any = None, **others: Any) -> dict[str, Any]:
    """The data of a track message."""
    message = {"type": "track", "event": event, "anonymousId": "a", **others}
    return read({**message, "properties": properties}, ENVELOPE).data


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("a click in a unit", "Recommendation Clicked",
     {"unit_id": "rec_0000000001", "sku": "a", "position": 2},
     {"unit": "rec_0000000001", "products": [{"sku": "a", "position": 2}]}),
    ("by its key", "recommendation unit viewed", {"unitId": "also-bought"},
     {"event": "Recommendation Unit Viewed", "unit": "also-bought"}),
    ("with what it shows", "Recommendation Unit Rendered",
     {"unit_id": "u", "products": [{"sku": "a"}, {"sku": "b", "parent_sku": "p"}]},
     {"unit": "u", "products": [{"sku": "a"}, {"sku": "b", "parent_sku": "p"}]}),
    ("into the cart", "Recommendation Added to Cart", {"unit_id": 7, "sku": "a"}, {"unit": "7"}),
    ("a request may name no unit", "Recommendations Requested", {}, {"unit": None}),
    ("a search", "Products Searched", {"query": "bags", "search_request_id": "dec_01"},
     {"search_phrase": "bags", "search_request_id": "dec_01"}),
    ("its answer", "Search Results Received", {"searchRequestId": "r", "result_count": "0"},
     {"search_request_id": "r", "result_count": 0}),
    ("a count may be written as 3.0", "Search Results Viewed", {"result_count": 3.0},
     {"result_count": 3}),
    ("a result that is clicked", "Product Clicked",
     {"sku": "a", "position": "3", "search_request_id": "r"},
     {"search_request_id": "r", "products": [{"sku": "a", "position": 3}]}),
    ("no store view is told", "Cart Viewed", {}, {"store_view": None}),
    ("a unit of another event stays sealed", "Apartment Viewed", {"unit_id": "4b"}, {"unit": None}),
    ("so does a search", "Quiz Taken", {"search_request_id": ["x"]}, {"search_request_id": None}),
    ("a position may be a word", "Product Clicked", {"sku": "a", "position": "banner"},
     {"products": [{"sku": "a"}]}),
    ("or beyond all lists", "Product Clicked", {"sku": "a", "position": 10**9},
     {"products": [{"sku": "a"}]}),
    ("its own parent is none", "Product Viewed", {"sku": "a", "parent_sku": "a"},
     {"products": [{"sku": "a"}]}),
    ("an empty id is none", "Products Searched", {"search_request_id": ""},
     {"search_request_id": None}),
    ("a store view that is no code", "Cart Viewed", {"store_view": "call 0301234567"},
     {"store_view": None}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "properties", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_an_interaction_is_joined(
    event: str, properties: dict[str, Any], expected: dict[str, Any]
) -> None:
    data = told(event, properties)
    assert {name: data.get(name) for name in expected} == expected
    known = VOCABULARY["InteractionRecorded"]
    assert data.keys() <= known.open | known.sealed


def test_a_place_may_stand_in_the_context() -> None:
    context = {"store_view": "de", "page_type": "cart", "ip": "203.0.113.9"}
    data = told("Quiz Taken", {"page_type": "quiz"}, context=context)
    assert (data["store_view"], data["page_type"]) == ("de", "quiz")
    page = read({"type": "page", "userId": "u", "context": context}, ENVELOPE).data
    assert (page["store_view"], page["page_type"]) == ("de", "cart")


UNIT = {"unit_id": "u"}
REFUSED: list[tuple[str, str, dict[str, Any] | None, str, str]] = [
    *((f"{name} names its unit", name, {"sku": "a"}, "required", "/properties/unit_id")
      for name in UNIT_EVENTS),
    ("also without properties", "Recommendation Clicked", None, "required", "/properties/unit_id"),
    ("a unit is a string", "Recommendation Clicked", {"unit_id": ["u"]}, "wrong_type",
     "/properties/unit_id"),
    ("a unit is no address", "Recommendation Clicked", {"unit_id": "anna@example.org"},
     "not_an_id", "/properties/unit_id"),
    ("nor a text", "Recommendation Clicked", {"unit_id": "More like this"}, "not_an_id",
     "/properties/unit_id"),
    ("and has an end", "Recommendation Clicked", {"unit_id": "u" * 129}, "not_an_id",
     "/properties/unit_id"),
    ("a search is named by a string", "Products Searched", {"search_request_id": {}},
     "wrong_type", "/properties/search_request_id"),
    ("that is an id", "Product Clicked", {"search_request_id": "a b"}, "not_an_id",
     "/properties/search_request_id"),
    ("a count is whole", "Search Results Received", {"result_count": 2.5}, "not_a_whole_number",
     "/properties/result_count"),
    ("a count is a number", "Search Results Received", {"result_count": "many"},
     "not_a_whole_number", "/properties/result_count"),
    ("true is none", "Search Results Received", {"result_count": True}, "not_a_whole_number",
     "/properties/result_count"),
    ("a count is not negative", "Search Results Received", {"result_count": -1}, "out_of_range",
     "/properties/result_count"),
    ("nor absurd", "Search Results Received", {"result_count": 10**18}, "out_of_range",
     "/properties/result_count"),
    ("a parent is a string", "Product Viewed", {"sku": "a", "parent_sku": {}}, "wrong_type",
     "/properties/parent_sku"),
    ("a unit's products have a sku", "Recommendation Unit Viewed", {**UNIT, "products": [{}]},
     "required", "/properties/products/0/sku"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "properties", "code", "place"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_a_wrong_join_key_is_refused_with_its_code(
    event: str, properties: dict[str, Any] | None, code: str, place: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        told(event, properties)
    assert refusal.value.code == code
    assert refusal.value.detail.startswith(f"{place}: ")
