"""DecideContent: what does this slot show? Recorded before it is answered."""

from __future__ import annotations

from typing import Any

from aggregates.kernel.ids import SiteId
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import Once
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means
from decisions.questions import cart_of
from decisions.questions import content_question


def decide_content(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, decides, records; a dry run records nothing. `once(made)` is the row to keep for a
    repeated Idempotency-Key."""
    question = asked(means, site, request, cart_of("content", request))
    gathered = gather(means, question)
    made = make(means, "content", gathered, content_question(request, gathered.cart))
    if request.get("dry_run"):
        return made
    return recorded(means, site, made, question.owner, once(made))
