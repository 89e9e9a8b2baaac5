"""The cart rules of a site in the shape of Adobe's `/V1/salesRules/search`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine

from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import PAGE_LIMIT_MAX
from app.adobe_rules.importing import KIND
from app.adobe_rules.importing import shop_of
from app.adobe_rules.names import Names
from app.adobe_rules.report import RuleReport
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import Shop
from app.adobe_rules.writing import adobe_id
from app.adobe_rules.writing import coupon_of
from app.adobe_rules.writing import rule_of
from projections import definition_reads
from projections import revisions
from projections.definition_reads import Stored

Json = dict[str, Any]


@dataclass(slots=True)
class Exported:
    """Rules and coupons as Adobe says them, and the report of each rule."""

    rules: list[Json] = field(default_factory=list)
    coupons: list[Json] = field(default_factory=list)
    reports: list[RuleReport] = field(default_factory=list)


def export_rules(
    engine: Engine, site: SiteId, names: Names, *, drafts: bool, with_coupons: bool
) -> Exported:
    """What is live, or with `drafts` the newest of everything that is not archived, in the order
    of creation: rules of equal priority keep their order when Adobe numbers them anew."""
    exported = Exported()
    with engine.connect() as connection:
        shop = shop_of(connection, site, names)
        for stored, body in _bodies(connection, site, drafts=drafts):
            _export(stored, body, shop, exported, with_coupons=with_coupons)
    return exported


def as_search(items: list[Json]) -> Json:
    """The answer that a search would give."""
    return {"items": items, "search_criteria": {"filter_groups": []}, "total_count": len(items)}


def _export(
    stored: Stored, body: Json, shop: Shop, exported: Exported, *, with_coupons: bool
) -> None:
    telling = Telling()
    if stored.starts_at is not None or stored.ends_at is not None:
        detail = "the schedule that it was published with"
        telling.leave_out("", "no_form_in_adobe", detail)
    coupon = coupon_of(body, telling) if with_coupons else None
    if body["coupon"].get("code") and not with_coupons:
        telling.leave_out(
            "/coupon/code", "no_form_in_adobe", "its code stands in a file of coupons"
        )
    live = stored.live_version is not None and not stored.paused
    rule = rule_of(body, shop, telling, active=live)
    outcome = "refused" if telling.refused else "exported"
    report = RuleReport(body["name"], outcome, telling, adobe_id(stored.key), stored.id)
    exported.reports.append(report)
    if not telling.refused:
        exported.rules.append(rule)
        exported.coupons += [coupon] if coupon else []


def _bodies(connection: Connection, site: SiteId, *, drafts: bool) -> Iterator[tuple[Stored, Json]]:
    after = ""
    while page := definition_reads.listed(connection, site, KIND, after, PAGE_LIMIT_MAX):
        after = page[-1].id
        present = [one for one in page if not one.archived]
        if drafts:
            digests = {one.id: one.digest for one in present}
        else:
            live = {
                (KIND, one.id): one.live_version for one in present if one.live_version is not None
            }
            found = definition_reads.digests(connection, site, live)
            digests = {name: digest for (_, name), digest in found.items()}
        bodies = revisions.bodies(connection, site, set(digests.values()))
        for one in present:
            if one.id in digests:
                yield one, bodies[digests[one.id]]
