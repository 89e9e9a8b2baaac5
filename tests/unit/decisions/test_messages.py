"""Catalogues of messages: every language says everything, with the same places to fill in."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from decisions.messages.catalogue import CATALOGUES
from decisions.messages.catalogue import ENGLISH
from decisions.messages.catalogue import catalogues
from decisions.messages.catalogue import known_locale
from decisions.messages.catalogue import messages_for
from decisions.sentences import Telling
from decisions.sentences import reason
from rulesets.attributes import table
from rulesets.operators import OPERATORS

PATTERN = CATALOGUES[ENGLISH].tables
TRANSLATED = sorted(set(CATALOGUES) - {ENGLISH})
GERMAN = Telling("EUR", "EUR", {"seg_0000000001": "Treue"}, messages_for("de"))


def test_a_second_language_is_shipped() -> None:
    assert TRANSLATED == ["de"]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_language_has_every_message_and_no_other(locale: str) -> None:
    tables = CATALOGUES[locale].tables
    named = {(name, message) for name in tables for message in tables[name]}
    assert named == {(name, message) for name in PATTERN for message in PATTERN[name]}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_message_has_the_same_places_in_every_language(locale: str) -> None:
    for name, messages in PATTERN.items():
        for message, template in messages.items():
            other = CATALOGUES[locale].tables[name][message]
            assert _places(other) == _places(template), f"{name}.{message}"


@pytest.mark.parametrize("locale", sorted(CATALOGUES))
def test_a_language_has_words_for_every_attribute_and_operator(locale: str) -> None:
    tables = CATALOGUES[locale].tables
    assert set(tables["words"]) == {attribute["name"] for attribute in table()}
    in_lines = {one["name"] for one in table() if "line" in one["scopes"]}
    assert set(tables["own_words"]) == in_lines
    for name in ("asked", "refused", "holds"):
        assert set(tables[name]) == set(OPERATORS)


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("de", "de"), ("de-AT", "de"), ("DE_de", "de"), ("en-GB", "en"), ("fr", None), ("", None)],
)
def test_a_tag_finds_the_language_that_it_is_about(tag: str, locale: str | None) -> None:
    assert known_locale(tag) == locale
    assert messages_for(tag).locale == (locale or ENGLISH)


@pytest.mark.parametrize(
    ("text", "english", "german"),
    [
        ("1234567.50", "1234567.50", "1.234.567,50"),
        ("-1234", "-1234", "-1.234"),
        ("999", "999", "999"),
        ("0.5", "0.5", "0,5"),
        ("SW1A 1AA", "SW1A 1AA", "SW1A 1AA"),
        ("(profile)", "(profile)", "(profile)"),
    ],
)
def test_digits_are_written_as_a_language_writes_them(text: str, english: str, german: str) -> None:
    assert messages_for("en").number(text) == english
    assert messages_for("de").number(text) == german


def _leaf(attribute: str, operator: str, value: Any, actual: Any) -> dict[str, Any]:
    leaf = {"attribute": attribute, "operator": operator, "value": value}
    return {**leaf, "actual": actual, "truth": False}


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (
            _leaf("cart.subtotal", ">=", "1500.00", "1234.50"),
            "die Zwischensumme des Warenkorbs: 1.234,50 EUR (verlangt: mindestens 1.500,00 EUR)",
        ),
        (
            _leaf("shopper.segments", "contains", "seg_0000000001", []),
            "die Segmente des Kunden: keine (verlangt: enthält „Treue“)",
        ),
        (
            _leaf("cart.quantity", ">", "2.5", "1.25"),
            "die Stückzahl im Warenkorb: 1,25 (verlangt: mehr als 2,5)",
        ),
        (
            {
                "lines": "found",
                "where": {"attribute": "line.sku", "operator": "==", "value": "a"},
                "truth": False,
            },
            "keine Position (SKU ist a) im Warenkorb (eine war verlangt)",
        ),
        (
            {
                "history": "Product Viewed",
                "within_days": 7,
                "operator": ">=",
                "value": 3,
                "actual": 1,
                "truth": False,
            },
            "die Zahl der Ereignisse „Product Viewed“ in 7 Tagen: 1 (verlangt: mindestens 3)",
        ),
    ],
)
def test_a_reason_is_told_in_german(tree: dict[str, Any], told: str) -> None:
    assert reason(tree, GERMAN) == told


def _places(template: str) -> list[str]:
    """The names that a template fills in; a place without a name fails."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    assert all(name.isidentifier() for name in names), template
    return sorted(set(names))


def test_what_else_lies_beside_the_catalogues_is_none(tmp_path: Path) -> None:
    for file in (ours for ours in files("decisions.messages").iterdir() if ours.is_file()):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "__pycache__").mkdir()  # wherever Python keeps what it compiled
    (tmp_path / ".en.toml.swp").touch()
    (tmp_path / "LICENSE").touch()
    assert catalogues(tmp_path) == CATALOGUES
