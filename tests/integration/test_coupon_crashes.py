"""Batches of codes survive kill -9 between any two steps; on both databases, with processes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.coupon import ADDED
from aggregates.coupon import batch_stream
from aggregates.kernel.errors import InvalidInput
from aggregates.log import Append
from aggregates.ruleset import Ruleset
from aggregates.ruleset import stream_of
from app.commands.keys import issued_key
from app.config import Settings
from app.coupons import uploading
from app.coupons.asking import Author
from app.coupons.asking import ask_generated
from app.coupons.asking import ask_imported
from app.coupons.asking import batch_key
from app.coupons.filling import Filling
from app.coupons.reading import csv_of_rule
from app.coupons.uploading import upload
from app.doctor import uploads
from app.eventlog.application import collected
from app.wiring import Services
from app.wiring import build
from projections import coupon_batches
from rulesets.coupon_codes import Shape
from rulesets.coupon_codes import codes_of_chunk
from tests.coupon_processes import SITE
from tests.coupon_processes import fill
from tests.fakes import SettableClock
from tests.published import publish

ROOT = Path(__file__).parents[2]
RULE = "rul_0000000001"
AUTHOR = Author("rk_test", lambda status, body: None, None)
LOOK = {"quantity": 2_300, "length": 5, "format": "numeric"}


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(environment), SettableClock())
    issued_key(made, SITE, ("author",), "author")
    yield made
    made.close()


@pytest.fixture
def rule(services: Services, monkeypatch: pytest.MonkeyPatch) -> str:
    """A rule with a list of codes, whose body is no matter here."""
    monkeypatch.setattr("app.coupons.asking.rule_with_codes", lambda connection, site, name: name)
    publish(services.stores.log, SITE, cart_rules={})
    return RULE


def asked(services: Services, rule: str) -> tuple[str, str]:
    """A generated and an imported batch; half of the imported codes are there twice."""
    generated, _ = ask_generated(services, SITE, rule, LOOK, AUTHOR)
    text = "code\n" + "".join(f"I{number % 900}\n" for number in range(1_800))
    uploaded = upload(services, SITE, rule, io.BytesIO(text.encode()))
    imported, _ = ask_imported(services, SITE, rule, uploaded, AUTHOR)
    return generated["batch"], imported["batch"]


def found(services: Services, batch: str) -> coupon_batches.Batch:
    with services.stores.log.connect() as connection:
        one = coupon_batches.find(connection, SITE, batch)
    assert one is not None
    return one


def codes(services: Services) -> list[str]:
    text = "".join(csv_of_rule(services, SITE, RULE))
    return [row["code"] for row in csv.DictReader(io.StringIO(text))]


def in_the_log(services: Services, batch: str) -> list[str]:
    events = services.log.read_stream(SITE, batch_stream(SITE, batch))
    assert [event.version for event in events] == list(range(1, len(events) + 1))
    return [code for event in events if event.topic == ADDED for code in event.data["codes"]]


def test_a_job_killed_at_any_step_makes_no_code_twice_and_misses_none(
    services: Services, rule: str, database_url: str, tmp_path: Path
) -> None:
    generated, imported = asked(services, rule)
    arguments = [sys.executable, "-m", "tests.coupon_processes", database_url, str(tmp_path)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, timeout=300)
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert [killed for killed, _ in ends] == [True] * (len(ends) - 1) + [False]
    assert ends[-1] == [False, 0]
    assert len(ends) > 4
    first, second = found(services, generated), found(services, imported)
    assert (first.status, first.added) == ("succeeded", 2_300)
    assert (second.status, second.added, second.refused) == ("succeeded", 900, 900)
    made = in_the_log(services, generated)
    sent = in_the_log(services, imported)
    assert (len(set(made)), len(set(sent))) == (2_300, 900)
    assert sorted(codes(services)) == sorted(made + sent)


def test_a_chunk_made_again_is_the_one_in_the_log(services: Services, rule: str) -> None:
    batch, _ = asked(services, rule)
    before = found(services, batch)
    fill(services)
    key = batch_key(services, SITE, before)
    shape = Shape(before.spec["length"], "numeric")
    again = [
        code
        for chunk in (1, 2, 3)
        for code in codes_of_chunk(shape, 2_300, chunk, key, lambda keys: ())
    ]
    assert again == in_the_log(services, batch)


def test_of_two_that_fill_at_once_each_chunk_is_added_by_one(services: Services, rule: str) -> None:
    batch, _ = asked(services, rule)
    one, other = Filling(services, SITE), Filling(services, SITE)
    while (turn := one.next()) is not None:
        one.step(turn)
        other.step(turn)  # as whoever read the batch before that
        now = other.next()
        if now is not None:
            other.step(now)
    assert len(in_the_log(services, batch)) == 2_300
    assert len(codes(services)) == 3_200


def test_a_chunk_is_judged_anew_when_a_rule_was_published_meanwhile(
    services: Services, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = asked(services, rule)
    stream = stream_of(SITE)
    filling = Filling(services, SITE)
    chunk = Filling._chunk

    def published_meanwhile(self: Filling, turn: coupon_batches.Batch) -> Any:
        made = chunk(self, turn)
        if turn.version == 1 and not services.log.read_stream(SITE, stream):
            events, expect = collected(SITE, Ruleset.opened(SITE))
            services.log.append(Append(SITE, tuple(events), expect))
        return made

    monkeypatch.setattr(Filling, "_chunk", published_meanwhile)
    turn = filling.next()
    assert turn is not None
    filling.step(turn)
    assert found(services, batch).version == 1
    filling.step(turn)
    assert found(services, batch).version == 2


def test_a_stream_that_breaks_off_leaves_nothing(services: Services, rule: str) -> None:
    rows = b"code\n" + b"".join(b"I%d\n" % number for number in range(2_500))

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if data := super().read(size):
                return data
            raise InvalidInput([])

    head = services.log.head(SITE).position
    with pytest.raises(InvalidInput):
        upload(services, SITE, rule, Broken(rows))
    assert services.log.head(SITE).position == head
    assert imported_whole(services, rule, rows)


def test_rows_whose_writer_was_killed_are_told_and_have_no_effect(
    services: Services, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = b"code\n" + b"".join(b"I%d\n" % number for number in range(2_500))
    keep = uploading._keep

    def killed(*given: Any) -> None:
        if given[3].chunks == 2:
            raise KeyboardInterrupt
        keep(*given)

    with monkeypatch.context() as dying:
        dying.setattr(uploading, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            upload(services, SITE, rule, io.BytesIO(rows))
    assert Filling(services, SITE).next() is None
    fill(services)
    assert codes(services) == []
    (told,) = uploads.of_coupons(services, SITE)
    assert (told.wrong, "2 events of coupon uploads" in told.what) == (False, True)
    assert imported_whole(services, rule, rows)
    assert [*uploads.of_coupons(services, SITE)] == [told]


def imported_whole(services: Services, rule: str, rows: bytes) -> bool:
    uploaded = upload(services, SITE, rule, io.BytesIO(rows))
    batch, _ = ask_imported(services, SITE, rule, uploaded, AUTHOR)
    fill(services)
    done = found(services, batch["batch"])
    return (done.status, done.added, done.refused, len(codes(services))) == (
        "succeeded",
        2_500,
        0,
        2_500,
    )
