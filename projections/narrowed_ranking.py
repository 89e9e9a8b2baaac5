"""A ranking without the products that a unit may not show, however deep those stand that it may.

The best few of a ranking fill most units. A unit of one small category finds none of its products
among them: here the whole ranking is narrowed at once, by the columns of the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from projections.product_columns import Rows
from projections.product_index import ProductIndex
from projections.recommendations.artefact import Artefact
from projections.recommendations.models import Model
from rulesets import visibility
from rulesets.unit_filters import Narrowing

_KEPT = 16
"""Rankings whose rows an index keeps: the types of a few models."""


def narrowed(
    model: Model,
    unit_type: str,
    index: ProductIndex,
    tests: tuple[Sequence[Narrowing], Sequence[Narrowing]],
    count: int,
) -> Model:
    """A model that ranks, of one type, only the best `count` products that pass; of a type that
    the model does not have, the model itself."""
    artefact = model.artefacts.get(unit_type)
    if artefact is None:
        return model
    columns = index.columns
    include, exclude = tests
    rows = _rows(index, artefact)
    for one in include:
        if one.written is not None:
            rows = rows[columns.passing_of(one.attribute, one.written, one.passes, rows)]
    for one in exclude:
        if one.written is not None:
            rows = rows[~columns.passing_of(one.attribute, one.written, one.passes, rows)]
    rows = rows[columns.listed[rows]]
    rows = rows[columns.passing_of("visibility", b"anywhere", visibility.anywhere, rows)]
    left = iter(rows.tolist())
    rare = [(one, True) for one in include if one.written is None]
    rare += [(one, False) for one in exclude if one.written is None]
    if rare:  # of this request alone: asked product by product, until there are enough
        left = (
            row
            for row in left
            if all(one.passes(columns.value(one.attribute, row)) is wanted for one, wanted in rare)
        )
    skus = [columns.skus[row] for row in islice(left, count)]
    return replace(model, artefacts={unit_type: artefact.only(skus)})


def _rows(index: ProductIndex, artefact: Artefact) -> Rows:
    """The rows of a ranking's products, best first; kept until products are added."""
    columns = index.columns
    key = (artefact.digest, len(columns))
    known: Rows | None = index.rankings.get(key)
    if known is not None:
        return known
    if len(index.rankings) >= _KEPT:
        index.rankings.clear()
    found = [row for sku in artefact.lines if (row := columns.row_of.get(sku)) is not None]
    made = index.rankings[key] = np.array(found, np.int64)
    return made
