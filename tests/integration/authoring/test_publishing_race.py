"""Authors who publish at the same moment, in threads and in processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aggregates.kernel.errors import Conflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Appended
from app.authoring.acts import Act
from app.authoring.publishing import Published
from app.authoring.publishing import Publishing
from app.authoring.publishing import Request
from app.config import Settings
from app.eventlog.log import SqlEventLog
from app.verifying.log import verify
from tests.authors import RULE
from tests.authors import Author
from tests.integration.authoring import publisher

SITE = SiteId("shop")
EACH = 5


def test_two_processes_that_publish_at_once_both_succeed(
    author: Author, settings: Settings, database_url: str
) -> None:
    said = _together(settings, database_url)
    numbers = sorted(int(number) for lines in said for number in lines)
    assert numbers == list(range(1, 2 * EACH + 1)), "each act is its own revision, none is lost"
    entries = author.made("GET", f"/v1/rulesets/{2 * EACH}")["entries"]
    assert {entry["key"] for entry in entries} == {
        f"{name}-{number}" for name in ("one", "two") for number in range(EACH)
    }
    ids = [item["id"] for item in author.made("GET", "/v1/cart-rules")["items"]]
    assert ids == [f"rul_{number:010}" for number in range(1, 2 * EACH + 1)]
    compiled = author.services.revisions.current(SITE)
    assert (compiled.revision, len(compiled.rules)) == (2 * EACH, 2 * EACH)
    verify(author.services.stores.log, SITE)


def test_of_two_processes_that_publish_one_code_one_is_refused(
    author: Author, settings: Settings, database_url: str
) -> None:
    said = _together(settings, database_url, "codes")
    numbers = sorted(int(word) for words in said for word in words if word != "coupon_taken")
    assert numbers == list(range(1, EACH + 1)), "each code goes live once"
    entries = author.made("GET", f"/v1/rulesets/{EACH}")["entries"]
    codes = [
        author.made("GET", f"/v1/cart-rules/{entry['id']}")["body"]["coupon"]["code"]
        for entry in entries
    ]
    assert sorted(code.lower() for code in codes) == [f"code-{number}" for number in range(EACH)]


def _together(settings: Settings, database_url: str, *more: str) -> list[list[str]]:
    """What two publishers say that begin at the same moment."""
    arguments = [str(settings.data_dir), database_url]
    processes = [
        subprocess.Popen(
            [sys.executable, publisher.__file__, *arguments, name, str(EACH), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=100)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    return said


def test_threads_of_one_process_draft_and_publish_at_once(author: Author) -> None:
    def one(number: int) -> int:
        key = f"r{number}"
        author.made("PUT", f"/v1/cart-rules/{key}", RULE)
        revision: int = author.made("POST", f"/v1/cart-rules/{key}/publish")["revision"]
        return revision

    with ThreadPoolExecutor(8) as threads:
        revisions = list(threads.map(one, range(16)))
    assert sorted(revisions) == list(range(1, 17))


def test_a_key_is_given_to_one_of_many(author: Author) -> None:
    def one(number: int) -> int:
        return author.call("POST", "/v1/cart-rules", {**RULE, "key": "ten"}).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(one, range(8)))
    assert sorted(statuses) == [201] + [409] * 7


class Interrupted:
    """A log before whose next append another author acts."""

    def __init__(self, log: SqlEventLog, act: Callable[[], object]) -> None:
        self._log = log
        self._acts = [act]

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def append(self, unit: Append) -> Appended:
        if self._acts:
            self._acts.pop()()
        return self._log.append(unit)


def _interrupted(author: Author, act: Callable[[], object]) -> tuple[Published, int]:
    services = author.services
    log = Interrupted(services.log, act)
    publishing = Publishing(
        services.stores.log,
        services.stores.read,
        log,  # type: ignore[arg-type]
        services.clock,
        services.revisions,
    )
    wish = Act("publish", "cart-rules", "ten", "")
    return publishing.publish(SITE, Request([wish], "actor"), lambda published: None)


def test_another_revision_in_between_is_judged_again(author: Author) -> None:
    for key in ("ten", "other"):
        author.made("PUT", f"/v1/cart-rules/{key}", RULE)
    published, _ = _interrupted(author, lambda: author.publish(("cart-rules", "other")))
    assert published.revision == 2
    assert len(author.made("GET", "/v1/rulesets/2")["entries"]) == 2


def test_other_settings_in_between_are_judged_by(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    published, _ = _interrupted(
        author, lambda: author.made("PUT", "/v1/site", {"base_currency": "EUR"})
    )
    assert published.settings.base_currency == "EUR"


def test_the_same_definition_changed_in_between_is_a_conflict(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    body = {**RULE, "priority": 11}
    with pytest.raises(Conflict) as caught:
        _interrupted(author, lambda: author.made("PUT", "/v1/cart-rules/ten", body, If_Match='"1"'))
    assert caught.value.code == "definition_changed"
    assert author.made("GET", "/v1/cart-rules/ten")["status"] == "draft"
