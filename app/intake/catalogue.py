"""The catalogue: products listed, replaced, taken out. A product is an event that holds it whole.

A product that is as it was makes no event, so a shop may send its whole catalogue every night.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.kernel.money import format_money
from aggregates.kernel.money import parse_money
from aggregates.log import Append
from aggregates.log import EventLog
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from projections import catalogue
from projections.catalogue import CatalogueProduct

PRICES = ("price", "special_price", "minimum_price")
"""Amounts of a product; the event has them in minor units as `<name>_minor`."""

STORE_VIEWS = "store_view_prices"
"""What the product costs in store views that have prices of their own."""

Once = Callable[[int, int], IdempotencyRow | None]
"""Makes the stored answer of an upsert from how many were listed and how many are unchanged."""

Product = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did."""

    listed: int
    unchanged: int
    log_position: int


def _not_stored(listed: int, unchanged: int) -> None:
    return None


class CatalogueIntake:
    """The use cases behind /v1/catalog."""

    def __init__(self, log_store: Engine, log: EventLog) -> None:
        self._store = log_store
        self._log = log

    def upsert(
        self, site: SiteId, products: Sequence[Product], once: Once = _not_stored
    ) -> Upserted:
        """Lists normalised products, all or none; of the same SKU the last one stays."""
        wanted = {product["sku"]: product for product in products}
        with self._store.connect() as connection:
            known = catalogue.of_skus(connection, site, wanted) if wanted else {}
        events = tuple(
            _listed(site, product)
            for sku, product in wanted.items()
            if sku not in known or canonical(known[sku].product) != canonical(product)
        )
        unchanged = len(products) - len(events)
        unit = Append(site, events, once=once(len(events), unchanged))
        return Upserted(len(events), unchanged, self._log.append(unit).log_position)

    def find(self, site: SiteId, sku: str) -> CatalogueProduct:
        """A product as it is now; NotFound if it is not listed."""
        with self._store.connect() as connection:
            found = catalogue.of_skus(connection, site, [sku]).get(sku)
        if found is None:
            raise NotFound("product_unknown", "no product with this SKU is listed")
        return found

    def delist(self, site: SiteId, sku: str, once: IdempotencyRow | None = None) -> int:
        """Takes a product out; the log position. NotFound if it is not listed."""
        self.find(site, sku)
        event = NewEvent(_stream(site, sku), None, "ProductDelisted", {"sku": sku})
        return self._log.append(Append(site, (event,), once=once)).log_position


def normalised(product: Mapping[str, Any], pointer: str = "") -> Product:
    """A product that its schema accepted, with its money in minor units: `12.50` becomes 1250."""
    problems: list[Problem] = []
    kept = _priced(product, product["currency"], pointer, problems)
    if len(product["sku"].encode()) > STRING_LENGTH_MAX:
        detail = f"at most {STRING_LENGTH_MAX} bytes"
        problems.append(Problem(f"{pointer}/sku", "too_long", detail))
    seen: set[str] = set()
    for index, own in enumerate(product.get(STORE_VIEWS) or ()):
        place = f"{pointer}/{STORE_VIEWS}/{index}"
        if own["store_view"] in seen:
            detail = "this store view stands here twice"
            problems.append(Problem(f"{place}/store_view", "named_twice", detail))
        seen.add(own["store_view"])
        currency = own.get("currency", product["currency"])
        kept[STORE_VIEWS][index] = _priced(own, currency, place, problems)
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))
    return kept


def _priced(
    listed: Mapping[str, Any], currency: str, pointer: str, problems: list[Problem]
) -> Product:
    """A product or its price in a store view; what is empty is left out."""
    kept: Product = {
        name: list(value) if name == STORE_VIEWS else value
        for name, value in listed.items()
        if name not in PRICES and value not in ("", [], {})
    }
    for name in PRICES:
        if name in listed:
            try:
                kept[f"{name}_minor"] = parse_money(listed[name], currency)
            except InvalidValue as error:
                place = "currency" if error.code == "unknown_currency" else name
                problems.append(error.at(f"{pointer}/{place}"))
    return kept


def shown(found: CatalogueProduct) -> dict[str, Any]:
    """A product in the words of the contract."""
    product = _told(found.product, found.product["currency"])
    views = product.get(STORE_VIEWS, ())
    if views:
        product[STORE_VIEWS] = [
            _told(own, own.get("currency", product["currency"])) for own in views
        ]
    return {**_as_json(product), "version": found.version}


def _told(listed: Mapping[str, Any], currency: str) -> dict[str, Any]:
    told = dict(listed)
    for name in PRICES:
        minor = told.pop(f"{name}_minor", None)
        if minor is not None:
            told[name] = format_money(minor, currency)
    return told


def _as_json(value: Any) -> Any:
    """Decimals as JSON numbers: at most 15 digits came in, so the same ones go out."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value


def _listed(site: SiteId, product: Product) -> NewEvent:
    data = {"sku": product["sku"], "product": product}
    return NewEvent(_stream(site, product["sku"]), None, "ProductListed", data)


def _stream(site: SiteId, sku: str) -> UUID:
    return stream_id(site, "product", sku)
