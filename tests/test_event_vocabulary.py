"""The vocabulary: every field of every event is open or sealed, never both, never neither."""

from __future__ import annotations

import re

import pytest

from aggregates.events import VOCABULARY
from aggregates.events import EventClass

PERSONAL = re.compile(r"(e?mail|phone|address|ip|user_agent|user_id|anonymous_id|traits|context)\Z")


@pytest.mark.parametrize("event", VOCABULARY.values(), ids=lambda event: event.topic)
def test_no_field_is_both_open_and_sealed(event: EventClass) -> None:
    assert not event.open & event.sealed


@pytest.mark.parametrize("event", VOCABULARY.values(), ids=lambda event: event.topic)
def test_no_open_field_has_a_name_that_says_it_is_personal(event: EventClass) -> None:
    assert not {name for name in event.open if PERSONAL.search(name)}


def test_a_topic_is_a_noun_and_a_past_verb() -> None:
    assert all(re.fullmatch(r"([A-Z][a-z]+){2,}ed", topic) for topic in VOCABULARY)
