"""Opening a case: number, reader, unit, limit, owner and the first ping, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from casework import notices, timing
from casework.authorize import may_take
from casework.duty import duty_people, staffed_unit
from casework.rulebook import Rulebook
from domain import numbers
from domain.cases import Kind, Reader, State, Track
from domain.errors import Refusal
from domain.limits import Limit, limit_for
from domain.people import PersonId
from domain.roles import CaseSubject
from domain.terms import CaseTerms
from domain.units import UnitId
from storage import cases, evidence, union
from storage.cases import Case
from storage.ids import new_alias, new_id
from storage.people import Person
from storage.tx import Tx
from talk.reply import Choice
from talk.words import at

MOST_NEW = 3  # cases a worker may open in an hour; urgent ones are never held back


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a worker brings.

    Attributes:
        unit_id: the unit nearest to the place of work that is known, or None.
        reader: who may read it, as the worker chose; None leaves it to the category.
        body: what was said: employer, place, since, text, answers, contact.
        items: ids of evidence already stored for this worker.
        woman: a woman cadre is asked for.
    """

    category: str
    source: str
    unit_id: str | None
    body: dict[str, Any]
    items: Sequence[str] = ()
    kind: Kind | None = None
    reader: Reader | None = None
    anonymous: bool = False
    urgent: bool = False
    woman: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def open_case(tx: Tx, rules: Rulebook, worker: Person, new: NewCase) -> Case:
    """Open a case and ping whoever is on duty for it.

    Raises:
        Refusal: `case.too_many_new`, when a worker opens more than three in an hour and none is urgent.

    Source: R9, R10, R11, R13.
    """
    if not new.urgent and cases.opened_lately(tx, worker.id, timedelta(hours=1)) >= MOST_NEW:
        raise Refusal("case.too_many_new")
    case = _enter(tx, rules, worker, new, rules.terms(new.category))
    if new.items:
        evidence.attach(tx, new.items, case.id, worker.id)
    cases.record(tx, case, "opened", "worker", {"items": len(new.items)}, actor_id=None, shown=True)
    timing.start_clock(tx, case)
    ping_duty(tx, rules, case)
    return case


def _enter(tx: Tx, rules: Rulebook, worker: Person, new: NewCase, terms: CaseTerms) -> Case:
    reader = new.reader or terms.level
    nearest = UnitId(_reading_unit(tx, new.unit_id, reader))
    subject = CaseSubject(
        unit=nearest,
        kind=new.kind or terms.kind,
        reader=reader,
        worker=PersonId(worker.id),
        against_employer=terms.against_employer,
        sensitive=terms.sensitive,
    )
    unit_id = staffed_unit(tx, nearest, lambda actor, unit: may_take(tx, actor, replace(subject, unit=unit)))
    limit = _limit(tx, rules, unit_id, terms, new.urgent)
    return _with_owner(
        tx,
        cases.add(
            tx,
            worker.id,
            new.body,
            id=new_id(),
            number=_number(tx, rules, unit_id),
            kind=subject.kind.value,
            category=terms.key,
            source=new.source,
            key_id=tx.make_key(),
            worker_id=None if new.anonymous else worker.id,
            alias=new_alias(),
            unit_id=unit_id,
            taken=False,
            reader=reader.value,
            against_employer=terms.against_employer,
            sensitive=terms.sensitive,
            urgent=new.urgent,
            route=terms.route.value,
            track=(Track.PRIORITY if new.urgent else terms.track).value,
            state=State.SUBMITTED.value,
            woman=new.woman,
            opened_at=tx.now,
            clock_from=tx.now,
            take_by=limit.take_by,
            soon_at=limit.due_soon_at,
            due_at=limit.due_at,
            provisional=limit.provisional,
            level=0,
            round=0,
        ),
    )


def _reading_unit(tx: Tx, unit_id: str | None, reader: Reader) -> str:
    """The unit whose people read it: the workplace's own, or the area's above every workplace."""
    tree = union.tree(tx)
    start = UnitId(unit_id) if unit_id and unit_id in tree else tree.root.id
    if reader is Reader.WORKPLACE:
        return start
    area = tree.area_union(start)
    return area.id if area is not None else tree.root.id


def _limit(tx: Tx, rules: Rulebook, unit_id: str, terms: CaseTerms, urgent: bool) -> Limit:
    calendar = rules.calendar(union.tree(tx)[UnitId(unit_id)].calendar)
    return limit_for(
        route=terms.route, short=terms.short, urgent=urgent, received_at=tx.now, calendar=calendar
    )


def _number(tx: Tx, rules: Rulebook, unit_id: str) -> str:
    calendar = rules.calendar(union.tree(tx)[UnitId(unit_id)].calendar)
    month = calendar.local(tx.now).strftime("%y%m")
    return numbers.case_number(month, cases.next_number(tx, month))


def _with_owner(tx: Tx, case: Case) -> Case:
    """Until somebody takes it, the first duty cadre owns it (R9)."""
    ready = duty_people(tx, case)
    return cases.change(tx, case, owner_id=ready[0] if ready else None)


def take_fold(case: Case) -> str:
    """What the copies of one call to take a case have in common."""
    return f"take:{case.id}:{case.round}"


def ping_duty(tx: Tx, rules: Rulebook, case: Case) -> None:
    """Call the duty people: number, kind and limit, nothing personal."""
    rows = (
        (
            Choice("case.take", label="desk.button.take", args={"case": case.id}),
            Choice("case.look", label="desk.button.look", args={"case": case.id}),
        ),
    )
    for person_id in duty_people(tx, case):
        notices.tell_cadre(
            tx,
            rules,
            person_id,
            case,
            "desk.new_case.urgent" if case.urgent else "desk.new_case.plain",
            rows,
            fold=take_fold(case),
            take_by=at(case.take_by),
            due=at(case.due_at),
        )
