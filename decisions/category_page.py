"""A page of a category: what the request asks for, and the results that the rules rank.

`retrieved` finds them in the product index and the model of now; a replay finds them in the log and
the model of then, by the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import PAGE_SIZE_DEFAULT
from aggregates.kernel.limits import PAGE_SIZE_MAX
from aggregates.kernel.limits import RANKED_PRODUCTS_MAX
from aggregates.site import SiteSettings
from projections import ranked_products
from projections.product_index import ProductIndex
from projections.ranked_products import Sort
from projections.recommendations.models import Model
from rulesets.category_rankings import NONE
from rulesets.category_rankings import Chosen
from rulesets.category_rankings import path_of
from rulesets.product_filters import ProductFilter
from rulesets.product_filters import kind_of
from rulesets.product_filters import parse_filters
from rulesets.question import CartQuestion
from rulesets.question import CategoryQuestion
from rulesets.retrieved import Retrieved

POSITION = "position"
"""The attribute to sort by that means: as the rankings say."""
SORTS_MAX = 3
_DIRECTIONS = ("asc", "desc")


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """A request for a page, read. Without `sorts` the order is that of the rankings."""

    category: str
    page: int
    page_size: int
    filters: tuple[ProductFilter, ...]
    sorts: tuple[Sort, ...]

    @property
    def start(self) -> int:
        """The first place of the page, from 0 on."""
        return (self.page - 1) * self.page_size


def category_page(request: Mapping[str, Any], settings: SiteSettings) -> CategoryPage:
    """Reads a request; amounts are in the site's base currency. InvalidInput says what is wrong."""
    problems: list[Problem] = []
    page = _whole(request, "page", 1, RANKED_PRODUCTS_MAX, problems)
    size = _whole(request, "page_size", PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, problems)
    if page * size > RANKED_PRODUCTS_MAX and not problems:
        detail = f"pages end after {RANKED_PRODUCTS_MAX} products"
        problems.append(Problem("/page", "out_of_range", detail))
    filters: tuple[ProductFilter, ...] = ()
    try:
        filters = parse_filters(request.get("filter") or (), settings.base_currency, "/filter")
    except InvalidInput as error:
        problems += error.problems
    sorts = _sorts(request.get("sort") or (), settings.base_currency, problems)
    if problems:
        raise InvalidInput(problems)
    return CategoryPage(request["category"], page, size, filters, sorts)


def retrieved(
    page: CategoryPage, chosen: Chosen, index: ProductIndex, model: Model, settings: SiteSettings
) -> Retrieved:
    """The results of a page; InvalidInput `page_beyond_last` if there is no such page."""
    artefact = None if chosen.strategy == NONE else model.artefacts.get(chosen.strategy)
    asked = ranked_products.Page(
        category=path_of(page.category),
        start=page.start,
        end=page.start + page.page_size,
        filters=page.filters,
        sorts=page.sorts,
        named=[event.sku for event in chosen.events],
        model=artefact.digest if artefact is not None else None,
        signals=artefact.scores if artefact is not None else dict,
        out_of_stock_last=settings.out_of_stock_last,
    )
    found = ranked_products.retrieve(index, asked)
    if page.page > 1 and page.start >= found.total:
        last = max(1, -(-found.total // page.page_size))
        raise InvalidInput([Problem("/page", "page_beyond_last", f"the last page is {last}")])
    return found


def category_question(
    page: CategoryPage, found: Retrieved, cart: CartQuestion | None
) -> CategoryQuestion:
    """The question that the rules answer."""
    return CategoryQuestion(page.category, page.page, page.page_size, not page.sorts, found, cart)


def _whole(
    request: Mapping[str, Any], name: str, default: int, most: int, problems: list[Problem]
) -> int:
    value: int = request.get(name, default)
    if not 1 <= value <= most:
        problems.append(Problem(f"/{name}", "out_of_range", f"a whole number from 1 to {most}"))
    return value


def _sorts(
    written: Sequence[Mapping[str, Any]], currency: str, problems: list[Problem]
) -> tuple[Sort, ...]:
    """`position` is the order of the rankings: after it nothing is left to sort."""
    found = []
    for index, sort in enumerate(written):
        attribute, direction = sort.get("attribute"), sort.get("direction", "asc")
        if attribute != POSITION and kind_of(attribute) in (None, "set"):
            detail = "position, or an attribute that has one value"
            problems.append(Problem(f"/sort/{index}/attribute", "unknown_attribute", detail))
        elif direction not in _DIRECTIONS:
            problems.append(Problem(f"/sort/{index}/direction", "not_one_of", "asc or desc"))
        elif not sort.keys() <= {"attribute", "direction"}:
            detail = "a sort is an attribute and a direction"
            problems.append(Problem(f"/sort/{index}", "unknown_field", detail))
        elif attribute == POSITION:
            break
        else:
            found.append(Sort(str(attribute), direction == "desc", currency))
    return tuple(found)
