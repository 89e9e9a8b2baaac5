"""Every process decides by the newest revision, and finds old ones for replays."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from app.authoring import compiling
from app.authoring import revisions
from app.authoring.revisions import RevisionCache
from app.config import Settings
from app.database import Stores
from app.database import open_stores
from app.edge import min_position
from projections.revisions import live
from tests.authors import RULE
from tests.authors import Author

SITE = SiteId("shop")


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[RevisionCache]:
    """The cache of another process."""
    stores: Stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    cache = RevisionCache(stores)
    yield cache
    cache.close()
    stores.close()


def test_revision_0_holds_nothing(author: Author) -> None:
    compiled = author.services.revisions.current(SITE)
    assert (compiled.revision, dict(compiled.definitions)) == (0, {})


def test_another_process_sees_a_revision_as_soon_as_it_is_committed(
    author: Author, elsewhere: RevisionCache
) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    for number, verb in enumerate(("publish", "pause", "resume"), 1):
        author.made("POST", f"/v1/cart-rules/ten/{verb}")
        assert elsewhere.current(SITE).revision == number


def test_settings_hold_from_the_next_decision_on(author: Author, elsewhere: RevisionCache) -> None:
    before = elsewhere.current(SITE)
    author.made("PUT", "/v1/site", {"time_zone": "Asia/Tokyo"})
    after = elsewhere.current(SITE)
    assert (before.settings.time_zone, after.settings.time_zone) == ("UTC", "Asia/Tokyo")


def test_nothing_is_compiled_twice(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    calls = []
    compile_revision = compiling.compile_revision

    def counted(*args: object, **kwargs: object) -> object:
        calls.append(args[1])
        return compile_revision(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(compiling, "compile_revision", counted)
    cache = author.services.revisions
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: cache.current(SITE), range(32)))
    assert len({id(one) for one in found}) == 1
    assert calls == [1]
    assert cache.get(SITE, 1) is found[0]
    assert cache.get(SITE, 0) is cache.get(SITE, 0)
    assert calls == [1, 0]


def test_an_old_revision_is_what_it_was(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    changed = {**RULE, "name": "Other", "action": {"type": "percent", "amount": "20"}}
    author.made("PUT", "/v1/cart-rules/ten", changed, If_Match='"1"')
    author.publish(("cart-rules", "ten"))
    author.made("POST", "/v1/cart-rules/ten/archive")
    cache = author.services.revisions
    names = [[rule.name for rule in cache.get(SITE, n).rules.values()] for n in range(4)]
    assert names == [[], ["Ten percent"], ["Other"], []]
    digests = {cache.get(SITE, number).digest for number in range(4)}
    assert len(digests) == 3, "an empty revision is an empty revision"


def test_old_revisions_are_read_under_the_settings_given(author: Author) -> None:
    cache = author.services.revisions
    settings = replace(cache.current(SITE).settings, max_coupons=7)
    given = cache.get(SITE, 0, settings)
    assert given.settings.max_coupons == 7
    assert cache.get(SITE, 0, settings) is given
    for number in range(revisions.PAST_MAX):
        cache.get(SITE, 0, replace(settings, max_coupons=10 + number))
    assert cache.get(SITE, 0, settings) is not given, "only the last few are kept"


def test_a_revision_that_is_not_there_yet_is_waited_for(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(min_position, "MIN_POSITION_WAIT_S", 0.05)
    cache = author.services.revisions
    with pytest.raises(Unavailable):
        cache.at_least(SITE, 1)
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    assert cache.at_least(SITE, 1).revision == 1


def test_a_site_or_revision_that_never_was_is_not_found(author: Author) -> None:
    with pytest.raises(NotFound):
        author.services.revisions.current(SiteId("nowhere"))
    with pytest.raises(NotFound):
        author.services.revisions.get(SITE, 99)


def test_what_is_read_since_the_last_revision_makes_the_whole(
    author: Author, elsewhere: RevisionCache
) -> None:
    def same(number: int) -> None:
        known = elsewhere.get(SITE, number).definitions
        with author.services.stores.log.connect() as connection:
            whole = live(connection, SITE, number)
        assert sorted(known.values(), key=repr) == sorted(whole, key=repr)

    elsewhere.current(SITE)
    for key in ("one", "two", "three"):
        author.made("PUT", f"/v1/cart-rules/{key}", RULE)
    author.publish(("cart-rules", "one"), ("cart-rules", "two"))
    same(1)
    author.made("PUT", "/v1/cart-rules/one", {**RULE, "name": "Other"}, If_Match="*")
    author.publish(("cart-rules", "one"), ("cart-rules", "three"))
    author.made("POST", "/v1/cart-rules/two/archive")
    author.made("POST", "/v1/cart-rules/three/pause")
    for number in (4, 3, 2, 1, 0):
        same(number)
