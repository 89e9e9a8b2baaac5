"""Names of events: Segment's are canonical, Adobe's are aliases, others stay."""

from __future__ import annotations

from app.intake.names import ALIASES
from app.intake.names import ECOMMERCE
from app.intake.names import ORDER_TOPICS
from app.intake.names import STOREFRONT
from app.intake.names import canonical_name
from app.intake.names import is_ecommerce

SDK = set(
    """page-view page-activity-summary referrer-url custom-url product-page-view add-to-cart
    remove-from-cart update-cart open-cart shopping-cart-view initiate-checkout place-order sign-in
    sign-out create-account edit-account search-request-sent search-response-received
    search-results-view category-results-view search-product-click search-category-click
    search-suggestion-click recs-api-request-sent recs-api-response-received
    recs-unit-impression-render recs-unit-view recs-item-click recs-item-add-to-cart-click
    create-requisition-list delete-requisition-list add-to-requisition-list
    remove-from-requisition-list recs-request-sent recs-unit-render recs-add-to-cart-click
    impression-render rec-click rec-add-to-cart-click view product-view""".split()  # noqa: SIM905  (read as a table)
)


def test_every_name_of_the_storefront_sdk_is_an_alias() -> None:
    assert set(ALIASES) == SDK


def test_an_alias_names_one_canonical_event() -> None:
    assert sum(len(aliases.split()) for aliases in STOREFRONT.values()) == len(ALIASES)


def test_canonical_names_are_their_own() -> None:
    for name in (*ECOMMERCE, *STOREFRONT):
        assert canonical_name(name) == name
        assert canonical_name(name.upper()) == name


def test_order_events_are_ecommerce() -> None:
    assert all(is_ecommerce(name) for name in ORDER_TOPICS)
    assert not is_ecommerce("Quiz Taken")
