"""What training reads of a log: open fields of views and trusted orders, from where a window
begins."""

from __future__ import annotations

from aggregates.kernel.clock import DAY
from app.training import reading
from tests.training_given import SITE
from tests.training_given import Trainer
from tests.training_given import days_ago
from tests.training_given import order
from tests.training_given import shopper
from tests.training_given import view


def read(trainer: Trainer, after: int = 0) -> reading.Rows:
    log = trainer.services.log
    return reading.read(log, SITE, after, log.head(SITE).position, lambda done, total: None)


def test_views_are_read_with_their_browser(trainer: Trainer) -> None:
    at = days_ago(1)
    phone = shopper("phone")
    trainer.record(view("phone", "cup", at), view("anna", "plate", at + 1, via=phone))
    trainer.record(view("anna", "bowl", at + 2))
    assert [(row["browser"], row["sku"]) for row in read(trainer).views.to_pylist()] == [
        (phone, "cup"),
        (phone, "plate"),
        (shopper("anna"), "bowl"),
    ]


def test_other_interactions_are_not_views(trainer: Trainer) -> None:
    trainer.record(view("anna", "cup", days_ago(1), event="Product Added"))
    trainer.record(view("anna", "cup", days_ago(1), event="Page Viewed", products=[]))
    assert read(trainer).views.num_rows == 0


def test_orders_count_only_from_a_server(trainer: Trainer) -> None:
    trainer.record(order("1", "cup", "plate"), order("2", "lamp", trust="client"))
    rows = read(trainer)
    assert [(row["order"], row["topic"]) for row in rows.order_events.to_pylist()] == [
        ("1", "OrderCompleted")
    ]
    assert [row["sku"] for row in rows.order_lines.to_pylist()] == ["cup", "plate"]


def test_a_quantity_keeps_its_places(trainer: Trainer) -> None:
    products = [{"sku": "cloth", "quantity": {"$decimal": "2.5"}}, {"sku": "needle"}]
    trainer.record(order("1", products=products))
    quantities = [str(row["quantity"]) for row in read(trainer).order_lines.to_pylist()]
    assert quantities == ["2.5000", "1.0000"]


def test_it_is_read_in_pages_and_told_how_far(trainer: Trainer) -> None:
    log, count = trainer.services.log, 2 * reading.PAGE_EVENTS + 5
    for start in range(0, count, 500):
        numbers = range(start, min(count, start + 500))
        trainer.record(*(view("anna", f"sku-{n}", days_ago(1) + n) for n in numbers))
    told: list[tuple[int, int]] = []
    head = log.head(SITE).position
    rows = reading.read(log, SITE, 1, head, lambda done, total: told.append((done, total)))

    assert [row["sku"] for row in rows.views.to_pylist()] == [f"sku-{n}" for n in range(count)]
    assert told == [(2_000, head - 1), (4_000, head - 1), (head - 1, head - 1)]


def test_reading_begins_where_the_window_can_begin(trainer: Trainer) -> None:
    clock, log = trainer.services.clock, trainer.services.log
    recorded = {log.head(SITE).position: clock.now()}
    for _ in range(13):
        clock.advance(DAY)  # type: ignore[attr-defined]
        trainer.order("one", "cup", at=clock.now())
        recorded[log.head(SITE).position] = clock.now()
    head = log.head(SITE).position
    for position, moment in recorded.items():
        assert reading.first_after(log, SITE, moment, head) == position - 1
        assert reading.first_after(log, SITE, moment + 1, head) == position
    assert reading.first_after(log, SITE, 0, head) == 0


def test_the_log_before_the_windows_is_left_alone(trainer: Trainer) -> None:
    clock = trainer.services.clock
    trainer.order("1", "cup", at=clock.now())
    clock.advance(300 * DAY)  # type: ignore[attr-defined]
    trainer.order("2", "plate", at=clock.now())
    trainer.train()
    assert trainer.ranking("most-purchased") == [("plate", 1)]
