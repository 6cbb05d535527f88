"""Who hears of a case that stands still, and when (R11, R14)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import Calendar
from domain.escalation import LadderUnit, NextPing, Rung, after_ping, coalesce, first_pings, ladder
from domain.limits import Route, limit_for
from domain.roles import Role
from domain.units import UnitId, UnitKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITE = LadderUnit(UnitId("site"), UnitKind.SITE, workplace=True, chair_reachable=True)
FIRM = LadderUnit(UnitId("firm"), UnitKind.ENTERPRISE, workplace=True, chair_reachable=True)
TOWN = LadderUnit(UnitId("town"), UnitKind.REGION, workplace=False, chair_reachable=True)
CITY = LadderUnit(UnitId("city"), UnitKind.FEDERATION, workplace=False, chair_reachable=True)
RUNGS = ladder([SITE, FIRM, CITY], against_employer=False)

INSTANTS = st.datetimes(
    datetime.fromisoformat("2024-01-02"), datetime.fromisoformat("2027-11-30"), timezones=st.just(UTC)
)
UNITS = st.lists(
    st.builds(
        LadderUnit,
        id=st.uuids().map(lambda made: UnitId(str(made))),
        kind=st.sampled_from(UnitKind),
        workplace=st.booleans(),
        chair_reachable=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def at(text: str) -> datetime:
    """An instant written on China's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def unheard(
    ping: NextPing, calendar: Calendar, rungs: tuple[Rung, ...], *, urgent: bool
) -> Iterator[NextPing]:
    """The pings that follow when nobody ever acknowledges one."""
    while True:
        ping = after_ping(
            ping.level,
            ping.repeat,
            urgent=urgent,
            acknowledged=False,
            at=ping.at,
            calendar=calendar,
            rungs=rungs,
        )
        yield ping


def told(calendar: Calendar, pings: list[NextPing]) -> list[tuple[int, int, str]]:
    """Level, repeat and the union's clock."""
    return [(ping.level, ping.repeat, f"{calendar.local(ping.at):%a %m-%d %H:%M}") for ping in pings]


class TestLadder:
    """Who stands on which rung."""

    def test_the_chair_of_the_cases_unit_comes_first_then_each_unit_above(self) -> None:
        assert ladder([SITE, FIRM, TOWN, CITY], against_employer=False) == (
            Rung(1, SITE.id, Role.CHAIR),
            Rung(2, FIRM.id, Role.CHAIR),
            Rung(3, TOWN.id, Role.CHAIR),
            Rung(4, CITY.id, Role.CHAIR),
        )

    def test_a_matter_against_the_employer_goes_past_every_workplace(self) -> None:
        assert ladder([SITE, FIRM, TOWN, CITY], against_employer=True) == (
            Rung(1, TOWN.id, Role.CHAIR),
            Rung(2, CITY.id, Role.CHAIR),
        )

    def test_a_chair_who_cannot_be_reached_is_passed_by(self) -> None:
        away = replace(SITE, chair_reachable=False)
        assert ladder([away, FIRM, CITY], against_employer=False) == (
            Rung(1, FIRM.id, Role.CHAIR),
            Rung(2, CITY.id, Role.CHAIR),
        )

    def test_with_no_chair_in_reach_the_topmost_administrator_hears(self) -> None:
        away = [replace(unit, chair_reachable=False) for unit in (SITE, CITY)]
        assert ladder(away, against_employer=False) == (Rung(1, CITY.id, Role.ADMIN),)
        assert ladder([SITE, FIRM], against_employer=True) == (Rung(1, FIRM.id, Role.ADMIN),)

    def test_a_case_without_unit_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="unit"):
            ladder([], against_employer=False)

    @given(units=UNITS, against=st.booleans())
    def test_there_is_always_a_rung_and_never_a_workplace_chair_against_the_employer(
        self, units: list[LadderUnit], against: bool
    ) -> None:
        rungs = ladder(units, against_employer=against)
        assert [rung.level for rung in rungs] == list(range(1, len(rungs) + 1))
        order = [unit.id for unit in units]
        assert all(order.index(a.unit_id) < order.index(b.unit_id) for a, b in pairwise(rungs))
        for rung in rungs:
            unit = next(unit for unit in units if unit.id == rung.unit_id)
            if rung.role is Role.CHAIR:
                assert unit.chair_reachable
                assert not (against and unit.workplace)


class TestExamples:
    """Chains worked out by hand."""

    def test_a_case_overdue_over_spring_festival_climbs_only_on_working_days(self, china: Calendar) -> None:
        limit = limit_for(
            route=Route.COORDINATION,
            short=True,
            urgent=False,
            received_at=at("2026-02-11T10:00"),
            calendar=china,
        )
        soon, overdue = first_pings(limit)
        assert told(china, [soon, overdue]) == [(0, 0, "Sat 02-14 09:15"), (1, 0, "Sat 02-14 18:00")]
        assert told(china, list(islice(unheard(overdue, china, RUNGS, urgent=False), 10))) == [
            (1, 1, "Tue 02-24 14:30"),
            (1, 2, "Wed 02-25 09:30"),
            (1, 3, "Wed 02-25 15:00"),
            (2, 0, "Wed 02-25 15:00"),
            (2, 1, "Thu 02-26 10:00"),
            (2, 2, "Thu 02-26 15:30"),
            (2, 3, "Fri 02-27 10:30"),
            (3, 0, "Fri 02-27 10:30"),
            (3, 1, "Fri 02-27 16:00"),
            (3, 2, "Sat 02-28 11:00"),
        ]

    def test_an_urgent_case_reaches_the_next_level_every_half_hour_at_night(self, china: Calendar) -> None:
        start = NextPing(0, 0, at("2026-02-17T02:00"))
        assert told(china, list(islice(unheard(start, china, RUNGS, urgent=True), 9))) == [
            (0, 1, "Tue 02-17 02:10"),
            (0, 2, "Tue 02-17 02:20"),
            (0, 3, "Tue 02-17 02:30"),
            (1, 0, "Tue 02-17 02:30"),
            (1, 1, "Tue 02-17 02:40"),
            (1, 2, "Tue 02-17 02:50"),
            (1, 3, "Tue 02-17 03:00"),
            (2, 0, "Tue 02-17 03:00"),
            (2, 1, "Tue 02-17 03:10"),
        ]

    @pytest.mark.parametrize(
        ("level", "urgent", "acknowledged_at", "expected"),
        [
            (0, False, "2026-02-13T17:00", (1, 0, "Sat 02-14 17:00")),
            (1, False, "2026-02-14T17:00", (2, 0, "Tue 02-24 17:00")),
            (1, False, "2026-02-14T19:00", (2, 0, "Tue 02-24 18:00")),
            (2, False, "2026-11-20T10:00", (3, 0, "Mon 11-23 10:00")),
            (3, False, "2026-11-20T10:00", (3, 2, "Mon 11-23 10:00")),
            (0, True, "2026-02-17T02:05", (1, 0, "Tue 02-17 02:35")),
            (1, True, "2026-02-17T02:05", (2, 0, "Tue 02-17 02:35")),
            (3, True, "2026-02-17T02:05", (3, 2, "Wed 02-18 02:05")),
        ],
    )
    def test_a_level_that_acknowledges_is_left_alone_and_the_next_hears_later(
        self, china: Calendar, level: int, urgent: bool, acknowledged_at: str, expected: tuple[int, int, str]
    ) -> None:
        following = after_ping(
            level,
            1,
            urgent=urgent,
            acknowledged=True,
            at=at(acknowledged_at),
            calendar=china,
            rungs=RUNGS,
        )
        assert told(china, [following]) == [expected]

    def test_a_ladder_that_lost_rungs_goes_on_at_its_top(self, china: Calendar) -> None:
        following = after_ping(
            3,
            3,
            urgent=True,
            acknowledged=False,
            at=at("2026-02-17T02:00"),
            calendar=china,
            rungs=RUNGS[:2],
        )
        assert following == NextPing(2, 4, at("2026-02-17T02:30"))

    @pytest.mark.parametrize(("level", "repeat", "rungs"), [(-1, 0, RUNGS), (1, -1, RUNGS), (1, 0, ())])
    def test_a_ping_that_makes_no_sense_is_an_error(
        self, china: Calendar, level: int, repeat: int, rungs: tuple[Rung, ...]
    ) -> None:
        when = at("2026-11-20T10:00")
        with pytest.raises(ValueError, match="level"):
            after_ping(level, repeat, urgent=False, acknowledged=False, at=when, calendar=china, rungs=rungs)


class TestChain:
    """Laws of a chain of pings nobody acknowledges."""

    @given(start=INSTANTS, urgent=st.booleans(), units=UNITS)
    def test_it_climbs_rung_by_rung_and_never_ends(
        self, china: Calendar, start: datetime, urgent: bool, units: list[LadderUnit]
    ) -> None:
        rungs = ladder(units, against_employer=False)
        chain = [NextPing(0, 0, start)]
        chain += islice(unheard(chain[0], china, rungs, urgent=urgent), 4 * len(rungs) + 8)
        for ping, following in pairwise(chain):
            assert following.at >= ping.at
            climbs = following.level - ping.level
            assert climbs in (0, 1)
            assert following.repeat == (0 if climbs else ping.repeat + 1)
            assert climbs == (ping.repeat == 3 and ping.level < len(rungs))
        assert chain[-1].level == len(rungs)
        assert chain[-1].at > chain[-3].at > chain[-5].at

    @given(start=INSTANTS)
    def test_nobody_is_pinged_on_a_day_off_unless_urgent(self, china: Calendar, start: datetime) -> None:
        for ping in islice(unheard(NextPing(1, 0, start), china, RUNGS, urgent=False), 20):
            here = china.local(ping.at).date()
            assert china.is_working(here)
            assert china.opening(here) < ping.at <= china.closing(here)

    @given(start=INSTANTS)
    def test_the_top_hears_daily_for_ever(self, china: Calendar, start: datetime) -> None:
        top = unheard(NextPing(len(RUNGS), 3, start), china, RUNGS, urgent=False)
        days = [china.local(ping.at).date() for ping in islice(top, 12)]
        assert all(later == china.next_working_day(day) for day, later in pairwise(days))


class TestCoalesce:
    """After a stop, one ping for a case, not a heap of them."""

    def test_only_the_highest_level_that_fell_due_is_sent(self) -> None:
        friday, tuesday = at("2026-11-20T18:00"), at("2026-11-24T18:00")
        owner, first, repeated = NextPing(0, 2, friday), NextPing(1, 0, friday), NextPing(1, 1, friday)
        pending = [owner, first, repeated, NextPing(2, 0, tuesday)]
        assert coalesce(pending, friday) == repeated
        assert coalesce(pending, at("2026-11-23T09:00")) == repeated
        assert coalesce(pending, at("2026-11-25T09:00")) == NextPing(2, 0, tuesday)
        assert coalesce(pending, at("2026-11-20T17:59")) is None
        assert coalesce([], friday) is None
