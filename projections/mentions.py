"""Where events stand that are about a person and carry no shopper: decisions, turns of slots, and
what became of their uses, by the mentions that projections/decisions_index.py keeps.

A redemption or reservation names its customer, its decision or its order: each finds it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy import Dialect
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import or_
from sqlalchemy import select

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from projections.decisions_index import DECISION
from projections.decisions_index import ORDER
from projections.decisions_index import SHOPPER
from projections.decisions_index import TURN
from projections.decisions_index import decision_mentions
from projections.decisions_index import decisions
from projections.order_rows import orders
from projections.pinned import Pinned
from projections.pinned import Prepared

_AT_ONCE = 256
_M = decision_mentions.c


class Mentions:
    """Reads of the decision index for a person's timeline."""

    def __init__(self, read: Pinned) -> None:
        self._read = read

    def of_person(
        self, site: SiteId, person: Sequence[Pseudonym], after: int, upto: int, limit: int
    ) -> list[int]:
        """The first positions after one (and up to one) that name a pseudonym of the person."""
        found: set[int] = set()
        for names in _pages(person):
            statement = _of_person(self._read.dialect, len(names))
            given = {"of": site, "after": after, "upto": upto, "most": limit, **_given(names)}
            found.update(row[0] for row in self._read.rows(statement, given))
        return sorted(found)[:limit]

    def of_decisions(self, site: SiteId, person: Sequence[Pseudonym], upto: int) -> set[int]:
        """The positions of reservations and redemptions of the person's decisions."""
        return self._found(_of_decisions, site, person, upto)

    def uses_of(self, site: SiteId, person: Sequence[Pseudonym], upto: int) -> set[int]:
        """The positions of reservations and redemptions that name a customer of the person."""
        return self._found(_uses_of, site, person, upto)

    def decided(self, site: SiteId, decision_ids: Iterable[str], upto: int) -> set[int]:
        """The positions of these decisions, and of what names one of them."""
        names = sorted(decision_ids)
        return self._found(_decided, site, names, upto) | self._found(_naming, site, names, upto)

    def of_orders(self, site: SiteId, names: Iterable[str], upto: int) -> set[int]:
        """The positions of redemptions of these orders."""
        return self._found(_of_orders, site, sorted(names), upto)

    def orders(self, site: SiteId, person: Sequence[Pseudonym]) -> set[str]:
        """The orders of a person, by their digests."""
        found: set[str] = set()
        for names in _pages(person):
            statement = _orders(self._read.dialect, len(names))
            rows = self._read.rows(statement, {"of": site, **_given(names)})
            found.update(row[0] for row in rows)
        return found

    def _found(self, prepared: Any, site: SiteId, names: Sequence[str], upto: int) -> set[int]:
        found: set[int] = set()
        for page in _pages(names):
            statement = prepared(self._read.dialect, len(page))
            rows = self._read.rows(statement, {"of": site, "upto": upto, **_given(page)})
            found.update(row[0] for row in rows)
        return found


def _pages(names: Sequence[str]) -> Iterator[list[str]]:
    """So many at once, each page filled up to a power of two, so that few statements serve all."""
    for start in range(0, len(names), _AT_ONCE):
        page = list(names[start : start + _AT_ONCE])
        yield page + page[:1] * ((1 << (len(page) - 1).bit_length()) - len(page))


def _given(names: Sequence[str]) -> dict[str, str]:
    return {f"name_{number}": name for number, name in enumerate(names)}


def _binds(count: int) -> list[Any]:
    return [bindparam(f"name_{number}") for number in range(count)]


@lru_cache(maxsize=16)
def _of_person(dialect: Dialect, count: int) -> Prepared:
    query = _mentioned(SHOPPER, TURN).where(
        _M.name.in_(_binds(count)), _M.position > bindparam("after")
    )
    return Prepared(query.distinct().order_by(_M.position).limit(bindparam("most")), dialect)


@lru_cache(maxsize=16)
def _of_decisions(dialect: Dialect, count: int) -> Prepared:
    d, s = decisions.c, decision_mentions.alias("of_shopper").c
    of: BindParameter[str] = bindparam("of")
    mine = select(s.position).where(s.site == of, s.what == SHOPPER, s.name.in_(_binds(count)))
    decided = select(d.decision_id).where(d.site == of, d.position.in_(mine))
    return Prepared(_mentioned(DECISION).where(_M.name.in_(decided)), dialect)


@lru_cache(maxsize=16)
def _uses_of(dialect: Dialect, count: int) -> Prepared:
    d = decisions.c
    is_decision = exists().where(d.site == _M.site, d.position == _M.position)
    return Prepared(_mentioned(SHOPPER).where(_M.name.in_(_binds(count)), ~is_decision), dialect)


@lru_cache(maxsize=16)
def _naming(dialect: Dialect, count: int) -> Prepared:
    return Prepared(_mentioned(DECISION).where(_M.name.in_(_binds(count))), dialect)


@lru_cache(maxsize=16)
def _decided(dialect: Dialect, count: int) -> Prepared:
    d = decisions.c
    query = select(d.position).where(d.site == bindparam("of"), d.position <= bindparam("upto"))
    return Prepared(query.where(d.decision_id.in_(_binds(count))), dialect)


@lru_cache(maxsize=16)
def _of_orders(dialect: Dialect, count: int) -> Prepared:
    return Prepared(_mentioned(ORDER).where(_M.name.in_(_binds(count))), dialect)


@lru_cache(maxsize=16)
def _orders(dialect: Dialect, count: int) -> Prepared:
    c = orders.c
    return Prepared(
        select(c.order).where(c.site == bindparam("of"), c.shopper_id.in_(_binds(count))), dialect
    )


def _mentioned(*what: str) -> Select[Any]:
    of_these = or_(*(_M.what == one for one in what))
    query = select(_M.position).where(_M.site == bindparam("of"), of_these)
    return query.where(_M.position <= bindparam("upto"))
