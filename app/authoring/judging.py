"""Whether a revision may be made: all that is asked of it as a whole, before anything is written.

For a publish and for the candidate of a simulation alike, so that what could be simulated can be
published. Drawn apart are only the codes of coupons, which other writers may take meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from aggregates.site import SiteSettings
from app.authoring import soundness
from app.authoring import specific_codes
from app.authoring.acts import Act
from app.authoring.campaigns import check_campaigns
from app.authoring.ranked_categories import check_rankings
from app.authoring.rule_groups import KIND
from app.authoring.rule_groups import check_groups
from app.authoring.soundness import Trial
from app.authoring.specific_codes import Codes
from app.authoring.units_of_pages import check_units
from projections import revisions
from projections.revisions import Body


@dataclass(frozen=True, slots=True)
class Proposed:
    """A revision as it would be. `published` and `resumed` say where in the request each new
    entry stands; `bodies` are those of all entries by digest."""

    published: Mapping[Place, Act]
    leaving: Collection[Place]
    before: Mapping[Place, Entry]
    after: Mapping[Place, Entry]
    bodies: Mapping[str, Body]
    resumed: Mapping[Place, Act] = field(default_factory=dict)


def judge(proposed: Proposed, settings: SiteSettings, trial: Trial) -> Codes:
    """Raises what is wrong with it, but for coupons: the specific codes that go live with it are
    returned."""
    published, after, bodies = proposed.published, proposed.after, proposed.bodies
    soundness.check_numbers(after)
    soundness.check_bodies(published, after, bodies, settings)
    soundness.check_references(published, proposed.leaving, proposed.before, after, bodies)
    live = {
        place: revisions.live_definition(entry, bodies[entry.digest])
        for place, entry in after.items()
    }
    if any(kind == "segments" for kind, _ in published):
        soundness.check_segments(published, live.values(), settings)
    check_groups(published, live.values())
    check_campaigns(published, live.values())
    check_rankings(published, live.values())
    check_units(published, live.values())
    specific_codes.check_specific(_entering(proposed), live.values())
    trial.check(published, live, settings)
    return specific_codes.codes_of(published, after, bodies)


def _entering(proposed: Proposed) -> dict[str, str]:
    """The cart rules that go live or come back, each with where its code is at fault; not those
    that were so already."""
    acts = ((proposed.published, "/body/coupon/code"), (proposed.resumed, "/id"))
    return {
        id_: f"{act.pointer}{at}"
        for named, at in acts
        for (kind, id_), act in named.items()
        if kind == KIND and proposed.before.get((kind, id_)) != proposed.after[kind, id_]
    }
