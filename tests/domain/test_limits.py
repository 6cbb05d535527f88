"""When a case is due, and what a pause does to it (R10, R11, R14)."""

from dataclasses import astuple, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import Calendar
from domain.limits import Interval, Limit, Pace, Pause, Route, intervals, limit_for, resumed, resumed_due

SHANGHAI = ZoneInfo("Asia/Shanghai")
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))
INSTANTS = st.datetimes(
    datetime.fromisoformat("2024-01-02"), datetime.fromisoformat("2027-11-30"), timezones=st.just(UTC)
)
PAUSES = st.lists(st.tuples(SPANS, SPANS), max_size=4)  # (running, paused) lengths
HOUR = timedelta(hours=1)


@pytest.fixture(scope="session", params=["china", "America/New_York", "short mornings", "late shift"])
def calendar(request: pytest.FixtureRequest, china: Calendar) -> Calendar:
    """Offices with ordinary hours here and abroad, one that closes before noon, one that opens after."""
    match request.param:
        case "china":
            return china
        case "short mornings":
            return replace(china, spans=((time(8), time(11)),))
        case "late shift":
            return replace(china, spans=((time(13), time(21)),))
    return Calendar(request.param, ZoneInfo(request.param), {})


def at(text: str) -> datetime:
    """An instant written on China's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(
    calendar: Calendar, received: str, route: Route, *, short: bool = False, urgent: bool = False
) -> Limit:
    """The limit of a case received at a moment on China's clock."""
    return limit_for(route=route, short=short, urgent=urgent, received_at=at(received), calendar=calendar)


def due(calendar: Calendar, received: str, route: Route, *, short: bool = False) -> str:
    """The due time on the union's clock."""
    due_at = told(calendar, received, route, short=short).due_at
    return calendar.local(due_at).strftime("%a %Y-%m-%d %H:%M")


class TestExamples:
    """What a worker is told, worked out by hand."""

    @pytest.mark.parametrize(
        ("received", "expected"),
        [
            ("2026-11-20T10:00", "Fri 2026-11-20 18:00"),
            ("2026-11-20T16:00", "Fri 2026-11-20 18:00"),
            ("2026-11-20T16:00:01", "Mon 2026-11-23 12:00"),
            ("2026-11-20T23:50", "Mon 2026-11-23 12:00"),
            ("2026-11-21T10:00", "Mon 2026-11-23 18:00"),
            ("2026-11-23T02:00", "Mon 2026-11-23 18:00"),
            ("2026-02-14T16:30", "Tue 2026-02-24 12:00"),
            ("2026-02-17T09:00", "Tue 2026-02-24 18:00"),
        ],
    )
    @pytest.mark.parametrize("route", [Route.IMMEDIATE, Route.EXPLANATION])
    def test_an_answer_comes_the_same_day_or_by_noon_of_the_next(
        self, china: Calendar, received: str, expected: str, route: Route
    ) -> None:
        assert due(china, received, route) == expected

    @pytest.mark.parametrize(
        ("received", "short", "expected"),
        [
            ("2026-02-12T15:00", False, "Thu 2026-02-26 18:00"),
            ("2026-02-12T15:00", True, "Tue 2026-02-24 18:00"),
            ("2026-11-20T15:00", True, "Wed 2026-11-25 18:00"),
            ("2026-11-21T15:00", True, "Wed 2026-11-25 18:00"),
            ("2026-11-20T23:59", False, "Fri 2026-11-27 18:00"),
            ("2024-02-26T09:00", True, "Thu 2024-02-29 18:00"),
        ],
    )
    def test_coordination_counts_from_the_first_working_day_after_intake(
        self, china: Calendar, received: str, short: bool, expected: str
    ) -> None:
        assert due(china, received, Route.COORDINATION, short=short) == expected

    def test_a_matter_for_bargaining_is_listed_in_five_working_days(self, china: Calendar) -> None:
        assert due(china, "2026-02-12T15:00", Route.BARGAINING, short=True) == "Thu 2026-02-26 18:00"

    def test_an_urgent_case_is_due_by_the_clock_at_night_and_on_a_holiday(self, china: Calendar) -> None:
        limit = told(china, "2026-02-17T02:00", Route.COORDINATION, short=True, urgent=True)
        assert limit == Limit(
            take_by=at("2026-02-17T02:30"),
            due_at=at("2026-02-17T04:00"),
            due_soon_at=at("2026-02-17T03:30"),
            provisional=False,
        )

    def test_taken_within_four_working_hours_and_soon_after_three_quarters(self, china: Calendar) -> None:
        limit = told(china, "2026-11-19T18:30", Route.COORDINATION, short=True)
        assert limit.take_by == at("2026-11-20T14:30")
        # three days of 7.5 hours: 22.5 hours, of which 16.875 pass by Tuesday 10:52:30
        assert limit.due_soon_at == at("2026-11-24T10:52:30")

    def test_a_limit_that_reaches_into_a_year_not_announced_is_provisional(self, china: Calendar) -> None:
        known = {"2026-12-20T10:00": False, "2026-12-30T10:00": True, "2023-12-29T10:00": True}
        for received, provisional in known.items():
            limit = told(china, received, Route.COORDINATION)
            assert limit.provisional is provisional

    def test_a_pause_over_a_weekend_costs_only_working_time(self, china: Calendar) -> None:
        limit_end = at("2026-11-24T18:00")
        friday, monday = at("2026-11-20T17:00"), at("2026-11-23T10:00")
        assert resumed_due(limit_end, friday, monday, china, urgent=False) == at("2026-11-25T10:00") + HOUR
        assert resumed_due(limit_end, friday, monday, china, urgent=True) == limit_end + timedelta(hours=65)


class TestLimits:
    """Laws of every limit."""

    @given(at=INSTANTS, route=st.sampled_from(Route), short=st.booleans(), urgent=st.booleans())
    def test_its_times_come_in_order(
        self, calendar: Calendar, at: datetime, route: Route, short: bool, urgent: bool
    ) -> None:
        limit = limit_for(route=route, short=short, urgent=urgent, received_at=at, calendar=calendar)
        assert at < limit.take_by <= limit.due_soon_at < limit.due_at

    @given(at=INSTANTS, later=SPANS, route=st.sampled_from(Route), short=st.booleans(), urgent=st.booleans())
    def test_who_comes_later_is_never_due_sooner(
        self, calendar: Calendar, at: datetime, later: timedelta, route: Route, short: bool, urgent: bool
    ) -> None:
        first, second = (
            limit_for(route=route, short=short, urgent=urgent, received_at=moment, calendar=calendar)
            for moment in (at, at + later)
        )
        assert first.due_at <= second.due_at
        assert first.take_by <= second.take_by

    @given(at=INSTANTS, route=st.sampled_from(Route), short=st.booleans())
    def test_nothing_is_due_on_a_day_off_or_after_hours(
        self, calendar: Calendar, at: datetime, route: Route, short: bool
    ) -> None:
        limit = limit_for(route=route, short=short, urgent=False, received_at=at, calendar=calendar)
        for moment in (limit.take_by, limit.due_soon_at, limit.due_at):
            here = calendar.local(moment)
            assert calendar.is_working(here.date())
            assert calendar.opening(here.date()) < moment <= calendar.closing(here.date())

    @given(at=INSTANTS, route=st.sampled_from(Route))
    def test_a_short_category_is_never_slower(self, calendar: Calendar, at: datetime, route: Route) -> None:
        short, ordinary = (
            limit_for(route=route, short=short, urgent=False, received_at=at, calendar=calendar)
            for short in (True, False)
        )
        assert short.due_at <= ordinary.due_at


class TestPauses:
    """Laws of the clock standing still."""

    @given(due_at=INSTANTS, before=SPANS, length=SPANS, urgent=st.booleans())
    def test_the_due_time_moves_by_exactly_the_time_that_counts(
        self, calendar: Calendar, due_at: datetime, before: timedelta, length: timedelta, urgent: bool
    ) -> None:
        paused_at = due_at - before
        resumed_at = paused_at + length
        moved = resumed_due(due_at, paused_at, resumed_at, calendar, urgent=urgent)
        if before == timedelta(0):
            assert moved == due_at
        elif urgent:
            assert moved - due_at == length
        else:
            paused = calendar.working_time_between(paused_at, resumed_at)
            assert calendar.working_time_between(due_at, moved) == paused
            remaining = calendar.working_time_between(paused_at, due_at)
            assert calendar.working_time_between(resumed_at, moved) <= remaining

    @given(saturday=st.dates(date(2024, 3, 1), date(2027, 12, 1)), hours=st.integers(0, 47))
    def test_a_pause_inside_days_off_moves_nothing(self, china: Calendar, saturday: date, hours: int) -> None:
        first_off = saturday
        while china.is_working(first_off):
            first_off += timedelta(days=1)
        begins = china.at(first_off, time(0))
        ends = min(begins + hours * HOUR, china.opening(china.next_working_day(first_off)))
        due_at = china.closing(china.add_working_days(first_off, 3))
        assert resumed_due(due_at, begins, ends, china, urgent=False) == due_at

    @given(due_at=INSTANTS, before=SPANS, length=SPANS, urgent=st.booleans())
    def test_a_missed_limit_stays_missed(
        self, china: Calendar, due_at: datetime, before: timedelta, length: timedelta, urgent: bool
    ) -> None:
        paused_at = due_at + before
        assert resumed_due(due_at, paused_at, paused_at + length, china, urgent=urgent) == due_at

    @given(at=INSTANTS, lengths=PAUSES, urgent=st.booleans())
    def test_a_paused_limit_keeps_its_order_and_never_shrinks(
        self, calendar: Calendar, at: datetime, lengths: list[tuple[timedelta, timedelta]], urgent: bool
    ) -> None:
        limit = limit_for(
            route=Route.COORDINATION, short=False, urgent=urgent, received_at=at, calendar=calendar
        )
        for pause in pauses_from(at, lengths):
            after = resumed(limit, pause, calendar, urgent=urgent)
            assert after.take_by <= after.due_soon_at <= after.due_at
            assert after.due_at >= limit.due_at
            limit = after

    def test_a_pause_that_still_lasts_moves_nothing_yet(self, china: Calendar) -> None:
        limit = told(china, "2026-11-20T10:00", Route.IMMEDIATE)
        assert (
            resumed(limit, Pause(at("2026-11-20T11:00"), None, "wait.worker"), china, urgent=False) is limit
        )

    def test_a_pause_into_a_year_not_announced_makes_the_limit_provisional(self, china: Calendar) -> None:
        limit = told(china, "2026-12-30T10:00", Route.IMMEDIATE)
        pause = Pause(at("2026-12-30T11:00"), at("2027-01-05T11:00"), "wait.worker")
        assert not limit.provisional
        assert resumed(limit, pause, china, urgent=False).provisional

    def test_a_pause_does_not_make_a_provisional_limit_certain(self, china: Calendar) -> None:
        limit = told(china, "2023-12-29T10:00", Route.COORDINATION)
        pause = Pause(at("2024-01-03T11:00"), at("2024-01-04T11:00"), "wait.worker")
        assert resumed(limit, pause, china, urgent=False).provisional


class TestIntervals:
    """The account of a case's time."""

    def test_the_account_of_a_case_that_waited_over_a_weekend(self, china: Calendar) -> None:
        friday, monday = at("2026-11-20T17:00"), at("2026-11-23T10:00")
        account = intervals(
            at("2026-11-20T14:00"),
            [Pause(friday, monday, "wait.worker")],
            at("2026-11-23T12:00"),
            china,
            urgent=False,
        )
        assert account == (
            Interval(Pace.RUNNING, at("2026-11-20T14:00"), friday, 3 * HOUR),
            Interval(Pace.PAUSED, friday, monday, 2 * HOUR, "wait.worker"),
            Interval(Pace.RUNNING, monday, at("2026-11-23T12:00"), 2 * HOUR),
        )

    @given(
        start=INSTANTS,
        lengths=PAUSES,
        length=SPANS,
        urgent=st.booleans(),
    )
    def test_the_stretches_cover_the_time_once(
        self,
        china: Calendar,
        start: datetime,
        lengths: list[tuple[timedelta, timedelta]],
        length: timedelta,
        urgent: bool,
    ) -> None:
        account = intervals(start, pauses_from(start, lengths), start + length, china, urgent=urgent)
        edges = [start, *(part.end for part in account)]
        assert [part.start for part in account] == edges[:-1]
        assert edges[-1] == start + length
        assert all(a < b for a, b in pairwise(edges))
        counted = length if urgent else china.working_time_between(start, start + length)
        assert sum((part.counted for part in account), timedelta(0)) == counted

    @given(start=INSTANTS, lengths=PAUSES)
    def test_the_running_time_up_to_the_moved_limit_is_the_limit(
        self, china: Calendar, start: datetime, lengths: list[tuple[timedelta, timedelta]]
    ) -> None:
        limit = limit_for(
            route=Route.COORDINATION, short=False, urgent=False, received_at=start, calendar=china
        )
        moved, history = limit, []
        for pause in pauses_from(start, lengths):
            if pause.paused_at < moved.due_at:
                history.append(pause)
                moved = resumed(moved, pause, china, urgent=False)
        account = intervals(start, history, moved.due_at, china, urgent=False)
        running = sum((part.counted for part in account if part.pace is Pace.RUNNING), timedelta(0))
        assert running == china.working_time_between(start, limit.due_at)

    def test_pauses_that_overlap_count_once(self, china: Calendar) -> None:
        start = at("2026-11-20T09:00")
        twice = [
            Pause(start + HOUR, start + 3 * HOUR, "wait.worker"),
            Pause(start + 2 * HOUR, None, "wait.authority"),
        ]
        account = intervals(start, twice, start + 3 * HOUR, china, urgent=True)
        assert [astuple(part)[3:] for part in account] == [(HOUR, ""), (2 * HOUR, "wait.worker")]


def pauses_from(start: datetime, lengths: list[tuple[timedelta, timedelta]]) -> list[Pause]:
    """Pauses one after the other, from (running, paused) lengths."""
    found, here = [], start
    for running, paused in lengths:
        begins = here + running
        here = begins + paused
        found.append(Pause(begins, here, "wait.worker"))
    return found
