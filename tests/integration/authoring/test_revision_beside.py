"""A large revision is compiled beside the requests: what they are decided by meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.site import SiteSettings
from app.authoring import compiling
from app.authoring import renewing
from app.authoring import revisions
from app.authoring.revisions import RevisionCache
from app.config import Settings
from app.database import open_stores
from app.edge import min_position
from rulesets.compiled import CompiledRevision
from rulesets.steps import unbroken
from tests.authors import CART
from tests.authors import RULE
from tests.authors import Author

SITE = SiteId("shop")
LONG_S = 30.0
TWENTY = {**RULE, "action": {"type": "percent", "amount": "20"}}


class Compiling:
    """Compiles in the background only when a test lets it."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.done = threading.Event()
        self.begun = threading.Event()
        self.fails = False
        self._compile = compiling.compile_revision

    def __call__(self, *args: Any, rest: Callable[[], None], **named: Any) -> CompiledRevision:
        if rest is unbroken:
            return self._compile(*args, rest=rest, **named)
        self.begun.set()
        while not self.let.wait(0.002):
            rest()
        if self.fails:
            self.done.set()
            raise ValueError("for this test")
        compiled = self._compile(*args, rest=rest, **named)
        self.done.set()
        return compiled


@pytest.fixture
def background(monkeypatch: pytest.MonkeyPatch) -> Iterator[Compiling]:
    """Every revision counts as a large one, and stays young for long."""
    held = Compiling()
    monkeypatch.setattr(revisions, "COMPILED_AT_ONCE_MAX", 0)
    monkeypatch.setattr(revisions, "REVISION_AGE_MAX_S", LONG_S)
    monkeypatch.setattr(compiling, "compile_revision", held)
    yield held
    held.let.set()


@pytest.fixture
def changed(author: Author, background: Compiling) -> dict[str, Any]:
    """A rule of 10 percent decides; one of 20 percent was just published."""
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    author.services.revisions.current(SITE)
    assert author.discount() == "10.00"
    author.made("PUT", "/v1/cart-rules/ten", TWENTY, If_Match="*")
    return author.publish(("cart-rules", "ten"))


def decided(author: Author, **wanted: Any) -> dict[str, Any]:
    return author.made("POST", "/v1/decisions/cart", {**CART, **wanted})


def settle_elsewhere(author: Author) -> int:
    """Another process changes a setting."""
    stream, log = stream_id(SITE, "site", SITE), author.services.log
    data = {"settings": SiteSettings(max_coupons=3).to_json(), "actor": "test"}
    event = NewEvent(stream, None, "SiteSettingsChanged", data)
    return log.append(Append(SITE, (event,))).log_position


def test_requests_go_on_by_the_revision_that_they_have(
    author: Author, background: Compiling, changed: dict[str, Any]
) -> None:
    former = decided(author)
    assert (former["revision"], former["totals"]["discount"]) == (1, "10.00")
    background.let.set()
    new = decided(author, min_revision=changed["revision"])
    assert (new["revision"], new["totals"]["discount"]) == (2, "20.00")


def test_a_decision_by_the_former_revision_replays(
    author: Author, background: Compiling, changed: dict[str, Any]
) -> None:
    settled = settle_elsewhere(author)
    former = decided(author)
    background.let.set()
    decided(author, min_revision=changed["revision"])
    for source in ("recorded", "from_log"):
        told = author.made(
            "POST", f"/v1/decisions/{former['decision_id']}/replay", {"mode": source}
        )
        assert told["identical"], told
        assert told["revision"] == 1
        assert told["positions"]["settings"] < settled <= told["positions"]["head"]


@pytest.mark.parametrize("wanted", ["min_revision", "min_position"])
def test_who_asks_for_the_new_one_waits_for_it(
    author: Author,
    background: Compiling,
    changed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
) -> None:
    least = {"min_revision": 2, "min_position": changed["log_position"]}[wanted]
    monkeypatch.setattr(min_position, "MIN_POSITION_WAIT_S", 0.05)
    problem = author.refused(503, "POST", "/v1/decisions/cart", {**CART, wanted: least})
    assert problem["code"] == "not_caught_up"
    monkeypatch.setattr(min_position, "MIN_POSITION_WAIT_S", LONG_S)
    background.let.set()
    assert decided(author, **{wanted: least})["revision"] == 2


def test_a_position_before_the_publish_is_known_already(
    author: Author, background: Compiling, changed: dict[str, Any]
) -> None:
    before = changed["log_position"] - 2
    assert decided(author, min_position=before)["revision"] == 1
    assert author.services.revisions.known_to(SITE) < changed["log_position"]


def test_a_position_after_the_settings_changed_waits_for_them(
    author: Author, background: Compiling, changed: dict[str, Any]
) -> None:
    settled = settle_elsewhere(author)
    cache = author.services.revisions
    assert cache.known_to(SITE) < settled
    background.let.set()
    assert background.done.wait(LONG_S)
    assert cache.current(SITE).settings.max_coupons == 3


def test_what_is_too_old_is_waited_for(
    author: Author,
    background: Compiling,
    changed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert decided(author)["revision"] == 1
    monkeypatch.setattr(revisions, "REVISION_AGE_MAX_S", 0.0)
    background.let.set()
    assert decided(author)["revision"] == 2


def test_content_goes_on_too(author: Author, background: Compiling) -> None:
    block = {"name": "B", "types": ["content"], "priority": 1}
    author.made("PUT", "/v1/dynamic-blocks/b", {**block, "content": {"html": "old"}})
    slot = {"name": "S", "key": "s", "source": "specified", "rotation": "all", "blocks": ["b"]}
    author.made("PUT", "/v1/slots/s", slot)
    author.publish(("dynamic-blocks", "b"), ("slots", "s"))
    author.services.revisions.current(SITE)
    first = author.call("GET", "/v1/content/s")
    author.made("PUT", "/v1/dynamic-blocks/b", {**block, "content": {"html": "new"}}, If_Match="*")
    position = author.publish(("dynamic-blocks", "b"))["log_position"]
    meanwhile = author.call("GET", "/v1/content/s")
    assert meanwhile.headers["ETag"] == first.headers["ETag"]
    background.let.set()
    after = author.call("GET", f"/v1/content/s?min_position={position}")
    assert after.json["blocks"][0]["content"] == {"html": "new"}
    assert after.headers["ETag"] != first.headers["ETag"]


def test_what_cannot_be_compiled_is_told_to_who_waits_for_it(
    author: Author,
    background: Compiling,
    changed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    background.fails = True
    background.let.set()
    assert decided(author)["revision"] == 1
    assert background.done.wait(LONG_S)
    assert decided(author)["revision"] == 1
    background.fails = False
    assert author.services.revisions.current(SITE).revision == 2


def test_a_process_without_traffic_sees_a_publish(
    author: Author, settings: Settings, background: Compiling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "LOOK_EVERY_S", 0.01)
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    elsewhere = RevisionCache(stores)
    background.let.set()
    try:
        elsewhere.begin()
        author.made("PUT", "/v1/cart-rules/ten", RULE)
        background.done.clear()
        author.publish(("cart-rules", "ten"))
        assert background.done.wait(LONG_S)
    finally:
        elsewhere.close()
        stores.close()


def test_a_process_that_ends_gives_up_what_it_compiles(
    author: Author, background: Compiling, changed: dict[str, Any]
) -> None:
    decided(author)
    assert background.begun.wait(LONG_S)
    author.services.revisions.close()
    assert not background.done.is_set()
    assert "revisions" not in {thread.name for thread in threading.enumerate()}


def test_a_process_begins_where_there_are_no_tables_yet(tmp_path: Any) -> None:
    given = Settings.from_environment({"RATIONALE_DATA_DIR": str(tmp_path)})
    stores = open_stores(given.database_url, given.keys_url, given.data_dir)
    cache = RevisionCache(stores)
    cache.begin()
    cache.close()
    stores.close()
