"""Why a page of a category looks as it does: whose strategy it is, which events counted, and what
moved each product."""

from __future__ import annotations

from typing import Any

from decisions.explain_content import reasons
from decisions.explain_model import counted_in
from decisions.explain_model import counts_of
from decisions.explain_model import model_told
from decisions.explaining import Explaining
from rulesets.answers import spoken
from rulesets.category import COUNTS
from rulesets.category_outcome import UNKNOWN_CATEGORY
from rulesets.category_outcome import CategoryOutcome
from rulesets.category_outcome import RankedItem
from rulesets.category_rankings import NONE
from rulesets.category_rankings import Chosen
from rulesets.headers import header
from rulesets.question import CategoryQuestion
from rulesets.ranked import base_score
from rulesets.retrieved import Found
from rulesets.retrieved import Retrieved
from rulesets.targeting import Shopper
from rulesets.targeting import because

Json = dict[str, Any]


def category_explained(asked: Explaining) -> Json:
    """`{ranking, events, items}`: the strategy and its model, what became of each event, and the
    behaviour and the hand behind each product."""
    outcome, found = _outcome(asked), _retrieved(asked)
    products = {one.sku: one for one in (*found.window, *found.named)}
    events = _events(asked)
    chosen = _chosen(asked)
    by_hand = {event["sku"]: event for event in events if "because" in event}
    counts: Any = {}
    if asked.evidence is not None and outcome.strategy != NONE:
        skus = [item.sku for item in outcome.items]
        counts = counts_of(asked.evidence, outcome.strategy, skus)
    items = []
    for item in outcome.items:
        told = _item(item, products[item.sku], chosen, found.highest)
        if item.sku in by_hand:
            told["by_hand"] = by_hand[item.sku]
        if item.sku in counts:
            told["evidence"] = _evidence(asked, item.sku, counts[item.sku])
        items.append(told)
    ranking = {
        "strategy": outcome.strategy,
        "rule_id": outcome.ranking,
        "inherited": outcome.inherited,
        "boost": chosen.boost,
        "highest_signal": found.highest,
        "model": model_told(asked),
    }
    return {"ranking": ranking, "events": events, "items": items}


def category_sentences(asked: Explaining, explained: Json) -> list[str]:
    """Whose order it is, with the log at hand the counts that moved products up, then one sentence
    for each event."""
    outcome, texts = _outcome(asked), asked.telling.messages
    told = [] if outcome.fallback == UNKNOWN_CATEGORY else [_order(asked)]
    counted = [item["evidence"]["detail"] for item in explained["items"] if "evidence" in item]
    if counted:
        told.append(texts.text("ranked.moved_up", products=texts.text("list.comma").join(counted)))
    if outcome.fallback is not None:
        told.append(texts.one_of("fallbacks", outcome.fallback, category=outcome.category))
    for event in _events(asked):
        effect, sku = event["effect"], event["sku"]
        if "code" in event:
            what = texts.one_of("effects_refused", effect, sku=sku)
            told.append(texts.one_of("events_refused", event["code"], what=what))
            continue
        place = min(event.get("position", 0), outcome.total)
        what = texts.one_of("effects", effect, sku=sku, position=place)
        why = reasons(asked, tuple(event["because"].items()))
        message = "ranked.event_because" if why else "ranked.event_for_all"
        told.append(texts.text(message, what=what, why=why))
    return told


def _item(item: RankedItem, found: Found, chosen: Chosen, highest: int) -> Json:
    """One product: its place by the catalogue alone, its score by behaviour alone, and in all."""
    told: Json = {
        "sku": item.sku,
        "position": item.position,
        "catalogue_place": found.place,
        "signal": found.signal,
        "base_score": base_score(chosen.boost, found.signal, highest),
        "score": item.score,
    }
    if found.last:
        told["behind_all"] = "out_of_stock"
    return told


def _evidence(asked: Explaining, sku: str, counts: Json) -> Json:
    """The counts behind a signal, as data and in words."""
    outcome, evidence = _outcome(asked), asked.evidence
    assert evidence is not None
    detail = asked.telling.messages.one_of("evidence", outcome.strategy, sku=sku, **counts)
    return {**counts, "detail": detail, "events": counted_in(evidence, outcome.strategy, sku)}


def _order(asked: Explaining) -> str:
    outcome, question, texts = _outcome(asked), asked.made.question, asked.telling.messages
    assert isinstance(question, CategoryQuestion)
    if not question.by_position:
        return texts.text("ranked.own_order")
    if outcome.ranking is None or outcome.strategy == NONE:
        return texts.text("ranked.no_strategy")
    return texts.text(
        "ranked.inherited" if outcome.inherited else "ranked.strategy",
        ranking=asked.telling.names.get(outcome.ranking, outcome.ranking),
        strategy=texts.one_of("strategies", outcome.strategy),
    )


def _events(asked: Explaining) -> list[Json]:
    """Each event of the ranking in its author's order."""
    outcome, made = _outcome(asked), asked.made
    shopper = Shopper.of(made.record.sources.facts, outcome.segments, outcome.rules)
    there = {one.sku for one in _retrieved(asked).named}
    authored = _chosen(asked).events if outcome.manual is not None else ()
    told = []
    for event, (effect, sku, code) in zip(authored, made.decided.trace.events, strict=True):
        one: Json = {"effect": effect, "sku": sku}
        if event.position:
            one["position"] = event.position
        if sku not in there:
            told.append({**one, "code": "not_in_results"})
        elif code == COUNTS:
            told.append({**one, "because": spoken(because(event.target, shopper))})
        else:
            told.append({**one, "code": code})
    return told


def _chosen(asked: Explaining) -> Chosen:
    """What ranked the category, if the request left it to the rankings."""
    made, outcome = asked.made, _outcome(asked)
    if outcome.ranking is None and outcome.manual is None:
        return Chosen()
    facts, at = made.record.sources.facts, made.record.decided_at
    store_view = header(facts, at, {}).store_view
    return made.compiled.rankings.chosen(outcome.category, store_view, at)


def _retrieved(asked: Explaining) -> Retrieved:
    found = asked.made.record.sources.retrieved
    assert isinstance(found, Retrieved)
    return found


def _outcome(asked: Explaining) -> CategoryOutcome:
    outcome = asked.made.decided.outcome
    assert isinstance(outcome, CategoryOutcome)
    return outcome
