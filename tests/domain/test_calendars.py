"""Working days and hours: examples from China's calendar, and laws against a day-by-day reference."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.calendars import Calendar, NoWorkingDayError, YearDays, calendar_from

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
INSTANTS = st.datetimes(
    datetime.fromisoformat("2024-01-02"), datetime.fromisoformat("2028-12-30"), timezones=st.just(UTC)
)
SPANS = st.timedeltas(timedelta(0), timedelta(days=12))
DAY = timedelta(days=1)

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUARTER = timedelta(minutes=15)
ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago")
ROUND_THE_CHANGE = (
    (time(0), time(2, 15)),
    (time(2, 30), time(3)),
    (time(3), time(4)),
    (time(9), time(23, 30)),
)


@pytest.fixture(scope="session", params=["china", *ZONES])
def office(request: pytest.FixtureRequest, china: Calendar) -> Calendar:
    """Ordinary hours in China and in zones whose clocks change."""
    return china if request.param == "china" else Calendar(request.param, ZoneInfo(request.param), {})


@pytest.fixture(scope="session", params=["by day", "by night"])
def calendar(request: pytest.FixtureRequest, office: Calendar) -> Calendar:
    """The same offices, and again worked every day, in hours around the change of clocks."""
    if request.param == "by day":
        return office
    years = {year: every_day(year) for year in range(2024, 2029)}
    return replace(office, spans=ROUND_THE_CHANGE, years=years)


def at(text: str) -> datetime:
    """An instant written on China's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class TestChina:
    """What the notices of the State Council say, and what follows for a due day."""

    @pytest.mark.parametrize("year", [2024, 2025, 2026])
    def test_each_announced_day_agrees_with_an_independent_list(self, china: Calendar, year: int) -> None:
        known = holidays.country_holidays("CN", years=year)
        assert isinstance(known, holidays.HolidayBase)
        wrong = [day for day in days_of(year) if china.is_working(day) != known.is_working_day(day)]
        assert wrong == []
        assert china.year_days(year).work == {day for day in known.weekend_workdays if day.year == year}
        assert china.confirmed(date(year, 6, 1))

    def test_a_year_not_announced_is_a_guess_that_says_so(self, china: Calendar) -> None:
        known = holidays.country_holidays("CN", years=2027)
        assert [day for day in days_of(2027) if china.is_working(day) != known.is_working_day(day)] == []
        assert not china.confirmed(date(2027, 1, 4))

    @pytest.mark.parametrize("year", range(2028, 2041))
    def test_a_year_without_a_file_keeps_the_fixed_days_off(self, china: Calendar, year: int) -> None:
        known = holidays.country_holidays("CN", years=year)
        guessed = china.year_days(year)
        assert not china.confirmed(date(year, 3, 1))
        assert {date(year, 1, 1), date(year, 5, 1), date(year, 10, 3)} <= guessed.off
        assert [day for day in guessed.off if known.is_working_day(day)] == []

    def test_a_guess_makes_up_each_fixed_day_that_meets_a_weekend(self, china: Calendar) -> None:
        assert china.next_working_day(date(2032, 4, 30)) == date(2032, 5, 5)  # Saturday, Sunday
        assert china.next_working_day(date(2033, 9, 30)) == date(2033, 10, 6)  # Saturday to Monday

    def test_five_working_days_over_spring_festival_count_the_make_up_saturday(self, china: Calendar) -> None:
        assert china.add_working_days(date(2026, 2, 12), 5) == date(2026, 2, 26)
        assert china.add_working_days(date(2026, 2, 12), 2) == date(2026, 2, 14)
        assert china.add_working_days(date(2026, 2, 12), 7) == date(2026, 2, 28)

    def test_working_time_stops_for_lunch_night_and_holiday(self, china: Calendar) -> None:
        assert china.add_working_time(at("2026-11-20T11:00"), timedelta(hours=2)) == at("2026-11-20T14:30")
        assert china.add_working_time(at("2026-02-14T17:00"), timedelta(hours=2)) == at("2026-02-24T10:00")
        assert china.working_time_between(at("2026-02-14T18:00"), at("2026-02-24T09:00")) == timedelta(0)

    def test_a_limit_that_ends_with_the_day_ends_at_closing_not_next_morning(self, china: Calendar) -> None:
        assert china.add_working_time(at("2026-11-20T09:00"), china.day_length) == at("2026-11-20T18:00")
        assert china.day_length == timedelta(hours=7, minutes=30)

    def test_the_clock_shown_is_the_unions(self, china: Calendar) -> None:
        assert china.local(datetime(2026, 11, 20, 10, tzinfo=UTC)).isoformat() == "2026-11-20T18:00:00+08:00"
        assert china.closing(date(2026, 11, 20)) == datetime(2026, 11, 20, 10, tzinfo=UTC)
        assert china.opening(date(2026, 11, 20)) == datetime(2026, 11, 20, 1, tzinfo=UTC)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + ahead * DAY for ahead in range((date(year + 1, 1, 1) - first).days)]


class TestWorkingDays:
    """Laws of counting days."""

    @given(start=DAYS, n=st.integers(1, 60))
    def test_the_nth_day_is_the_one_a_day_loop_finds(self, china: Calendar, start: date, n: int) -> None:
        day, counted = start, 0
        while counted < n:
            day += DAY
            counted += china.is_working(day)
        assert china.add_working_days(start, n) == day

    @given(start=DAYS, earlier=DAYS, n=st.integers(1, 40), more=st.integers(0, 40))
    def test_a_later_start_or_a_longer_count_is_never_due_sooner(
        self, china: Calendar, start: date, earlier: date, n: int, more: int
    ) -> None:
        assume(earlier <= start)
        assert china.add_working_days(earlier, n) <= china.add_working_days(start, n + more)

    @given(day=DAYS)
    def test_the_next_working_day_is_worked_and_nothing_between_is(self, china: Calendar, day: date) -> None:
        following = china.next_working_day(day)
        assert china.is_working(following)
        assert following > day
        assert not any(china.is_working(day + ahead * DAY) for ahead in range(1, (following - day).days))
        assert china.working_day_from(day) == (day if china.is_working(day) else following)

    @given(start=DAYS, a=st.integers(1, 30), b=st.integers(1, 30))
    def test_counting_on_is_counting_the_sum(self, china: Calendar, start: date, a: int, b: int) -> None:
        half_way = china.add_working_days(start, a)
        assert china.add_working_days(half_way, b) == china.add_working_days(start, a + b)

    def test_the_end_of_a_year_runs_on_into_the_next(self, china: Calendar) -> None:
        assert china.add_working_days(date(2025, 12, 31), 1) == date(2026, 1, 4)
        assert china.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)

    def test_the_leap_day_is_a_working_day_like_another(self, china: Calendar) -> None:
        assert china.add_working_days(date(2024, 2, 28), 1) == date(2024, 2, 29)
        assert china.add_working_days(date(2024, 2, 29), 1) == date(2024, 3, 1)
        assert china.next_working_day(date(2028, 2, 28)) == date(2028, 2, 29)

    def test_ten_years_of_days_can_still_be_counted(self, china: Calendar) -> None:
        assert china.add_working_days(date(2026, 1, 1), 3_660) > date(2035, 1, 1)

    @pytest.mark.parametrize("n", [-1, 0, 3_661])
    def test_a_count_that_makes_no_sense_is_an_error(self, china: Calendar, n: int) -> None:
        with pytest.raises(ValueError, match="cannot be counted"):
            china.add_working_days(date(2026, 1, 1), n)

    def test_an_arrangement_may_reach_back_into_december(self, china: Calendar) -> None:
        off, work = frozenset({date(2026, 12, 31)}), frozenset({date(2026, 12, 26)})
        year = YearDays(2027, off, work, True, "invented")
        told = replace(china, years={**china.years, 2027: year})
        assert told.add_working_days(date(2026, 12, 25), 1) == date(2026, 12, 26)
        assert told.next_working_day(date(2026, 12, 30)) == date(2027, 1, 1)


class TestWorkingTime:
    """Laws of counting hours, in zones whose clocks change too."""

    @given(start=INSTANTS, span=SPANS)
    def test_there_and_back(self, calendar: Calendar, start: datetime, span: timedelta) -> None:
        assert calendar.working_time_between(start, calendar.add_working_time(start, span)) == span

    @given(start=INSTANTS, later=SPANS, span=SPANS, more=SPANS)
    def test_a_later_start_or_a_longer_span_never_ends_sooner(
        self, calendar: Calendar, start: datetime, later: timedelta, span: timedelta, more: timedelta
    ) -> None:
        assert calendar.add_working_time(start, span) <= calendar.add_working_time(start + later, span + more)

    @given(start=INSTANTS, span=SPANS.filter(bool))
    def test_the_last_moment_counted_is_worked(
        self, calendar: Calendar, start: datetime, span: timedelta
    ) -> None:
        end = calendar.add_working_time(start, span)
        moment = timedelta(microseconds=1)
        assert calendar.working_time_between(end - moment, end) == moment
        assert calendar.is_working(calendar.local(end - moment).date())

    @given(a=INSTANTS, first=SPANS, second=SPANS)
    def test_time_adds_up(self, calendar: Calendar, a: datetime, first: timedelta, second: timedelta) -> None:
        b, c = a + first, a + first + second
        parts = calendar.working_time_between(a, b) + calendar.working_time_between(b, c)
        assert calendar.working_time_between(a, c) == parts
        assert timedelta(0) <= parts <= c - a

    @given(day=DAYS, quarter=st.integers(0, 95), length=st.integers(0, 500))
    def test_it_is_what_looking_at_the_clock_every_quarter_hour_finds(
        self, office: Calendar, day: date, quarter: int, length: int
    ) -> None:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) + quarter * QUARTER
        worked = sum(on_duty(office, start + ahead * QUARTER) for ahead in range(length))
        assert office.working_time_between(start, start + length * QUARTER) == worked * QUARTER

    @given(at=INSTANTS)
    def test_the_next_stretch_is_all_work_and_nothing_before_it_is(
        self, calendar: Calendar, at: datetime
    ) -> None:
        start, end = calendar.stretch(at)
        assert at <= start < end
        assert calendar.working_time_between(at, start) == timedelta(0)
        assert calendar.working_time_between(start, end) == end - start
        assert (start == at) == on_duty(calendar, at)

    def test_hours_keep_to_the_wall_clock_when_clocks_change(self) -> None:
        office = Calendar("new york", ZoneInfo("America/New_York"), {})
        assert office.opening(date(2026, 3, 6)) == datetime(2026, 3, 6, 14, tzinfo=UTC)
        assert office.opening(date(2026, 3, 9)) == datetime(2026, 3, 9, 13, tzinfo=UTC)
        friday_five, monday_ten = datetime(2026, 3, 6, 22, tzinfo=UTC), datetime(2026, 3, 9, 14, tzinfo=UTC)
        assert office.add_working_time(friday_five, timedelta(hours=2)) == monday_ten

    def test_an_hour_the_clock_skips_is_not_worked_and_one_it_repeats_is(self) -> None:
        hours = ((time(1), time(4)),)
        night = Calendar("night", ZoneInfo("America/New_York"), {2026: sundays_worked()}, hours)
        spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
        assert night.working_time_between(night.opening(spring), night.closing(spring)) == timedelta(hours=2)
        assert night.working_time_between(night.opening(autumn), night.closing(autumn)) == timedelta(hours=4)
        split = replace(night, spans=((time(1), time(2, 30)), (time(3), time(4))))
        assert split.working_time_between(split.opening(spring), split.closing(spring)) == timedelta(hours=2)

    @given(a=INSTANTS, back=SPANS)
    def test_no_time_passes_backwards(self, china: Calendar, a: datetime, back: timedelta) -> None:
        assert china.working_time_between(a, a - back) == timedelta(0)

    @given(a=INSTANTS, span=SPANS)
    def test_the_zone_an_instant_is_written_in_changes_nothing(
        self, calendar: Calendar, a: datetime, span: timedelta
    ) -> None:
        there = a.astimezone(ZoneInfo("America/New_York"))
        assert calendar.add_working_time(there, span) == calendar.add_working_time(a, span)
        assert calendar.working_time_between(there, (a + span).astimezone(there.tzinfo)) == (
            calendar.working_time_between(a, a + span)
        )


class TestBroken:
    """A calendar or a request that makes no sense is an error, never a loop without end."""

    def test_a_calendar_without_working_days_raises(self) -> None:
        holiday = Calendar("idle", SHANGHAI, {year: all_off(year) for year in range(2025, 2029)})
        start = datetime(2026, 1, 1, tzinfo=UTC)
        with pytest.raises(NoWorkingDayError):
            holiday.next_working_day(start.date())
        with pytest.raises(NoWorkingDayError):
            holiday.add_working_time(start, timedelta(hours=1))
        assert holiday.working_time_between(start, start + 365 * DAY) == timedelta(0)

    def test_spans_beyond_ten_years_and_negative_ones_raise(self, china: Calendar) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for span in (timedelta(microseconds=-1), 4_000 * DAY):
            with pytest.raises(ValueError, match="cannot be counted"):
                china.add_working_time(start, span)
        with pytest.raises(ValueError, match="ten years"):
            china.working_time_between(start, start + 4_000 * DAY)

    def test_an_instant_without_zone_raises(self, china: Calendar) -> None:
        naive = datetime.fromisoformat("2026-01-01T09:00")
        with pytest.raises(ValueError, match="zone"):
            china.local(naive)
        with pytest.raises(ValueError, match="zone"):
            china.working_time_between(naive, naive)

    @pytest.mark.parametrize(
        "spans",
        [(), ((time(9), time(9)),), ((time(9), time(12)), (time(11), time(18))), ((time(22), time(6)),)],
    )
    def test_hours_out_of_order_raise(self, spans: tuple[tuple[time, time], ...]) -> None:
        with pytest.raises(ValueError, match="working hours"):
            Calendar("odd", SHANGHAI, {}, spans)

    @pytest.mark.parametrize(
        ("off", "work"),
        [
            ({date(2026, 2, 14)}, {date(2026, 2, 14)}),
            ({date(2025, 6, 1)}, set()),
            (set(), {date(2027, 1, 2)}),
            (set(), {date(2026, 2, 13)}),
        ],
    )
    def test_a_year_that_contradicts_itself_raises(self, off: set[date], work: set[date]) -> None:
        with pytest.raises(ValueError, match="2026"):
            YearDays(2026, frozenset(off), frozenset(work), True, "invented")


HEAD: dict[str, Any] = {"name": "isle", "zone": "UTC", "fixed": ["12-25"]}
YEAR: dict[str, Any] = {
    "calendar": "isle",
    "year": 2030,
    "confirmed": True,
    "source": "invented",
    "checked_on": date(2026, 11, 20),
    "off": [{"from": date(2030, 1, 1), "to": date(2030, 1, 3)}],
    "work": [date(2030, 1, 5)],
}


class TestTables:
    """Reading the data files."""

    def test_a_head_and_a_year_make_a_calendar(self) -> None:
        hours = [[time(8), time(12)]]
        isle = calendar_from([YEAR, {**HEAD, "hours": hours}])
        assert (isle.name, isle.zone, isle.spans) == ("isle", ZoneInfo("UTC"), ((time(8), time(12)),))
        assert isle.add_working_days(date(2029, 12, 31), 2) == date(2030, 1, 5)
        assert not isle.is_working(date(2031, 12, 25))
        assert not isle.is_working(date(2032, 12, 27)), "a fixed day on a Saturday is made up on Monday"
        assert not calendar_from([{**HEAD, "fixed": ["12-31"]}]).is_working(date(2033, 12, 31))

    @pytest.mark.parametrize(
        "tables",
        [
            [],
            [YEAR],
            [HEAD, HEAD],
            [HEAD, YEAR, YEAR],
            [HEAD, {**YEAR, "calendar": "mainland"}],
            [HEAD, {key: value for key, value in YEAR.items() if key != "source"}],
            [HEAD, {**YEAR, "work": ["2030-01-05"]}],
            [HEAD, {**YEAR, "year": "2030"}],
            [{**HEAD, "hours": [[time(8)]]}],
            [{**HEAD, "fixed": ["02-29"]}],
        ],
    )
    def test_tables_that_do_not_fit_raise(self, tables: list[dict[str, Any]]) -> None:
        with pytest.raises(ValueError, match=r"."):
            calendar_from(tables)


def on_duty(calendar: Calendar, moment: datetime) -> bool:
    """Whether somebody reading the wall clock would say the office is open."""
    here = moment.astimezone(calendar.zone)
    return calendar.is_working(here.date()) and any(a <= here.time() < b for a, b in calendar.spans)


def sundays_worked() -> YearDays:
    """Both Sundays of 2026 on which New York changes its clocks, worked."""
    return YearDays(2026, frozenset(), frozenset({date(2026, 3, 8), date(2026, 11, 1)}), True, "invented")


def every_day(year: int) -> YearDays:
    weekends = frozenset(day for day in days_of(year) if day.weekday() > 4)
    return YearDays(year, frozenset(), weekends, True, "invented")


def all_off(year: int) -> YearDays:
    return YearDays(year, frozenset(days_of(year)), frozenset(), True, "invented")
