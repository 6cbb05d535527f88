"""Asking the worker what came of it (R17)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import Calendar
from domain.cases import Disposition, Word
from domain.errors import Refusal
from domain.revisit import (
    Tally,
    Verdict,
    check_change,
    check_day,
    revisit_at,
    silence_after,
    tally,
    verdict,
)
from domain.windows import QuietHours, next_allowed, worker_quiet

SHANGHAI = ZoneInfo("Asia/Shanghai")
QUIET = st.builds(worker_quiet, night_shift=st.booleans(), rider=st.booleans())
INSTANTS = st.datetimes(
    datetime.fromisoformat("2024-01-02"), datetime.fromisoformat("2027-11-30"), timezones=st.just(UTC)
)
ANSWERS = st.sampled_from([Word.SOLVED, Word.PARTLY, Word.NOT_SOLVED])
SCORES = st.none() | st.integers(1, 5)
REOPENING = {Verdict.REOPEN_OTHER, Verdict.REOPEN_ABOVE, Verdict.CHAIR_WRITES}


def at(text: str) -> datetime:
    """An instant written on China's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class TestWhen:
    """When the worker is asked."""

    @pytest.mark.parametrize(
        ("told", "night_shift", "rider", "asked"),
        [
            ("2026-11-20T15:00", False, False, "2026-11-21T10:00"),
            ("2026-11-20T23:59", False, True, "2026-11-21T10:00"),
            ("2026-11-20T15:00", True, False, "2026-11-21T16:00"),
            ("2026-12-31T15:00", False, False, "2027-01-01T10:00"),
        ],
    )
    def test_a_solution_is_revisited_next_day_in_the_workers_window(
        self, china: Calendar, told: str, night_shift: bool, rider: bool, asked: str
    ) -> None:
        quiet = worker_quiet(night_shift=night_shift, rider=rider)
        assert revisit_at(Disposition.RESOLVED, at(told), quiet=quiet, calendar=china) == at(asked)

    @pytest.mark.parametrize("disposition", [Disposition.PARTLY, Disposition.NOT_NOW])
    def test_what_is_not_settled_is_revisited_in_five_working_days_or_when_named(
        self, china: Calendar, disposition: Disposition
    ) -> None:
        told, quiet = at("2026-02-12T15:00"), worker_quiet()
        assert revisit_at(disposition, told, quiet=quiet, calendar=china) == at("2026-02-26T10:00")
        named = revisit_at(disposition, told, quiet=quiet, calendar=china, check_on=date(2026, 3, 1))
        assert named == at("2026-03-01T10:00")

    @pytest.mark.parametrize(
        ("wanted", "key"),
        [
            (date(2026, 11, 19), "revisit.check_past"),
            (date(2026, 11, 20), "revisit.check_past"),
            (date(2027, 2, 19), "revisit.check_far"),
        ],
    )
    def test_a_check_day_in_the_past_or_far_away_is_refused(
        self, china: Calendar, wanted: date, key: str
    ) -> None:
        with pytest.raises(Refusal) as refused:
            check_day(date(2026, 11, 20), china, wanted)
        assert refused.value.key == key
        assert check_day(date(2026, 11, 20), china, date(2027, 2, 18)) == date(2027, 2, 18)

    @given(told=INSTANTS, disposition=st.sampled_from(Disposition), quiet=QUIET)
    def test_nobody_is_asked_before_the_next_day_or_in_quiet_hours(
        self, china: Calendar, told: datetime, disposition: Disposition, quiet: tuple[QuietHours, ...]
    ) -> None:
        asked = revisit_at(disposition, told, quiet=quiet, calendar=china)
        waited = (china.local(asked).date() - china.local(told).date()).days
        assert waited == 1 if disposition is Disposition.RESOLVED else waited >= 5
        assert next_allowed(asked, quiet, china.zone) == asked


class TestVerdict:
    """What an answer leads to."""

    @pytest.mark.parametrize(
        ("word", "score", "reopenings", "other", "expected"),
        [
            (Word.SOLVED, None, 0, True, Verdict.CLOSE),
            (Word.SOLVED, 3, 0, True, Verdict.CLOSE),
            (Word.SOLVED, 2, 0, True, Verdict.REOPEN_OTHER),
            (Word.PARTLY, None, 0, True, Verdict.NEXT_CHECK),
            (Word.PARTLY, 1, 1, True, Verdict.REOPEN_ABOVE),
            (Word.NOT_SOLVED, None, 0, True, Verdict.REOPEN_OTHER),
            (Word.NOT_SOLVED, 5, 0, False, Verdict.REOPEN_ABOVE),
            (Word.NOT_SOLVED, None, 1, True, Verdict.REOPEN_ABOVE),
            (Word.NOT_SOLVED, None, 2, True, Verdict.CHAIR_WRITES),
            (Word.NOT_SOLVED, None, 7, False, Verdict.CHAIR_WRITES),
            (Word.SILENT, None, 0, True, Verdict.CLOSE_SILENT),
        ],
    )
    def test_the_table_of_answers(
        self, word: Word, score: int | None, reopenings: int, other: bool, expected: Verdict
    ) -> None:
        assert verdict(word, score=score, reopenings=reopenings, other_handler=other) is expected

    @given(word=ANSWERS, score=SCORES, reopenings=st.integers(0, 5), other=st.booleans())
    def test_an_unhappy_worker_never_meets_a_closed_door(
        self, word: Word, score: int | None, reopenings: int, other: bool
    ) -> None:
        reached = verdict(word, score=score, reopenings=reopenings, other_handler=other)
        unhappy = word is Word.NOT_SOLVED or score in (1, 2)
        assert (reached in REOPENING) == unhappy
        assert reached is not Verdict.CLOSE_SILENT

    @given(other=st.booleans())
    def test_each_reopening_goes_further_up(self, other: bool) -> None:
        order = [Verdict.REOPEN_OTHER, Verdict.REOPEN_ABOVE, Verdict.CHAIR_WRITES]
        steps = [verdict(Word.NOT_SOLVED, score=None, reopenings=n, other_handler=other) for n in range(4)]
        places = [order.index(step) for step in steps]
        assert places == sorted(places)
        assert steps[-2:] == [Verdict.CHAIR_WRITES, Verdict.CHAIR_WRITES]

    @given(score=st.integers().filter(lambda score: not 1 <= score <= 5), word=ANSWERS)
    def test_a_score_outside_one_to_five_is_refused(self, score: int, word: Word) -> None:
        with pytest.raises(Refusal) as refused:
            verdict(word, score=score, reopenings=0, other_handler=True)
        assert (refused.value.key, refused.value.values) == ("revisit.score", {"low": 1, "high": 5})

    def test_a_case_withdrawn_has_no_verdict(self) -> None:
        with pytest.raises(ValueError, match="withdrawn"):
            verdict(Word.WITHDRAWN, score=None, reopenings=0, other_handler=True)


class TestChange:
    """Changing an answer."""

    def test_an_answer_can_be_changed_for_twelve_hours(self) -> None:
        answered = at("2026-11-20T20:00")
        check_change(answered, at("2026-11-21T08:00"))
        with pytest.raises(Refusal) as refused:
            check_change(answered, at("2026-11-21T08:00:01"))
        assert (refused.value.key, refused.value.values) == ("revisit.answer_stands", {"hours": 12})


class TestSilence:
    """When nobody answers."""

    def test_two_reminders_then_closed_as_silent(self, china: Calendar) -> None:
        plan = silence_after(at("2026-11-20T10:00"), quiet=worker_quiet(), calendar=china)
        assert plan.remind_at == (at("2026-11-23T10:00"), at("2026-11-27T10:00"))
        assert plan.close_at == at("2026-11-30T10:00")

    def test_days_are_days_of_the_wall_clock_when_clocks_change(self) -> None:
        abroad = Calendar("abroad", ZoneInfo("America/New_York"), {})
        asked = datetime.fromisoformat("2026-03-06T10:00").replace(tzinfo=abroad.zone)
        plan = silence_after(asked, quiet=worker_quiet(), calendar=abroad)
        assert [abroad.local(moment).hour for moment in (*plan.remind_at, plan.close_at)] == [10, 10, 10]

    @given(asked=INSTANTS, quiet=QUIET)
    def test_reminders_keep_their_order_and_the_workers_sleep(
        self, china: Calendar, asked: datetime, quiet: tuple[QuietHours, ...]
    ) -> None:
        plan = silence_after(asked, quiet=quiet, calendar=china)
        moments = [asked, *plan.remind_at, plan.close_at]
        assert moments == sorted(moments)
        for days, moment in zip((3, 7, 10), moments[1:], strict=True):
            assert timedelta(days=days) <= moment - asked < timedelta(days=days + 1)
            assert next_allowed(moment, quiet, china.zone) == moment

    @given(words=st.lists(st.sampled_from(Word), max_size=40), more=st.integers(1, 20))
    def test_silence_never_makes_satisfaction_look_better(self, words: list[Word], more: int) -> None:
        counted, quieter = tally(words), tally([*words, *[Word.SILENT] * more])
        assert quieter.solved_share == counted.solved_share
        assert quieter.silent == counted.silent + more
        assert counted.answered + counted.silent + counted.withdrawn == len(words)

    def test_shares_are_among_those_who_answered(self) -> None:
        assert tally([]) == Tally(solved=0, partly=0, not_solved=0, silent=0, withdrawn=0)
        assert tally([Word.SILENT]).solved_share is None
        assert tally([Word.SOLVED, Word.NOT_SOLVED, Word.SILENT, Word.WITHDRAWN]).solved_share == 0.5
