"""The walk: rules take their turns by (priority, id), each over all lines, on running totals.

Rules of a stacking group take one turn together, at the place of the first of them. A rule that
fails by a fault of the program is left out and told of; the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence

from rulesets.cart_rules import CartRule
from rulesets.compiled import CompiledRevision
from rulesets.contest import Choice
from rulesets.contest import Contest
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.judge import Judge
from rulesets.lanes import Lane
from rulesets.nearly import Message
from rulesets.offers import OPEN
from rulesets.offers import Closed
from rulesets.offers import Offer
from rulesets.offers import Offers
from rulesets.offers import Refused
from rulesets.offers import applies
from rulesets.offers import worthless
from rulesets.outcome import Applied
from rulesets.question import CartQuestion
from rulesets.running import RunningCart
from rulesets.settled import SettledTruths
from rulesets.totals import Totals
from rulesets.trace import APPLIED
from rulesets.trace import FAILED
from rulesets.trace import Step
from rulesets.usage import CAMPAIGN_SPENT
from rulesets.usage import CAMPAIGN_USES
from rulesets.usage import used_of
from rulesets.watch import Watch


class CartWalk:
    """One cart on its way through the rules. `facts` belong to the walk, which keeps the running
    totals in them when it is told to, or a filter reads them."""

    def __init__(
        self,
        compiled: CompiledRevision,
        question: CartQuestion,
        facts: Facts,
        header: Header,
        judge: Judge,
        *,
        composite: bool,
        watch: Watch | None = None,
    ) -> None:
        self.cart = RunningCart(question, composite=composite)
        self.totals = Totals(facts, self.cart, compiled.running_read)
        self.truths = SettledTruths(facts, compiled.late_leaves)
        self.applied: list[Applied] = []
        self.steps: list[Step] = []
        self.messages: list[Message] = []
        self._campaigns: dict[str | None, tuple[int, int]] = {}
        self._compiled = compiled
        self._facts = facts
        self._header = header
        self._judge = judge
        self._watch = watch
        self._offers = Offers(facts, self.cart, self.totals)

    def turn(self, rule: CartRule) -> bool:
        """A rule that fired takes its turn; whether it applied."""
        found = self._asked(rule, self.cart)
        if isinstance(found, Refused):
            return self._refuse(found)
        if applies(found, self._header.currency):
            return self._apply(found)
        if rule.stop_further:  # a rule that finds nothing to take ends its lines all the same
            stop(self.cart, found)
        return self._refuse(worthless(found, self.cart))

    def turn_of_group(self, lane: Lane, rules: Sequence[CartRule]) -> bool:
        """The rules of a group that fired take their turn together; whether any applied."""
        fired = {rule.id: rule for rule in rules}
        try:
            choice = Contest(fired, self._contending, accept).settled(lane, self.cart)
        except Exception as error:  # as for a rule alone
            choice = Choice(refused=[self._failed(rule, error) for rule in rules])
        applied = False
        for offer in choice.offers:  # those of one campaign spend what it has together
            code = self._no_room(offer)
            if code is None:
                applied = self._apply(offer)
            else:
                choice.refused.append(Refused(offer.rule, code))
        for refused in sorted(choice.refused, key=lambda one: one.rule.order):
            self._refuse(refused)
        return applied

    def finish(self) -> None:
        """After the last turn: what else there is to tell."""
        if not self._compiled.near_rules and not self._judge.faults:
            return
        had_turns = {step.rule_id for step in self.steps}
        for near in self._compiled.near_rules:
            if not near.running and near.id not in had_turns:
                self.near(near)
        self.messages.sort(key=lambda message: self._compiled.rules[message.rule_id].order)
        for name, _ in self._judge.faults:
            rule = self._compiled.rules.get(name)
            if rule is not None and name not in had_turns:
                self._refuse(Refused(rule, FAILED))

    def near(self, rule: CartRule) -> None:
        """Notes what the cart lacks for a rule that did not fire, if that is little."""
        if rule.nearly is None:
            return
        try:
            if self._header.refusal(rule) is None and self._would_give(rule):
                message = rule.nearly.missing(rule.id, rule.node, self._facts)
                self.messages += [] if message is None else [message]
        except Exception as error:  # a message less
            self._judge.failed(rule.id, error)

    def _would_give(self, rule: CartRule) -> bool:
        """Whether reaching its conditions could change what the cart gets: somebody else may have
        ended its lines, made shipping free, or won its group."""
        cart, lane = self.cart, self._compiled.lanes.get(rule.id)
        if lane is not None and lane.mode == "first":
            applied = (self._compiled.rules[one.rule_id] for one in self.applied)
            mine = (one for one in applied if self._compiled.lanes.get(one.id) is lane)
            if any(one.order < rule.order for one in mine):
                return False
        if not self._offers.reach(rule, cart):
            return False
        ships = rule.free_shipping == "shipment"
        only_ships = ships and _gives_nothing(rule, self._header.currency)
        is_free = any(one.free_shipment for one in self.applied)
        return not (only_ships and is_free)

    def _asked(self, rule: CartRule, cart: RunningCart, closed: Closed = OPEN) -> Offer | Refused:
        """What the rule offers, if it is to apply at all."""
        try:
            refusal = self._header.refusal(rule)
            if refusal is not None:
                return Refused(rule, *refusal)
            if not (rule.always or self._judge.confirms(rule.id, rule.node, self.truths)):
                return Refused(rule, "engine_disagreed")
            found = self._offers.of(rule, cart, closed)
            code = None if isinstance(found, Refused) else self._no_room(found)
            return found if code is None else Refused(rule, code)
        except Exception as error:  # costs the shopper one rule, not the answer
            return self._failed(rule, error)

    def _no_room(self, offer: Offer) -> str | None:
        """The code of the limit that an offer would pass; of a campaign this cart has used too."""
        limits = offer.rule.limits
        if limits is None:
            return None
        used = used_of(self._facts.usage, offer.rule.id)
        uses, spent = self._campaigns.get(limits.campaign, (0, 0))
        if uses:
            here = {CAMPAIGN_USES: uses, CAMPAIGN_SPENT: spent}
            used = {**used, **{name: used.get(name, 0) + more for name, more in here.items()}}
        return limits.room_for(offer.amount, used, self._header.currency)

    def _contending(self, rule: CartRule, cart: RunningCart, closed: Closed) -> Offer | Refused:
        found = self._asked(rule, cart, closed)
        if isinstance(found, Refused):
            return found
        if not applies(found, self._header.currency):
            return worthless(found, cart)
        if self._watch is not None:
            self._watch.offered[rule.id] = found
        return found

    def _failed(self, rule: CartRule, error: Exception) -> Refused:
        self._judge.failed(rule.id, error)
        return Refused(rule, FAILED)

    def _apply(self, offer: Offer) -> bool:
        rule, cart = offer.rule, self.cart
        shipping = offer.shipping
        taken = accept(cart, offer) + shipping
        whole = len(offer.lines) == len(cart.left) and cart.families is None
        parts = tuple(offer.parts) if whole else self._dense(offer)
        self.applied.append(
            Applied(rule.id, parts, shipping, offer.free_lines, offer.frees_shipment, offer.gifts)
        )
        self.totals.changed(rule.id)
        if rule.limits is not None and rule.limits.campaign is not None:
            uses, spent = self._campaigns.get(rule.limits.campaign, (0, 0))
            self._campaigns[rule.limits.campaign] = (uses + 1, spent + taken)
        self.steps.append(Step(rule.id, APPLIED, taken, cart.subtotal - cart.line_discount))
        if self._watch is not None:
            self._watch.turned(offer, cart)
        return True

    def _refuse(self, refused: Refused) -> bool:
        after = self.cart.subtotal_after_discount
        self.steps.append(Step(refused.rule.id, refused.code, 0, after, refused.by))
        if self._watch is not None:
            self._watch.turned(refused, self.cart)
        return False

    def _dense(self, offer: Offer) -> tuple[int, ...]:
        """A part for every line of the cart."""
        dense = [0] * len(self.cart.left)
        for i, part in zip(offer.lines, offer.parts, strict=True):
            dense[i] = part
        return tuple(dense)


def _gives_nothing(rule: CartRule, currency: str) -> bool:
    benefit = rule.benefit(currency)
    return benefit is None or benefit.gives_nothing


def accept(cart: RunningCart, offer: Offer) -> int:
    """Takes what is offered; what that is of lines."""
    taken = cart.take(offer.lines, offer.parts)
    cart.shipping_left -= offer.shipping
    if offer.rule.stop_further:
        stop(cart, offer)
    return taken


def stop(cart: RunningCart, offer: Offer) -> None:
    """Ends the lines of an offer for later rules, and shipping if it took part in that."""
    cart.has_stopped = True
    for i in offer.lines:
        cart.stopped_by[i] = offer.rule.id
        if cart.families is not None:
            for child in cart.families.children.get(i, ()):
                cart.stopped_by[child] = offer.rule.id
    if offer.ends_shipping:
        cart.shipping_stopped_by = offer.rule.id
