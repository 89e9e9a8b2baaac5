"""`rationale import adobe-rules` and `rationale export adobe-rules`, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from click.testing import Result

from aggregates.kernel.ids import SiteId
from app.cli import main
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from tests.adobe_given import CASES
from tests.adobe_given import address
from tests.adobe_given import combine
from tests.adobe_given import sales_rule
from tests.adobe_given import search
from tests.adobe_normal_form import normal
from tests.authors import Author

Run = Callable[..., Result]
SITE = SiteId("shop")
NAMES = str(CASES / "names.json")
COUPONS = str(CASES / "coupons.json")


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings of one installation."""
    return {"RATIONALE_DATABASE_URL": database_url, "RATIONALE_DATA_DIR": str(tmp_path)}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs a command to its end."""

    def runs(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--site", "shop"], env=environment)

    return runs


@pytest.fixture
def author(environment: dict[str, str]) -> Any:
    """Somebody who looks at the same site over HTTP."""
    services = build(Settings.from_environment(environment))
    key = issued_key(services, "shop", tuple(sorted(SCOPES)), "author").token
    yield Author(services, create_app(services).test_client(), key)
    services.close()


def file_of(tmp_path: Path, *rules: dict[str, Any]) -> str:
    """A file of these rules."""
    path = tmp_path / "rules.json"
    path.write_bytes(search(*rules))
    return str(path)


def report(result: Result) -> dict[str, Any]:
    """The report of a run with --json."""
    found: dict[str, Any] = orjson.loads(result.stdout)
    return found


def test_rules_are_drafted_once_and_then_updated(run: Run, author: Author, tmp_path: Path) -> None:
    file = file_of(tmp_path, sales_rule(rule_id=2, name="B"), sales_rule(rule_id=1, name="A"))
    first = run("import", "adobe-rules", file, "--names", NAMES, "--json")
    assert first.exit_code == 0, first.output
    assert report(first)["drafted"] == 2
    drafts = author.made("GET", "/v1/cart-rules")["items"]
    assert [(one["key"], one["status"], one["body"]["name"]) for one in drafts] == [
        ("adobe-1", "draft", "A"),
        ("adobe-2", "draft", "B"),
    ]
    assert {one["updated_by"] for one in drafts} == {"rationale import"}

    again = run("import", "adobe-rules", file, "--names", NAMES, "--json")
    assert (again.exit_code, report(again)["unchanged"]) == (0, 2)
    file = file_of(tmp_path, sales_rule(rule_id=2, name="C"), sales_rule(rule_id=1, name="A"))
    newer = run("import", "adobe-rules", file, "--names", NAMES, "--json")
    outcomes = [(rule["rule_id"], rule["outcome"]) for rule in report(newer)["rules"]]
    assert outcomes == [(1, "unchanged"), (2, "updated")]
    drafts = author.made("GET", "/v1/cart-rules")["items"]
    assert [(one["body"]["name"], one["version"]) for one in drafts] == [("A", 1), ("C", 2)]


def test_what_is_live_stays_until_somebody_publishes(
    run: Run, author: Author, tmp_path: Path
) -> None:
    run("import", "adobe-rules", file_of(tmp_path, sales_rule()), "--names", NAMES)
    author.made("POST", "/v1/cart-rules/adobe-1/publish", {}, If_Match='"1"')
    newer = file_of(tmp_path, sales_rule(discount_amount=20))
    run("import", "adobe-rules", newer, "--names", NAMES)
    found = author.made("GET", "/v1/cart-rules/adobe-1")
    assert (found["live_version"], found["version"]) == (1, 2)
    exported = run("export", "adobe-rules", "--names", NAMES)
    assert orjson.loads(exported.stdout)["items"][0]["discount_amount"] == 10
    exported = run("export", "adobe-rules", "--names", NAMES, "--drafts")
    assert orjson.loads(exported.stdout)["items"][0]["discount_amount"] == 20


def test_a_rule_that_cannot_be_carried_is_told_and_the_others_go_on(
    run: Run, author: Author, tmp_path: Path
) -> None:
    file = file_of(
        tmp_path,
        sales_rule(rule_id=1, condition=combine(address("horoscope", "==", "leo"))),
        sales_rule(rule_id=2, condition=combine(address("total_qty", ">", "many"))),
        sales_rule(rule_id=3, sort_order=-1),
        sales_rule(rule_id=4, times_used=3),
        sales_rule(rule_id=5, website_ids=[2]),
    )
    result = run("import", "adobe-rules", file, "--names", NAMES, "--json")
    assert result.exit_code == 1
    told = report(result)
    assert [rule["outcome"] for rule in told["rules"]] == [
        "refused",
        "refused",
        "refused",
        "drafted",
        "skipped",
    ]
    refused = [problem for rule in told["rules"] for problem in rule["refused"]]
    assert refused[0]["pointer"] == "/items/0/condition/conditions/0/attribute_name"
    assert refused[0]["code"] == "unknown_attribute"
    assert refused[1]["detail"].startswith("/conditions/all/0/value of the cart rule: ")
    assert refused[2]["pointer"] == "/items/2"
    assert told["rules"][3]["left_out"][0]["code"] == "uses_not_carried"
    assert [one["key"] for one in author.made("GET", "/v1/cart-rules")["items"]] == ["adobe-4"]

    said = run("import", "adobe-rules", file, "--names", NAMES)
    assert "rule 1 'Ten percent': refused" in said.stdout
    assert "left out: 3 uses so far" in said.stdout
    assert "refused 3, skipped 1, unchanged 1; with something left out 1" in said.stdout


def test_what_is_told_of_many_rules_is_told_once(run: Run, tmp_path: Path) -> None:
    rules = [sales_rule(rule_id=number, customer_group_ids=[8]) for number in range(1, 13)]
    said = run("import", "adobe-rules", file_of(tmp_path, *rules), "--names", NAMES).stdout
    detail = "customer group 8 stands as '8': its name is not in the names file"
    assert (
        f"12 rules, left out: {detail} (name_missing) [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...]" in said
    )
    assert said.count("customer group 8") == 1
    assert "rule 1 " not in said


def test_a_page_of_an_answer_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(orjson.dumps({"items": [sales_rule()], "total_count": 21}))
    result = run("import", "adobe-rules", str(path), "--names", NAMES, "--json")
    assert result.exit_code == 0
    assert report(result)["drafted"] == 1
    assert "20 more rules are in Adobe" in result.stderr


def test_rules_of_other_websites_alone_lose_nothing(run: Run, tmp_path: Path) -> None:
    file = file_of(tmp_path, sales_rule(website_ids=[2]))
    result = run("import", "adobe-rules", file, "--names", NAMES)
    assert result.exit_code == 0
    assert "note: it is of websites 2 alone" in result.stdout


def test_a_broken_file_drafts_nothing(run: Run, author: Author, tmp_path: Path) -> None:
    broken = sales_rule(rule_id=2, sort_order="first")
    result = run("import", "adobe-rules", file_of(tmp_path, sales_rule(), broken))
    assert result.exit_code == 1
    assert "/items/1/sort_order: a number is wanted" in result.output
    assert author.made("GET", "/v1/cart-rules")["items"] == []
    path = tmp_path / "cut.json"
    path.write_bytes(b'{"items": [{"rule_id": 1,')
    result = run("import", "adobe-rules", str(path))
    assert result.exit_code == 1
    assert "no JSON" in result.output


def test_a_site_that_the_names_file_does_not_know_is_wrong_use(run: Run, tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_bytes(orjson.dumps({"websites": {"1": "outlet"}}))
    result = run("import", "adobe-rules", file_of(tmp_path, sales_rule()), "--names", str(names))
    assert result.exit_code == 2
    assert "no website of the names file is 'shop'" in result.output


def test_all_files_come_back_as_they_were(run: Run, tmp_path: Path) -> None:
    for name in ("conditions", "operators", "actions", "headers"):
        given = orjson.loads((CASES / f"{name}.json").read_bytes())["items"]
        result = run(
            "import", "adobe-rules", str(CASES / f"{name}.json"), "--names", NAMES,
            "--coupons", COUPONS, "--json",
        )  # fmt: skip
        assert not [rule for rule in report(result)["rules"] if rule["refused"]], name
        target, codes = tmp_path / "exported.json", tmp_path / "codes.json"
        exported = run(
            "export", "adobe-rules", str(target), "--names", NAMES, "--drafts",
            "--coupons", str(codes), "--json",
        )  # fmt: skip
        assert exported.exit_code == 0, exported.output
        written = orjson.loads(target.read_bytes())
        assert written["total_count"] == len(written["items"])
        back = {rule["rule_id"]: rule for rule in written["items"]}
        for rule in given:
            found = normal(back[int(rule["rule_id"])])
            assert {**found, "is_active": True} == {**normal(rule), "is_active": True}
    assert [coupon["code"] for coupon in orjson.loads(codes.read_bytes())["items"]] == ["TEN"]


def test_a_code_of_two_rules_is_told_and_both_are_drafted(
    run: Run, author: Author, tmp_path: Path
) -> None:
    coupon = {"coupon_type": "SPECIFIC_COUPON"}
    rules = [
        sales_rule(rule_id=number, extension_attributes={"code": code}, **coupon)
        for number, code in ((1, "Save"), (2, "SAVE"), (3, "Other"))
    ]
    result = run("import", "adobe-rules", file_of(tmp_path, *rules), "--names", NAMES, "--json")
    told = report(result)
    assert told["drafted"] == 3
    notes = [[note["code"] for note in rule["notes"]] for rule in told["rules"]]
    assert ["coupon_taken" in codes for codes in notes] == [False, True, False]
    author.made("POST", "/v1/cart-rules/adobe-1/publish")
    author.refused(422, "POST", "/v1/cart-rules/adobe-2/publish")


def test_what_adobe_cannot_say_is_told(run: Run, author: Author) -> None:
    rule = {
        "name": "By the hour",
        "priority": 1,
        "stop_further": False,
        "coupon": {"type": "specific", "code": "NOON"},
        "conditions": {"all": []},
        "action": {"type": "percent", "amount": "10"},
        "store_views": ["french"],
    }
    author.made("POST", "/v1/cart-rules", rule)
    hour = {"attribute": "time.hour", "operator": "==", "value": 12}
    author.made("POST", "/v1/cart-rules", {**rule, "name": "Hourly", "conditions": hour})
    exported = run("export", "adobe-rules", "--names", NAMES, "--drafts")
    assert exported.exit_code == 1
    (written,) = orjson.loads(exported.stdout)["items"]
    assert (written["name"], written["is_active"]) == ("By the hour", False)
    assert "refused: Adobe has no time.hour" in exported.stderr
    assert "its code stands in a file of coupons" in exported.stderr
    assert "exported 1, refused 1; with something left out 1" in exported.stderr
    assert orjson.loads(run("export", "adobe-rules").stdout)["items"] == []


def test_a_site_that_is_not_there_has_nothing_to_export(
    environment: dict[str, str], tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        main, ["export", "adobe-rules", "--site", "nowhere"], env=environment
    )
    assert result.exit_code == 1
    assert "there is no site 'nowhere'" in result.output


def test_who_works_on_the_machine_says_why_as_well(
    run: Run, author: Author, tmp_path: Path
) -> None:
    file = file_of(tmp_path, sales_rule())
    author.made("PUT", "/v1/site", {"name": "Shop", "notes": "required"})
    for command in (("import", "adobe-rules", file), ("keys", "create", "--scope", "audit")):
        assert "asks authors to say why" in run(*command, "--note", " ").output
        assert "asks" not in run(*command, "--note", "moving house").output

    author.services.follower.catch_up(SITE)
    told = author.made("GET", "/v1/changes?limit=2")["items"]
    assert [(one["kind"], one["actor"], one["note"]) for one in told] == [
        ("keys", "command-line", "moving house"),
        ("cart-rules", "rationale import", "moving house"),
    ]
