"""When a person may be written to (R13, R14)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.windows import (
    CADRE_QUIET,
    MERGE_WITHIN,
    NIGHT_SHIFT_SLEEP,
    QuietHours,
    merge_until,
    next_allowed,
    worker_quiet,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
DAY_WORKER = worker_quiet()
NIGHT_WORKER = worker_quiet(night_shift=True)
RIDER = worker_quiet(rider=True)
NIGHT_RIDER = worker_quiet(night_shift=True, rider=True)

INSTANTS = st.datetimes(
    datetime.fromisoformat("2024-01-02"), datetime.fromisoformat("2027-11-30"), timezones=st.just(UTC)
)
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
    ]
)
PEOPLE = st.sampled_from([CADRE_QUIET, DAY_WORKER, NIGHT_WORKER, RIDER, NIGHT_RIDER])
HOURS = st.integers(0, 23).map(time)
SPANS = st.tuples(HOURS, HOURS).filter(lambda span: span[0] != span[1])
ANY_QUIET = st.lists(SPANS.map(lambda span: QuietHours(*span)), max_size=3)


def at(text: str) -> datetime:
    """An instant written on China's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class TestExamples:
    """What people get when."""

    @pytest.mark.parametrize(
        ("quiet", "wanted", "sent"),
        [
            (CADRE_QUIET, "2026-11-20T21:59", "2026-11-20T21:59"),
            (CADRE_QUIET, "2026-11-20T22:00", "2026-11-21T07:00"),
            (CADRE_QUIET, "2026-11-21T06:59", "2026-11-21T07:00"),
            (DAY_WORKER, "2026-11-20T23:30", "2026-11-21T08:00"),
            (DAY_WORKER, "2026-11-21T07:30", "2026-11-21T08:00"),
            (DAY_WORKER, "2026-11-20T12:00", "2026-11-20T12:00"),
            (NIGHT_WORKER, "2026-11-20T09:00", "2026-11-20T16:00"),
            (NIGHT_WORKER, "2026-11-20T23:30", "2026-11-20T23:30"),
            (RIDER, "2026-11-20T11:00", "2026-11-20T13:30"),
            (RIDER, "2026-11-20T17:00", "2026-11-20T20:00"),
            (RIDER, "2026-11-20T22:30", "2026-11-21T08:00"),
            (NIGHT_RIDER, "2026-11-20T08:30", "2026-11-20T16:00"),
            (NIGHT_RIDER, "2026-11-20T19:59", "2026-11-20T20:00"),
        ],
    )
    def test_what_is_not_urgent_waits_for_the_window(
        self, quiet: tuple[QuietHours, ...], wanted: str, sent: str
    ) -> None:
        assert next_allowed(at(wanted), quiet, SHANGHAI) == at(sent)

    def test_what_is_urgent_waits_for_nobody(self) -> None:
        night = at("2026-11-20T03:00")
        assert next_allowed(night, RIDER, SHANGHAI, urgent=True) == night

    def test_a_workers_own_sleep_counts_instead_of_the_usual_one(self) -> None:
        own = worker_quiet(night_shift=True, rider=True, sleep=QuietHours(time(1), time(9)))
        assert NIGHT_SHIFT_SLEEP not in own
        assert next_allowed(at("2026-11-20T08:00"), own, SHANGHAI) == at("2026-11-20T09:00")
        assert next_allowed(at("2026-11-20T12:00"), own, SHANGHAI) == at("2026-11-20T13:30")

    def test_the_window_is_the_wall_clock_also_when_clocks_change(self) -> None:
        new_york = ZoneInfo("America/New_York")
        for day in ("2026-03-08", "2026-11-01"):
            morning = datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=new_york)
            evening = morning - timedelta(hours=9)
            assert next_allowed(evening, DAY_WORKER, new_york) == morning

    def test_an_hour_the_clock_repeats_stays_quiet_both_times(self) -> None:
        new_york, late = ZoneInfo("America/New_York"), (QuietHours(time(23), time(1, 30)),)
        first_ten_past_one = datetime(2026, 11, 1, 5, 10, tzinfo=UTC)
        assert next_allowed(first_ten_past_one, late, new_york) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
        again = first_ten_past_one + timedelta(hours=1)
        assert next_allowed(again, late, new_york) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


class TestLaws:
    """What holds for everyone at every time."""

    @given(at=INSTANTS, quiet=PEOPLE, zone=ZONES)
    def test_the_moment_found_is_allowed_and_nothing_before_it_is(
        self, at: datetime, quiet: tuple[QuietHours, ...], zone: ZoneInfo
    ) -> None:
        found = next_allowed(at, quiet, zone)
        moment = at
        while any(moment.astimezone(zone).time() in hours for hours in quiet):
            moment += MINUTE
        assert found <= moment
        assert moment - found < MINUTE
        assert not any(found.astimezone(zone).time() in hours for hours in quiet)

    @given(at=INSTANTS, later=st.timedeltas(timedelta(0), timedelta(days=2)), quiet=PEOPLE, zone=ZONES)
    def test_order_is_kept_and_waiting_twice_is_waiting_once(
        self, at: datetime, later: timedelta, quiet: tuple[QuietHours, ...], zone: ZoneInfo
    ) -> None:
        found = next_allowed(at, quiet, zone)
        assert found <= next_allowed(at + later, quiet, zone)
        assert next_allowed(found, quiet, zone) == found

    @given(at=INSTANTS, quiet=ANY_QUIET)
    def test_hours_that_leave_no_room_raise_and_all_others_find_some(
        self, at: datetime, quiet: list[QuietHours]
    ) -> None:
        if all(any(time(hour) in hours for hours in quiet) for hour in range(24)):
            with pytest.raises(ValueError, match="no hour"):
                next_allowed(at, quiet, SHANGHAI)
        else:
            assert next_allowed(at, quiet, SHANGHAI) - at <= timedelta(days=1)

    def test_quiet_hours_of_no_length_raise(self) -> None:
        with pytest.raises(ValueError, match="leave an hour"):
            QuietHours(time(8), time(8))

    @given(first=INSTANTS)
    def test_changes_are_gathered_for_ten_minutes(self, first: datetime) -> None:
        assert merge_until(first) - first == MERGE_WITHIN == timedelta(minutes=10)
