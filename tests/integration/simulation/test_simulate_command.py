"""`rationale simulate`: the same, here and now, without anything written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from click.testing import Result

from app.cli import main
from tests.integration.simulation.conftest import TEN
from tests.integration.simulation.conftest import Change
from tests.integration.simulation.conftest import Shop

RANGE = ("--from", "2026-11-23T00:00:00Z", "--to", "2026-11-24T00:00:00Z")


@pytest.fixture
def run(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs it with a candidate of these changes."""
    settings = shop.author.services.settings
    monkeypatch.setenv("RATIONALE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("RATIONALE_DATABASE_URL", settings.database_url)

    def simulate(candidate: Any, *more: str) -> Result:
        file = tmp_path / "candidate.json"
        file.write_bytes(candidate if isinstance(candidate, bytes) else orjson.dumps(candidate))
        return CliRunner().invoke(main, ["simulate", str(file), *RANGE, *more])

    return simulate


def test_it_tells_what_would_have_been(shop: Shop, run: Any, rule: Change) -> None:
    ten = shop.live("cart-rules", TEN)
    shop.order(shop.decide(), "o-1")
    head = shop.author.services.log.head
    before = head("shop").position
    done = run([rule(id=ten, action={"type": "percent", "amount": "50"})])
    assert done.exit_code == 0, done.output
    assert "1 of 1 that became orders come out otherwise" in done.stdout
    assert "USD: discount 10.00 before, 50.00 after (40.00)" in done.stdout
    assert (
        f"  {ten} Ten percent (changed): applied 1 times before, 1 after; USD 40.00" in done.stdout
    )
    assert head("shop").position == before
    told = orjson.loads(run({"changes": [rule()]}, "--json").stdout)
    assert told["rules"][0]["change"] == "added"


def test_a_sample_is_a_share_or_a_number(shop: Shop, run: Any, rule: Change) -> None:
    for _ in range(6):
        shop.decide()
    told = orjson.loads(run([rule()], "--sample", "4", "--json").stdout)
    assert (told["estimate"]["population"], told["estimate"]["sampled"]) == (6, 4)
    assert told["estimate"]["money"][0]["difference"]["value"] == "60.00"
    done = run([rule()], "--sample", ".5", "--seed", "1")
    assert "estimated for all 6 carts from" in done.stdout, done.output


def test_wrong_use_and_wrong_candidates_exit_apart(shop: Shop, run: Any, rule: Change) -> None:
    assert run([rule()], "--sample", "many").exit_code == 2
    assert run([rule()], "--to", "tomorrow").exit_code == 2
    assert run(b"{").exit_code == 2
    assert run([rule()], "--site", "none").exit_code == 1
    refused = run([rule(priority=-1)])
    assert refused.exit_code == 1
    assert "/candidate/changes/0/priority" in refused.output
