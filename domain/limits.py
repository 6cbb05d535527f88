"""How long a case may take on each route, and how its clock pauses while we wait for somebody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.calendars import Calendar, utc
from domain.cases import Route, Track

__all__ = [
    "Interval",
    "Limit",
    "Pace",
    "Pause",
    "Route",
    "Track",
    "intervals",
    "limit_for",
    "resumed",
    "resumed_due",
]

TAKE_WITHIN = timedelta(hours=4)  # working time
URGENT_TAKE_WITHIN = timedelta(minutes=30)  # clock time, day and night
URGENT_ACT_WITHIN = timedelta(hours=2)
SHORT_DAYS = 3
ORDINARY_DAYS = 5
LISTING_DAYS = 5
LATE_AFTER = time(16)  # a question after this hour is answered next day
LATE_BEFORE_CLOSING = timedelta(hours=2)  # where the office closes before 18:00
MORNING_LIMIT = time(12)


@dataclass(frozen=True, slots=True)
class Limit:
    """The due times of one case, all UTC.

    Args:
        take_by: by when somebody takes it.
        due_at: by when it is answered, settled or listed.
        due_soon_at: when three quarters of the time to `due_at` have passed.
        provisional: a year that counts has not been announced, the times may still change.
    """

    take_by: datetime
    due_at: datetime
    due_soon_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a case's clock stood still; `resumed_at` is None while it still does.

    Args:
        reason: text key of what is waited for.
    """

    paused_at: datetime
    resumed_at: datetime | None
    reason: str


class Pace(StrEnum):
    """Whether a case's clock runs."""

    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Interval:
    """One stretch of a case's life, for the page that explains its limit.

    Args:
        counted: time of the stretch that a limit counts: working time, or clock time of an urgent case.
        reason: text key of what was waited for; empty while running.
    """

    pace: Pace
    start: datetime
    end: datetime
    counted: timedelta
    reason: str = ""


def limit_for(*, route: Route, short: bool, urgent: bool, received_at: datetime, calendar: Calendar) -> Limit:
    """The limit of a case received at this moment.

    An urgent case has the same limit on every route. A policy explanation is an immediate answer. A matter
    for collective bargaining is put on the bargaining list within 5 working days; what happens to it there
    has limits of its own. A case that is not urgent is taken within 4 working hours, and never later than
    it is due soon.

    Args:
        short: whether the category is settled in 3 working days instead of 5 (wages, injury, women
            workers, dismissal).

    Source: R10, R11, R14. The limits to take a case that is not urgent, to explain and to list are ours.
    """
    received = utc(received_at)
    if urgent:
        return _urgent_limit(received)
    due_at = _due_at(route, short, received, calendar)
    whole = calendar.working_time_between(received, due_at)
    due_soon_at = calendar.add_working_time(received, whole * 3 / 4)
    take_by = min(calendar.add_working_time(received, TAKE_WITHIN), due_soon_at)
    return Limit(take_by, due_at, due_soon_at, _provisional(received, due_at, calendar))


def resumed_due(
    due_at: datetime, paused_at: datetime, resumed_at: datetime, calendar: Calendar, *, urgent: bool
) -> datetime:
    """The due time after a pause: later by the working time paused, by clock time when urgent.

    Nights, weekends and days off inside the pause move nothing. What was due before the pause began
    stays where it was: waiting does not heal a limit already missed.

    Source: R10, R11.
    """
    due, paused, back = utc(due_at), utc(paused_at), utc(resumed_at)
    if due <= paused or back <= paused:
        return due
    if urgent:
        return due + (back - paused)
    return calendar.add_working_time(due, calendar.working_time_between(paused, back))


def resumed(limit: Limit, pause: Pause, calendar: Calendar, *, urgent: bool) -> Limit:
    """The limit after a pause; one that still lasts moves nothing yet.

    Several pauses are applied one after the other, oldest first.
    """
    if pause.resumed_at is None:
        return limit
    began, ended = pause.paused_at, pause.resumed_at
    due_at = resumed_due(limit.due_at, began, ended, calendar, urgent=urgent)
    return Limit(
        take_by=resumed_due(limit.take_by, began, ended, calendar, urgent=urgent),
        due_at=due_at,
        due_soon_at=resumed_due(limit.due_soon_at, began, ended, calendar, urgent=urgent),
        provisional=limit.provisional or (not urgent and _provisional(began, due_at, calendar)),
    )


def intervals(
    received_at: datetime, pauses: Iterable[Pause], until: datetime, calendar: Calendar, *, urgent: bool
) -> tuple[Interval, ...]:
    """The stretches from intake to `until` in which the clock ran or stood still, without gap or overlap.

    Args:
        pauses: oldest first; what lies before intake, after `until` or inside an earlier pause is left out.
    """
    end = utc(until)
    found: list[Interval] = []

    def stretch(pace: Pace, start: datetime, stop: datetime, reason: str = "") -> datetime:
        stop = max(start, min(stop, end))
        if stop > start:
            counted = stop - start if urgent else calendar.working_time_between(start, stop)
            found.append(Interval(pace, start, stop, counted, reason))
        return stop

    here = utc(received_at)
    for pause in pauses:
        here = stretch(Pace.RUNNING, here, utc(pause.paused_at))
        here = stretch(Pace.PAUSED, here, utc(pause.resumed_at or end), pause.reason)
    stretch(Pace.RUNNING, here, end)
    return tuple(found)


def _urgent_limit(received: datetime) -> Limit:
    due_at = received + URGENT_ACT_WITHIN
    return Limit(
        received + URGENT_TAKE_WITHIN, due_at, received + URGENT_ACT_WITHIN * 3 / 4, provisional=False
    )


def _due_at(route: Route, short: bool, received: datetime, calendar: Calendar) -> datetime:
    day = calendar.local(received).date()
    match route:
        case Route.IMMEDIATE | Route.EXPLANATION:
            return _answer_by(received, day, calendar)
        case Route.COORDINATION:
            days = SHORT_DAYS if short else ORDINARY_DAYS
        case Route.BARGAINING:
            days = LISTING_DAYS
    return calendar.closing(calendar.add_working_days(day, days))


def _answer_by(received: datetime, day: date, calendar: Calendar) -> datetime:
    """Closing of the day, noon of the next for a late question; a day off counts as the next working day."""
    if not calendar.is_working(day):
        return calendar.closing(calendar.next_working_day(day))
    late_after = min(calendar.at(day, LATE_AFTER), calendar.closing(day) - LATE_BEFORE_CLOSING)
    if received <= late_after:
        return calendar.closing(day)
    following = calendar.next_working_day(day)
    noon, closing = calendar.at(following, MORNING_LIMIT), calendar.closing(following)
    return noon if calendar.opening(following) < noon < closing else closing


def _provisional(first: datetime, last: datetime, calendar: Calendar) -> bool:
    return not all(calendar.confirmed(calendar.local(at).date()) for at in (first, last))
