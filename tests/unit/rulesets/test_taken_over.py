"""What a revision takes over from a former one changes no decision and no word about it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.canonical import digest
from aggregates.site import SiteSettings
from decisions.explain import explanation
from decisions.gather import Gathered
from decisions.made import make
from decisions.record import Sources
from decisions.shopper import History
from projections.days import zone_named
from rulesets import taken_over
from rulesets.compiled import CompiledRevision
from rulesets.compiled import LiveDefinition
from rulesets.compiled import compile_revision
from rulesets.question import ContentQuestion
from rulesets.question import Question
from tests.given import AT
from tests.given import a_cart
from tests.given import a_rule
from tests.given import facts_of

Body = dict[str, Any]
LINES = [
    {"quantity": 2, "price": "30.00", "sku": "a"},
    {"quantity": 1, "price": "7.50", "sku": "b"},
]
SEGMENTS, RULES, BLOCKS = ("s", "t"), ("p", "q", "r", "u"), ("b", "c")
AMOUNTS = st.sampled_from(["1.00", "20.00", "60.00", "67.50", "90.00"])


def leaf(attribute: str, operator: str, value: Any) -> Body:
    return {"attribute": attribute, "operator": operator, "value": value}


LEAVES = st.one_of(
    st.builds(leaf, st.just("cart.subtotal"), st.sampled_from([">=", "<"]), AMOUNTS),
    st.builds(leaf, st.just("cart.subtotal_after_discount"), st.just("<"), AMOUNTS),
    st.builds(
        leaf,
        st.just("shopper.segments"),
        st.sampled_from(["contains", "not_contains"]),
        st.sampled_from(SEGMENTS),
    ),
    st.builds(
        leaf,
        st.just("cart.applied_rules"),
        st.sampled_from(["contains", "not_contains"]),
        st.sampled_from(RULES),
    ),
    st.builds(
        lambda sku: {"lines": "found", "where": leaf("line.sku", "==", sku)},
        st.sampled_from("abz"),
    ),
)
TREES = st.builds(
    lambda form, items: {form: items},
    st.sampled_from(["all", "any", "none"]),
    st.lists(LEAVES, max_size=3),
)


@st.composite
def rules(draw: st.DrawFn) -> Body:
    action: Body = {"type": "percent", "amount": draw(st.sampled_from(["5", "10", "50"]))}
    if draw(st.booleans()):
        action["items"] = leaf("line.sku", "==", draw(st.sampled_from("ab")))
    return a_rule(
        priority=draw(st.integers(0, 3)),
        stop_further=draw(st.sampled_from([False, False, True])),
        conditions=draw(TREES),
        action=action,
        dynamic_blocks=draw(st.lists(st.sampled_from(BLOCKS), max_size=1)),
        from_date=draw(st.sampled_from([None, "2026-11-23", "2026-11-24"])),
        coupon=draw(st.sampled_from([{"type": "none"}, {"type": "specific", "code": "x"}])),
    )


BODIES = {
    "cart-rules": rules(),
    "segments": st.builds(
        lambda value: {
            "name": "S",
            "apply_to": "all",
            "conditions": leaf("cart.subtotal", ">=", value),
        },
        AMOUNTS,
    ),
    "dynamic-blocks": st.builds(
        lambda priority, segments: {
            "name": "B",
            "types": ["content"],
            "priority": priority,
            "segments": segments,
            "content": {"html": "b"},
        },
        st.integers(0, 2),
        st.lists(st.sampled_from(SEGMENTS), max_size=1),
    ),
}
KEYS = {"cart-rules": RULES, "segments": SEGMENTS, "dynamic-blocks": BLOCKS}
SLOT = {"key": "slot", "name": "Slot", "source": "specified", "blocks": list(BLOCKS)}
ACTS = ("save", "save", "archive", "pause", "other id", "settings")


@dataclass
class Live:
    """What is live, edited by a drawn act at a time."""

    settings: SiteSettings = field(default_factory=SiteSettings)
    definitions: dict[tuple[str, str], LiveDefinition] = field(default_factory=dict)
    ids: int = 0

    def act(self, draw: Any) -> None:
        kind = draw(st.sampled_from(sorted(KEYS)))
        key = draw(st.sampled_from(KEYS[kind]))
        act = draw(st.sampled_from(ACTS))
        place = (kind, key)
        known = self.definitions.get(place)
        if act == "settings":
            name = draw(st.sampled_from(["time_zone", "max_coupons"]))
            value = {"time_zone": "Asia/Tokyo", "max_coupons": 2}[name]
            self.settings = replace(self.settings, **{name: value})
        elif known is None or act == "save":
            self.save(kind, key, draw(BODIES[kind]))
        elif act == "archive":
            del self.definitions[place]
        elif act == "pause":
            self.definitions[place] = replace(known, paused=not known.paused)
        else:  # a new definition takes the key over
            del self.definitions[place]
            self.save(kind, key, known.body)

    def save(self, kind: str, key: str, body: Body) -> None:
        known = self.definitions.get((kind, key))
        self.ids += 1
        id_ = known.id if known else f"{kind[:3]}_{draw_id(self.ids)}"
        found = LiveDefinition(kind, id_, key, self.ids, digest(body), body)
        self.definitions[kind, key] = replace(found, paused=known.paused) if known else found

    def compiled(self, number: int, previous: CompiledRevision | None) -> CompiledRevision:
        slot = LiveDefinition("slots", "slt_1", "slot", 1, "slot", SLOT)
        live = [*self.definitions.values(), slot]
        return compile_revision(
            "shop", number, f"d{number}", live, self.settings, previous=previous
        )


def draw_id(number: int) -> str:
    """Ids that do not sort by age."""
    return digest(number)[:8]


def told(compiled: CompiledRevision, question: Question, at: int = AT) -> Any:
    """All that is recorded and said of a decision."""
    cart = a_cart(LINES, coupons=("x",))
    facts = facts_of(cart, LINES)
    gathered = Gathered(
        compiled,
        at,
        {"head": 1},
        (),
        cart,
        Sources({"lines": []}, facts, {}),
        History(zone_named("UTC")),
    )
    means: Any = SimpleNamespace(random=SimpleNamespace(bits=lambda _: 7))
    made = make(means, "cart", gathered, question)
    record = made.record
    return (
        record.outcome,
        made.decided.trace.to_json(),
        record.engine,
        record.disagreed,
        explanation(made, audit=True),
    )


def assert_same(one: CompiledRevision, other: CompiledRevision) -> None:
    cart = a_cart(LINES, coupons=("x",))
    for question in (cart, ContentQuestion("slot", cart)):
        assert told(one, question) == told(other, question)
    for name in ("values", "lines", "counts"):
        assert getattr(one.needs, name) == getattr(other.needs, name), name
    for name in ("definitions", "running_read", "edges", "settings", "lanes", "limited"):
        assert getattr(one, name) == getattr(other, name), name
    orders = [{rule.id: rule.order for rule in each.rules.values()} for each in (one, other)]
    assert orders[0] == orders[1]
    assert list(one.rules) == list(other.rules)
    assert one.slot_needs("slot") == other.slot_needs("slot")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_edit_decides_as_a_compile_from_nothing(data: st.DataObject) -> None:
    live = Live()
    for key in RULES[:3]:
        live.save("cart-rules", key, data.draw(rules()))
    for kind in ("segments", "dynamic-blocks"):
        live.save(kind, KEYS[kind][0], data.draw(BODIES[kind]))
    previous = live.compiled(0, None)
    for number in range(1, data.draw(st.integers(2, 7))):
        live.act(data.draw)
        compiled = live.compiled(number, previous)
        assert_same(compiled, live.compiled(number, None))
        previous = compiled


def rule_leaves(compiled: CompiledRevision) -> dict[int, Any]:
    return {id(rule.node.items[0]): rule.node.items[0] for rule in compiled.rules.values()}


def a_live(**bodies: Body) -> Live:
    live = Live()
    for key, body in bodies.items():
        live.save("cart-rules", key, body)
    return live


OVER = {"all": [leaf("cart.subtotal_after_discount", ">=", "10.00")]}


def test_what_did_not_change_is_the_same_object_and_shares_its_leaves_with_what_is_new() -> None:
    live = a_live(p=a_rule(conditions=OVER), q=a_rule(conditions=OVER, priority=20))
    before = live.compiled(1, None)
    live.save("cart-rules", "r", a_rule(conditions=OVER, priority=30))
    after = live.compiled(2, before)
    assert [after.rules[name] is rule for name, rule in before.rules.items()] == [True, True]
    assert len(rule_leaves(after)) == 1
    assert after.late_leaves == frozenset(rule_leaves(after))
    shards = [each.first_stratum.program.networks for each in (before, after)]
    assert shards[0] == shards[1]


def test_literals_keep_their_numbers_until_many_edits_have_left_some_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def over(amount: int) -> Body:
        return a_rule(conditions={"all": [leaf("cart.subtotal", ">=", f"{amount}.00")]})

    monkeypatch.setattr(taken_over, "_EDITS_MAX", 3)
    live = a_live(p=over(1), q=over(2))
    compiled = live.compiled(0, None)
    sizes = []
    for number in range(1, 8):
        live.save("cart-rules", "q", over(2 + number))
        compiled = live.compiled(number, compiled)
        sizes.append((len(compiled.first_stratum.table), len(compiled.common.leaves)))
    assert sizes == [(3, 3), (4, 4), (5, 5), (2, 2), (3, 3), (4, 4), (5, 5)]


def test_a_rule_that_moved_keeps_what_was_parsed_of_it() -> None:
    live = a_live(q=a_rule(conditions=OVER, priority=20))
    before = live.compiled(1, None)
    live.save("cart-rules", "p", a_rule(priority=1))
    after = live.compiled(2, before)
    (known,) = before.rules.values()
    assert (known.order, after.rules[known.id].order) == (0, 1)
    assert after.rules[known.id].node is known.node


def test_numbers_of_filters_are_given_once_and_start_anew_before_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def only(sku: str) -> Body:
        return a_rule(action={**a_rule()["action"], "items": leaf("line.sku", "==", sku)})

    monkeypatch.setattr(taken_over, "_UNUSED_FILTERS_MAX", 2)
    live = a_live(p=only("a"), q=only("b"))
    compiled = live.compiled(0, None)
    sizes = []
    for number in range(1, 8):
        live.save("cart-rules", "q", only(f"b{number}"))
        compiled = live.compiled(number, compiled)
        numbers = [rule.items.number for rule in compiled.rules.values() if rule.items]
        assert len(set(numbers)) == 2
        sizes.append(len(compiled.common.filters))
    assert sizes == [3, 4, 5, 2, 3, 4, 5], "two in use, and at most two spare before one comes"


def test_indexes_are_ready_for_the_currencies_that_were_asked_for() -> None:
    body = a_rule(
        conditions={"all": [{**leaf("cart.subtotal", ">=", "1.00"), "values": {"EUR": "1.00"}}]}
    )
    live = a_live(p=body)
    before = live.compiled(1, None)
    facts = facts_of(a_cart(LINES, currency="EUR"))
    before.first_stratum.table.true(facts)
    live.save("cart-rules", "q", a_rule())
    after = live.compiled(2, before)
    assert set(after.first_stratum.table.currencies) == {"USD", "EUR"}
