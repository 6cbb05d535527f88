"""When a case falls due: the rows that start, stop and move with its clock."""

from datetime import datetime

from casework.notices import calendar_of
from casework.rulebook import Rulebook
from domain.limits import Limit, Pause, limit_for, resumed
from storage import cases, dues
from storage.cases import Case
from storage.tx import Tx

PING = "case.ping"
WAITING = "case.waiting"
REVISIT = "case.revisit"
CHECK = "case.check"


def start_clock(tx: Tx, case: Case) -> None:
    """Plan the first pings of a case's present round (R14)."""
    plan_ping(tx, case, 1 if case.urgent else 0, 0, case.take_by, "take")
    if not case.urgent:
        plan_ping(tx, case, 0, 0, case.soon_at, "soon")
    plan_ping(tx, case, 1, 0, case.due_at, "over")


def plan_ping(tx: Tx, case: Case, level: int, repeat: int, at: datetime, why: str) -> None:
    """Plan one ping once for each round, reason, level and repeat."""
    unique = f"ping:{case.id}:{case.round}:{why}:{level}:{repeat}"
    dues.put_or_move(tx, at, PING, case.id, unique, level=level, repeat=repeat, round=case.round, why=why)


def stop_clock(tx: Tx, case: Case) -> None:
    """Drop every ping that was planned."""
    dues.cancel(tx, case.id, PING)


def pause(tx: Tx, case: Case) -> Case:
    """The worker was asked something: the clock stands still, on record."""
    stop_clock(tx, case)
    return cases.change(tx, case, paused_at=tx.now)


def resume(tx: Tx, rules: Rulebook, case: Case) -> Case:
    """The clock goes on where it stood, later by the working time that was waited."""
    if case.paused_at is None:
        return case
    dues.cancel(tx, case.id, WAITING)
    calendar = calendar_of(tx, rules, case)
    limit = Limit(case.take_by, case.due_at, case.soon_at, case.provisional)
    waited = Pause(case.paused_at, tx.now, "case.waiting_for_worker")
    moved = resumed(limit, waited, calendar, urgent=case.urgent)
    case = cases.change(
        tx,
        case,
        paused_at=None,
        due_at=moved.due_at,
        take_by=moved.take_by,
        soon_at=moved.due_soon_at,
        provisional=moved.provisional,
    )
    start_clock(tx, case)
    return case


def new_round(tx: Tx, rules: Rulebook, case: Case) -> Case:
    """A reopened case starts a limit of its own."""
    stop_clock(tx, case)
    short = rules.terms(case.category).short
    calendar = calendar_of(tx, rules, case)
    limit = limit_for(
        route=case.route, short=short, urgent=case.urgent, received_at=tx.now, calendar=calendar
    )
    case = cases.change(
        tx,
        case,
        round=case.round + 1,
        level=0,
        take_by=limit.take_by,
        soon_at=limit.due_soon_at,
        due_at=limit.due_at,
        provisional=limit.provisional,
        paused_at=None,
        taken=False,
    )
    start_clock(tx, case)
    return case
