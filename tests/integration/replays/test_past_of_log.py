"""What the log tells of the past, asked for in any order, is what it tells from the beginning."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregates.coupon import ADDED
from aggregates.coupon import DELETED
from aggregates.kernel.ids import SiteId
from app.wiring import Services
from decisions.catalogue_of_log import CatalogueOfLog
from decisions.codes_of_log import CodesOfLog
from decisions.persons_of_log import PersonsOfLog
from decisions.products_of_log import ProductsOfLog
from decisions.revisions_of_log import DIFFERS
from decisions.revisions_of_log import NOT_IN_LOG
from decisions.revisions_of_log import RevisionsOfLog
from decisions.uses_of_log import UsesOfLog
from rulesets.cart_rules import coupon_key
from tests.golden.make import SITE
from tests.golden_logs import unpacked


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened = unpacked("v4", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def site(services: Services) -> SiteId:
    return next(site for site in services.log.sites() if site == SITE)


def test_counters_products_and_persons_go_back_and_forth(services: Services, site: SiteId) -> None:
    log, head = services.log, services.log.head(site).position
    chance = random.Random(3)
    near = [min(head, max(1, head - 40 + chance.randint(-39, 40))) for _ in range(30)]
    positions = [*near, *(chance.randint(1, head) for _ in range(20))]
    skus = [f"p{number}" for number in range(12)]
    who = services.keys.find(site, "customer", "ada")
    assert who is not None
    uses, products = UsesOfLog(log, site), ProductsOfLog(log, site)
    catalogue, persons = CatalogueOfLog(log, site), PersonsOfLog(log, site)
    for position in positions:
        now = 2**62
        anew = UsesOfLog(log, site).at(position, now)
        assert uses.at(position, now) == anew
        assert uses.of([*anew, "nothing"], position, now) == anew
        columns = products.at(position).columns
        fresh = ProductsOfLog(log, site).at(position).columns
        assert columns.listed.tolist() == fresh.listed.tolist()
        assert (columns.skus, columns.places.tolist()) == (fresh.skus, fresh.places.tolist())
        prices = [columns.value("price", row) for row in range(len(columns))]
        assert prices == [fresh.value("price", row) for row in range(len(fresh))]
        told = CatalogueOfLog(log, site).at(position, skus)
        assert catalogue.at(position, skus) == told
        assert sorted(told) == sorted(sku for sku, row in fresh.row_of.items() if fresh.listed[row])
        of_person = PersonsOfLog(log, site).events([who], position, unseal=True)
        assert persons.events([who], position, unseal=True) == of_person


def test_codes_are_found_whatever_the_table_says(services: Services, site: SiteId) -> None:
    log, head = services.log, services.log.head(site).position
    (added,) = log.read(site, 0, 10, topics={ADDED})
    (deleted,) = log.read(site, 0, 10, topics={DELETED})
    keys = [coupon_key(code) for code in added.data["codes"]]
    gone = coupon_key(deleted.data["codes"][0])
    honest = services.means.reads.coupons(site, keys)
    assert set(honest) == set(keys) - {gone}
    for position in (added.position - 1, added.position, deleted.position - 1, deleted.position):
        told = CodesOfLog(log, site).at(position, keys, {})
        there = set(keys) if added.position <= position else set()
        assert set(told) == there - ({gone} if position >= deleted.position else set())
        assert CodesOfLog(log, site).at(position, keys, honest) == told
        before = CodesOfLog(log, site).at(added.position, keys, {})
        assert CodesOfLog(log, site).at(position, keys, before) == told
    assert CodesOfLog(log, site).at(head, ["NOTHING"], {}) == {}


def test_a_revision_is_proven_by_the_log_alone(services: Services, site: SiteId) -> None:
    told = RevisionsOfLog(services.log, site)
    newest = services.revisions.now(site).revision
    for number in (newest, 1, 2):
        assert told.wrong(services.revisions.get(site, number)) is None
    compiled = services.revisions.get(site, 2)
    assert RevisionsOfLog(services.log, SiteId("case-gifts-1")).wrong(compiled) == NOT_IN_LOG
    one = next(iter(compiled.definitions.values()))
    one.body["name"] = "tampered"
    assert told.wrong(compiled) == DIFFERS
