"""When a case falls due: the rows that start, stop and move with its clock."""

from datetime import datetime, timedelta

from casework.notices import calendar_of
from casework.rulebook import Rulebook
from domain.cases import CLOCK_RUNS
from domain.limits import Limit, Pause, limit_for, resumed
from storage import cases, dues
from storage.cases import Case
from storage.tx import Tx

PING = "case.ping"
WAITING = "case.waiting"
REVISIT = "case.revisit"
CHECK = "case.check"
SHORT_PAUSE = timedelta(minutes=10)  # an answer that comes at once does not move a limit to the next morning
WAITED_FOR = "case.waiting_for_worker"  # text key of why a clock stood still


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
    paused_at = case.paused_at
    if paused_at is None:
        return case
    dues.cancel(tx, case.id, WAITING)
    if tx.now - paused_at < SHORT_PAUSE:
        case = cases.change(tx, case, paused_at=None)
        start_clock(tx, case)
        return case
    calendar = calendar_of(tx, rules, case)
    limit = Limit(case.take_by, case.due_at, case.soon_at, case.provisional)
    waited = Pause(paused_at, tx.now, WAITED_FOR)
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


def recount(tx: Tx, rules: Rulebook) -> int:
    """Count limits again that rested on a year not announced when they were set; returns how many changed.

    Source: R10; China's holidays are announced a year at a time.
    """
    changed = 0
    for case in cases.open_cases(tx):
        if case.provisional and not case.urgent and case.state in CLOCK_RUNS:
            changed += _recounted(tx, rules, case)
    return changed


def _recounted(tx: Tx, rules: Rulebook, case: Case) -> bool:
    calendar = calendar_of(tx, rules, case)
    short = rules.terms(case.category).short
    limit = limit_for(
        route=case.route, short=short, urgent=False, received_at=case.clock_from, calendar=calendar
    )
    for pause_ in _pauses(tx, case):
        limit = resumed(limit, pause_, calendar, urgent=False)
    if (limit.due_at, limit.provisional) == (case.due_at, case.provisional):
        return False
    stop_clock(tx, case)
    case = cases.change(
        tx,
        case,
        take_by=limit.take_by,
        soon_at=limit.due_soon_at,
        due_at=limit.due_at,
        provisional=limit.provisional,
    )
    start_clock(tx, case)
    return True


def _pauses(tx: Tx, case: Case) -> list[Pause]:
    """When the present limit stood still: from each question to the worker's next words."""
    found: list[Pause] = []
    asked: datetime | None = None
    for event in cases.timeline(tx, case, kinds=("asked", "added", "passed")):
        if event.at < case.clock_from:
            continue
        if event.kind == "asked":
            asked = asked or event.at
        elif asked is not None:
            found.append(Pause(asked, event.at, WAITED_FOR))
            asked = None
    return found


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
        clock_from=tx.now,
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
