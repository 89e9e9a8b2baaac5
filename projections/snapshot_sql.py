"""The statements of projections/snapshot.py, written in Core and compiled to text once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy import Dialect
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import null
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import table
from sqlalchemy import union_all
from sqlalchemy.sql import column

from projections.activity import activity
from projections.catalogue import products
from projections.definition_tables import revisions
from projections.identities import SERVER
from projections.identities import identity_links
from projections.order_rows import COLUMNS
from projections.order_rows import orders
from projections.pinned import Prepared
from projections.positions import projection_positions
from projections.product_views import product_views
from projections.profiles import profiles
from projections.recommendation_models import recommendation_models
from projections.reservations import reservations
from projections.sites import sites

log_heads = table("log_heads", column("site"), column("position"), column("recorded_at"))
"""The head row as a reader sees it; app/eventlog/tables.py owns the table."""
counter_rows = table("counters", column("site"), column("key"), column("used"))
"""Likewise: what moves them is an append."""

SITE, LINK, PRODUCT = range(3)
_SITE: BindParameter[str] = bindparam("of_site")


@lru_cache(maxsize=128)
def present(dialect: Dialect, named: bool, skus: int) -> Prepared:
    """All that a site is now, in one statement, each row with what it is: SITE, head, recorded_at,
    newest revision, position of the settings; LINK, (four nulls,) anonymous, customer of whoever
    is `named`; PRODUCT, (four nulls,) sku, product of so many SKUs."""
    parts: list[Select[Any]] = [_site()]
    if named:
        parts.append(_links())
    if skus:
        c = products.c
        parts.append(_texts(PRODUCT, c.sku, c.product).where(*_listed(skus)))
    return Prepared(union_all(*parts) if len(parts) > 1 else parts[0], dialect)


@lru_cache(maxsize=4)
def ever_linked(dialect: Dialect) -> Prepared:
    """(anonymous) of every link to a customer, whoever made it, open or not."""
    c = identity_links.c
    query = select(c.anonymous).where(c.site == _SITE, c.customer == bindparam("customer"))
    return Prepared(query.distinct().order_by(c.anonymous), dialect)


@lru_cache(maxsize=4)
def newest_model(dialect: Dialect) -> Prepared:
    """(number of the newest model or null) of a site."""
    c = recommendation_models.c
    return Prepared(select(func.max(c.number)).where(c.site == _SITE), dialect)


@lru_cache(maxsize=64)
def product_rows(dialect: Dialect, count: int) -> Prepared:
    """(sku, product) of so many SKUs."""
    c = products.c
    return Prepared(select(c.sku, c.product).where(*_listed(count)), dialect)


@lru_cache(maxsize=16)
def counters(dialect: Dialect, count: int) -> Prepared:
    """(key, used) of so many counters."""
    c = counter_rows.c
    query = select(c.key, c.used)
    return Prepared(query.where(c.site == _SITE, c.key.in_(_binds("key", count))), dialect)


@lru_cache(maxsize=4)
def expired_reservations(dialect: Dialect) -> Prepared:
    """(decision, moves) of the reservations whose time is over, the oldest first."""
    c = reservations.c
    query = select(c.decision_id, c.moves).where(c.site == _SITE, c.expires_at <= bindparam("now"))
    return Prepared(query.order_by(c.expires_at).limit(bindparam("most")), dialect)


@lru_cache(maxsize=4)
def head(dialect: Dialect) -> Prepared:
    """(position) of the head of a site's log."""
    return Prepared(select(log_heads.c.position).where(log_heads.c.site == _SITE), dialect)


@lru_cache(maxsize=4)
def places(dialect: Dialect) -> Prepared:
    """(projection, position, version, zone) of every followed projection of a site."""
    c = projection_positions.c
    query = select(c.projection, c.position, c.version, c.zone).where(c.site == _SITE)
    return Prepared(query, dialect)


@lru_cache(maxsize=64)
def profile_rows(dialect: Dialect, count: int) -> Prepared:
    """(shopper, first_seen_at, traits) of so many pseudonyms."""
    c = profiles.c
    query = select(c.shopper_id, c.first_seen_at, c.traits)
    return Prepared(
        query.where(c.site == _SITE, c.shopper_id.in_(_binds("shopper", count))), dialect
    )


@lru_cache(maxsize=64)
def order_rows(dialect: Dialect, count: int) -> Prepared:
    """The orders of so many pseudonyms."""
    c = orders.c
    query = select(*COLUMNS)
    return Prepared(
        query.where(c.site == _SITE, c.shopper_id.in_(_binds("shopper", count))), dialect
    )


@lru_cache(maxsize=64)
def view_rows(dialect: Dialect, count: int) -> Prepared:
    """(shopper, views) of so many pseudonyms."""
    c = product_views.c
    query = select(c.shopper_id, c.views)
    return Prepared(
        query.where(c.site == _SITE, c.shopper_id.in_(_binds("shopper", count))), dialect
    )


@lru_cache(maxsize=64)
def activity_rows(dialect: Dialect, count: int, events: int) -> Prepared:
    """The day rows of so many pseudonyms and event names, from a day on."""
    c = activity.c
    query = select(c.shopper_id, c.event, c.day, c.facets, c["count"]).where(
        and_(
            c.site == _SITE,
            c.shopper_id.in_(_binds("shopper", count)),
            c.event.in_(_binds("event", events)),
            c.day >= bindparam("first_day"),
        )
    )
    return Prepared(query, dialect)


def _site() -> Select[Any]:
    c, head = revisions.c, log_heads.c
    newest = select(func.max(c.revision)).where(c.site == _SITE).scalar_subquery()
    numbers = (head.position, head.recorded_at, newest, sites.c.position)
    return (
        select(literal_column(str(SITE)), *numbers, null(), null())
        .select_from(log_heads.join(sites, sites.c.site == head.site))
        .where(head.site == _SITE)
    )


def _links() -> Select[Any]:
    """Every open server link of the person of one pseudonym."""
    asked: BindParameter[str] = bindparam("of")
    links, up = identity_links.c, identity_links.alias().c
    of_its_customer = select(up.customer).where(
        up.site == _SITE,
        up.anonymous == asked,
        up.trust == SERVER,
        up.unlinked_position.is_(None),
    )
    return _texts(LINK, links.anonymous, links.customer).where(
        links.site == _SITE,
        links.trust == SERVER,
        links.unlinked_position.is_(None),
        or_(
            links.anonymous == asked,
            links.customer == asked,
            links.customer.in_(of_its_customer),
        ),
    )


def _texts(what: int, *columns: Any) -> Select[Any]:
    return select(literal_column(str(what)), null(), null(), null(), null(), *columns)


def _listed(count: int) -> tuple[Any, ...]:
    c = products.c
    return c.site == _SITE, c.sku.in_(_binds("sku", count)), c.product.is_not(None)


def _binds(prefix: str, count: int) -> list[Any]:
    return [bindparam(f"{prefix}_{index}") for index in range(count)]
