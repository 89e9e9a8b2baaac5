"""The explanation of a recorded cart decision, events included, against the empty route."""

from __future__ import annotations

import tempfile
from itertools import cycle
from pathlib import Path

from tests.bench import loads
from tests.bench.ratio import of_asking
from tests.bench.report import Row
from tests.bench.server import serving

RULES = 100
FIRING = 5
AT_MOST = 60.0
"""An auditor waits for it, no shopper does: it may cost ten times its decision."""


def run() -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        client = server.client
        loads.publish(server, RULES, FIRING)
        loads.history(server)
        made = [client.call("POST", "/v1/decisions/cart", cart) for cart in loads.carts()]
        paths = cycle([f"/v1/decisions/{one['decision_id']}/explanation" for one in made])
        told = client.call("GET", next(paths))
        ratio = of_asking(server, lambda: client.raw("GET", next(paths)))
    steps = len(told["steps"])
    note = f"{ratio.note}, {len(told['rules'])} rules, {steps} steps"
    name = f"explanation of a cart of {loads.LINES} lines, {RULES} rules"
    return [ratio.row(name, AT_MOST, note)]
