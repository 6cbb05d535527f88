"""Who hears of a case that stands still, how often, and who hears of it next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendars import Calendar, utc
from domain.limits import Limit
from domain.roles import Role
from domain.units import UnitId, UnitKind

OWNER_LEVEL = 0  # the owner, or the duty cadre while nobody has taken the case; the rungs begin at 1
REPEATS = 3
REPEAT_EVERY = timedelta(hours=4)  # working time
URGENT_REPEAT_EVERY = timedelta(minutes=10)  # clock time, day and night
URGENT_NEXT_LEVEL_AFTER = timedelta(minutes=30)
URGENT_DAILY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LadderUnit:
    """What the ladder needs to know of one unit on the way up.

    Args:
        workplace: whether its people depend on one employer, so that its chair may be a manager.
        chair_reachable: whether a chair, or the deputy of one who is away, can be written to now.
    """

    id: UnitId
    kind: UnitKind
    workplace: bool
    chair_reachable: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: who is told of an overdue case at this level, counted from 1."""

    level: int
    unit_id: UnitId
    role: Role


@dataclass(frozen=True, slots=True)
class NextPing:
    """One ping: to whom, the how-manieth to them (0 is the first), and when (UTC)."""

    level: int
    repeat: int
    at: datetime


def ladder(units: Sequence[LadderUnit], *, against_employer: bool) -> tuple[Rung, ...]:
    """The rungs of a case, from its own unit's chair to the topmost one who can be reached.

    Where no chair can be reached, the administrator of the topmost unit is the only rung, so that somebody
    always hears; an administrator reads no case, but can name a chair. The same holds for a matter
    against the employer in a union that is all workplace.

    Args:
        units: the case's unit, then each one above it.
        against_employer: whether workplaces are passed by, because the matter is against the employer or
            the worker keeps it from the workplace.

    Raises:
        ValueError: no unit is given.

    Source: R9, R14.
    """
    if not units:
        raise ValueError("a case belongs to a unit")
    allowed = [unit for unit in units if not (against_employer and unit.workplace)]
    reachable = [unit for unit in allowed if unit.chair_reachable]
    if not reachable:
        return (Rung(1, (allowed or units)[-1].id, Role.ADMIN),)
    return tuple(Rung(level, unit.id, Role.CHAIR) for level, unit in enumerate(reachable, start=1))


def first_pings(limit: Limit) -> tuple[NextPing, ...]:
    """The pings a limit plans: the owner's when it is due soon, the first rung's when it is overdue.

    The word of a new case is a ping too, at level 0 and repeat 0, at the moment it is sent. A ping at a
    higher level ends the repeats of the lower ones.

    Source: R14.
    """
    return NextPing(OWNER_LEVEL, 0, limit.due_soon_at), NextPing(1, 0, limit.due_at)


def after_ping(
    level: int,
    repeat: int,
    *,
    urgent: bool,
    acknowledged: bool,
    at: datetime,
    calendar: Calendar,
    rungs: Sequence[Rung],
) -> NextPing:
    """What follows a ping while the case stands still; the caller asks that again when it falls due.

    A ping nobody acknowledges is repeated three times, every 4 working hours or every 10 minutes when
    urgent; with the third repeat the next level hears of it. One that is acknowledged is not repeated, but
    the next level hears of the case one working day later, or 30 minutes when urgent. At the top it
    never stops: daily, and every 30 minutes for an urgent case that nobody has acknowledged.

    Args:
        level: of the ping just sent or acknowledged; 0 is the owner.
        at: when it was sent, or when it was acknowledged.
        rungs: the ladder as it is now; it may have changed since the ping.

    Returns:
        The next ping. After an owner who acknowledges that a case is due soon, the first rung hears at this
        time or when the case is overdue, whichever is later.

    Raises:
        ValueError: there are no rungs, or `level` or `repeat` is negative.

    Source: R11, R14.
    """
    if not rungs or level < 0 or repeat < 0:
        raise ValueError(f"nothing follows level {level}, repeat {repeat} on {len(rungs)} rungs")
    level, top = min(level, len(rungs)), len(rungs)
    wait = _wait(repeat, level == top, urgent, acknowledged, calendar)
    heard_at = utc(at) + wait if urgent else calendar.add_working_time(at, wait)
    if level == top or (repeat < REPEATS and not acknowledged):
        return NextPing(level, repeat + 1, heard_at)
    return NextPing(level + 1, 0, heard_at)


def coalesce(pending: Iterable[NextPing], now: datetime) -> NextPing | None:
    """The one ping that is sent when several of a case fell due while nothing could be sent.

    Returns:
        The highest level that fell due by `now`, at its furthest repeat; None when none has.

    Source: R14.
    """
    fallen = [ping for ping in pending if ping.at <= now]
    return max(fallen, key=lambda ping: (ping.level, ping.repeat), default=None)


def _wait(repeat: int, at_top: bool, urgent: bool, acknowledged: bool, calendar: Calendar) -> timedelta:
    """How long until the next ping: clock time when urgent, else working time."""
    if not acknowledged and repeat < REPEATS:
        return URGENT_REPEAT_EVERY if urgent else REPEAT_EVERY
    if not acknowledged and not at_top:
        return timedelta(0)
    if not urgent:
        return calendar.day_length
    return URGENT_DAILY if acknowledged and at_top else URGENT_NEXT_LEVEL_AFTER
