"""One change of a site of 5,000 rules: when it is live, and what the requests feel of it."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import orjson

from tests.bench import loads
from tests.bench.report import Row
from tests.bench.server import Client
from tests.bench.server import beside
from tests.bench.server import serving

RULES = 5_000
FIRING = 50
RUNNING = 30
LIVE_AT_MOST_S = 2.0
STALL_AT_MOST_S = 0.05
_WINDOW_S = 3.0
_BEFORE_S = 5.0
_EVERY_S = 0.01
_CHANGES = 3


@dataclass(slots=True)
class Asking:
    """A client that asks one process for carts, one every ten milliseconds if it can."""

    client: Client
    bodies: list[bytes]
    answers: list[tuple[float, float, int]] = field(default_factory=list)
    """When each was sent, when it came, and the revision that it was decided by."""
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self) -> None:
        """Asks from now on."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Returns after the last answer."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def longest(self, start: float, end: float) -> float:
        """The longest request that was sent in a time, in seconds."""
        return max(came - sent for sent, came, _ in self.answers if start <= sent < end)

    def first(self, revision: int, start: float) -> float:
        """How long after a moment a revision decides, in seconds."""
        return next(came for _, came, by in self.answers if by >= revision) - start

    def _run(self) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            sent = time.perf_counter()
            body = self.bodies[number % len(self.bodies)]
            answer = orjson.loads(self.client.raw("POST", "/v1/decisions/cart", body))
            came = time.perf_counter()
            self.answers.append((sent, came, answer["revision"]))
            time.sleep(max(0.0, _EVERY_S - (came - sent)))


@dataclass(frozen=True, slots=True)
class Change:
    """What one publish was like. The first process is the one that was told to publish."""

    request: float
    live: tuple[float, ...]
    stalls: tuple[float, ...]
    before: tuple[float, ...]


def run() -> list[Row]:
    """When a change is live, and what requests feel of it."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        bodies = [orjson.dumps(cart) for cart in loads.carts()]
        _author(server.client)
        loads.history(server)
        began = time.perf_counter()
        with beside(server, Path(folder)) as second:
            other = second.client
            alive = time.perf_counter()
            other.raw("POST", "/v1/decisions/cart", bodies[0])
            begun = f"a new process is alive after {_ms(alive - began)}, its revision compiled;"
            begun += f" its first decision takes {_ms(time.perf_counter() - alive)}"
            changes = [
                _change([server.client, other], bodies, number) for number in range(1, _CHANGES + 1)
            ]
    return _rows(changes, begun)


def _author(client: Client) -> None:
    """A catalogue, segments and rules, made as an author makes them."""
    segments, rules = loads.definitions(RULES, FIRING, RUNNING)
    client.call("PUT", "/v1/catalog/products", {"products": loads.products()})
    for kind, bodies in (("segments", segments), ("cart-rules", rules)):
        for key, body in bodies.items():
            client.call("PUT", f"/v1/{kind}/{key}", body)
        named = [{"kind": kind, "id": key} for key in bodies]
        client.call("POST", "/v1/rulesets", {"publish": named})


def _change(clients: list[Client], bodies: list[bytes], number: int) -> Change:
    _, rules = loads.definitions(RULES, FIRING, RUNNING)
    path = f"/v1/cart-rules/rule-{RULES // 2}"
    body: dict[str, Any] = {**rules[f"rule-{RULES // 2}"], "name": f"Change {number}"}
    body["conditions"] = {
        "all": [
            *body["conditions"]["all"],
            {"attribute": "cart.subtotal", "operator": ">", "value": f"{9_000 + number}.00"},
        ]
    }
    # connections of their own: a server closes those that nobody used for long
    asking = [Asking(Client.to(client.port, client.key), bodies) for client in clients]
    for one in asking:
        one.begin()
    time.sleep(_BEFORE_S)
    author = Client.to(clients[0].port, clients[0].key)
    author.call("PUT", path, body, If_Match="*")
    wish = {"publish": [{"kind": "cart-rules", "id": f"rule-{RULES // 2}"}]}
    start = time.perf_counter()
    revision = author.call("POST", "/v1/rulesets", wish)["revision"]
    done = time.perf_counter()
    time.sleep(_WINDOW_S)
    for one in asking:
        one.end()
    return Change(
        done - start,
        tuple(one.first(revision, done) for one in asking),
        tuple(one.longest(start - 0.02, done + _WINDOW_S) for one in asking),
        tuple(one.longest(start - _BEFORE_S + 1, start - 0.5) for one in asking),
    )


def _rows(changes: list[Change], begun: str) -> list[Row]:
    live = max(max(change.live) for change in changes)
    stall = max(max(change.stalls) for change in changes)
    of = f"one of {RULES:,} rules changed"
    told = "; ".join(
        f"publisher {_ms(change.live[0])}, other {_ms(change.live[1])}" for change in changes
    )
    stalls = "; ".join(
        f"publisher {_ms(change.stalls[0])} (before {_ms(change.before[0])}),"
        f" other {_ms(change.stalls[1])} (before {_ms(change.before[1])})"
        for change in changes
    )
    requests = ", ".join(_ms(change.request) for change in changes)
    return [
        Row(
            f"{of}: live in every process",
            f"within {LIVE_AT_MOST_S:g} s",
            _ms(live),
            live <= LIVE_AT_MOST_S,
            f"{told}; the publish request {requests}; {begun}",
        ),
        Row(
            f"{of}: longest request",
            f"at most {_ms(STALL_AT_MOST_S)}",
            _ms(stall),
            stall <= STALL_AT_MOST_S,
            stalls,
        ),
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
