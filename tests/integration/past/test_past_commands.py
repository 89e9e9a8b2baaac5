"""`rationale as-of` and `rationale timeline` over a real database."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from click.testing import Result

from app.cli import main
from app.config import Settings
from app.wiring import build
from tests.desk import Desk
from tests.desk import identify
from tests.fakes import SettableClock
from tests.redemptions_given import RULE
from tests.redemptions_given import cart


@pytest.fixture
def position(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: SettableClock
) -> int:
    """A day of Anna's in the database that the environment names; where it had come to before her
    decision."""
    monkeypatch.setenv("RATIONALE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RATIONALE_DATABASE_URL", sqlite_url)
    services = build(Settings.from_environment(), clock)
    desk = Desk(services, clock)
    desk.made("PUT", "/v1/cart-rules/ten", {**RULE, "uses_total": 5})
    desk.made("POST", "/v1/cart-rules/ten/publish", {})
    tea = {"sku": "T", "name": "Tea", "price": "5.00", "currency": "USD"}
    desk.made("PUT", "/v1/catalog/products", {"products": [tea]})
    before = desk.send(identify("anna", "a1", traits={"city": "Kiel"}))
    desk.made("PUT", "/v1/catalog/products", {"products": [{**tea, "price": "6.00"}]})
    decided = desk.made("POST", "/v1/decisions/cart", cart("anna"))["decision_id"]
    desk.made("POST", "/v1/redemptions", {"decision_id": decided, "order_id": "o1"})
    desk.follow()
    services.close()
    return before


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, [*arguments, "--site", "shop"], input=typed)


def test_a_person_is_named_on_standard_input_alone(position: int) -> None:
    asked = ("as-of", "shopper", "--customer-id", "-", "--at", str(position))
    done = run(*asked, typed="anna\n")
    assert done.exit_code == 0, done.output
    assert "city: Kiel" in done.output
    told = orjson.loads(run(*asked, "--json", typed="anna\n").stdout)
    assert told["as_of"]["log_position"] == position
    assert orjson.loads(
        run("as-of", "shopper", "--person", told["person"], "--json").stdout
    )["pseudonyms"] == told["pseudonyms"]  # fmt: skip
    assert run("as-of", "shopper", "--customer-id", "anna").exit_code == 2
    assert run("as-of", "shopper").exit_code == 2
    assert run("as-of", "shopper", "--anonymous-id", "-", typed="nobody\n").exit_code == 1


def test_products_rules_and_uses_are_those_of_then(position: int) -> None:
    at = ("--at", str(position), "--json")
    assert orjson.loads(run("as-of", "product", "T", *at).stdout)["price"] == "5.00"
    assert orjson.loads(run("as-of", "product", "T", "--json").stdout)["price"] == "6.00"
    ruleset = orjson.loads(run("as-of", "ruleset", *at).stdout)
    assert (ruleset["revision"], ruleset["entries"][0]["body"]["uses_total"]) == (1, 5)
    assert orjson.loads(run("as-of", "usage", *at).stdout)["items"] == []
    told = run("as-of", "usage", "--rule-id", "rul_0000000001").output
    assert "rule/rul_0000000001 uses: 1 of 5" in told
    before = run("as-of", "ruleset", "--at", "1").output
    assert "revision 0: 0 definitions" in before


def test_a_timeline_is_lines(position: int) -> None:
    named = ("timeline", "--customer-id", "-")
    done = run(*named, typed="anna\n")
    assert done.exit_code == 0, done.output
    kinds = [line.split()[2].rstrip(":") for line in done.stdout.splitlines()]
    assert kinds == ["profile", "link", "decision", "redemption"] or kinds == [
        "link", "profile", "decision", "redemption"
    ]  # fmt: skip
    lines = run(*named, "--json", "--kind", "profile", typed="anna\n").stdout.splitlines()
    assert [orjson.loads(line)["data"]["traits"] for line in lines] == [{"city": "Kiel"}]
    early = run(*named, "--at", str(position), typed="anna\n").stdout
    assert "decision" not in early
    assert run(*named, "--from", "today", typed="anna\n").exit_code == 2


def test_what_is_no_past_is_said(position: int) -> None:
    done = run("as-of", "ruleset", "--at", "noon")
    assert done.exit_code == 1
    assert "--at: a log position in digits" in done.output
