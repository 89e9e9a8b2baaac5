"""The segments that a person was in, by the revision and the settings of that time.

Without a request nobody knows a cart, a country or an audience: segments that read any of these are
told apart, with what they read, and not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.kernel.ids import SiteId
from decisions.as_of import AsOf
from decisions.catalogue_of_log import CatalogueOfLog
from decisions.gather import Known
from decisions.gather import facts_of
from decisions.means import Means
from decisions.rules_as_of import compiled_as_of
from decisions.shopper import History
from decisions.shopper import ProductsOf
from decisions.shopper import wanted_rows
from projections.days import local_day
from projections.days import zone_named
from projections.snapshot import Wanted
from rulesets.compiled import CompiledRevision
from rulesets.judge import Judge
from rulesets.language import Needs
from rulesets.membership import assign_segments
from rulesets.segments import GROUP
from rulesets.segments import Segment

Json = dict[str, Any]
_ALL_PERCENT = 100
_OF_REQUEST = ("cart.", "context.", "line.", "shopper.audiences")


@dataclass(frozen=True, slots=True)
class Memberships:
    """The segments of a moment, and what they need to know of a person."""

    compiled: CompiledRevision
    needs: Needs
    wanted: Wanted
    zone: ZoneInfo
    then: AsOf
    products_of: ProductsOf

    @classmethod
    def of(cls, means: Means, site: SiteId, then: AsOf) -> Memberships:
        """By the revision that decided then. All of a person's profile and orders are wanted, for
        whoever shows them beside the segments."""
        compiled = compiled_as_of(means, site, then.position)
        zone = zone_named(compiled.settings.time_zone)
        needs = Needs()
        for segment in compiled.segments.values():
            needs |= segment.needs
        rows = wanted_rows(needs, local_day(then.at, zone))
        wanted = Wanted(profile=True, orders=True, events=rows.events, first_day=rows.first_day)
        products_of = partial(CatalogueOfLog(means.log, site).at, then.position)
        return cls(compiled, needs, wanted, zone, then, products_of)

    def told(self, known: History, registered: bool) -> Json:
        """Members, and those that cannot be told without a request."""
        compiled, open_ones = self.compiled, self._open()
        request: Json = {"shopper": {"customer_id": ""}} if registered else {}
        asked = Known(request, None, {}, known, self.then.at, self.products_of)
        facts = facts_of(self.needs, compiled.settings, asked)
        blocked = compiled.blocked_segments(self.then.at, facts.currency)
        members = assign_segments(compiled, facts, blocked, Judge(0, _ALL_PERCENT))
        return {
            "revision": compiled.revision,
            "members": [self._named(name) for name in members if name not in open_ones],
            "not_told": [
                {**self._named(name), "reads": reads}
                for name, reads in sorted(open_ones.items())
                if name not in blocked
            ],
        }

    def _named(self, segment_id: str) -> Json:
        definition = self.compiled.definitions["segments", segment_id]
        name = self.compiled.segments[segment_id].name
        return {"id": segment_id, "key": definition.key, "name": name}

    def _open(self) -> dict[str, list[str]]:
        """Segments that read a request, themselves or through segments that they name."""
        segments = self.compiled.segments
        reads = {name: _read_of_request(segment) for name, segment in segments.items()}
        for stratum in self.compiled.segment_strata:  # named ones stand in levels before
            for name, _ in stratum.rules:
                for inner in segments[name].names & reads.keys():
                    reads[name] |= reads[inner]
        return {name: sorted(found) for name, found in reads.items() if found}


def _read_of_request(segment: Segment) -> set[str]:
    found = {
        name for name in segment.needs.values if name.startswith(_OF_REQUEST) and name != GROUP
    }
    return found | segment.needs.lines
