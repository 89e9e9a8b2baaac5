"""A catalogue of messages for each language: templates with named places, and how digits look.

A message is called by its table and name: `rules.stopped`. The English catalogue is the pattern: a
test holds every other one against it, message by message and name by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

ENGLISH = "en"
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?\Z")
_THOUSANDS = re.compile(r"(?<=[0-9])(?=(?:[0-9]{3})+\Z)")
_OWN = ".<name>"


@dataclass(frozen=True, slots=True)
class Messages:
    """One language. `families` are the words of attributes that end in a merchant's own name."""

    locale: str
    tables: Mapping[str, Mapping[str, str]]
    families: tuple[str, ...]

    def text(self, message: str, /, **given: object) -> str:
        """A message with its places filled in; KeyError for one that is not there."""
        table, _, name = message.partition(".")
        return self.tables[table][name].format(**given)

    def one_of(self, table: str, name: str, /, **given: object) -> str:
        """The same of a closed list, by a code of it."""
        return self.tables[table][name].format(**given)

    def named(self, name: str) -> str:
        """What somebody called something."""
        return self.text("value.named", name=name)

    def number(self, text: str) -> str:
        """Decimal text with the language's own signs: `1234.50` is `1.234,50` in German. What is no
        number stays as it is."""
        found = _NUMBER.match(text)
        if found is None:
            return text
        sign, whole, places = found.groups()
        signs = self.tables["number"]
        whole = _THOUSANDS.sub(signs["group"], whole) if signs["group"] else whole
        return f"{sign}{whole}" if places is None else f"{sign}{whole}{signs['decimal']}{places}"

    def amount(self, text: str, currency: str) -> str:
        """An amount, as decimal text in the facts, with its currency."""
        return self.text("value.amount", amount=self.number(text), currency=currency)

    def words_for(self, attribute: str, table: str = "words") -> str:
        """What an attribute is called; its dotted name if nobody gave it words."""
        known = self.tables[table].get(attribute)
        if known is not None:
            return known
        for family in self.families:
            start = family[: -len(_OWN) + 1]
            if attribute.startswith(start) and family in self.tables[table]:
                return self.tables[table][family].format(name=attribute[len(start) :])
        return attribute


def messages_for(locale: str) -> Messages:
    """The catalogue of a language; English for one that has none."""
    return CATALOGUES[known_locale(locale) or ENGLISH]


def known_locale(locale: str) -> str | None:
    """The catalogue that a tag of a language asks for: `de-AT` and `de_DE` mean `de`."""
    tag = locale.strip().casefold().replace("_", "-")
    found = (name for name in (tag, tag.partition("-")[0]) if name in CATALOGUES)
    return next(found, None)


def catalogues(folder: Traversable) -> dict[str, Messages]:
    """Every catalogue of a folder, by its language: `de.toml` and `de.attributes.toml`. Beside
    them lies whatever else Python and editors leave there."""
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for file in folder.iterdir():
        locale, _, kind = file.name.partition(".")
        if locale and kind in ("toml", "attributes.toml"):
            tables.setdefault(locale, {}).update(tomllib.loads(file.read_text("utf-8")))
    return {locale: _messages(locale, tables[locale]) for locale in sorted(tables)}


def _messages(locale: str, tables: Mapping[str, Mapping[str, str]]) -> Messages:
    families = (name for name in tables["words"] if name.endswith(_OWN))
    return Messages(locale, tables, tuple(sorted(families, key=len, reverse=True)))


CATALOGUES: Mapping[str, Messages] = catalogues(files(__package__))
"""Language -> its messages."""
