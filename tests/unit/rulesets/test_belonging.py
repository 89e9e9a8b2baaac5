"""A rule that is not for a shopper applies to no cart of theirs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rulesets.belonging import Belonging
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.headers import header
from tests.given import AT
from tests.given import compiled

_LEAVES = st.one_of(
    st.sampled_from(
        [
            {"attribute": "shopper.is_registered", "operator": "==", "value": truth}
            for truth in (True, False)
        ]
        + [{"attribute": "context.country", "operator": "==", "value": name} for name in "AB"]
    ),
    st.sampled_from(
        [{"attribute": "cart.line_count", "operator": "==", "value": count} for count in (0, 1, 2)]
    ),
)
_TREES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        lambda form, items: {form: items},
        st.sampled_from(["all", "any", "none", "not_all"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)


@given(_TREES, st.booleans(), st.sampled_from(["A", "C", None]))
def test_it_never_shuts_out_whom_some_cart_lets_in(
    tree: Any, registered: bool, country: str | None
) -> None:
    revision = compiled({"one": {"conditions": tree}})
    (rule,) = revision.rules.values()
    of_shopper: dict[str, Any] = {"shopper.is_registered": registered}
    if country is not None:
        of_shopper["context.country"] = country
    facts = Facts("USD", of_shopper)
    belonging = Belonging(header(facts, AT, {}), facts, revision.segments)
    carts = [Facts("USD", {**of_shopper, "cart.line_count": count}) for count in range(3)]
    lets_in = any(evaluate(rule.node, cart) for cart in carts)
    if lets_in:
        assert belonging.is_for(rule)
    if "cart." not in repr(tree):
        assert belonging.is_for(rule) is lets_in
