"""A case that stands still is heard of, by its owner first, then by the chairs above."""

from collections.abc import Sequence
from typing import Any

from casework import notices, timing
from casework.authorize import authorize
from casework.duty import duty_people, people_on, rungs_of
from casework.rulebook import Rulebook
from domain.cases import CLOCK_RUNS
from domain.escalation import NextPing, after_ping, coalesce
from domain.roles import Act, Actor
from storage import cases, dues
from storage.cases import Case
from storage.dues import Due
from storage.tx import Tx
from talk.reply import Choice
from talk.words import at


def pings_due(tx: Tx, rules: Rulebook, case_id: str, fallen: Sequence[Due]) -> None:
    """Send the one ping that stands for all that fell due, and plan the next.

    Source: R11, R14.
    """
    case = cases.get(tx, case_id)
    pending = [due for due in fallen if due.detail["round"] == case.round and _matters(due, case)]
    chosen = coalesce([_as_ping(due) for due in pending], tx.now)
    if case.state not in CLOCK_RUNS or chosen is None:
        return
    if not any(due.detail["why"] == "over" for due in pending):
        why = next(due.detail["why"] for due in pending if _as_ping(due) == chosen)
        ping(tx, rules, case, chosen.level, chosen.repeat, why)
        return
    timing.stop_clock(tx, case)  # being overdue ends any other row of pings and starts no lower than that got
    higher = chosen.level >= case.level
    ping(tx, rules, case, max(chosen.level, case.level), chosen.repeat if higher else 0, "over")


def _matters(due: Due, case: Case) -> bool:
    """Whether a ping still says something: a call to take the case does not once somebody has it."""
    return not (due.detail["why"] == "take" and case.taken)


def _as_ping(due: Due) -> NextPing:
    return NextPing(due.detail["level"], due.detail["repeat"], due.due_at)


def ping(tx: Tx, rules: Rulebook, case: Case, level: int, repeat: int, why: str) -> None:
    """Send one ping to a level and plan what follows while the case stands still."""
    rungs = rungs_of(tx, case)
    level = min(level, len(rungs))
    if level > case.level:
        case = cases.change(tx, case, level=level)
        cases.record(tx, case, "escalated", "clock", {"level": level}, actor_id=None, shown=level > 0)
    readers = _owner(tx, case) if level == 0 else people_on(tx, rungs[level - 1], case)
    for person_id in readers:
        _send(tx, rules, case, person_id, level, repeat, why)
    calendar = notices.calendar_of(tx, rules, case)
    if why in ("take", "soon") and level == 0:
        return  # what follows these is the limit itself, which has a row of its own
    following = after_ping(
        level, repeat, urgent=case.urgent, acknowledged=False, at=tx.now, calendar=calendar, rungs=rungs
    )
    timing.plan_ping(tx, case, following.level, following.repeat, following.at, why)
    if level == 1 and repeat == 0 and not case.urgent:
        notices.tell_worker(tx, rules, case, "case.told.overdue", due=at(case.due_at))


def _owner(tx: Tx, case: Case) -> list[str]:
    return [case.owner_id] if case.taken and case.owner_id else duty_people(tx, case)


def _send(tx: Tx, rules: Rulebook, case: Case, person_id: str, level: int, repeat: int, why: str) -> None:
    args: dict[str, Any] = {"case": case.id}
    first = (
        Choice("case.look", label="desk.button.look", args=args)
        if case.taken
        else Choice("case.take", label="desk.button.take", args=args)
    )
    seen = Choice(
        "case.acknowledge",
        label="desk.button.acknowledge",
        args={**args, "level": level, "repeat": repeat, "round": case.round},
    )
    notices.tell_cadre(
        tx,
        rules,
        person_id,
        case,
        f"desk.ping.{_ping_key(case, level, why)}",
        ((first, seen),),
        fold=f"ping:{case.id}:{case.round}:{level}",
        due=at(case.due_at if why != "take" else case.take_by),
        repeat=repeat,
    )


def _ping_key(case: Case, level: int, why: str) -> str:
    if why in ("take", "soon"):
        return why if level == 0 else "take_above"
    return "overdue" if level <= 1 else "overdue_above"


def acknowledge(
    tx: Tx, rules: Rulebook, actor: Actor, case_id: str, level: int, repeat: int, round_: int
) -> Case:
    """Somebody has seen a ping: it is not repeated, the next level hears later."""
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.ACKNOWLEDGE, case)
    cases.record(tx, case, "acknowledged", "cadre", {"level": level}, actor_id=actor.person, shown=False)
    if case.state not in CLOCK_RUNS or case.round != round_ or level == 0:
        return case
    calendar = notices.calendar_of(tx, rules, case)
    rungs = rungs_of(tx, case)
    following = after_ping(
        level, repeat, urgent=case.urgent, acknowledged=True, at=tx.now, calendar=calendar, rungs=rungs
    )
    dues.cancel(tx, case.id, timing.PING)
    timing.plan_ping(tx, case, following.level, following.repeat, following.at, "over")
    return case


def waiting_due(tx: Tx, rules: Rulebook, case_id: str, times: int) -> None:
    """The worker has not answered a question yet: asked again, then the handler decides."""
    case = cases.get(tx, case_id)
    if case.paused_at is None:
        return
    rows = ((Choice("my.write", label="case.button.answer", args={"case": case.id}),),)
    if times < 2:
        notices.tell_worker(tx, rules, case, "case.told.still_waiting", rows)
    for person_id in _owner(tx, case) if times >= 1 else []:
        look = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),)
        notices.tell_cadre(tx, rules, person_id, case, "desk.worker_silent", look)
    calendar = notices.calendar_of(tx, rules, case)
    again = calendar.add_working_time(tx.now, calendar.day_length * 2)
    dues.put_or_move(tx, again, timing.WAITING, case.id, f"waiting:{case.id}", times=times + 1)
