"""DecideContent: what does this slot show? Recorded before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggregates.kernel.ids import SiteId
from aggregates.log import IdempotencyRow
from decisions.again import question_of
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means

Once = Callable[[Made], IdempotencyRow | None]


def decide_content(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, decides, records; with `dry_run` nothing is recorded and no id is given."""
    dry = bool(request.get("dry_run"))
    question = asked(means, site, request, request.get("cart"), keep=not dry)
    gathered = gather(means, question)
    made = make(means, "content", gathered, question_of("content", gathered.sources))
    return made if dry else recorded(means, site, made, question.owner, once(made))
