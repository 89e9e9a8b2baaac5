"""`rationale explain`, `replay` and `verify` over a real database."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine
from sqlalchemy import text

from aggregates.kernel.ids import SiteId
from app import issuing
from app.cli import main
from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from app.wiring import build
from decisions.cart import decide_cart
from tests.authors import Author

SITE = SiteId("shop")
CART = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
}
RULE = {
    "name": "Ten",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}


@pytest.fixture
def decided(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the one decision of the database that the environment names."""
    monkeypatch.setenv("RATIONALE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RATIONALE_DATABASE_URL", sqlite_url)
    services = build(Settings.from_environment())
    issuing.open_site(services.log, SITE)
    key = issued_key(services, SITE, ("author",), "test").token
    author = Author(services, create_app(services).test_client(), key)
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    made = decide_cart(services.means, SITE, CART, lambda made: None)
    services.close()
    return made.record.decision_id


def test_explain_tells_why(decided: str) -> None:
    done = CliRunner().invoke(main, ["explain", decided])
    assert done.exit_code == 0, done.output
    assert "“Ten” took off 2.00 USD: it has no conditions." in done.output


def test_explain_tells_each_step_and_each_rule_in_the_language_asked_for(decided: str) -> None:
    done = CliRunner().invoke(main, ["explain", decided, "--locale", "de"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[1:] == [
        "  „Ten“ ermäßigte um 2,00 USD: sie hat keine Bedingungen.",
        "",
        "1. „Ten“ nimmt 2,00 USD: Positionen und Versand kosten 18,00 USD statt 20,00 USD.",
        "     1: 20.00 - 2.00 = 18.00",
        "",
        "Ten (rul_0000000001)",
        "  + sie hat keine Bedingungen",
    ]


def test_explain_gives_as_json_what_the_route_answers(decided: str) -> None:
    done = CliRunner().invoke(main, ["explain", decided, "--json", "--locale", "tlh"])
    told = orjson.loads(done.output)
    services = build(Settings.from_environment())
    key = issued_key(services, SITE, ("audit",), "auditor").token
    client = create_app(services).test_client()
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get(f"/v1/decisions/{decided}/explanation", headers=headers).json == told
    services.close()
    assert told["summary"] == ["“Ten” took off 2.00 USD: it has no conditions."]


def test_explain_of_nothing_fails(decided: str) -> None:
    done = CliRunner().invoke(main, ["explain", "dec_nothing"])
    assert done.exit_code == 1
    assert "decision_unknown" in done.output


@pytest.mark.parametrize("mode", ["recorded", "from_log"])
def test_replay_counts_what_is_identical(decided: str, mode: str) -> None:
    done = CliRunner().invoke(main, ["replay", "--mode", mode, "--json"])
    assert done.exit_code == 0, done.output
    told = orjson.loads(done.stdout)
    assert (told["counts"]["replayed"], told["counts"]["identical"]) == (1, 1)
    assert [one["code"] for one in told["revisions"]] == ["proven"]


def test_one_decision_is_replayed_by_its_id(decided: str) -> None:
    done = CliRunner().invoke(main, ["replay", decided, "--mode", "from_log"])
    assert (done.exit_code, done.output) == (0, f"{decided}: identical\n")
    assert "decision_unknown" in CliRunner().invoke(main, ["replay", "dec_nothing"]).output


def test_a_report_is_signed_and_checked(decided: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = CliRunner().invoke(main, ["replay", "--report", str(file)])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, ["replay", "--check", str(file)]).exit_code == 0
    file.write_bytes(file.read_bytes().replace(b'"identical": 1', b'"identical": 2'))
    checked = CliRunner().invoke(main, ["replay", "--check", str(file)])
    assert (checked.exit_code, checked.output) == (1, f"{file}: forged\n")
    file.write_bytes(b"[]")
    assert "no report" in CliRunner().invoke(main, ["replay", "--check", str(file)]).output


def test_a_moment_that_is_none_is_wrong_use(decided: str) -> None:
    assert CliRunner().invoke(main, ["replay", "--from", "yesterday"]).exit_code == 2


def test_verify_finds_a_changed_event(decided: str, sqlite_url: str) -> None:
    done = CliRunner().invoke(main, ["verify"])
    assert done.exit_code == 0, done.output
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE events SET occurred_at = 1 WHERE position = 1"))
    engine.dispose()
    done = CliRunner().invoke(main, ["verify", "--json"])
    assert done.exit_code == 1
    told = orjson.loads(done.stdout)
    assert (told["intact"], told["position"], told["code"]) == (False, 1, "hash_mismatch")
