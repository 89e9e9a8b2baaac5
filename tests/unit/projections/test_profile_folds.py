"""A profile is first seen at its earliest event, and a trait is its newest value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.clock import DAY
from aggregates.log import RecordedEvent
from projections.profiles import Profile
from projections.profiles import combined
from projections.profiles import fold
from tests.projection_events import NOON
from tests.projection_events import recorded
from tests.projection_events import viewed


def _identified(position: int, at: int = NOON, trust: str = "server", **traits: Any) -> Any:
    return recorded("ShopperIdentified", position, at=at, trust=trust, traits=traits)


def _profile(*events: RecordedEvent) -> Profile:
    profile: Profile | None = None
    for event in events:
        profile = fold(profile, event)
    assert profile is not None
    return profile


def test_first_seen_is_the_earliest_event_also_when_it_arrives_late() -> None:
    profile = _profile(viewed(1, "x"), viewed(2, "x", at=NOON - DAY), viewed(3, "x"))

    assert profile.first_seen_at == NOON - DAY


def test_an_event_that_changes_nothing_leaves_the_same_profile() -> None:
    profile = _profile(viewed(1, "x"))

    assert fold(profile, viewed(2, "x", at=NOON + 1)) is profile


def test_a_trait_is_the_value_that_occurred_last() -> None:
    profile = _profile(
        _identified(1, at=NOON, city="Kiel"),
        _identified(2, at=NOON - DAY, city="Bonn", vip=True),
    )

    assert profile.values() == {"city": "Kiel", "vip": True}


def test_of_two_values_of_one_moment_the_later_recorded_holds() -> None:
    assert _profile(_identified(1, a=1), _identified(2, a=2)).values() == {"a": 2}


def test_null_unsets_a_trait_and_an_older_value_does_not_bring_it_back() -> None:
    profile = _profile(_identified(1, vip=None), _identified(2, at=NOON - DAY, vip=True))

    assert profile.values() == {}


def test_traits_that_a_client_claims_are_not_kept() -> None:
    assert _profile(_identified(1, trust="client", vip=True)).values() == {}


def test_traits_of_an_erased_event_are_gone_and_its_moment_is_not() -> None:
    profile = _profile(recorded("ShopperIdentified", 1))

    assert (profile.first_seen_at, profile.values()) == (NOON, {})


def test_a_group_message_sets_the_customer_group() -> None:
    grouped = recorded("ShopperGrouped", 1, group_id="wholesale", traits={"plan": "x"})

    assert _profile(grouped).values() == {"customer_group": "wholesale"}


_EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 9))),
    min_size=1,
    max_size=12,
)


@given(_EVENTS, st.integers(0, 11))
def test_a_person_combined_of_parts_equals_the_person_never_parted(
    told: list[tuple[int, str, int | None]], cut: int
) -> None:
    events = [
        _identified(position, at=NOON + at, **{name: value})
        for position, (at, name, value) in enumerate(told, start=1)
    ]
    parts = [_profile(*part) for part in (events[:cut], events[cut:]) if part]

    assert combined(parts) == _profile(*events)
    assert combined(reversed(parts)) == _profile(*events)


def test_nobody_has_no_profile() -> None:
    assert combined([]) is None
