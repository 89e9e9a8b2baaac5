"""Why a page of a category looks as it does: whose strategy it is, and which events counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decisions.made import Made
from decisions.phrases import AND
from decisions.phrases import EFFECTS
from decisions.phrases import EFFECTS_REFUSED
from decisions.phrases import EVENTS_REFUSED
from decisions.phrases import FALLBACKS
from decisions.phrases import RANKED
from decisions.phrases import REASONS
from decisions.phrases import STRATEGIES
from rulesets.category import COUNTS
from rulesets.category_outcome import UNKNOWN_CATEGORY
from rulesets.category_outcome import CategoryOutcome
from rulesets.category_rankings import NONE
from rulesets.category_rankings import RankingEvent
from rulesets.headers import header
from rulesets.question import CategoryQuestion
from rulesets.retrieved import Retrieved
from rulesets.targeting import Shopper
from rulesets.targeting import because


def category_explained(made: Made) -> dict[str, Any]:
    """`{events, items}`: what became of each event, and the behaviour behind each product."""
    outcome = _outcome(made)
    found = made.record.sources.retrieved
    assert isinstance(found, Retrieved)
    signals = {one.sku: one.signal for one in (*found.window, *found.named)}
    items = [
        {"sku": item.sku, "position": item.position, "signal": signals[item.sku]}
        for item in outcome.items
    ]
    return {"events": _events(made), "items": items}


def category_sentences(made: Made, names: Mapping[str, str]) -> list[str]:
    """Whose order it is, then one sentence for each event."""
    outcome = _outcome(made)
    told = [] if outcome.fallback == UNKNOWN_CATEGORY else [_order(made, names)]
    if outcome.fallback is not None:
        told.append(FALLBACKS[outcome.fallback].format(category=outcome.category))
    for event in _events(made):
        if "code" in event:
            what = EFFECTS_REFUSED[event["effect"]].format(sku=event["sku"])
            told.append(EVENTS_REFUSED[event["code"]].format(what=what))
            continue
        place = min(event.get("position", 0), outcome.total)
        what = EFFECTS[event["effect"]].format(sku=event["sku"], position=place)
        why = [
            REASONS[kind].format(names.get(id_, id_))
            for kind, id_ in event["because"].items()
            if kind in REASONS
        ]
        sentence = RANKED["event_because" if why else "event_for_all"]
        told.append(sentence.format(what=what, why=AND.join(why)))
    return told


def _order(made: Made, names: Mapping[str, str]) -> str:
    outcome, question = _outcome(made), made.question
    assert isinstance(question, CategoryQuestion)
    if not question.by_position:
        return RANKED["own_order"]
    if outcome.ranking is None or outcome.strategy == NONE:
        return RANKED["no_strategy"]
    return RANKED["inherited" if outcome.inherited else "strategy"].format(
        ranking=names.get(outcome.ranking, outcome.ranking), strategy=STRATEGIES[outcome.strategy]
    )


def _events(made: Made) -> list[dict[str, Any]]:
    """Each event of the ranking in its author's order."""
    outcome = _outcome(made)
    shopper = Shopper.of(made.record.sources.facts, outcome.segments, outcome.rules)
    told = []
    fates = made.decided.trace.events
    found = made.record.sources.retrieved
    assert isinstance(found, Retrieved)
    there = {one.sku for one in found.named}
    for event, (effect, sku, code) in zip(_authored(made), fates, strict=True):
        one: dict[str, Any] = {"effect": effect, "sku": sku}
        if event.position:
            one["position"] = event.position
        if sku not in there:
            told.append({**one, "code": "not_in_results"})
        elif code == COUNTS:
            told.append({**one, "because": dict(because(event.target, shopper))})
        else:
            told.append({**one, "code": code})
    return told


def _authored(made: Made) -> tuple[RankingEvent, ...]:
    outcome = _outcome(made)
    if outcome.manual is None:
        return ()
    facts, at = made.record.sources.facts, made.record.decided_at
    store_view = header(facts, at, {}).store_view
    return made.compiled.rankings.chosen(outcome.category, store_view, at).events


def _outcome(made: Made) -> CategoryOutcome:
    outcome = made.decided.outcome
    assert isinstance(outcome, CategoryOutcome)
    return outcome
