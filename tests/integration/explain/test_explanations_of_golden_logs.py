"""Every decision that an earlier version wrote is explained, in every language, by events that were
there before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from aggregates.kernel.errors import Erased
from app.wiring import Services
from decisions.explain import explained_for_audit
from decisions.explain import explanation
from decisions.made import Made
from decisions.record import TOPIC
from decisions.record import from_event
from decisions.replay import remade
from rulesets.outcome import CartOutcome
from tests.golden_logs import HELD
from tests.golden_logs import unpacked

READ_MAX = 10_000


@pytest.mark.parametrize("version", sorted(HELD))
def test_every_decision_of_a_golden_log_is_explained(version: str, tmp_path: Path) -> None:
    services = unpacked(version, tmp_path)
    explained = 0
    for site, made in _decisions(services):
        told = explained_for_audit(services.means, site, made, "de")
        orjson.dumps(told)
        orjson.dumps(explanation(made, audit=False))
        head = made.record.positions["head"]
        assert all(position <= head for position in _events(told))
        outcome = made.decided.outcome
        assert len(told["steps"]) == len(made.decided.trace.steps)
        if isinstance(outcome, CartOutcome):
            applied = [step["rule_id"] for step in told["steps"] if step["applied"]]
            assert applied == [rule.rule_id for rule in outcome.applied]
        explained += 1
    services.close()
    assert explained == HELD[version]["decisions"] - HELD[version]["erased"]


def _decisions(services: Services) -> Iterator[tuple[Any, Made]]:
    """Every decision of every site that is not of a forgotten person."""
    for site in services.log.sites():
        for event in services.log.read(site, 0, READ_MAX, topics={TOPIC}, unseal=True):
            try:
                record = from_event(event)
            except Erased:
                continue
            yield site, remade(services.means, site, record, event.position)


def _events(told: Any) -> Iterator[int]:
    """The positions of all events that an explanation names."""
    if isinstance(told, dict):
        named = told.get("events")
        if isinstance(named, list) and all(isinstance(one, int) for one in named):
            yield from named
        for item in told.values():
            yield from _events(item)
    elif isinstance(told, list):
        for item in told:
            yield from _events(item)
