"""Limits that rest on a year not announced, danger at night, and the woman somebody asked for."""

from datetime import UTC, date, timedelta

from casework import danger, duty, timing
from casework.rulebook import Rulebook
from domain.calendars import Calendar, YearDays
from domain.escalation import Rung
from storage import cases, dues
from storage.cases import Case
from storage.dues import Due
from storage.tx import Tx
from tests.casework.conftest import SHANGHAI, Office


def with_year(rules: Rulebook, year: YearDays) -> Rulebook:
    """The rules once a year has been announced."""
    old = rules.default_calendar
    new = Calendar(old.name, old.zone, {**old.years, year.year: year}, old.spans, old.fixed)
    return Rulebook(rules.categories, rules.hotlines, {**rules.calendars, "cn": new})


def announced(rules: Rulebook, off: set[date], work: set[date]) -> YearDays:
    """2027 as it might be announced."""
    guessed = rules.default_calendar.year_days(2027)
    days = frozenset(guessed.off) | off
    return YearDays(
        2027, days - frozenset(work), frozenset(work), True, "made up for this test", date(2026, 11, 30)
    )


def test_a_provisional_limit_is_counted_again_once_the_year_is_announced(office: Office) -> None:
    office.at("2026-12-30 10:00")
    case = office.store.write(lambda tx: office.open(tx))
    assert case.provisional
    known = with_year(office.rules, announced(office.rules, {date(2027, 1, 4)}, set()))
    assert office.store.write(lambda tx: timing.recount(tx, known)) == 1
    after = office.store.read(lambda tx: cases.get(tx, case.id))
    assert not after.provisional
    assert after.due_at.astimezone(SHANGHAI).date() > case.due_at.astimezone(SHANGHAI).date()
    planned = office.store.read(lambda tx: [due.due_at for due in dues.planned(tx, case.id)])
    assert after.due_at in planned
    assert case.due_at not in planned


def test_counting_again_changes_nothing_that_was_certain(office: Office) -> None:
    case = office.store.write(lambda tx: office.open(tx))
    assert office.store.write(lambda tx: timing.recount(tx, office.rules)) == 0
    assert office.store.read(lambda tx: cases.get(tx, case.id)) == case


def test_danger_with_nobody_on_duty_is_called_upward_every_ten_minutes(office: Office) -> None:
    office.at("2026-11-24 23:30")

    def call(tx: Tx) -> tuple[Case, tuple[Rung, ...], list[Due]]:
        case = danger.call_somebody(
            tx, office.rules, office.worker(tx), "self_harm", "不想活了", "chengnan", "browser"
        )
        return case, duty.rungs_of(tx, case), dues.planned(tx, case.id)

    case, rungs, planned = office.store.write(call)
    upward = sorted((due.due_at, due.detail["level"]) for due in planned if due.detail.get("why") == "take")
    now = office.clock.read().astimezone(UTC)
    assert len(rungs) >= 2
    for level in range(1, len(rungs) + 1):
        assert (now + level * timedelta(minutes=10), level) in upward
    assert case.urgent


def test_danger_while_somebody_is_on_duty_has_the_urgent_limit(office: Office) -> None:
    case = office.store.write(
        lambda tx: danger.call_somebody(
            tx, office.rules, office.worker(tx), "violence", "有人打我", "chengnan", "browser"
        )
    )
    planned = office.store.read(lambda tx: dues.planned(tx, case.id))
    assert min(due.due_at for due in planned if due.kind == timing.PING) == case.take_by


def test_the_woman_somebody_asked_for_is_called_first(office: Office) -> None:
    def call(tx: Tx) -> tuple[list[str], list[str]]:
        asked = office.open(tx, "women", "chengnan", woman=True)
        anybody = office.open(tx, "wages", "chengnan")
        return duty.duty_people(tx, asked), duty.duty_people(tx, anybody)

    asked, anybody = office.store.write(call)
    assert asked == [office.people["li"]]
    assert anybody == [office.people["chen"]]
