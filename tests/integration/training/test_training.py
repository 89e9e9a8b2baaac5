"""Training from the log to what a process serves, on both databases."""

from __future__ import annotations

from aggregates.kernel.clock import DAY
from projections.recommendations.recommender import Asked
from projections.recommendations.recommender import Candidate
from projections.recommendations.registry import RECOMMENDERS
from tests.training_given import SITE
from tests.training_given import Trainer
from tests.training_given import days_ago


def test_what_was_bought_most_is_recommended_with_its_evidence(trainer: Trainer) -> None:
    trainer.order("1", "cup", "plate")
    trainer.order("2", "cup")
    trainer.order("3", "bowl", at=days_ago(8))
    report = trainer.train("most-purchased")

    assert report.model == "mdl_0000000001"
    assert report.types["most-purchased"]["outcome"] == "trained"
    candidates = RECOMMENDERS["most-purchased"].candidates(trainer.model(), Asked(count=5))
    assert candidates == [
        Candidate("cup", 2, 1, {"purchases": 2, "within_days": 7}),
        Candidate("plate", 1, 1, {"purchases": 1, "within_days": 7}),
    ]


def test_a_model_names_where_and_when_it_was_trained(trainer: Trainer) -> None:
    trainer.order("1", "cup")
    head = trainer.services.log.head(SITE).position
    trainer.train("most-purchased")

    row = trainer.newest()
    assert row is not None
    assert (row.number, row.trained_to) == (1, head)
    assert row.trained_at == trainer.services.clock.now()
    event = trainer.services.log.read_position(SITE, row.position)
    assert event is not None
    assert event.topic == "RecommendationModelTrained"
    assert event.data["types"] == row.types
    assert event.data["digest"] == row.digest


def test_an_empty_training_makes_no_model_and_says_so(trainer: Trainer) -> None:
    trainer.order("1", "cup", at=days_ago(30))
    report = trainer.train("most-purchased")

    assert report.model is None
    assert report.types["most-purchased"]["why"] == "empty"
    assert trainer.newest() is None


def test_a_type_that_comes_out_empty_goes_on_serving_what_it_served(trainer: Trainer) -> None:
    trainer.order("1", "cup")
    trainer.train("most-purchased")
    trainer.services.clock.advance(8 * DAY)  # type: ignore[attr-defined]
    report = trainer.train("most-purchased")

    assert report.model is None
    entry = report.types["most-purchased"]
    assert (entry["outcome"], entry["why"]) == ("kept", "empty")
    assert trainer.ranking("most-purchased") == [("cup", 1)]


def test_the_same_events_at_the_same_moment_make_the_same_model(trainer: Trainer) -> None:
    pairs = (("cup", "plate"), ("lamp", "bulb"), ("pot", "tea"))
    for number in range(12):
        browser, pair = f"browser {number}", pairs[number % 3]
        trainer.order(str(number), *pair, by=browser)
        trainer.views(browser, *pair, "bag" if number % 2 else "box")
    trainer.train()
    before = trainer.newest()
    trainer.train()
    after = trainer.newest()

    assert before is not None
    assert after is not None
    assert after.number == before.number + 1
    assert after.trained_to > before.trained_to
    assert after.digest == before.digest
    served = {name for name, entry in after.types.items() if entry["digest"] is not None}
    assert served == {"most-purchased", "most-viewed", "bought-bought", "viewed-viewed"}
