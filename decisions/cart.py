"""DecideCart: which discounts does this cart get? Recorded before it is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggregates.kernel.ids import SiteId
from aggregates.log import IdempotencyRow
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means

Once = Callable[[Made], IdempotencyRow | None]


def decide_cart(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, decides, records; with `dry_run` nothing is recorded and no id is given."""
    dry = bool(request.get("dry_run"))
    question = asked(means, site, request, request, keep=not dry)
    gathered = gather(means, question)
    assert gathered.cart is not None
    made = make(means, "cart", gathered, gathered.cart)
    return made if dry else recorded(means, site, made, question.owner, once(made))
