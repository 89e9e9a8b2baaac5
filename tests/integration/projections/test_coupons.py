"""Coupon codes and their batches, as they are written with the event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aggregates.log import RecordedEvent
from projections import coupon_batches
from projections import coupons
from projections.coupon_batches import CouponBatches
from projections.coupons import Coupons
from projections.pinned import Pinned
from tests.projection_events import NOON
from tests.projection_events import SITE
from tests.projection_events import recorded

RULE = "rul_0000000001"
BATCH = "cpb_0000000001"
ERROR = {"code": "codes_exhausted", "detail": "ask for longer codes"}
LIMITS: dict[str, Any] = {"expires_at": None, "uses_max": 1, "customer_uses_max": None}


def asked(position: int, batch: str = BATCH) -> RecordedEvent:
    given: dict[str, Any] = {
        "kind": "generated",
        "spec": {"length": 8},
        "quantity": 3,
        "actor": "rk_1",
    }
    return recorded("CouponBatchAsked", position, None, batch=batch, rule_id=RULE, **given)


def added(position: int, version: int, codes: list[str], **more: Any) -> RecordedEvent:
    data = {"batch": BATCH, "rule_id": RULE, "codes": codes, **LIMITS, **more}
    return replace(recorded("CouponCodesAdded", position, None, **data), version=version)


def ended(position: int, version: int, **more: Any) -> RecordedEvent:
    data = {"batch": BATCH, "rule_id": RULE, "added": 3, "refused": 0, **more}
    return replace(recorded("CouponBatchEnded", position, None, **data), version=version)


def deleted(position: int, codes: list[str], rule: str = RULE) -> RecordedEvent:
    return recorded("CouponCodesDeleted", position, None, rule_id=rule, codes=codes, actor="rk_1")


@pytest.fixture
def fold(stores: Any) -> Callable[..., None]:
    """Folds events as the log's writer does: one unit, one transaction."""

    def folding(*events: RecordedEvent) -> None:
        with stores.log.begin() as connection:
            for projection in (CouponBatches(), Coupons()):
                own = [event for event in events if event.topic in projection.topics]
                for write in projection.fold(connection, SITE, own):
                    if write.rows:
                        connection.execute(write.statement, list(write.rows))

    return folding


@pytest.fixture
def found(stores: Any) -> Any:
    """`found(code keys)` reads as decisions do."""
    pinned = Pinned(stores.log)
    yield lambda *keys: coupons.find(pinned, SITE, keys)
    pinned.close()


def test_codes_are_found_by_their_keys_with_their_limits(fold: Any, found: Any) -> None:
    fold(asked(1), added(2, 2, ["AB-1", "AB-2"]), added(3, 3, ["AB-3"]))
    assert found("ab-1", "ab-3", "ab-4").keys() == {"ab-1", "ab-3"}
    one = found("ab-1")["ab-1"]
    assert (one.code, one.rule_id, one.batch, one.position) == ("AB-1", RULE, BATCH, 2)
    assert (one.uses_max, one.customer_uses_max, one.expires_at) == (1, None, None)
    assert found() == {}


def test_limits_may_stand_beside_each_code(fold: Any, found: Any) -> None:
    fold(asked(1), added(2, 2, ["A", "B"], uses_max=[5, None], expires_at=[None, NOON]))
    a, b = found("a", "b").values()
    assert (a.uses_max, a.expired(NOON)) == (5, False)
    assert (b.uses_max, b.expired(NOON), b.expired(NOON - 1)) == (None, True, False)


def test_a_deleted_code_is_gone_and_may_come_again(fold: Any, found: Any) -> None:
    fold(asked(1), added(2, 2, ["A", "B"]), deleted(3, ["A"]), deleted(4, ["B"], rule="another"))
    assert found("a", "b").keys() == {"b"}
    fold(added(5, 3, ["a"]))
    assert found("a")["a"].position == 5


def test_a_rule_has_its_codes_in_pages(fold: Any, stores: Any) -> None:
    fold(asked(1), added(2, 2, ["c", "A", "b"]))
    with stores.log.connect() as connection:
        page = coupons.of_rule(connection, SITE, RULE, "", 2)
        rest = coupons.of_rule(connection, SITE, RULE, page[-1].code_key, 2)
        assert coupons.of_rule(connection, SITE, "another", "", 2) == []
    assert [one.code for one in (*page, *rest)] == ["A", "b", "c"]


def test_a_batch_waits_runs_and_ends(fold: Any, stores: Any) -> None:
    def now() -> Any:
        with stores.log.connect() as connection:
            return coupon_batches.find(connection, SITE, BATCH)

    fold(asked(1))
    assert (now().status, now().spec, now().version) == ("waiting", {"length": 8}, 1)
    fold(added(2, 2, ["A"], refused=[[3, "coupon_taken", "B"]]))
    fold(added(3, 3, ["C", "D"], refused=[[7, "malformed_code", "x y"]]))
    assert (now().status, now().added, now().refused, now().version) == ("running", 3, 2, 3)
    assert [line for line, *_ in now().refusals] == [3, 7]
    with stores.log.connect() as connection:
        assert coupon_batches.open_batches(connection, SITE) == {BATCH: 3}
    fold(ended(4, 4))
    assert (now().status, now().ended_at, now().version) == ("succeeded", NOON, 4)
    with stores.log.connect() as connection:
        assert coupon_batches.oldest_open(connection, SITE) is None
        assert coupon_batches.next_number(connection, SITE) == 2


def test_a_batch_that_could_not_be_filled_has_failed(fold: Any, stores: Any) -> None:
    fold(asked(1), ended(2, 2, error=ERROR), asked(3, "cpb_0000000002"))
    with stores.log.connect() as connection:
        first = coupon_batches.find(connection, SITE, BATCH)
        assert first is not None
        assert (first.status, first.error) == ("failed", ERROR)
        following = coupon_batches.oldest_open(connection, SITE)
        assert following is not None
        assert following.id == "cpb_0000000002"
        assert coupon_batches.find(connection, SITE, "cpb_1") is None


def test_only_the_first_refused_rows_are_named(fold: Any, stores: Any) -> None:
    rows = [[line, "malformed_code", "x y"] for line in range(80)]
    fold(asked(1), added(2, 2, [], refused=rows), added(3, 3, [], refused=rows))
    with stores.log.connect() as connection:
        batch = coupon_batches.find(connection, SITE, BATCH)
    assert batch is not None
    assert (batch.refused, len(batch.refusals)) == (160, coupon_batches.REFUSALS_SHOWN)
