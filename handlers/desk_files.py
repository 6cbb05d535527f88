"""A cadre looks at the evidence of a case."""

from collections.abc import Mapping
from typing import Any

from casework import files
from handlers.registry import button
from handlers.turn import Turn
from storage.evidence import Item
from talk.reply import Choice, Reply, Say, Value
from talk.words import at

SHOWN = 10


@button("case.files")
def show(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Every piece of evidence, one message each."""
    case, found = files.hand_over(turn.tx, turn.actor, args["case"])
    back = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),)
    if not found:
        return Reply((Say("desk.files.none", {"number": case.number}, back, case_id=case.id),))
    says = [
        _one(case.number, case.id, n, item, document) for n, (item, document) in enumerate(found[:SHOWN], 1)
    ]
    total: dict[str, Value] = {"number": case.number, "count": len(found)}
    return Reply((*says, Say("desk.files.end", total, back, case_id=case.id)))


def _one(number: str, case_id: str, place: int, item: Item, document: str) -> Say:
    values: dict[str, Value] = {
        "number": number,
        "place": place,
        "at": at(item.received_at),
        "kind": {"$key": f"desk.files.kind.{item.kind}"},
        "caption": str(item.detail.get("caption") or ""),
    }
    state = "kept" if document else "unshown" if item.state == "kept" else item.state
    return Say(f"desk.files.{state}", values, case_id=case_id, document=document)
