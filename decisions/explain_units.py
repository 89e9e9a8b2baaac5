"""Why the units of a page show what they show: evidence, backups, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decisions.explain_model import counted_in
from decisions.explain_model import model_told
from decisions.explain_model import shares_of
from decisions.explaining import Explaining
from decisions.provenance import listed
from decisions.removed import removed_from
from decisions.unit_page import UnitPage
from decisions.unit_page import oldest_view
from decisions.unit_page import unit_page
from decisions.units_answer import evidence_of
from decisions.units_answer import score_of
from rulesets.unit_types import UNIT_TYPES
from rulesets.units_outcome import BACKUP
from rulesets.units_outcome import TOO_FEW
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitsOutcome

Json = dict[str, Any]
PERSONAL = frozenset({"purchased"})
"""What a candidate is left out for that tells of the shopper's past."""


def units_explained(asked: Explaining) -> Json:
    """`{model, units, dropped}`: each product with its evidence; candidates that a unit does not
    show, each with a code. With the log at hand also what the filters of a unit took away."""
    outcome = _outcome(asked)
    page = unit_page(asked.made.record.sources.request, asked.made.compiled.units)
    evidence = evidence_of(asked.made, audit=asked.audit)
    return {
        "model": model_told(asked),
        "units": [_unit(asked, unit, page, evidence) for unit in outcome.units],
        "dropped": [_drop(asked, *drop) for drop in _drops(asked)],
    }


def units_sentences(asked: Explaining, explained: Mapping[str, Any]) -> list[str]:
    """What each unit shows and why, then what was left out."""
    names, texts = asked.telling.names, asked.telling.messages
    evidence = evidence_of(asked.made, audit=asked.audit)
    told: list[str] = []
    for unit in _outcome(asked).units:
        told += _sentences(asked, unit, names[unit.unit_id], evidence)
    for unit_id, sku, code, by in _drops(asked):
        by_name = names[by] if by else ""
        told.append(texts.one_of("dropped", code, unit=names[unit_id], sku=sku, by=by_name))
    removed = (one for unit in explained["units"] for one in unit.get("removed", ()))
    return told + [one["detail"] for one in removed]


def _unit(
    asked: Explaining,
    shown: ShownUnit,
    page: UnitPage,
    evidence: Mapping[tuple[str, str, bool], Mapping[str, Any]],
) -> Json:
    unit = asked.made.compiled.units.by_name[shown.unit_id]
    told: Json = {
        "unit_id": unit.id,
        "name": unit.name,
        "type": unit.type.name,
        "readiness": shown.readiness,
    }
    for name, value in (("fallback", shown.fallback), ("code", shown.code)):
        if value is not None:
            told[name] = value
    told["items"] = [
        {"rank": rank, **_item(asked, shown, rank, page, evidence)}
        for rank in range(1, len(shown.items) + 1)
    ]
    if asked.evidence is not None and shown.code is None:
        removed = removed_from(asked.evidence, asked.made, unit, page)
        told["removed"] = [
            {
                **one,
                "detail": asked.telling.messages.one_of(
                    "removed", one["code"], unit=unit.name, sku=one["sku"]
                ),
            }
            for one in removed
        ]
    return told


def _item(
    asked: Explaining,
    shown: ShownUnit,
    rank: int,
    page: UnitPage,
    evidence: Mapping[tuple[str, str, bool], Mapping[str, Any]],
) -> Json:
    """One product: which type named it, on what evidence, and which events that is."""
    item = shown.items[rank - 1]
    is_backup = item.source == BACKUP
    of = _type(asked, shown, is_backup=is_backup)
    unit = asked.made.compiled.units.by_name[shown.unit_id]
    told: Json = {
        "sku": item.sku,
        "score": score_of(unit, shown, rank, audit=asked.audit),
        "source": item.source,
        "type": of,
        "because": evidence[shown.unit_id, item.sku, is_backup],
    }
    uses = UNIT_TYPES[of].uses
    if uses == "context":
        told["context"] = _context(page)
    log = asked.evidence
    if log is None:
        return told
    if uses == "views":
        settings, at = asked.made.compiled.settings, asked.made.record.decided_at
        views = log.viewed(item.sku, oldest_view(at, settings.history_days))
        return {**told, "events": {"own": listed(views)}}
    told["events"] = counted_in(log, of, item.sku)
    if uses == "context":
        told["shares"] = shares_of(log, of, item.sku, page.context)
    return told


def _context(page: UnitPage) -> list[Json]:
    """The products that neighbours were sought for: they come from the request."""
    if page.looked_at is not None and page.context == (page.looked_at,):
        return [{"sku": page.looked_at, "from": {"source": "request", "pointer": "/sku"}}]
    return [
        {"sku": sku, "from": {"source": "request", "pointer": f"/cart_skus/{at}"}}
        for at, sku in enumerate(page.in_cart)
        if sku not in page.in_cart[:at]
    ]


def _drop(asked: Explaining, unit_id: str, sku: str, code: str, by: str | None) -> Json:
    told: Json = {"unit_id": unit_id, "sku": sku, "code": code}
    if by:
        told["by"] = by
    if code in PERSONAL and asked.evidence is not None:
        told["events"] = {"own": listed(asked.evidence.bought(sku))}
    return told


def _drops(asked: Explaining) -> list[tuple[str, str, str, str | None]]:
    drops = asked.made.decided.trace.drops
    return [drop for drop in drops if asked.audit or drop[2] not in PERSONAL]


def _type(asked: Explaining, shown: ShownUnit, *, is_backup: bool) -> str:
    of = asked.made.compiled.units.by_name[shown.unit_id].type
    return str(of.backup) if is_backup else of.name


def _sentences(
    asked: Explaining,
    shown: ShownUnit,
    name: str,
    evidence: Mapping[tuple[str, str, bool], Mapping[str, Any]],
) -> list[str]:
    texts = asked.telling.messages
    if shown.code is not None:
        return [texts.one_of("units", shown.code, unit=name)]
    products = []
    for item in shown.items:
        is_backup = item.source == BACKUP
        because = evidence[shown.unit_id, item.sku, is_backup]
        of = _type(asked, shown, is_backup=is_backup)
        products.append(texts.one_of("evidence", of, sku=item.sku, **because))
    listing = texts.text("list.comma").join(products)
    told = [texts.one_of("units", "shows" if products else "nothing", unit=name, products=listing)]
    if shown.fallback is not None and (products or shown.fallback != TOO_FEW):
        count = sum(item.source == BACKUP for item in shown.items)
        rest = texts.text("units.with_backup" if count else "units.without_backup", count=count)
        told.append(texts.one_of("units", shown.fallback, unit=name, rest=rest))
    return told


def _outcome(asked: Explaining) -> UnitsOutcome:
    outcome = asked.made.decided.outcome
    assert isinstance(outcome, UnitsOutcome)
    return outcome
