"""The catalogue: upsert, import, one product."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from flask import Response

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import BATCH_BODY_BYTES_MAX
from aggregates.log import IdempotencyRow
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_json
from app.edge.idempotency import once
from app.edge.queries import only
from app.edge.streams import body_stream
from app.http.past import AS_OF
from app.http.past import asked_past
from app.intake.catalogue import CatalogueIntake
from app.intake.catalogue import normalised
from app.intake.catalogue import shown
from app.intake.product_lines import list_rows
from app.intake.rows import lines_of
from app.schemas.acceptor import compiled
from app.schemas.products import DelistedSchema
from app.schemas.products import ImportedSchema
from app.schemas.products import ListedSchema
from app.schemas.products import ProductsSchema
from app.schemas.products import ShownProductSchema
from decisions.catalogue_as_of import product_as_of

if TYPE_CHECKING:
    from app.wiring import Services

_NDJSON = {"type": "string", "description": "One product a line."}


def blueprint(services: Services) -> Blueprint:
    """/v1/catalog, for `ingest` keys."""
    routes = Blueprint("catalog", __name__, description="What the shop sells.")
    intake = CatalogueIntake(services.stores.log, services.log)
    read_products = compiled(ProductsSchema())

    @routes.route("/v1/catalog/products", methods=["PUT"])
    @require("ingest")
    @routes.takes(ProductsSchema)
    @routes.answers(200, ListedSchema)
    def upsert() -> Response:
        """Lists up to 1,000 products, all or none; each replaces what was there."""
        asked = read_products(read_json(BATCH_BODY_BYTES_MAX))
        products = _normalised(asked["products"])
        done = intake.upsert(caller().site, products, _answer)
        return respond(200, _upserted(done.listed, done.unchanged), done.log_position)

    @routes.route("/v1/catalog/import", methods=["POST"])
    @require("ingest", streamed=True)
    @routes.takes(_NDJSON)
    @routes.answers(200, ImportedSchema)
    def import_products() -> Response:
        """Lists products from a stream of any length; a bad line is refused by itself."""
        done = list_rows(intake, caller().site, lines_of(body_stream()))
        return respond(200, done.to_json(), done.log_position)

    @routes.route("/v1/catalog/products/<anything:sku>")
    @require("ingest", "audit")
    @routes.queries([AS_OF])
    @routes.answers(200, ShownProductSchema)
    def product(sku: str) -> Response:
        """A product as it is now, or as it was listed as of a moment."""
        only({"as_of"})
        site = caller().site
        then = asked_past(services.means, site)
        found = (
            intake.find(site, sku) if then is None else product_as_of(services.log, site, sku, then)
        )
        return respond(200, shown(found))

    @routes.route("/v1/catalog/products/<anything:sku>", methods=["DELETE"])
    @require("ingest")
    @routes.answers(200, DelistedSchema)
    def delist(sku: str) -> Response:
        """Takes a product out of the catalogue."""
        site = caller().site
        intake.find(site, sku)  # an unknown one keeps no answer of a success
        return respond(200, {"sku": sku}, intake.delist(site, sku, once(200, {"sku": sku})))

    return routes


def _upserted(listed: int, unchanged: int) -> dict[str, int]:
    return {"listed": listed, "unchanged": unchanged}


def _answer(listed: int, unchanged: int) -> IdempotencyRow | None:
    return once(200, _upserted(listed, unchanged))


def _normalised(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All products, or all their problems; a SKU that comes twice is a mistake in one upsert."""
    products: list[dict[str, Any]] = []
    problems: list[Problem] = []
    skus: set[str] = set()
    for index, product in enumerate(asked):
        pointer = f"/products/{index}"
        if product["sku"] in skus:
            detail = "this SKU stands here twice"
            problems.append(Problem(f"{pointer}/sku", "duplicate_sku", detail))
        skus.add(product["sku"])
        try:
            products.append(normalised(product, pointer))
        except InvalidInput as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidInput(problems)
    return products
