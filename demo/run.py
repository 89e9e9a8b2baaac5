"""The demo, start to end: history in, decisions out, each explained, all replayed, chain verified.

What a shop, a merchandiser or an auditor does goes through the HTTP contract of the real
application, over real SQLite files; only the follower is stepped here, to show its progress.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from aggregates.kernel.ids import SiteId
from app.wiring import Services
from demo import browsing
from demo.customers import Customer
from demo.customers import customers
from demo.customers import handful
from demo.online_retail import Retail
from demo.pages import Pages
from demo.report import print_answer
from demo.report import print_counts
from demo.report import print_table
from demo.shop import Shop
from demo.site import DEFINITIONS
from demo.site import SETTINGS
from demo.site import SLOTS
from demo.site import TEA
from demo.training import train_and_tell

SITE = SiteId("gift-shop")
CARTS = 500
"""Carts decided besides the handful that is printed, so that p99 means something."""


@dataclass(slots=True)
class Demo:
    """One run over an empty site. `shop` speaks HTTP; `services` is what the service runs on."""

    services: Services
    shop: Shop
    console: Console
    retail: Retail = field(default_factory=lambda: Retail(datetime.now(UTC)))
    views: int = browsing.VIEWS
    rejected: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def run(self) -> bool:
        """Prints as it goes; true if every answer replayed identically and the chain held."""
        self.shop.call("PUT", "/v1/site", {**self._settings(), **SETTINGS})
        products, messages = list(self.retail.products()), list(self.retail.messages())
        sent, sending_s = self._load(products, messages)
        self._fold()
        revision = self.shop.publish(DEFINITIONS)
        self.console.print(f"\nPublished revision {revision}: {', '.join(dict(DEFINITIONS))}.")
        trained = train_and_tell(self.services, SITE, self.console)
        everybody = customers(messages)
        tea = {one["sku"] for one in products if TEA in one["categories"]}
        names = {one["sku"]: one["name"] for one in products}
        pages = Pages(self._decide, self._explain, self.console, names)
        for reason, customer in handful(everybody, tea, self.retail.now):
            pages.show(customer, self._show(reason, customer))
        self._decide_many(everybody)
        return self._prove(sent, sending_s) and trained.model is not None

    def _settings(self) -> dict[str, Any]:
        answer = self.shop.call("GET", "/v1/site")
        return {name: value for name, value in answer.items() if name != "log_position"}

    def _load(
        self, products: list[dict[str, Any]], messages: list[dict[str, Any]]
    ) -> tuple[int, float]:
        """Catalogue, orders and refunds, then views; how many messages went, in what time."""
        self._progress("catalogue", len(products), self.shop.send_products(products))
        generated = browsing.browsing(messages, products, self.retail.now, self.views)
        start = time.perf_counter()
        sending = self.shop.send_messages(messages, self.rejected)
        self._progress("orders and refunds", len(messages), sending)
        sending = self.shop.send_messages(generated, self.rejected)
        self._progress("generated browsing log", len(generated), sending)
        seconds = time.perf_counter() - start
        counts = dict(self.retail.counts)
        counts["views and searches, generated: the data set has none"] = len(generated)
        for rejection in self.rejected:
            reason = f"messages in quarantine: {rejection['code']}"
            counts[reason] = counts.get(reason, 0) + 1
        print_counts(self.console, "What the data held", counts)
        return len(messages) + len(generated), seconds

    def _fold(self) -> None:
        """Profiles, activity and orders up to the log's end."""
        follower = self.services.follower
        head = self.services.log.head(SITE).position
        steps = iter(lambda: follower.step(SITE), 0)
        self._progress("profiles, activity, orders", head, steps)

    def _progress(self, what: str, total: int, steps: Iterable[int]) -> None:
        columns = (TextColumn(f"{what:<28}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self.console) as progress:
            task = progress.add_task(what, total=total)
            for step in steps:
                progress.advance(task, step)

    def _show(self, reason: str, customer: Customer) -> dict[str, None]:
        """One customer: the cart and both slots, with the reasons of each, which it returns."""
        self.console.rule(f"[bold]Customer {customer.customer_id}[/bold], {reason}")
        past = f"{customer.orders} orders worth {customer.spent} GBP before refunds"
        self.console.print(
            f"  {past if customer.orders else 'no orders yet'}, {customer.country};"
            f" the cart has {len(customer.cart)} lines"
        )
        coupons = () if customer.orders else ("WELCOME10",)
        request = customer.cart_request(f"cart-{customer.customer_id}", coupons)
        cart = self._decide("/v1/decisions/cart", request)
        slots = {
            slot: self._decide(
                "/v1/decisions/content",
                {
                    "slot": slot,
                    "shopper": request["shopper"],
                    "context": request["context"],
                    "cart": customer.cart_of(request),
                },
            )
            for slot in SLOTS
        }
        told: dict[str, None] = {}  # the same sentence is true of several answers: said once
        for answer in (cart, *slots.values()):
            told.update(dict.fromkeys(self._explain(answer["decision_id"])))
        print_answer(self.console, cart, slots, told)
        return told

    def _explain(self, decision: str) -> list[str]:
        answer = self.shop.call("GET", f"/v1/decisions/{decision}/explanation")
        summary: list[str] = answer["summary"]
        return summary

    def _decide_many(self, everybody: list[Customer]) -> None:
        """Many more carts, for the percentiles and for the replay."""
        chosen = everybody[:: max(1, len(everybody) // CARTS)][:CARTS]
        self._progress("more carts", len(chosen), (self._silently(one) for one in chosen))

    def _silently(self, customer: Customer) -> int:
        self._decide("/v1/decisions/cart", customer.cart_request(f"more-{customer.customer_id}"))
        return 1

    def _decide(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer, milliseconds = self.shop.timed(path, body)
        self.decisions.append(answer["decision_id"])
        self.milliseconds.append(milliseconds)
        return answer

    def _prove(self, sent: int, sending_s: float) -> bool:
        """Replays every decision both ways, verifies the chain, prints the closing table."""
        identical = {"recorded": 0, "from_log": 0}
        for mode in identical:
            self._progress(
                f"replay {mode}",
                len(self.decisions),
                (self._replay(decision, mode, identical) for decision in self.decisions),
            )
        verified = self.shop.call("POST", "/v1/log/verify", {})
        count = len(self.decisions)
        cuts = statistics.quantiles(self.milliseconds, n=100)
        log, stores = (self._size_mb(pattern) for pattern in ("rationale.db", "*.db"))
        rows: list[tuple[str, str, bool | None]] = [
            ("events in the log", f"{verified['events']:,}", None),
            ("messages taken in", f"{sent:,} at {sent / sending_s:,.0f} a second", None),
            ("decisions", f"{count:,}", None),
            ("time of a decision", f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms", None),
            *(
                (f"replayed identically, {mode}", f"{same:,} of {count:,}", same == count)
                for mode, same in identical.items()
            ),
            ("hash chain verified", f"{verified['events']:,} events", bool(verified["intact"])),
            ("size of the log", f"{log:,.1f} MB (all stores {stores:,.1f} MB)", None),
        ]
        print_table(self.console, rows)
        return all(held is not False for _, _, held in rows)

    def _size_mb(self, pattern: str) -> float:
        files = self.services.settings.data_dir.glob(pattern)
        return sum(file.stat().st_size for file in files) / 1e6

    def _replay(self, decision: str, mode: str, identical: dict[str, int]) -> int:
        answer = self.shop.call("POST", f"/v1/decisions/{decision}/replay", {"mode": mode})
        if answer["identical"]:
            identical[mode] += 1
        else:
            self.console.print(f"[red]{decision} {mode}: {answer['differences'][:3]}[/red]")
        return 1
