"""DecideCart: which discounts does this cart get? Recorded before it is answered."""

from __future__ import annotations

from typing import Any

from aggregates.kernel.ids import SiteId
from decisions.anew import anew
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import Once
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means
from decisions.questions import cart_question


@anew
def decide_cart(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, decides, records; a dry run records nothing. `once(made)` is the row to keep for a
    repeated Idempotency-Key.

    A cart of nobody has a key of its own: who redeems it later may be forgotten with it."""
    question = asked(means, site, request, cart_question(request))
    gathered = gather(means, question)
    assert gathered.cart is not None
    made = make(means, "cart", gathered, gathered.cart)
    if request.get("dry_run"):
        return made
    owner = question.owner or means.pseudonyms.nobody(site)
    return recorded(means, site, made, owner, once(made))
