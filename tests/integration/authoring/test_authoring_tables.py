"""The tables and the log say the same: an aggregate from either is the same."""

from __future__ import annotations

from aggregates.definition import Definition
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Ruleset
from aggregates.ruleset import stream_of
from app.eventlog.application import load
from projections import definition_reads
from projections import revisions
from tests.authors import RULE
from tests.authors import SEGMENT
from tests.authors import Author

SITE = SiteId("shop")
_OF_THE_LIBRARY = {"_created_on", "_modified_on", "_pending_events"}


def _state(aggregate: object) -> dict[str, object]:
    return {name: value for name, value in vars(aggregate).items() if name not in _OF_THE_LIBRARY}


def test_definitions_and_rulesets_read_from_rows_equal_those_of_the_log(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.made("PUT", "/v1/segments/all", SEGMENT)
    author.publish(("cart-rules", "ten"), ("segments", "all"))
    author.made("PUT", "/v1/cart-rules/ten", {**RULE, "priority": 3}, If_Match='"1"')
    author.made("POST", "/v1/cart-rules/ten/pause")
    author.made("POST", "/v1/segments/all/archive")
    author.made("POST", "/v1/cart-rules/ten/publish", {"starts_at": "2030-01-01T00:00:00Z"})
    services = author.services
    with services.stores.log.connect() as connection:
        for place in (("cart-rules", "ten"), ("segments", "all")):
            stored = definition_reads.get(connection, SITE, *place).definition(SITE)
            assert _state(stored) == _state(load(services.log, SITE, Definition, stored.id))
        number, digest = revisions.current_revision(connection, SITE)
        entries = revisions.entries(connection, SITE, number)
    ruleset = Ruleset.restored(SITE, number, digest, entries)
    assert _state(ruleset) == _state(load(services.log, SITE, Ruleset, stream_of(SITE)))


def test_bodies_are_stored_once(author: Author) -> None:
    for key in ("a", "b"):
        author.made("POST", "/v1/segments", SEGMENT)
        author.made("PUT", f"/v1/segments/{key}", SEGMENT)
    with author.services.stores.log.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM definition_bodies").scalar()
    assert count == 3, "a key is part of a body"


def test_every_revision_can_be_read_from_the_rows_with_its_digest(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    for verb in ("publish", "pause", "resume", "archive", "publish"):
        author.made("POST", f"/v1/cart-rules/ten/{verb}")
    with author.services.stores.log.connect() as connection:
        for number in range(1, 6):
            stored = revisions.find(connection, SITE, number)
            ruleset = load(
                author.services.log, SITE, Ruleset, stream_of(SITE), upto=stored.position
            )
            assert ruleset is not None
            assert ruleset.revision_digest == stored.digest
            held = revisions.entries(connection, SITE, number)
            assert list(ruleset.entries.values()) == held
