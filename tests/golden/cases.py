"""The cases of cart rules that a version was written to, each decided in a site of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from flask.testing import FlaskClient

from app.wiring import Services
from tests.golden.client import Client
from tests.golden.shop import named
from tests.golden.shop import rule

CASES = Path("tests/cases/cart")
Body = dict[str, Any]
SIDES = ("incl_tax", "excl_tax")


def decide_cases(services: Services, client: FlaskClient, every: int) -> list[Client]:
    """The cases of cart rules that this version was written to, or every so many of them, each in a
    site of its own."""
    sites = []
    for path in sorted(CASES.glob("*.yaml")):
        cases = yaml.safe_load(path.read_text("utf-8"))
        for number, case in list(enumerate(cases, 1))[::every]:
            site = Client(services, client, f"case-{path.stem.replace('_', '-')}-{number}")
            decide_case(site, case)
            sites.append(site)
    return sites


def decide_case(site: Client, case: Body) -> None:
    """One case: its definitions published, its cart decided."""
    if "settings" in case:
        site.settle(**case["settings"])
    listed = [{"sku": sku, "name": sku, **one} for sku, one in case.get("products", {}).items()]
    if listed:
        site.call("PUT", "/v1/catalog/products", {"products": listed})
    schedule = ("paused", "starts_at", "ends_at")
    rules = {
        key.replace("_", "-"): rule(
            **{name: value for name, value in body.items() if name not in schedule}
        )
        for key, body in case.get("rules", {}).items()
    }
    published = site.define("segments", named(case.get("segments", {}), apply_to="all"))
    published += site.define("cart-rules", rules)
    site.call("POST", "/v1/rulesets", {"publish": published})
    if "traits" in case:
        site.say("identify", {"userId": "ada"}, traits=case["traits"])
    site.decide("cart", request_of(case))


def request_of(case: Body) -> Body:
    """The question of a case as a client sends it."""
    if "request" in case:
        asked = {"shopper": {"customer_id": "ada"}, **case["request"]}
        lines = asked["lines"]
    else:
        asked, lines = {**case["cart"]}, []
        for line in asked["lines"]:
            told = {f"unit_price_{side}": line[side] for side in SIDES if side in line}
            kept = {name: value for name, value in line.items() if name not in {"price", *SIDES}}
            lines.append({**kept, "unit_price": line["price"], **told})
        if "shipping" in asked:
            sides = asked.pop("shipping_tax", {})
            told = {f"amount_{side}": amount for side, amount in sides.items()}
            asked["shipping"] = {"method": "post", "amount": asked["shipping"], **told}
    asked["lines"] = [
        {"line_id": str(number), "sku": f"sku-{number}", "quantity": 1, **line}
        for number, line in enumerate(lines, 1)
    ]
    return {"cart_id": "c", "currency": "USD", **asked}
