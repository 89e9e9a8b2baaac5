"""Actions of every type, drawn at random: what tests that hold for all of them are run on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from aggregates.kernel.money import digits_of
from aggregates.kernel.money import format_money

Body = dict[str, Any]
SKUS = "abc"
PERCENTAGES = st.sampled_from(["0", "5", "12.5", "33.3333", "50", "100"])


def prices(currency: str = "USD", most: int = 20_000) -> st.SearchStrategy[str]:
    """Amounts with the currency's own digits."""
    digits_of(currency)
    return st.integers(0, most).map(lambda minor: format_money(minor, currency))


def of_sku(sku: str) -> Body:
    """A filter of lines."""
    return {"attribute": "line.sku", "operator": "==", "value": sku}


@st.composite
def actions(draw: st.DrawFn, kind: str, currency: str = "USD") -> Body:
    """An action of a type as an author may write it, in the site's base currency."""
    money, whole = prices(currency), st.integers(1, 4)
    own: Body
    if kind in {"percent", "to_percent"}:
        own = {"amount": draw(PERCENTAGES)}
    elif kind in {"fixed", "cart_fixed", "to_fixed"}:
        own = {"amount": draw(money)}
    elif kind == "buy_x_get_y":
        own = {"step": draw(whole), "amount": str(draw(whole))}
    elif kind == "cheapest_free":
        step = draw(st.integers(2, 5))
        own = {"step": step, "amount": str(draw(st.integers(1, step - 1)))}
    elif kind == "free_gift":
        skus = draw(st.lists(st.sampled_from(SKUS + "z"), min_size=1, max_size=3, unique=True))
        choose = draw(st.integers(1, len(skus)))
        own = {"gift": {"skus": skus, "quantity": draw(whole), "choose": choose}}
    elif kind == "bundle_price":
        parts = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=3))
        bundle = [{"where": of_sku(sku), "quantity": draw(whole)} for sku in parts]
        own = {"amount": draw(money), "bundle": bundle}
    else:
        own = draw(_tiers(currency))
    if kind in {"percent", "fixed"} and draw(st.booleans()):
        own |= {"step": draw(st.integers(0, 4)), "max_quantity": draw(st.integers(0, 5))}
    if draw(st.booleans()):
        own["max_discount"] = {"amount": draw(money)}
    return {"type": kind, **own}


@st.composite
def _tiers(draw: st.DrawFn, currency: str) -> Body:
    by = draw(st.sampled_from(["quantity", "amount"]))
    least = st.integers(1, 20).map(str) if by == "quantity" else prices(currency)
    tiers = [
        {"from": one, **draw(st.one_of(_percent(), _fixed(currency)))}
        for one in sorted(draw(st.sets(least, min_size=1, max_size=3)), key=float)
    ]
    return {"by": by, "tiers": tiers}


def _percent() -> st.SearchStrategy[Body]:
    return PERCENTAGES.map(lambda amount: {"percent": amount})


def _fixed(currency: str) -> st.SearchStrategy[Body]:
    return prices(currency).map(lambda amount: {"fixed": amount})
