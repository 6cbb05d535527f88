"""What a worker is told once a matter is entered (R13)."""

from casework import duty, return_codes
from casework.handling import name_of
from handlers import texting
from handlers.turn import Turn
from storage import case_messages, cases, union
from storage.cases import Case
from talk.reply import Choice, Reply, Say, Value
from talk.words import at


def opened(turn: Turn, case: Case) -> Reply:
    """Number, who has it, what happens next and by when; the return code after the first matter."""
    return _receipt(turn, case, _key(turn, case))


def applied(turn: Turn, case: Case) -> Reply:
    """The same for an application to join."""
    return _receipt(turn, case, "joining.receipt")


def _receipt(turn: Turn, case: Case, key: str) -> Reply:
    case_messages.note(turn.tx, turn.session.aside.pop("held_marks", ()), case.id)
    unit = next(unit.name for unit in union.tree(turn.tx) if unit.id == case.unit_id)
    values: dict[str, Value] = {
        "number": case.number,
        "unit": unit,
        "take_by": at(case.take_by),
        "due": at(case.due_at),
        "owner": name_of(turn.tx, case.owner_id),
    }
    says = [Say(key, values, _rows(case), case_id=case.id)]
    if case.provisional:
        says.insert(0, Say("case.receipt.provisional", {"number": case.number}, case_id=case.id))
    if turn.account.channel == "browser" and len(cases.of_worker(turn.tx, turn.person.id)) == 1:
        code = return_codes.make(turn.tx, turn.person.id)
        says.insert(0, Say("case.receipt.return_code", {"code": code}, texting.ways(turn)))
    return Reply(tuple(says))


def _key(turn: Turn, case: Case) -> str:
    if case.urgent:
        here = duty.somebody_now(turn.tx, turn.rules, case.unit_id)
        return "case.receipt.urgent" if here else "case.receipt.urgent_off_duty"
    return "case.receipt.plain"


def _rows(case: Case) -> tuple[tuple[Choice, ...], ...]:
    return (
        (
            Choice("my.write", label="case.button.add", args={"case": case.id}),
            Choice("my.case", label="case.button.look", args={"case": case.id}),
        ),
    )
