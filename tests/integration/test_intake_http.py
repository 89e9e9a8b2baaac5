"""The event and catalogue routes over Flask's test client, on both databases."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from typing import cast
from urllib.parse import quote

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aggregates.kernel.limits import BATCH_MESSAGES_MAX
from aggregates.kernel.limits import COLLECT_ANONYMOUS_BURST
from app.database import Stores
from app.edge.callers import Callers
from app.edge.edge import Edge
from app.edge.metrics import Metrics
from app.edge.openapi import OpenApi
from app.edge.rate_limits import RateLimits
from app.edge.running import Running
from app.edge.service import Service
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.http import catalog
from app.http import events
from tests.edge_fakes import PEPPER
from tests.edge_fakes import Keys
from tests.fakes import SettableClock
from tests.intake_fixtures import SITE
from tests.intake_fixtures import Shop
from tests.intake_fixtures import shop_of

VIEWED = {"type": "track", "event": "Product Viewed", "userId": "anna", "messageId": "m1"}
SHOE = {"sku": "shoe/1", "name": "Shoe", "price": "12.50", "currency": "USD"}


class Api:
    """A client with keys of several scopes."""

    def __init__(self, client: FlaskClient, keys: Keys) -> None:
        self._client = client
        self._tokens = {
            scope: keys.issue(f"k{scope}", scope) for scope in ("ingest", "collect", "audit")
        }

    def call(
        self, method: str, path: str, body: Any = None, scope: str = "ingest", **headers: str
    ) -> TestResponse:
        """One request; `body` is JSON unless it is bytes."""
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self._tokens[scope]}", **named}
        return self._client.open(path, method=method, data=data, headers=sent)

    def token(self, scope: str) -> str:
        """A key's text."""
        return self._tokens[scope]


@pytest.fixture
def shop(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop on either database."""
    return shop_of(stores, keys, clock, open_log)


@pytest.fixture
def api(shop: Shop) -> Api:
    """The two resources behind the real edge."""
    keys = Keys()
    callers = Callers(PEPPER, keys.lookup)
    app = Service(Edge(callers, shop.log, RateLimits(), Running(), Metrics()))
    docs = OpenApi(app)
    services = cast(Any, shop)
    for resource in (events, catalog):
        docs.register_blueprint(resource.blueprint(services))
    return Api(app.test_client(), keys)


def test_a_batch_is_answered_with_what_became_of_it(api: Api, shop: Shop) -> None:
    answer = api.call("POST", "/v1/batch", {"batch": [VIEWED, VIEWED, {"type": "track"}]})
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["success"] is True
    assert (body["accepted"], body["duplicates"], len(body["rejected"])) == (1, 1, 1)
    assert body["log_position"] == shop.log.head(SITE).position


@pytest.mark.parametrize("kind", events.SINGLE)
def test_each_single_route_takes_one_message(api: Api, shop: Shop, kind: str) -> None:
    message = {"userId": "u", "event": "Cart Viewed", "groupId": "g", "previousId": "p"}
    body = api.call("POST", f"/v1/{kind}", message).get_json()
    assert body["accepted"] == 1
    assert body["rejected"] == []


def test_segments_basic_authentication_is_taken(api: Api) -> None:
    credentials = b64encode(f"{api.token('ingest')}:".encode()).decode()
    answer = api.call("POST", "/v1/track", VIEWED, Authorization=f"Basic {credentials}")
    assert answer.status_code == 200


BAD = [
    ("malformed JSON", b'{"batch":', 400, "malformed_json"),
    ("not a number", b'{"batch":[{"properties":{"price":NaN}}]}', 400, "not_json_number"),
    ("half a surrogate pair", b'{"batch":[{"userId":"\\ud800"}]}', 400, "lone_surrogate"),
    ("not UTF-8", b'{"batch":["\xff"]}', 400, "not_utf8"),
    ("no object", b"[]", 422, "invalid_input"),
    ("no batch", b"{}", 422, "invalid_input"),
    ("a batch that is no list", b'{"batch":{}}', 422, "invalid_input"),
    ("a sending time that is none", b'{"batch":[],"sentAt":{}}', 422, "invalid_input"),
    ("too many", orjson.dumps({"batch": [1] * (BATCH_MESSAGES_MAX + 1)}), 422, "invalid_input"),
    ("too deep", b'{"batch":' + b"[" * 40 + b"]" * 40 + b"}", 422, "invalid_input"),
    ("too long", b" " * 4_000_001, 413, "body_too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), [r[1:] for r in BAD], ids=[r[0] for r in BAD])
def test_a_batch_that_is_none_is_a_problem_and_leaves_nothing(
    api: Api, shop: Shop, body: bytes, status: int, code: str
) -> None:
    answer = api.call("POST", "/v1/batch", body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert shop.log.head(SITE).position == 0


def test_a_nul_refuses_its_own_message_only(api: Api) -> None:
    body = api.call("POST", "/v1/batch", {"batch": [{**VIEWED, "userId": "a\0"}, VIEWED]})
    assert body.get_json()["accepted"] == 1
    assert body.get_json()["rejected"][0]["code"] == "nul_in_string"


def test_a_repeat_under_an_idempotency_key_is_the_first_answer(api: Api, shop: Shop) -> None:
    first = api.call("POST", "/v1/track", VIEWED, Idempotency_Key="k1")
    again = api.call("POST", "/v1/track", VIEWED, Idempotency_Key="k1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first.get_json()
    assert first.get_json()["accepted"] == 1
    other = api.call("POST", "/v1/track", {**VIEWED, "userId": "ben"}, Idempotency_Key="k1")
    assert other.get_json()["code"] == "idempotency_key_reused"


def test_a_collect_key_is_trusted_with_nothing_but_behaviour(api: Api, shop: Shop) -> None:
    answer = api.call("POST", "/v1/batch", {"batch": [VIEWED]}, "collect", Origin="https://a.shop")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert shop.events()[0].data["trust"] == "client"
    assert api.call("PUT", "/v1/catalog/products", {"products": []}, "collect").status_code == 403


def test_one_browser_has_an_allowance_under_a_collect_key(api: Api, shop: Shop) -> None:
    flood = {"batch": [{**VIEWED, "anonymousId": "a1"}] * 400}
    assert api.call("POST", "/v1/batch", flood, "collect").status_code == 200
    refused = api.call("POST", "/v1/batch", flood, "collect")
    assert refused.status_code == 429
    assert COLLECT_ANONYMOUS_BURST < 800
    assert api.call("POST", "/v1/batch", flood, "ingest").status_code == 200


def test_events_need_their_scope(api: Api) -> None:
    assert api.call("POST", "/v1/batch", {"batch": []}, "audit").status_code == 403


def test_a_product_is_listed_shown_replaced_and_taken_out(api: Api, shop: Shop) -> None:
    listed = api.call("PUT", "/v1/catalog/products", {"products": [SHOE]}).get_json()
    assert (listed["listed"], listed["unchanged"]) == (1, 0)
    shown = api.call("GET", "/v1/catalog/products/shoe/1")
    assert shown.get_json() == {**SHOE, "version": 1}
    cheaper = {**SHOE, "special_price": 9.9, "attributes": {"size": 41.5}}
    replaced = api.call("PUT", "/v1/catalog/products", {"products": [cheaper]}).get_json()
    assert replaced["listed"] == 1
    path = f"/v1/catalog/products/shoe/1?min_position={replaced['log_position']}"
    shown = api.call("GET", path)
    assert shown.get_json()["special_price"] == "9.90"
    assert shown.get_json()["attributes"] == {"size": 41.5}
    gone = api.call("DELETE", "/v1/catalog/products/shoe/1")
    assert gone.get_json()["log_position"] == 3
    missing = api.call("GET", "/v1/catalog/products/shoe/1")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "product_unknown")
    assert api.call("DELETE", "/v1/catalog/products/shoe/1").status_code == 404
    again = api.call("PUT", "/v1/catalog/products", {"products": [SHOE]})
    assert again.get_json()["listed"] == 1
    assert shop.events("ProductListed")[-1].version == 4


@pytest.mark.parametrize("sku", ["/1", "a//b", "a/", "..", "é?#%", "a%2Fb"])
def test_any_sku_is_found_under_its_own_name_only(api: Api, sku: str) -> None:
    products = [{**SHOE, "sku": name} for name in (sku, "1", "a/b", "a")]
    api.call("PUT", "/v1/catalog/products", {"products": products})
    path = f"/v1/catalog/products/{quote(sku, safe='')}"
    assert api.call("GET", path).get_json()["sku"] == sku
    assert api.call("DELETE", path).get_json()["sku"] == sku
    assert api.call("GET", path).status_code == 404
    assert api.call("GET", "/v1/catalog/products/1").status_code == 200


def test_a_product_that_is_as_it_was_makes_no_event(api: Api, shop: Shop) -> None:
    body = {"products": [{**SHOE, "attributes": {"size": 41.5}}]}
    api.call("PUT", "/v1/catalog/products", body)
    again = api.call("PUT", "/v1/catalog/products", body).get_json()
    assert (again["listed"], again["unchanged"], again["log_position"]) == (0, 1, 1)


def test_true_is_another_value_than_one(api: Api, shop: Shop) -> None:
    for value in (1, True, False, 0):
        body = {"products": [{**SHOE, "attributes": {"washable": value}}]}
        assert api.call("PUT", "/v1/catalog/products", body).get_json()["listed"] == 1
    assert api.call("GET", "/v1/catalog/products/shoe/1").get_json()["attributes"] == {
        "washable": 0
    }


@pytest.mark.parametrize("path", ["/v1/catalog/products/a%00", "/v1/quarantine?cursor=%00"])
def test_a_nul_in_an_address_is_said_so(api: Api, path: str) -> None:
    answer = api.call("GET", path, scope="audit" if "quarantine" in path else "ingest")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert answer.get_json()["errors"][0]["code"] == "nul_in_string"


def test_an_upsert_under_an_idempotency_key_happens_once(api: Api, shop: Shop) -> None:
    first = api.call("PUT", "/v1/catalog/products", {"products": [SHOE]}, Idempotency_Key="k")
    api.call("DELETE", "/v1/catalog/products/shoe/1")
    again = api.call("PUT", "/v1/catalog/products", {"products": [SHOE]}, Idempotency_Key="k")
    assert again.get_json() == first.get_json()
    assert len(shop.events()) == 2


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("a price in too many digits", {"price": "1.005"}, "/products/1/price", "too_many_digits"),
    ("a negative price", {"price": "-1.00"}, "/products/1/price", "negative_amount"),
    ("an absurd price", {"price": 1e14}, "/products/1/price", "amount_too_large"),
    ("no price", {"price": None}, "/products/1/price", "not_null"),
    ("an unknown currency", {"currency": "EUX"}, "/products/1/currency", "unknown_currency"),
    ("an unknown field", {"colour": "red"}, "/products/1/colour", "unknown_field"),
    ("a sku twice", {"sku": "shoe/1"}, "/products/1/sku", "duplicate_sku"),
    ("a sku too long", {"sku": "é" * 600}, "/products/1/sku", "too_long"),
    ("stock without a status", {"stock": {"quantity": 1}}, "/products/1/stock/status", "required"),
]


@pytest.mark.parametrize(
    ("more", "pointer", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_product_refuses_the_whole_upsert(
    api: Api, shop: Shop, more: dict[str, Any], pointer: str, code: str
) -> None:
    products = [SHOE, {**SHOE, "sku": "other", **more}]
    answer = api.call("PUT", "/v1/catalog/products", {"products": products})
    assert answer.status_code == 422
    found = {(item["pointer"], item["code"]) for item in answer.get_json()["errors"]}
    assert (pointer, code) in found
    assert shop.log.head(SITE).position == 0


@pytest.mark.parametrize("packed", [False, True])
def test_an_import_lists_what_it_can_and_names_the_bad_lines(
    api: Api, shop: Shop, packed: bool
) -> None:
    lines = [orjson.dumps({**SHOE, "sku": f"s{i}"}) for i in range(1_200)]
    lines[3] = b"{"
    lines[700] = orjson.dumps({**SHOE, "price": "x"})
    body = b"\n".join(lines)
    headers = {"Content_Encoding": "gzip"} if packed else {}
    data = gzip.compress(body) if packed else body
    answer = api.call("POST", "/v1/catalog/import", data, **headers).get_json()
    assert (answer["listed"], answer["rejected"]) == (1_198, 2)
    assert [(e["line"], e["pointer"], e["code"]) for e in answer["errors"]] == [
        (4, "", "malformed_json"), (701, "/price", "not_money")
    ]  # fmt: skip
    again = api.call("POST", "/v1/catalog/import", data, Idempotency_Key="k", **headers)
    assert again.get_json()["unchanged"] == 1_198
    assert api.call("POST", "/v1/catalog/import", data, Idempotency_Key="k", **headers).headers[
        "Idempotent-Replayed"
    ]


def test_a_gzip_that_is_cut_short_is_said_so(api: Api) -> None:
    answer = api.call(
        "POST", "/v1/catalog/import", gzip.compress(b"{}")[:-9], Content_Encoding="gzip"
    )
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_gzip")


def test_a_gzip_of_several_parts_is_read_to_its_end(api: Api) -> None:
    lines = [orjson.dumps({**SHOE, "sku": f"s{i}"}) + b"\n" for i in range(3)]
    data = b"".join(gzip.compress(line) for line in lines)
    answer = api.call("POST", "/v1/catalog/import", data, Content_Encoding="gzip")
    assert answer.get_json()["listed"] == 3
    after = gzip.compress(b"{}") + b"and more"
    answer = api.call("POST", "/v1/catalog/import", after, Content_Encoding="gzip")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_gzip")
    again = gzip.compress(b'{"batch": []}') * 2  # a document is one part
    assert api.call("POST", "/v1/batch", again, Content_Encoding="gzip").status_code == 400
