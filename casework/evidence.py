"""Evidence that could not be kept: both sides are told (R16)."""

from collections.abc import Mapping

from casework import notices
from casework.rulebook import Rulebook
from storage import cases, evidence, outbox, people
from storage.tx import Tx
from talk.reply import Choice, Say, Value


def could_not_keep(
    tx: Tx, rules: Rulebook, item_id: str, person_id: str, key: str, why: Mapping[str, object]
) -> None:
    """Tell the person, and the handler of the case it was for, that a file is not here."""
    item = evidence.get(tx, item_id)
    evidence.failed(tx, item_id)
    door = people.door(tx, person_id)
    if door is not None:
        name: Value = str(item.detail["name"]) or {"$key": "kit.file.nameless"}
        values: dict[str, Value] = {"name": name, **{each: str(value) for each, value in why.items()}}
        outbox.put(tx, door, Say(key, values, case_id=item.case_id or ""))
    if item.case_id is None:
        return
    case = cases.get(tx, item.case_id)
    if case.owner_id is not None:
        rows = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),)
        notices.tell_cadre(tx, rules, case.owner_id, case, "desk.file_missing", rows)
