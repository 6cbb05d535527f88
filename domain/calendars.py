"""Working days and working hours of a union: weekends, statutory days off and make-up working days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.year_days import (
    DAY,
    SATURDAY,
    MonthDay,
    YearDays,
    days_between,
    field_of,
    guessed_year,
    year_from,
)

__all__ = ["STANDARD_SPANS", "Calendar", "NoWorkingDayError", "YearDays", "calendar_from", "utc"]

Span = tuple[time, time]
STANDARD_SPANS: tuple[Span, ...] = ((time(9), time(12)), (time(13, 30), time(18)))
LONGEST_GAP_DAYS = 60  # no holiday lasts this long: a longer one is a broken calendar
LONGEST_COUNT = 3_660  # days, ten years: counting further is a broken request

_NONE = timedelta(0)


class NoWorkingDayError(ValueError):
    """The calendar has no working day for 60 days on end."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A union's working time: which civil days are worked, in which hours, in which zone.

    Args:
        years: the listed years by number; any other year is guessed and not confirmed.
        spans: working hours of a working day, in order; none crosses midnight.
        fixed: (month, day) of statutory days that keep their date, for the guess.
    """

    name: str
    zone: ZoneInfo
    years: Mapping[int, YearDays] = field(hash=False, repr=False)
    spans: tuple[Span, ...] = STANDARD_SPANS
    fixed: tuple[MonthDay, ...] = ()

    def __post_init__(self) -> None:
        if not self.spans or any(start >= end for start, end in self.spans):
            raise ValueError(f"{self.name}: working hours must start before they end")
        if any(before[1] > after[0] for before, after in pairwise(self.spans)):
            raise ValueError(f"{self.name}: working hours must be in order and apart")

    @property
    def day_length(self) -> timedelta:
        """Working time of one full working day."""
        return sum((_since_midnight(end) - _since_midnight(start) for start, end in self.spans), _NONE)

    def local(self, at: datetime) -> datetime:
        """The same instant on the union's clock."""
        return utc(at).astimezone(self.zone)

    def at(self, day: date, hour: time) -> datetime:
        """The UTC instant when the union's clock shows `hour` on `day`."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def opening(self, day: date) -> datetime:
        """The UTC instant at which `day` opens, were it worked."""
        return self.at(day, self.spans[0][0])

    def closing(self, day: date) -> datetime:
        """The UTC instant at which `day` closes, were it worked."""
        return self.at(day, self.spans[-1][1])

    def year_days(self, year: int) -> YearDays:
        """The days of `year` as listed, otherwise as guessed."""
        return self.years.get(year) or guessed_year(year, self.fixed)

    def confirmed(self, day: date) -> bool:
        """Whether the arrangement of the day's year has been announced."""
        return self.year_days(day.year).confirmed

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked, make-up working days included."""
        for listed in (self.years.get(day.year + 1), self.year_days(day.year)):
            if listed and day in listed.work:
                return True
            if listed and day in listed.off:
                return False
        return day.weekday() < SATURDAY

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`.

        Raises:
            NoWorkingDayError: there is none within 60 days.
        """
        return self.working_day_from(day + DAY)

    def working_day_from(self, day: date) -> date:
        """`day` itself when it is worked, otherwise the next working day.

        Raises:
            NoWorkingDayError: there is none within 60 days.
        """
        for ahead in range(LONGEST_GAP_DAYS):
            candidate = day + ahead * DAY
            if self.is_working(candidate):
                return candidate
        raise NoWorkingDayError(f"{self.name}: no working day in {LONGEST_GAP_DAYS} days from {day}")

    def add_working_days(self, start: date, n: int) -> date:
        """The n-th working day after `start`; the first working day after it is number 1.

        Raises:
            ValueError: `n` is not between 1 and 3660.
            NoWorkingDayError: the calendar runs out of working days.

        Source: R10.
        """
        if not 1 <= n <= LONGEST_COUNT:
            raise ValueError(f"{n} working days cannot be counted")
        day = start
        for _ in range(n):
            day = self.next_working_day(day)
        return day

    def add_working_time(self, at: datetime, span: timedelta) -> datetime:
        """The earliest UTC instant by which `span` of working time has passed since `at`.

        Raises:
            ValueError: `span` is negative or longer than ten years.
            NoWorkingDayError: the calendar runs out of working days.
        """
        if not _NONE <= span <= LONGEST_COUNT * DAY:
            raise ValueError(f"{span} of working time cannot be counted")
        now, left = utc(at), span
        stretches = self._working_from(now)
        while left:
            start, end = next(stretches)
            now = min(end, start + left)
            left -= now - start
        return now

    def working_time_between(self, a: datetime, b: datetime) -> timedelta:
        """The working time from `a` to `b`; none when `b` is not after `a`.

        Raises:
            ValueError: the two are more than ten years apart.
        """
        first, last = utc(a), utc(b)
        if last - first > LONGEST_COUNT * DAY:
            raise ValueError(f"{first} and {last} are more than ten years apart")
        total = _NONE
        for day in days_between(self.local(first).date(), self.local(last).date()):
            if self.is_working(day):
                for start, end in self._hours(day):
                    total += max(_NONE, min(end, last) - max(start, first))
        return total

    def stretch(self, at: datetime) -> tuple[datetime, datetime]:
        """The UTC stretch of working time from `at` on that is under way then, or else the next one.

        Raises:
            NoWorkingDayError: the calendar runs out of working days.
        """
        return next((start, end) for start, end in self._working_from(utc(at)) if start < end)

    def _working_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """UTC working stretches from `at` on, without end."""
        day = self.working_day_from(self.local(at).date())
        while True:
            for start, end in self._hours(day):
                if end > at:
                    yield max(start, at), end
            day = self.next_working_day(day)

    def _hours(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The UTC stretches worked on `day`; what a clock change skips is not worked."""
        begins = self.opening(day)
        for start, end in self.spans:
            begins = max(begins, self.at(day, start))
            ends = max(begins, self.at(day, end))
            yield begins, ends
            begins = ends


def calendar_from(tables: Iterable[Mapping[str, object]]) -> Calendar:
    """The calendar described by parsed data files: one head and any number of years.

    Args:
        tables: the head has `name`, `zone`, `fixed` ("MM-DD" texts) and, unless the hours are 9-12 and
            13:30-18, `hours` (pairs of times). A year has the head's name as `calendar`, and what
            `year_from` reads.

    Raises:
        ValueError: a table is missing, doubled, of another calendar, or holds something else.
    """
    heads: list[Mapping[str, object]] = []
    years: dict[int, YearDays] = {}
    names: set[str] = set()
    for table in tables:
        if "year" not in table:
            heads.append(table)
            continue
        listed = year_from(table)
        if listed.year in years:
            raise ValueError(f"{listed.year} is listed twice")
        years[listed.year] = listed
        names.add(field_of(str, table, "calendar"))
    if len(heads) != 1:
        raise ValueError(f"one head table is wanted, {len(heads)} given")
    if names - {heads[0].get("name")}:
        raise ValueError(f"years of another calendar: {', '.join(sorted(names))}")
    return _with_head(heads[0], years)


def utc(at: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: `at` carries no zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no zone")
    return at.astimezone(UTC)


def _with_head(head: Mapping[str, object], years: Mapping[int, YearDays]) -> Calendar:
    spans = (
        tuple(_span(pair) for pair in field_of(list, head, "hours")) if "hours" in head else STANDARD_SPANS
    )
    fixed = tuple(_month_day(text) for text in field_of(list, head, "fixed"))
    return Calendar(field_of(str, head, "name"), ZoneInfo(field_of(str, head, "zone")), years, spans, fixed)


def _span(pair: object) -> Span:
    match pair:
        case [time() as start, time() as end]:
            return start, end
    raise ValueError(f"hours must be pairs of times, not {pair!r}")


def _month_day(text: str) -> MonthDay:
    day = date.fromisoformat(f"2001-{text}")  # not a leap year: a fixed day exists every year
    return day.month, day.day


def _since_midnight(hour: time) -> timedelta:
    return timedelta(hours=hour.hour, minutes=hour.minute, seconds=hour.second)
