"""Revisions of a site, as an aggregate."""

from __future__ import annotations

from dataclasses import replace

from aggregates.kernel.canonical import digest
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import Ruleset
from aggregates.ruleset import digest_of_entries

SITE = SiteId("shop")
TEN = Entry("cart-rules", "rul_0000000001", "ten", 1, "d1")
ALL = Entry("segments", "seg_0000000001", None, 1, "d2")


def test_a_site_that_never_published_has_revision_0_of_nothing() -> None:
    ruleset = Ruleset.opened(SITE)
    assert (ruleset.revision, ruleset.revision_digest) == (0, digest([]))


def test_each_act_is_the_next_revision() -> None:
    ruleset = Ruleset.opened(SITE)
    ruleset.publish([TEN, ALL], [], "key", "both")
    ruleset.publish([replace(TEN, paused=True)], [("segments", ALL.id)], "key", None)
    assert ruleset.revision == 2
    assert list(ruleset.entries.values()) == [replace(TEN, paused=True)]
    assert ruleset.version == 3, "the stream begins with its opening"


def test_the_digest_is_of_the_list_and_not_of_the_way_to_it() -> None:
    one, other = Ruleset.opened(SITE), Ruleset.opened(SITE)
    one.publish([TEN, ALL], [], "key", None)
    other.publish([ALL], [], "somebody", "else")
    other.publish([TEN], [], "somebody", None)
    assert one.revision_digest == other.revision_digest == digest_of_entries(one.entries)
    other.publish([replace(TEN, ends_at=1)], [], "key", None)
    assert one.revision_digest != other.revision_digest


def test_a_restored_ruleset_goes_on_where_it_was() -> None:
    known = Ruleset.opened(SITE)
    known.publish([TEN], [], "key", None)
    restored = Ruleset.restored(SITE, 1, known.revision_digest, known.entries.values())
    for ruleset in (known, restored):
        ruleset.publish([ALL], [], "key", None)
    assert (known.version, known.revision_digest) == (restored.version, restored.revision_digest)
    assert known.pending_events[-1].changes == restored.pending_events[-1].changes  # type: ignore[attr-defined]
