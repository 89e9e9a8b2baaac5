"""Drafts of cart rules from a file of Adobe Commerce, each under a key of its own.

The same file again changes nothing; a newer one saves other bodies in the same drafts. What is
live stays as it is until somebody publishes.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.ids import SiteId
from app.adobe_rules.coupons import tell_taken
from app.adobe_rules.names import Names
from app.adobe_rules.reading import Coupon
from app.adobe_rules.reading import SalesRule
from app.adobe_rules.report import RuleReport
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import Body
from app.adobe_rules.rules import Shop
from app.adobe_rules.rules import body_of
from app.adobe_rules.rules import is_elsewhere
from app.authoring.drafts import Drafts
from app.authoring.preconditions import Condition
from projections import definition_reads
from projections import sites

KIND = "cart-rules"
ACTOR = "rationale import"
_ANY_VERSION = Condition(None, required=False)


@dataclass(frozen=True, slots=True)
class Source:
    """What was read of Adobe: rules, the coupons of each, and what its ids are called here."""

    rules: Sequence[SalesRule]
    coupons: Mapping[int, Sequence[Coupon]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)


def import_rules(
    drafts: Drafts,
    site: SiteId,
    source: Source,
    heard: Callable[[int], None] = lambda done: None,
    *,
    note: str | None = None,
) -> list[RuleReport]:
    """Drafts what can be drafted, and says why; the report of each rule, in the order of their
    ids."""
    with drafts.engine.connect() as connection:
        shop = shop_of(connection, site, source.names, source.rules)
    reports = []
    codes: dict[str, int] = {}
    for done, rule in enumerate(source.rules, 1):
        telling = Telling()
        report = RuleReport(rule.name, "skipped", telling, rule.rule_id)
        if is_elsewhere(rule, shop):
            detail = f"it is of websites {', '.join(rule.website_ids)} alone"
            telling.note(f"{rule.pointer}/website_ids", "another_website", detail)
        else:
            body = body_of(rule, source.coupons.get(rule.rule_id, ()), shop, telling)
            tell_taken(rule, body["coupon"], codes, telling)
            _save(drafts, site, body, rule.pointer, report, note=note)
        reports.append(report)
        heard(done)
    return reports


def shop_of(
    connection: Connection, site: SiteId, names: Names, rules: Sequence[SalesRule] = ()
) -> Shop:
    """What numbers mean for a site. Without a names file, the one website of all rules is it."""
    websites = frozenset(number for number, name in names.websites.names.items() if name == site)
    if names.websites and not websites:
        raise InvalidValue("name_missing", f"no website of the names file is {site!r}")
    if not names.websites:
        of_rules = frozenset(number for rule in rules for number in rule.website_ids)
        websites = of_rules if len(of_rules) == 1 else frozenset()
    return Shop(names, websites, sites.get(connection, site).settings.tax_basis)


def _save(
    drafts: Drafts, site: SiteId, body: Body, pointer: str, report: RuleReport, *, note: str | None
) -> None:
    """Saves a body as `PUT /v1/cart-rules/{key}` does, with what that refuses in the report."""
    report.outcome = "refused"
    if report.telling.refused:
        return
    key = str(body["key"])
    with drafts.engine.connect() as connection:
        before = definition_reads.find(connection, site, KIND, key)
    try:
        done = drafts.put(
            site,
            KIND,
            key,
            body,
            actor=ACTOR,
            condition=_ANY_VERSION,
            once=lambda status, view: None,
            note=note,
        )
    except (InvalidInput, Conflict) as error:
        report.telling.refuse_for(pointer, error)
        return
    report.id = done.view["id"]
    if before is None:
        report.outcome = "drafted"
    else:
        report.outcome = "unchanged" if done.view["version"] == before.saved else "updated"
