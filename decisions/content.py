"""DecideContent: what does this slot show? Recorded before it is answered."""

from __future__ import annotations

from typing import Any

from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from decisions.anew import anew
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import Once
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means
from decisions.questions import cart_of
from decisions.questions import content_question
from decisions.turns import next_turn

_ATTEMPTS = 50


@anew
def decide_content(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, decides, records; a dry run records nothing. `once(made)` is the row to keep for a
    repeated Idempotency-Key."""
    question = asked(means, site, request, cart_of("content", request))
    for _ in range(_ATTEMPTS):
        gathered = gather(means, question)
        turn = next_turn(means, question, gathered.compiled.slot(request["slot"]))
        made = make(means, "content", gathered, content_question(request, gathered.cart, turn))
        if request.get("dry_run"):
            return made
        try:
            return recorded(means, site, made, question.owner, once(made))
        except DuplicateEvent:  # the same shopper asked this slot at the same moment
            continue
    raise Unavailable("contended", "too many requests ask this slot for one shopper at once")
