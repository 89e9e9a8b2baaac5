"""Why a slot shows what it shows: the blocks that could stand in it, and what became of each."""

from __future__ import annotations

from typing import Any

from decisions.explaining import Explaining
from rulesets.answers import spoken
from rulesets.blocks import Block
from rulesets.blocks import Slot
from rulesets.content import SHOWN
from rulesets.outcome import ContentOutcome
from rulesets.question import ContentQuestion
from rulesets.targeting import Because

Json = dict[str, Any]
NOT_ITS_TURN = "not_its_turn"
_EXPLAINED = ("segment", "rule", "audience")


def content_explained(asked: Explaining) -> Json:
    """`{slot, blocks}`: each candidate in the slot's order, and how the slot chose among those that
    were for this shopper."""
    slot, outcome = _slot(asked), _outcome(asked)
    blocks = {block.id: block for block in slot.blocks}
    fates = [(id_, code) for id_, code in asked.made.decided.trace.blocks if id_ in blocks]
    fitting = [id_ for id_, code in fates if code == SHOWN]
    told: Json = {
        "slot_id": slot.id,
        "name": slot.name,
        "rotation": slot.rotation,
        "fitting": fitting,
        "fallback": outcome.fallback,
    }
    question = asked.made.question
    assert isinstance(question, ContentQuestion)
    if slot.rotation == "random" and len(fitting) > 1:
        told["seed"] = str(asked.made.record.seed)
    elif slot.takes_turns and question.turn is not None and asked.audit:
        told["turn"] = question.turn.number
    return {"slot": told, "blocks": [_block(asked, blocks[id_], code) for id_, code in fates]}


def content_sentences(asked: Explaining) -> list[str]:
    """The blocks that are shown, with what let them in; the fallback; then the others."""
    texts, outcome = asked.telling.messages, _outcome(asked)
    told = []
    for block in outcome.blocks:
        why = reasons(asked, block.because)
        message = "told.block_because" if why else "told.block_for_all"
        name = asked.telling.names.get(block.block_id, block.block_id)
        told.append(texts.text(message, block=name, why=why))
    if outcome.fallback:
        told.append(texts.text("told.fallback"))
    slot = _slot(asked)
    if (slot.id, "not_in_schedule") in asked.made.decided.trace.blocks:
        told.append(texts.text("blocks.slot_not_in_schedule", block=slot.name))
    return told + [one["detail"] for one in content_explained(asked)["blocks"] if "detail" in one]


def reasons(asked: Explaining, because: Because) -> str:
    """What let a shopper in, in words; nothing for what is for everybody."""
    texts, names = asked.telling.messages, asked.telling.names
    told = [
        texts.one_of("reasons", kind, name=names.get(id_, id_))
        for kind, id_ in because
        if kind in _EXPLAINED
    ]
    return texts.text("list.and").join(told)


def _block(asked: Explaining, block: Block, code: str) -> Json:
    """One candidate: for whom it is, and whether it is shown."""
    shown = {one.block_id: one.because for one in _outcome(asked).blocks}
    told: Json = {"block_id": block.id, "name": block.name, "shown": block.id in shown}
    target = block.target
    wanted = {
        "segments": sorted(target.segments),
        "audiences": sorted(target.audiences.values()),
        "rules": sorted(target.rules),
        "store_views": sorted(block.store_views or ()),
    }
    told["for"] = {name: values for name, values in wanted.items() if values}
    if block.id in shown:
        told["because"] = spoken(shown[block.id])
        return told
    told["code"] = NOT_ITS_TURN if code == SHOWN else code
    told["detail"] = asked.telling.messages.one_of("blocks", told["code"], block=block.name)
    return told


def _slot(asked: Explaining) -> Slot:
    return asked.made.compiled.slots[_outcome(asked).slot_id]


def _outcome(asked: Explaining) -> ContentOutcome:
    outcome = asked.made.decided.outcome
    assert isinstance(outcome, ContentOutcome)
    return outcome
