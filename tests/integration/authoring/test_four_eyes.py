"""Four eyes: where a site asks for it, nothing is published before another author approved it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aggregates.kernel.ids import SiteId
from tests.authors import RULE
from tests.authors import Author

SITE = SiteId("shop")


@pytest.fixture(autouse=True)
def careful(author: Author) -> None:
    """A site that asks for four eyes, with a saved rule."""
    author.made("PUT", "/v1/site", {"name": "Shop", "approval": "four_eyes"})
    author.made("PUT", "/v1/cart-rules/ten", RULE)


def _proposed(author: Author, **more: Any) -> dict[str, Any]:
    wanted = {"publish": [{"kind": "cart-rules", "id": "ten"}], **more}
    answer = author.call("POST", "/v1/rulesets", wanted)
    assert answer.status_code == 202, answer.json
    assert answer.headers["Location"] == f"/v1/proposals/{answer.json['proposal_id']}"
    found: dict[str, Any] = answer.json
    return found


def test_a_proposal_decides_nothing_until_another_author_approves(
    author: Author, colleague: Author
) -> None:
    proposal = _proposed(author, note="spring")
    assert (proposal["status"], proposal["proposed_by"]) == ("waiting", author.key_id)
    assert author.discount() == "0.00"

    path = f"/v1/proposals/{proposal['proposal_id']}"
    closed = colleague.made("POST", f"{path}/approve", {"note": "looks right"})
    assert (closed["status"], closed["revision"]) == ("approved", 1)
    assert author.discount() == "10.00"
    shown = colleague.made("GET", path)
    assert (shown["closed_by"], shown["closing_note"]) == (colleague.key_id, "looks right")
    revision = author.made("GET", "/v1/rulesets/1")
    assert (revision["published_by"], revision["note"]) == (author.key_id, "spring")


def test_the_proposer_cannot_approve(author: Author) -> None:
    path = f"/v1/proposals/{_proposed(author)['proposal_id']}"

    assert author.refused(403, "POST", f"{path}/approve")["code"] == "own_proposal"
    assert author.discount() == "0.00"


def test_what_is_approved_is_what_was_proposed(author: Author, colleague: Author) -> None:
    path = f"/v1/proposals/{_proposed(author)['proposal_id']}"
    later = {**RULE, "action": {"type": "percent", "amount": "90"}}
    author.made("PUT", "/v1/cart-rules/ten", later, If_Match='"1"')

    colleague.made("POST", f"{path}/approve")
    assert author.discount() == "10.00", "a later draft is not part of the proposal"


@pytest.mark.parametrize("verb", ["resume", "archive"])
def test_of_another_version_than_was_proposed_nothing_is_approved(
    author: Author, colleague: Author, verb: str
) -> None:
    def agreed(proposal: dict[str, Any]) -> None:
        colleague.made("POST", f"/v1/proposals/{proposal['proposal_id']}/approve")

    agreed(_proposed(author))
    author.made("POST", "/v1/cart-rules/ten/pause")
    old = author.made("POST", f"/v1/cart-rules/ten/{verb}")
    assert old["acts"][0]["version"] == 1
    later = {**RULE, "action": {"type": "percent", "amount": "90"}}
    author.made("PUT", "/v1/cart-rules/ten", later, If_Match='"1"')
    agreed(_proposed(author))
    author.made("POST", "/v1/cart-rules/ten/pause")

    problem = colleague.refused(409, "POST", f"/v1/proposals/{old['proposal_id']}/approve")
    assert problem["code"] == "definition_changed"
    assert author.made("GET", "/v1/cart-rules/ten")["status"] == "paused"


def test_an_approver_sees_what_would_change(author: Author, colleague: Author) -> None:
    first = _proposed(author)
    colleague.made("POST", f"/v1/proposals/{first['proposal_id']}/approve")
    edited = {**RULE, "action": {"type": "percent", "amount": "20"}}
    author.made("PUT", "/v1/cart-rules/ten", edited, If_Match='"1"')

    shown = colleague.made("GET", f"/v1/proposals/{_proposed(author)['proposal_id']}")
    assert shown["differences"] == [
        {
            "kind": "cart-rules",
            "id": shown["acts"][0]["id"],
            "act": "publish",
            "changes": [{"path": "/action/amount", "before": "10", "after": "20"}],
        }
    ]


@pytest.mark.parametrize("verb", ["publish", "resume", "archive"])
def test_single_routes_propose_too(author: Author, colleague: Author, verb: str) -> None:
    if verb != "publish":
        first = _proposed(author)
        colleague.made("POST", f"/v1/proposals/{first['proposal_id']}/approve")
    if verb == "resume":
        author.made("POST", "/v1/cart-rules/ten/pause")
    answer = author.call("POST", f"/v1/cart-rules/ten/{verb}")

    assert (answer.status_code, answer.json["acts"][0]["act"]) == (202, verb)


def test_pausing_waits_for_nobody(author: Author, colleague: Author) -> None:
    first = _proposed(author)
    colleague.made("POST", f"/v1/proposals/{first['proposal_id']}/approve")

    assert author.made("POST", "/v1/cart-rules/ten/pause")["status"] == "paused"
    assert author.discount() == "0.00"


def test_what_could_not_be_published_is_not_proposed(author: Author) -> None:
    segments = {"attribute": "shopper.segments", "operator": "contains", "value": "nobody"}
    author.made("PUT", "/v1/cart-rules/odd", {**RULE, "conditions": segments})

    problem = author.refused(422, "POST", "/v1/cart-rules/odd/publish")
    assert problem["errors"][0]["code"] == "reference_not_live"


def test_a_proposal_that_became_wrong_is_refused_and_still_waits(
    author: Author, colleague: Author
) -> None:
    path = f"/v1/proposals/{_proposed(author)['proposal_id']}"
    author.made("PUT", "/v1/site", {"name": "Shop"})
    author.made("DELETE", "/v1/cart-rules/ten", If_Match='"1"')

    problem = colleague.refused(422, "POST", f"{path}/approve")
    assert problem["errors"][0]["code"] == "definition_unknown"
    assert author.made("GET", path)["status"] == "waiting"


def test_it_ends_once(author: Author, colleague: Author) -> None:
    path = f"/v1/proposals/{_proposed(author)['proposal_id']}"
    assert colleague.refused(403, "POST", f"{path}/withdraw")["code"] == "not_own_proposal"
    author.made("POST", f"{path}/withdraw", {"note": "not yet"})

    for verb in ("approve", "reject"):
        problem = colleague.refused(409, "POST", f"{path}/{verb}")
        assert problem["code"] == "proposal_closed"
    assert author.discount() == "0.00"


def test_of_many_who_approve_at_once_one_does(author: Author, colleague: Author) -> None:
    path = f"/v1/proposals/{_proposed(author)['proposal_id']}"

    def approve(_: int) -> int:
        return colleague.call("POST", f"{path}/approve").status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(approve, range(4))) == [200, 409, 409, 409]
    assert len(author.made("GET", "/v1/rulesets")["items"]) == 1


def test_proposals_are_listed(author: Author, colleague: Author) -> None:
    first, second = _proposed(author), _proposed(author, note="again")
    colleague.made("POST", f"/v1/proposals/{first['proposal_id']}/reject", {"note": "no"})
    author.services.follower.catch_up(SITE)

    waiting = colleague.made("GET", "/v1/proposals")["items"]
    assert [one["proposal_id"] for one in waiting] == [second["proposal_id"]]
    everything = colleague.made("GET", "/v1/proposals?status=all")["items"]
    assert [one["status"] for one in everything] == ["waiting", "rejected"]
    missing = colleague.refused(404, "GET", "/v1/proposals/prp_0")
    assert missing["code"] == "proposal_unknown"


def test_of_many_who_end_what_is_so_already_one_does(author: Author, colleague: Author) -> None:
    first, *same = [f"/v1/proposals/{_proposed(author)['proposal_id']}" for _ in range(5)]
    colleague.made("POST", f"{first}/approve")

    def end(path: str) -> str:
        answer = colleague.call("POST", path)
        return "done" if answer.status_code == 200 else answer.json["code"]

    with ThreadPoolExecutor(4) as pool:
        for path in same:
            ends = pool.map(end, [f"{path}/{verb}" for verb in ["approve", "reject", "approve"]])
            assert sorted(ends) == ["done"] + ["proposal_closed"] * 2


def test_an_approval_of_what_is_so_already_closes_it(author: Author, colleague: Author) -> None:
    one, same = _proposed(author), _proposed(author)
    for proposal in (one, same):
        closed = colleague.made("POST", f"/v1/proposals/{proposal['proposal_id']}/approve")
        assert closed["revision"] == 1
