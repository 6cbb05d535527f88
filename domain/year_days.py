"""The days of one year that do not follow the plain week, as announced or as guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

SATURDAY = 5
DAY = timedelta(days=1)

MonthDay = tuple[int, int]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class YearDays:
    """The days of one year that do not follow the plain week.

    Args:
        off: days off, weekends inside a holiday included.
        work: make-up working days, each a Saturday or Sunday.
        confirmed: False while the year's arrangement has not been announced.
        source: the announcement, or what the days were checked against.
        checked_on: the day somebody last compared them with the source; None for a guess.
    """

    year: int
    off: frozenset[date]
    work: frozenset[date]
    confirmed: bool
    source: str
    checked_on: date | None = None

    def __post_init__(self) -> None:
        both = self.off & self.work
        if both:
            raise ValueError(f"{self.year}: {min(both)} is both off and a working day")
        for day in self.work:
            if day.weekday() < SATURDAY:
                raise ValueError(f"{self.year}: {day} is a weekday, not a make-up working day")
        for day in self.off | self.work:
            # An arrangement for New Year may reach back into the last days of December.
            if day.year != self.year and (day.year, day.month) != (self.year - 1, 12):
                raise ValueError(f"{self.year}: {day} belongs to another year")


def year_from(table: Mapping[str, object]) -> YearDays:
    """The year described by one parsed data file.

    Args:
        table: `year`, `off` (tables with `from` and `to`), `work` (dates), `confirmed`, `source` and
            `checked_on`.

    Raises:
        ValueError: a value is missing or of another kind.
    """
    off: set[date] = set()
    for part in field_of(list, table, "off"):
        off.update(days_between(field_of(date, part, "from"), field_of(date, part, "to")))
    work = frozenset(field_of(date, {"work": day}, "work") for day in field_of(list, table, "work"))
    return YearDays(
        year=field_of(int, table, "year"),
        off=frozenset(off),
        work=work,
        confirmed=field_of(bool, table, "confirmed"),
        source=field_of(str, table, "source"),
        checked_on=field_of(date, table, "checked_on"),
    )


@lru_cache(maxsize=64)
def guessed_year(year: int, fixed: tuple[MonthDay, ...]) -> YearDays:
    """The year from its fixed days alone; one that meets a weekend is made up on the next weekday.

    Args:
        fixed: (month, day) of the statutory days that keep their date every year.

    Source: 全国年节及纪念日放假办法 (revised November 2024): a statutory day on a weekend is made up.
    """
    off: set[date] = set()
    for month, day in fixed:
        given = date(year, month, day)
        while given in off or given.weekday() >= SATURDAY:
            off.add(given)
            given += DAY
        off.add(given)
    inside = frozenset(day for day in off if day.year == year)
    return YearDays(year, inside, frozenset(), confirmed=False, source="fixed statutory days only")


def days_between(first: date, last: date) -> Iterator[date]:
    """Every civil day from `first` to `last`, both included."""
    for ahead in range((last - first).days + 1):
        yield first + ahead * DAY


def field_of(kind: type[_T], table: Mapping[str, object], key: str) -> _T:
    """The value of `key`, sure to be of the wanted kind.

    Raises:
        ValueError: it is missing or of another kind.
    """
    value = table.get(key)
    if not isinstance(value, kind):
        raise ValueError(f"{key} must be a {kind.__name__}, not {value!r}")
    return value
