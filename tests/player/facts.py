"""Facts about cases that a transcript states."""

from collections.abc import Callable, Mapping

from storage import cases, dues, evidence, union
from storage.cases import Case
from storage.tx import Tx
from tests.player.script import ZONE, ScriptError

Names = Mapping[str, str]


def check(tx: Tx, names: Names, words: str) -> None:
    """Check one line, such as `case 1: state in_progress, owner chen, due 2026-11-27 18:00`.

    Args:
        names: names in the transcript by person id.

    Raises:
        AssertionError: something is otherwise.
    """
    subject, _, rest = words.partition(": ")
    if subject == "cases":
        count = len(_all(tx))
        assert str(count) == rest, f"there are {count} cases"
        return
    case = _case(tx, subject)
    for fact in rest.split(", "):
        what, _, wanted = fact.partition(" ")
        if what not in FACTS:
            raise ScriptError(f"nothing is known about {what!r} of a case")
        found = FACTS[what](tx, case, names)
        assert found == wanted, f"{case.number}: {what} is {found}, not {wanted}"


def _all(tx: Tx) -> list[Case]:
    found = []
    for unit in [unit.id for unit in union.tree(tx)]:
        found.extend(cases.open_in(tx, [unit]))
    return found


def _case(tx: Tx, subject: str) -> Case:
    number = subject.removeprefix("case ")
    case = cases.find(tx, number) or next(iter(_numbered(tx, int(number))), None)
    if case is None:
        raise AssertionError(f"there is no {subject}")
    return case


def _numbered(tx: Tx, place: int) -> list[Case]:
    """The case opened as the given one, counted from 1."""
    from sqlalchemy import select

    from storage.tables import cases as table

    ids = tx.conn.execute(select(table.c.id).order_by(table.c.opened_at, table.c.number)).scalars().all()
    return [cases.get(tx, ids[place - 1])] if len(ids) >= place else []


def _person(names: Names, person_id: str | None) -> str:
    return "nobody" if person_id is None else names.get(person_id, "somebody unknown")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _next_due(tx: Tx, case: Case, _: Names) -> str:
    """What falls due next for the case, and when."""
    planned = [due for due in dues.planned(tx, case.id) if due.kind.startswith("case.")]
    return f"{planned[0].kind} {planned[0].due_at.astimezone(ZONE):%Y-%m-%d %H:%M}" if planned else "nothing"


FACTS: Mapping[str, Callable[[Tx, Case, Names], str]] = {
    "state": lambda tx, case, _: case.state.value,
    "owner": lambda tx, case, names: _person(names, case.owner_id),
    "unit": lambda tx, case, _: case.unit_id,
    "taken": lambda tx, case, _: _yes(case.taken),
    "take_by": lambda tx, case, _: f"{case.take_by.astimezone(ZONE):%Y-%m-%d %H:%M}",
    "due": lambda tx, case, _: f"{case.due_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
    "reader": lambda tx, case, _: case.reader.value,
    "kind": lambda tx, case, _: case.kind.value,
    "category": lambda tx, case, _: case.category,
    "route": lambda tx, case, _: case.route.value,
    "track": lambda tx, case, _: case.track.value,
    "source": lambda tx, case, _: case.source,
    "urgent": lambda tx, case, _: _yes(case.urgent),
    "anonymous": lambda tx, case, _: _yes(case.anonymous),
    "paused": lambda tx, case, _: _yes(case.paused_at is not None),
    "provisional": lambda tx, case, _: _yes(case.provisional),
    "level": lambda tx, case, _: str(case.level),
    "round": lambda tx, case, _: str(case.round),
    "outcome": lambda tx, case, _: case.disposition.value if case.disposition else "none",
    "word": lambda tx, case, _: case.word.value if case.word else "none",
    "files": lambda tx, case, _: str(len(evidence.of_case(tx, case.id))),
    "kept": lambda tx, case, _: str(sum(item.state == "kept" for item in evidence.of_case(tx, case.id))),
    "next": _next_due,
}
