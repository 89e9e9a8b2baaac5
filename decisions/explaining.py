"""What every part of an explanation is told with: the decision, whether profile values may be said,
the language, and the log where it is at hand."""

from __future__ import annotations

from dataclasses import dataclass

from decisions.evidence import Evidence
from decisions.made import Made
from decisions.messages.catalogue import ENGLISH
from decisions.messages.catalogue import messages_for
from decisions.sentences import Telling
from rulesets.question import CartQuestion
from rulesets.question import RecommendationsQuestion
from rulesets.rejections import priced

HIDDEN = "(profile)"
_PERSONAL = ("shopper.", "context.customer_group")  # the latter is an alias of shopper.group
_OPEN_OF_SHOPPER = frozenset({"shopper.is_registered", "shopper.segments", "shopper.audiences"})


@dataclass(frozen=True, slots=True)
class Explaining:
    """One explanation. Without `audit` what is known of the person stays hidden. `evidence` finds
    the events behind a value; an explanation that goes out with its answer is told without it."""

    made: Made
    audit: bool
    telling: Telling
    evidence: Evidence | None = None

    @classmethod
    def of(
        cls,
        made: Made,
        *,
        audit: bool,
        locale: str = ENGLISH,
        evidence: Evidence | None = None,
    ) -> Explaining:
        """With the names that the definitions had in the decision's revision. Events behind values
        are an auditor's to see."""
        names = {
            id_: definition.body.get("name") or definition.key or id_
            for (_, id_), definition in made.compiled.definitions.items()
        }
        currency = made.record.sources.facts.currency
        base = made.compiled.settings.base_currency
        telling = Telling(currency, base, names, messages_for(locale))
        return cls(made, audit, telling, evidence if audit else None)

    @property
    def cart(self) -> CartQuestion | None:
        """The cart that the rules were asked about, if they were."""
        return priced(self.made.compiled, self.made.question)

    def line_id(self, line: int) -> str:
        """The id of a line of the cart by its place, whether rules were asked about it or not."""
        question = self.made.question
        assert not isinstance(question, RecommendationsQuestion)
        cart = question if isinstance(question, CartQuestion) else question.cart
        assert cart is not None
        return cart.lines[line].line_id


def is_personal(attribute: str) -> bool:
    """Whether a value of it is known of the person, and not by the request alone."""
    return attribute.startswith(_PERSONAL) and attribute not in _OPEN_OF_SHOPPER
