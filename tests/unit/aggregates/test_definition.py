"""The lifecycle of a definition, as an aggregate."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.definition import Definition
from aggregates.definition import id_of
from aggregates.definition import number_of
from aggregates.events import VOCABULARY
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId

SITE = SiteId("shop")
TELLING: dict[str, Any] = {"revision": 1, "actor": "key", "note": None}


def _draft(key: str | None = None) -> Definition:
    return Definition.drafted(
        SITE,
        definition="rul_0000000001",
        kind="cart-rules",
        key=key,
        body={"name": "x"},
        digest="d1",
        actor="key",
        note=None,
    )


def _published() -> Definition:
    definition = _draft()
    definition.publish(1, None, None, **TELLING)
    return definition


def test_an_edit_counts_a_version_and_leaves_the_live_one() -> None:
    definition = _published()
    definition.revise(None, {"name": "y"}, "d2", "key")
    assert (definition.saved, definition.live_version, definition.digest) == (2, 1, "d2")


def test_only_a_version_that_was_saved_can_be_published() -> None:
    definition = _draft()
    for version in (0, 2):
        with pytest.raises(NotFound):
            definition.publish(version, None, None, **TELLING)
    assert not definition.is_live


def test_a_key_can_be_given_once() -> None:
    definition = _draft()
    definition.revise("ten", {}, "d2", "key")
    for other in ("eleven", None):
        with pytest.raises(Conflict):
            definition.revise(other, {}, "d3", "key")


def test_only_what_is_live_is_paused_resumed_or_archived() -> None:
    archived = _published()
    archived.archive(**TELLING)
    for definition in (_draft(), archived):
        for act in (definition.pause, definition.resume, definition.archive):
            with pytest.raises(Conflict):
                act(**TELLING)


def test_publishing_brings_back_what_was_archived_or_paused() -> None:
    definition = _published()
    definition.pause(**TELLING)
    definition.publish(1, None, None, **TELLING)
    assert definition.is_live
    assert not definition.paused
    definition.archive(**TELLING)
    definition.publish(1, None, None, **TELLING)
    assert definition.is_live


def test_what_was_published_is_never_deleted_and_what_was_deleted_is_gone() -> None:
    with pytest.raises(Conflict):
        _published().delete("key")
    definition = _draft("ten")
    definition.delete("key")
    assert definition.key is None
    with pytest.raises(NotFound):
        definition.revise("ten", {}, "d2", "key")
    with pytest.raises(NotFound):
        definition.publish(1, None, None, **TELLING)


def test_every_event_is_of_the_vocabulary_with_its_fields() -> None:
    definition = _published()
    definition.revise("ten", {}, "d2", "key")
    definition.pause(**TELLING)
    definition.resume(**TELLING)
    definition.archive(**TELLING)
    deleted = _draft()
    deleted.delete("key")
    base = {"originator_id", "originator_version", "timestamp", "originator_topic"}
    for event in (*definition.pending_events, *deleted.pending_events):
        known = VOCABULARY[type(event).__name__]
        assert set(vars(event)) - base == known.open


def test_ids_sort_in_order_of_creation() -> None:
    ids = [id_of("slots", number) for number in (1, 9, 10, 99, 100_000)]
    assert ids == sorted(ids)
    assert [number_of(one) for one in ids] == [1, 9, 10, 99, 100_000]
