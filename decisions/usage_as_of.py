"""How much of limits was used as of a position of the log: the sum of all that moved by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.money import DIGITS
from aggregates.kernel.money import format_money
from decisions.as_of import AsOf
from decisions.codes_of_log import CodesOfLog
from decisions.means import Means
from decisions.uses_of_log import UsesOfLog
from projections.coupons import Coupon
from projections.coupons import uses_counter
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import coupon_key
from rulesets.compiled import CompiledRevision
from rulesets.coupon_codes import malformed
from rulesets.usage import CAMPAIGN_SPENT
from rulesets.usage import CAMPAIGN_USES
from rulesets.usage import COUPON_USES
from rulesets.usage import SPENT

Json = dict[str, Any]
_CUSTOMER, _CAMPAIGN, _RULE = "customer", "campaign", "rule"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked for; without anything, all. A person is a set of pseudonyms."""

    rule_id: str | None = None
    campaign: str | None = None
    coupon: str | None = None
    person: frozenset[str] | None = None

    def has(self, counter: Counted) -> bool:
        """Whether a counter is one of them."""
        code = coupon_key(self.coupon) if self.coupon is not None else None
        return (
            (self.rule_id is None or counter.subject == f"rule/{self.rule_id}")
            and (self.campaign is None or counter.subject == f"campaign/{self.campaign}")
            and (code is None or counter.subject == f"coupon/{code}")
            and (self.person is None or counter.person in self.person)
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """A counter taken apart. `name` is that of rulesets/usage.py; `currency` only of money."""

    key: str
    subject: str
    name: str
    person: str | None = None
    currency: str | None = None

    @classmethod
    def of(cls, key: str) -> Counted:
        """`rule/<id>/<name>`, `rule/<id>/spent/<currency>`, the same of a campaign or coupon, and
        `customer/<pseudonym>/` before it. A code or a campaign may hold slashes itself."""
        parts, person, currency = key.split("/"), None, None
        if parts[0] == _CUSTOMER:
            person, parts = parts[1], parts[2:]
        if parts[-2] == SPENT and parts[-1] in DIGITS:
            currency = parts.pop()
        return cls(key, "/".join(parts[:-1]), parts[-1], person, currency)


def usage_as_of(means: Means, site: SiteId, then: AsOf) -> dict[str, int]:
    """Every counter that had moved, without what reservations held that were over by then."""
    return UsesOfLog(means.log, site).at(then.position, then.at)


def told_usage(compiled: CompiledRevision, counter: Counted, used: int) -> Json:
    """A counter with its limit by that revision; null where there is none."""
    most = _most(compiled, counter)
    money = counter.currency
    return {
        "subject": counter.subject,
        "name": counter.name,
        "person": counter.person,
        "currency": money,
        "used": used if money is None else format_money(used, money),
        "most": most if money is None or most is None else format_money(most, money),
    }


def coupon_as_of(
    means: Means, site: SiteId, compiled: CompiledRevision, code: str, then: AsOf
) -> tuple[CartRule | Coupon, int]:
    """The rule that a code stood in, or the generated code, with its uses; NotFound if no rule had
    it then."""
    key = coupon_key(code)
    used = usage_as_of(means, site, then)
    for rule in compiled.rules_by_coupon.get(key, ()):
        return rule, used.get(f"rule/{rule.id}/{COUPON_USES}", 0)
    if not malformed(code):
        today = means.reads.coupons(site, [key])
        found = CodesOfLog(means.log, site).at(then.position, [key], today).get(key)
        if found is not None:
            return found, used.get(uses_counter(key), 0)
    raise NotFound("coupon_unknown", "no coupon of this site had this code then")


def counters(used: Mapping[str, int], subject: Subject) -> list[Counted]:
    """The counters that are asked for, by name."""
    found = [Counted.of(key) for key in sorted(used)]
    return [counter for counter in found if subject.has(counter)]


def _most(compiled: CompiledRevision, counter: Counted) -> int | None:
    kind, _, name = counter.subject.partition("/")
    for rule in compiled.rules.values():
        limits = rule.limits
        if limits is None:
            continue
        if kind == _RULE and rule.id == name:
            return limits.most_of(counter.name, counter.currency or "")
        if kind == _CAMPAIGN and limits.campaign == name:
            of = CAMPAIGN_SPENT if counter.currency is not None else CAMPAIGN_USES
            return limits.most_of(of, counter.currency or "")
    return None
