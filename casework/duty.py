"""Who is there for a case: duty cadres, chairs, deputies, and the unit above when nobody is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from casework.authorize import allowed
from casework.rulebook import Rulebook
from domain.escalation import LadderUnit, Rung, ladder
from domain.roles import Act, Actor, Role
from domain.units import Unit, UnitId
from storage import people, union
from storage.cases import Case
from storage.tx import Tx

Takes = Callable[[Actor, UnitId], bool]  # whether somebody could take a matter that lies in a unit


def reachable(tx: Tx, person_id: str) -> bool:
    """Whether a notice can get to this person at all."""
    door = people.door(tx, person_id)
    return door is not None and door.reachable


def standing_in(tx: Tx, person_ids: Iterable[str]) -> list[str]:
    """Each person, or the deputy of one who is away; whoever cannot be reached is left out."""
    present = [union.deputy(tx, person_id) or person_id for person_id in person_ids]
    return [person_id for person_id in dict.fromkeys(present) if reachable(tx, person_id)]


def duty_people(tx: Tx, case: Case) -> list[str]:
    """The people who are pinged about a case nobody has taken: duty cadres, else the chair."""
    ready = _ready(tx, UnitId(case.unit_id), lambda actor, _unit: allowed(tx, actor, Act.TAKE, case))
    return (_women(tx, case) or ready) if case.woman else ready


def _women(tx: Tx, case: Case) -> list[str]:
    """The women of the case's unit who may take it, on duty or not."""
    present = standing_in(tx, [holder.person_id for holder in union.holders(tx, case.unit_id)])
    return [
        person_id
        for person_id in present
        if people.person(tx, person_id).profile.get("woman")
        and allowed(tx, union.actor(tx, person_id), Act.TAKE, case)
    ]


def in_charge(tx: Tx, case: Case) -> list[str]:
    """Whoever has the case, or their deputy; the duty people while nobody has it."""
    return (standing_in(tx, [case.owner_id]) if case.owner_id else []) or duty_people(tx, case)


def staffed_unit(tx: Tx, unit_id: str, takes: Takes) -> UnitId:
    """The unit itself, or the nearest above it where somebody who takes it can be reached, else the top."""
    path = union.tree(tx).path_up(UnitId(unit_id))
    return next((unit.id for unit in path if _ready(tx, unit.id, takes)), path[-1].id)


def _ready(tx: Tx, unit_id: UnitId, takes: Takes) -> list[str]:
    holders = union.holders(tx, unit_id)
    on_duty = [holder.person_id for holder in holders if holder.on_duty]
    chairs = [holder.person_id for holder in holders if holder.role is Role.CHAIR]
    for group in (on_duty, chairs):
        ready = [p for p in standing_in(tx, group) if takes(union.actor(tx, p), unit_id)]
        if ready:
            return ready
    return []


def _has_somebody(tx: Tx, unit: Unit) -> bool:
    keen = [h.person_id for h in union.holders(tx, unit.id) if h.on_duty or h.role is Role.CHAIR]
    return bool(standing_in(tx, keen))


def rungs_of(tx: Tx, case: Case) -> tuple[Rung, ...]:
    """The escalation ladder of a case as things stand."""
    path = union.tree(tx).path_up(UnitId(case.unit_id))
    kept_out = case.against_employer or case.reader.value == "area"
    return ladder(
        [LadderUnit(u.id, u.kind, u.workplace, bool(_holding(tx, u.id, Role.CHAIR, case))) for u in path],
        against_employer=kept_out,
    )


def people_on(tx: Tx, rung: Rung, case: Case) -> list[str]:
    """Who stands on a rung."""
    return _holding(tx, rung.unit_id, rung.role, case)


def _holding(tx: Tx, unit_id: str, role: Role, case: Case) -> list[str]:
    """Who holds a role and may know of the case; an administrator, the last resort, hears its number only."""
    held = standing_in(tx, [h.person_id for h in union.holders(tx, unit_id) if h.role is role])
    if role is Role.ADMIN:
        return held
    return [person for person in held if allowed(tx, union.actor(tx, person), Act.ACKNOWLEDGE, case)]


def somebody_now(tx: Tx, rules: Rulebook, unit_id: str) -> bool:
    """Whether somebody is on duty at this very moment: a duty cadre, in working hours."""
    unit = union.tree(tx)[UnitId(unit_id)]
    calendar = rules.calendar(unit.calendar)
    at = calendar.local(tx.now)
    open_now = calendar.is_working(at.date()) and any(
        start <= at.time() < end for start, end in calendar.spans
    )
    return open_now and _has_somebody(tx, unit)


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether somebody is on duty now, and until or from when."""

    now: bool
    at: datetime


def hours(tx: Tx, rules: Rulebook, unit_id: str) -> Hours | None:
    """When somebody of a unit, or of the nearest above it that has anybody, is on duty.

    Returns:
        None where nobody serves at all.
    """
    for unit in union.tree(tx).path_up(UnitId(unit_id)):
        if _has_somebody(tx, unit):
            start, end = rules.calendar(unit.calendar).stretch(tx.now)
            return Hours(True, end) if start <= tx.now else Hours(False, start)
    return None
