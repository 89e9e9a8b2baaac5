"""The units of a page: what the request asks for, and the candidates that the rules choose from.

`candidates` finds them by the recommenders, the product index and what the shopper did; a replay
finds them in the model, the catalogue and the events of then, by the same function.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.clock import DAY
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import CANDIDATES_MAX
from decisions.shopper import History
from projections.narrowed_ranking import narrowed
from projections.orders import CANCELLED
from projections.product_columns import Mask
from projections.product_columns import ProductColumns
from projections.product_index import ProductIndex
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.models import NO_MODEL
from projections.recommendations.models import Model
from projections.recommendations.recommender import Asked
from projections.recommendations.registry import RECOMMENDERS
from rulesets import visibility
from rulesets.category_rankings import path_of
from rulesets.question import RecommendationsQuestion
from rulesets.recommendation_units import RecommendationUnit
from rulesets.recommendation_units import Units
from rulesets.unit_filling import Page
from rulesets.unit_filling import sources
from rulesets.unit_filters import Compared
from rulesets.unit_filters import Narrowing
from rulesets.unit_results import Candidate
from rulesets.unit_results import Listed
from rulesets.unit_results import ModelTold
from rulesets.unit_results import UnitCandidates
from rulesets.unit_results import UnitResults
from rulesets.units_outcome import BACKUP
from rulesets.units_outcome import PRIMARY

_ASKED_FIRST = 6
"""Candidates asked for beside the size of a unit; few units drop more than that."""
_ASKED_MOST = 500
_CATEGORY = "category"
_WITH_PRODUCT = "product"
_ANYWHERE = b"anywhere"


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A request, read. `named`: ids of units, None for all of the page."""

    page_type: str
    named: tuple[str, ...] | None
    looked_at: str | None
    in_cart: tuple[str, ...]
    category: str | None = None

    @property
    def context(self) -> tuple[str, ...]:
        """The products that a unit recommends for: the one looked at, else those of the cart."""
        if self.page_type == _WITH_PRODUCT and self.looked_at is not None:
            return (self.looked_at,)
        return tuple(dict.fromkeys(self.in_cart))


@dataclass(frozen=True, slots=True)
class Known:
    """What candidates are found from. `oldest_view`: views before it do not count any more."""

    index: ProductIndex
    model: Model
    history: History
    oldest_view: int


def unit_page(request: Mapping[str, Any], units: Units) -> UnitPage:
    """Reads a request; InvalidInput for units that are not of this page or named twice."""
    page_type = request["page_type"]
    named: list[str] | None = None
    problems: list[Problem] = []
    if "units" in request:
        named = []
        for index, name in enumerate(request["units"]):
            unit = units.by_name.get(name)
            place = f"/units/{index}"
            if unit is None:
                problems.append(Problem(place, "unit_unknown", "no unit by that name is live"))
            elif unit.page_type != page_type:
                detail = f"it stands on pages of the type {unit.page_type}"
                problems.append(Problem(place, "unit_of_other_page", detail))
            elif unit.id in named:
                problems.append(Problem(place, "named_twice", "a unit stands here twice"))
            else:
                named.append(unit.id)
    if problems:
        raise InvalidInput(problems)
    return UnitPage(
        page_type,
        None if named is None else tuple(named),
        request.get("sku"),
        tuple(request.get("cart_skus") or ()),
        request.get("category") if page_type == _CATEGORY else None,
    )


def recommendations_question(page: UnitPage, results: UnitResults) -> RecommendationsQuestion:
    """The question that the rules answer."""
    return RecommendationsQuestion(
        page.page_type, page.named, page.looked_at, page.in_cart, results
    )


def oldest_view(at: int, history_days: int) -> int:
    """The moment from which on views count."""
    return at - history_days * DAY


def candidates(page: UnitPage, units: Sequence[RecommendationUnit], known: Known) -> UnitResults:
    """The candidates of each unit in turn: as many as fill it, and those that were in their way."""
    model = known.model
    told = None
    if model is not NO_MODEL:
        told = ModelTold(model.id, model.trained_at, model.trained_to)
    finding = _Finding(page, known)
    most = CANDIDATES_MAX // max(1, len(units))
    return UnitResults(told, tuple(finding.of_unit(unit, most) for unit in units))


class _Finding:
    """Goes through the units of a page as the rules will."""

    def __init__(self, page: UnitPage, known: Known) -> None:
        self._page = page
        self._known = known
        self._columns = known.index.columns
        self._listed_now = known.index.columns.listed
        self._rules = Page(page.looked_at, page.in_cart)
        self._bought = {
            line.sku
            for order in known.history.orders
            if order.status != CANCELLED
            for line in order.lines
        }
        self._viewed = tuple(
            (sku, at) for sku, at in known.history.views.items() if at >= known.oldest_view
        )

    def of_unit(self, unit: RecommendationUnit, most: int) -> UnitCandidates:
        """At most so many candidates."""
        artefact = self._known.model.artefacts.get(unit.type.name)
        readiness = None if artefact is None else artefact.readiness
        compared = Compared()
        if unit.filters.compare:
            compared = compared_by(self._columns, self._page)
        tests = unit.filters.tests(compared)
        lists = {PRIMARY: Listed(), BACKUP: Listed()}
        taken: set[str] = set()
        left = most
        for source in sources(unit.type, readiness):
            name = unit.type.name if source == PRIMARY else str(unit.type.backup)
            listed = self._listed(unit, name, tests, taken, left)
            lists[source] = listed
            left -= len(listed.candidates)
        self._rules.keep(unit.id, taken)
        return UnitCandidates(unit.id, readiness, lists[PRIMARY], lists[BACKUP])

    def _listed(
        self,
        unit: RecommendationUnit,
        name: str,
        tests: tuple[tuple[Narrowing, ...], tuple[Narrowing, ...]],
        taken: set[str],
        most: int,
    ) -> Listed:
        """Candidates of one type until the unit is full; `taken` are those it has already."""
        recommender, model = RECOMMENDERS[name], self._known.model
        count = unit.size + _ASKED_FIRST
        while True:
            asked = Asked(self._page.context, self._viewed, count)
            given = recommender.candidates(model, asked)
            full, kept, accepted = self._chosen(unit, given, tests, taken, most)
            if full or len(given) < count or count >= _ASKED_MOST:
                taken |= accepted
                scale = given[0].scale if given else 1
                return Listed(scale, kept)
            count = _ASKED_MOST
            if recommender.kind == RANKED:
                model = narrowed(model, name, self._known.index, tests, self._at_most_asked(unit))

    def _at_most_asked(self, unit: RecommendationUnit) -> int:
        """So many products that pass the filters fill a unit, whatever the rules drop of them."""
        page = self._page
        dropped = len(self._bought) + self._rules.count + len(page.in_cart) + len(page.context) + 1
        return min(_ASKED_MOST, 2 * unit.size + dropped)

    def _chosen(
        self,
        unit: RecommendationUnit,
        given: Iterable[Any],
        tests: tuple[tuple[Narrowing, ...], tuple[Narrowing, ...]],
        taken: set[str],
        most: int,
    ) -> tuple[bool, tuple[Candidate, ...], set[str]]:
        wanted = unit.size - len(taken)
        kept: list[Candidate] = []
        accepted: set[str] = set()
        if wanted <= 0:
            return True, (), accepted
        room = most - wanted
        for one in given:
            if one.sku in taken or not self._may_show(one.sku, tests):
                continue
            purchased = one.sku in self._bought
            if self._rules.refusal(one.sku, purchased=purchased) is None:
                accepted.add(one.sku)
            elif room > 0:
                room -= 1
            else:
                continue
            kept.append(Candidate(one.sku, one.score, one.because, purchased))
            if len(accepted) == wanted:
                return True, tuple(kept), accepted
        return False, tuple(kept), accepted

    def _may_show(
        self, sku: str, tests: tuple[tuple[Narrowing, ...], tuple[Narrowing, ...]]
    ) -> bool:
        """Whether it is listed, visible, and passes the filters of its unit."""
        return hindrance(self._columns, self._listed_now, sku, tests) is None


def hindrance(
    columns: ProductColumns,
    listed: Mask,
    sku: str,
    tests: tuple[tuple[Narrowing, ...], tuple[Narrowing, ...]],
) -> tuple[str, int] | None:
    """Why no unit with these filters may show a product: a code, and the number of the filter that
    is behind it; None if it may."""
    row = columns.row_of.get(sku)
    if row is None or not listed[row]:
        return "not_listed", 0
    if not columns.passes("visibility", _ANYWHERE, visibility.anywhere, row):
        return "not_visible", 0
    include, exclude = tests
    for number, one in enumerate(include):
        if not _passes(columns, one, row):
            return "not_included", number
    for number, one in enumerate(exclude):
        if _passes(columns, one, row):
            return "excluded", number
    return None


def _passes(columns: ProductColumns, one: Narrowing, row: int) -> bool:
    if one.written is None:  # of this request alone
        return one.passes(columns.value(one.attribute, row))
    return columns.passes(one.attribute, one.written, one.passes, row)


def compared_by(columns: ProductColumns, page: UnitPage) -> Compared:
    """What filters that compare look at: the page's category, or the products of its context."""
    if page.category is not None:
        return Compared(frozenset({path_of(page.category)}))
    rows = [row for sku in page.context if (row := columns.row_of.get(sku)) is not None]
    paths = [_own(columns.value("categories", row) or frozenset()) for row in rows]
    prices = (columns.value("price", row) for row in rows)
    return Compared(frozenset[str]().union(*paths), tuple(price for price in prices if price))


def _own(paths: frozenset[str]) -> frozenset[str]:
    """The categories that a product itself is in, without those above them: shirts are not of the
    category of shoes because both are for men."""
    above = {path.rpartition("/")[0] for path in paths}
    return paths - above
