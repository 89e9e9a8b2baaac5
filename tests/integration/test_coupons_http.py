"""Coupon codes over HTTP: batches, lists, CSV, single codes, and what is refused."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Counter
from app.authoring import specific_codes
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.jobs.coupons import is_due
from app.wiring import build
from projections.coupons import uses_counter
from tests.authors import CART
from tests.authors import RULE
from tests.authors import Author
from tests.coupon_processes import fill
from tests.fakes import SettableClock

SITE = SiteId("shop")
GENERATED = {**RULE, "coupon": {"type": "generated"}}
LOOK = {"quantity": 20, "length": 8, "format": "alphanumeric"}
Ask = Callable[..., Any]


@pytest.fixture
def author(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Author]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    services = build(Settings.from_environment(environment), clock)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "author").token
    yield Author(services, create_app(services).test_client(), key)
    services.close()


@pytest.fixture
def rule(author: Author) -> str:
    """A live rule whose coupons are generated."""
    return live(author, GENERATED)


def live(author: Author, body: dict[str, Any]) -> str:
    rule: str = author.made("POST", "/v1/cart-rules", body)["id"]
    author.publish(("cart-rules", rule))
    return rule


@pytest.fixture
def generate(author: Author, rule: str) -> Ask:
    """Asks for codes and fills them; the batch as it ended."""

    def asked(**more: Any) -> dict[str, Any]:
        path = f"/v1/cart-rules/{rule}/coupons/generate"
        batch = author.made("POST", path, {**LOOK, **more})["batch"]
        fill(author.services)
        return author.made("GET", f"/v1/coupon-batches/{batch}")

    return asked


@pytest.fixture
def send(author: Author, rule: str) -> Ask:
    """Imports a CSV text and fills the batch; the batch as it ended."""

    def sent(text: str | bytes, **headers: str) -> dict[str, Any]:
        answer = post_csv(author, rule, text, **headers)
        assert answer.status_code == 202, answer.json
        fill(author.services)
        return author.made("GET", f"/v1/coupon-batches/{answer.json['batch']}")

    return sent


def post_csv(author: Author, rule: str, text: str | bytes, **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return author._client.post(
        f"/v1/cart-rules/{rule}/coupons/import",
        data=text,
        headers={"Authorization": f"Bearer {author._key}", **given},
    )


def codes(author: Author, rule: str) -> list[str]:
    return [row["code"] for row in rows(author, rule)]


def rows(author: Author, rule: str) -> list[dict[str, str]]:
    answer = author.call("GET", f"/v1/cart-rules/{rule}/coupons?format=csv")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def used(author: Author, code: str, times: int) -> None:
    author.services.log.append(Append(SITE, move=(Counter(uses_counter(code.lower()), times),)))


def test_a_batch_is_asked_for_and_filled_by_the_job(author: Author, rule: str) -> None:
    asked = author.made("POST", f"/v1/cart-rules/{rule}/coupons/generate", LOOK)
    assert (asked["status"], asked["job"], asked["asked"]) == ("waiting", "coupons", 20)
    assert "seed" not in str(asked)
    assert is_due(author.services, SITE)
    fill(author.services)
    assert not is_due(author.services, SITE)
    batch = author.made("GET", f"/v1/coupon-batches/{asked['batch']}")
    assert (batch["status"], batch["added"], batch["refused"]) == ("succeeded", 20, 0)
    assert len(set(codes(author, rule))) == 20


def test_codes_look_as_asked(author: Author, rule: str, generate: Ask) -> None:
    look = {"length": 6, "prefix": "S-", "suffix": "!", "dash_every": 3, "format": "numeric"}
    generate(**look)
    for code in codes(author, rule):
        assert len(code) == 10
        assert code.startswith("S-")
        assert code.endswith("!")
        assert code[5] == "-"
        assert code[2:5].isdecimal()


def test_a_short_length_is_raised_and_the_answer_says_so(generate: Ask) -> None:
    batch = generate(quantity=300, length=2, format="numeric")
    assert (batch["length"], batch["added"]) == (4, 300)


def test_many_codes_are_of_many_chunks(author: Author, rule: str, generate: Ask) -> None:
    assert generate(quantity=2_300)["added"] == 2_300
    assert len({code.lower() for code in codes(author, rule)}) == 2_300


def test_batches_of_one_look_do_not_meet(author: Author, rule: str, generate: Ask) -> None:
    for _ in range(2):
        generate(quantity=200, length=3, format="numeric")
    assert len(set(codes(author, rule))) == 400


def test_where_no_code_is_left_the_batch_fails_and_says_what_to_change(generate: Ask) -> None:
    batches = [generate(quantity=25, length=2, format="numeric") for _ in range(5)]
    failed = [batch for batch in batches if batch["status"] == "failed"]
    assert failed
    assert failed[0]["error"]["code"] == "codes_exhausted"
    assert "length" in failed[0]["error"]["detail"]
    assert generate(prefix="NEW-", quantity=25, length=2, format="numeric")["added"] == 25


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"quantity": 0}, "/quantity", "out_of_range"),
        ({"quantity": 1_000_001}, "/quantity", "out_of_range"),
        ({"length": 65}, "/length", "out_of_range"),
        ({"format": "emoji"}, "/format", "not_one_of"),
        ({"prefix": "a b"}, "/prefix", "malformed_code"),
        ({"suffix": "\t"}, "/suffix", "malformed_code"),
        ({"length": 60, "prefix": "LONG-"}, "/length", "code_too_long"),
        ({"length": 40, "dash_every": 1}, "/length", "code_too_long"),
        ({"expires_at": "2026-W48-1"}, "/expires_at", "not_a_moment"),
        ({"uses_per_coupon": -1}, "/uses_per_coupon", "out_of_range"),
    ],
)
def test_what_no_batch_can_be_is_refused(
    author: Author, rule: str, more: dict[str, Any], pointer: str, code: str
) -> None:
    path = f"/v1/cart-rules/{rule}/coupons/generate"
    problem = author.refused(422, "POST", path, {**LOOK, **more})
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code)


def test_only_saved_rules_with_generated_coupons_have_codes(author: Author) -> None:
    none = author.made("POST", "/v1/cart-rules", RULE)["id"]
    path = f"/v1/cart-rules/{none}/coupons/generate"
    assert author.refused(409, "POST", path, LOOK)["code"] == "coupon_not_generated"
    author.refused(404, "POST", "/v1/cart-rules/rul_9999999999/coupons/generate", LOOK)
    for number in ("0000000009", "9" * 10, "9" * 20, "9" * 5_000):
        author.refused(404, "GET", f"/v1/coupon-batches/cpb_{number}")


def test_a_rule_of_codes_does_not_apply_without_one(author: Author, rule: str) -> None:
    assert author.discount() == "0.00"


def test_a_code_of_a_batch_is_worth_what_its_rule_gives(
    author: Author, rule: str, generate: Ask
) -> None:
    generate(quantity=1)
    code = codes(author, rule)[0]
    asked = {**CART, "coupons": [code.lower()], "dry_run": True}
    assert author.made("POST", "/v1/decisions/cart", asked)["totals"]["discount"] == "10.00"
    author.made("DELETE", f"/v1/coupons/{code}")
    assert author.made("POST", "/v1/decisions/cart", asked)["totals"]["discount"] == "0.00"


def test_a_repeated_request_asks_once(author: Author, rule: str) -> None:
    path = f"/v1/cart-rules/{rule}/coupons/generate"
    first, again = (author.made("POST", path, LOOK, Idempotency_Key="k") for _ in range(2))
    assert first == again
    fill(author.services)
    assert len(codes(author, rule)) == 20


def test_a_file_is_imported_and_its_refused_rows_are_named(
    author: Author, rule: str, send: Ask, clock: SettableClock
) -> None:
    text = (
        "code,expires_at,uses_per_coupon,uses_per_customer\n"
        "ONE,,,\n"
        "Two,2026-12-31,5,1\n"
        "one,,,\n"
        "has space,,,\n"
        ",,,\n"
        "THREE,soon,,\n"
        'FOUR,,many,\n\n"FI,VE",,0\n'
        "SIX,,,,7\n"
    )
    batch = send(text)
    assert (batch["asked"], batch["added"], batch["refused"]) == (9, 3, 6)
    assert [(row["line"], row["code"]) for row in batch["refusals"]] == [
        (4, "coupon_taken"),
        (5, "malformed_code"),
        (6, "malformed_code"),
        (7, "not_a_moment"),
        (8, "not_a_whole_number"),
        (11, "malformed_code"),
    ]
    two = author.made("GET", "/v1/coupons/TWO")
    assert (two["code"], two["uses_max"], two["uses_per_customer"]) == ("Two", 5, 1)
    assert two["expires_at"] == "2027-01-01T00:00:00.000000Z"
    assert author.made("GET", "/v1/coupons/fi%2Cve")["uses_max"] is None


def test_a_file_in_chunks_knows_its_codes_from_one_to_the_next(
    author: Author, rule: str, send: Ask
) -> None:
    text = "code\n" + "".join(f"C{number % 1_500}\n" for number in range(2_100))
    batch = send(gzip.compress(text.encode()), Content_Encoding="gzip", Idempotency_Key="k")
    assert (batch["added"], batch["refused"], len(batch["refusals"])) == (1_500, 600, 100)
    assert batch["refusals"][0] == {"line": 1_502, "code": "coupon_taken", "coupon": "C0"}
    again = send("code\nC7\nD7\n")
    assert (again["added"], again["refused"]) == (1, 1)


def test_an_empty_file_is_an_empty_batch(send: Ask) -> None:
    assert send("code\n")["status"] == "succeeded"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unknown_columns"),
        ("coupon\nA\n", "unknown_columns"),
        ("code,colour\nA,red\n", "unknown_columns"),
        ("code,code\nA,B\n", "unknown_columns"),
        ("code\n" + "x" * 200_000, "line_too_long"),
        ("code\n" + "x," * 600_000, "line_too_long"),
    ],
)
def test_what_is_no_csv_of_codes_is_refused(
    author: Author, rule: str, text: str, code: str
) -> None:
    answer = post_csv(author, rule, text)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)


def test_a_part_of_a_file_never_passes_for_the_whole(author: Author, rule: str) -> None:
    head, packed = author.services.log.head(SITE).position, gzip.compress(b"code\nA\nB\n")
    chunked = {"Content_Length": "", "Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}
    plain = {**chunked, "Content_Encoding": "identity"}
    for body, headers, code in (
        ("code\nA\n", plain, "length_required"),
        (packed[:-9], chunked, "malformed_gzip"),
    ):
        answer = post_csv(author, rule, body, **headers)
        assert (answer.status_code, answer.json["code"]) == (400, code)
    assert author.services.log.head(SITE).position == head
    answer = post_csv(author, rule, packed, **chunked)
    assert (answer.status_code, answer.json["asked"]) == (202, 2)


def test_a_file_has_at_most_so_many_codes(
    author: Author, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.coupons.uploading.COUPON_BATCH_CODES_MAX", 2)
    answer = post_csv(author, rule, "code\nA\nB\nC\n")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "too_many_codes")
    assert not is_due(author.services, SITE)


def test_a_coupon_tells_its_state(
    author: Author, rule: str, send: Ask, clock: SettableClock
) -> None:
    end = format_moment(clock.now() + DAY)
    send(f"code,expires_at,uses_per_coupon\nA,{end},\nB,,2\n")
    used(author, "B", 1)
    b = author.made("GET", "/v1/coupons/b")
    assert (b["status"], b["uses"], b["uses_max"], b["rule_id"]) == ("active", 1, 2, rule)
    used(author, "B", 1)
    assert author.made("GET", "/v1/coupons/b")["status"] == "used_up"
    assert author.made("GET", "/v1/coupons/A")["status"] == "active"
    clock.advance(DAY)
    assert author.made("GET", "/v1/coupons/A")["status"] == "expired"
    author.made("DELETE", "/v1/coupons/A")
    for method in ("GET", "DELETE"):
        assert author.refused(404, method, "/v1/coupons/a")["code"] == "coupon_unknown"


def test_what_a_code_does_not_say_its_rule_says(author: Author) -> None:
    rule = live(author, {**RULE, "coupon": {"type": "generated", "uses_per_coupon": 3}})
    author.made("POST", f"/v1/cart-rules/{rule}/coupons/generate", {**LOOK, "quantity": 1})
    fill(author.services)
    coupon = author.made("GET", f"/v1/coupons/{codes(author, rule)[0]}")
    assert (coupon["uses_max"], coupon["uses_per_customer"]) == (3, None)


def test_codes_are_listed_in_pages_and_as_csv(author: Author, rule: str, send: Ask) -> None:
    send("code,expires_at\nb,\nA,2026-12-01\nC,\n")
    used(author, "C", 2)
    path = f"/v1/cart-rules/{rule}/coupons"
    first = author.made("GET", f"{path}?limit=2")
    rest = author.made("GET", f"{path}?limit=2&cursor={first['next_cursor']}")
    assert [one["code"] for one in (*first["items"], *rest["items"])] == ["A", "b", "C"]
    assert rest["next_cursor"] is None
    listed = rows(author, rule)
    assert [(row["code"], row["used"], row["times_used"]) for row in listed] == [
        ("A", "no", "0"),
        ("b", "no", "0"),
        ("C", "yes", "2"),
    ]
    assert listed[0]["expires_at"].startswith("2026-12-02T00:00:00")
    author.refused(422, "GET", f"{path}?format=xml")
    author.refused(422, "GET", f"{path}?cursor=WzFd")


def test_many_codes_are_deleted_at_once_and_missing_ones_are_named(
    author: Author, rule: str, send: Ask
) -> None:
    send("code\nA\nB\nC\n")
    other = live(author, GENERATED)
    path = "coupons/delete"
    asked = {"codes": ["a", "C", "c", "X"]}
    refused = author.made("POST", f"/v1/cart-rules/{other}/{path}", asked)
    assert (refused["deleted"], refused["missing"]) == (0, ["a", "C", "X"])
    done = author.made("POST", f"/v1/cart-rules/{rule}/{path}", asked)
    assert (done["deleted"], done["missing"]) == (2, ["X"])
    assert codes(author, rule) == ["B"]
    assert send("code\na\n")["added"] == 1


def test_codes_are_unique_against_live_specific_codes(author: Author, send: Ask) -> None:
    specific = {**RULE, "coupon": {"type": "specific", "code": "Save"}}
    live(author, specific)
    assert send("code\nSAVE\nOTHER\n")["refused"] == 1
    late = author.made(
        "POST", "/v1/cart-rules", {**RULE, "coupon": {"type": "specific", "code": "other"}}
    )["id"]
    publish = {"publish": [{"kind": "cart-rules", "id": late}]}
    problem = author.refused(422, "POST", "/v1/rulesets", publish)
    assert problem["errors"] == [
        {
            "pointer": "/publish/0/body/coupon/code",
            "code": "coupon_taken",
            "detail": "a code that was generated or imported is the same; case does not count",
        }
    ]
    author.made("DELETE", "/v1/coupons/OTHER")
    author.made("POST", "/v1/rulesets", publish)


def test_a_specific_code_that_a_batch_adds_while_it_is_published_is_noticed(
    author: Author, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = specific_codes.expected
    assert post_csv(author, rule, "code\nRACED\n").status_code == 202

    def filled_after(*given: Any) -> Any:
        found = looked(*given)
        fill(author.services)
        return found

    monkeypatch.setattr(specific_codes, "expected", filled_after)
    for code, status in (("free", 201), ("raced", 422)):
        body = {**RULE, "coupon": {"type": "specific", "code": code}}
        late = author.made("POST", "/v1/cart-rules", body)["id"]
        publish = {"publish": [{"kind": "cart-rules", "id": late}]}
        assert author.call("POST", "/v1/rulesets", publish).status_code == status
        if code == "free":
            author.made("DELETE", "/v1/coupons/RACED")
            assert post_csv(author, rule, "code\nRACED\n").status_code == 202
