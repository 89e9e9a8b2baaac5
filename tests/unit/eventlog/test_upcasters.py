"""Old shapes of events are read as new ones."""

from __future__ import annotations

from aggregates.events import VOCABULARY
from aggregates.upcasters import UPCASTERS
from aggregates.upcasters import upcast


def test_an_old_event_passes_through_every_version_since() -> None:
    upcasters = {
        ("SiteOpened", 1): lambda data: {"title": data["name"]},
        ("SiteOpened", 2): lambda data: {**data, "zone": "UTC"},
    }
    newest = {"title": "a shop", "zone": "UTC"}
    assert upcast("SiteOpened", 1, {"name": "a shop"}, upcasters) == newest
    assert upcast("SiteOpened", 3, newest, upcasters) is newest


def test_every_version_that_was_left_behind_has_an_upcaster() -> None:
    for event in VOCABULARY.values():
        for version in range(1, event.version):
            assert (event.topic, version) in UPCASTERS
