"""Asking the worker what came of it: when, how often, and what the answer leads to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.calendars import Calendar, utc
from domain.cases import Disposition, Word
from domain.errors import Refusal
from domain.windows import QuietHours, next_allowed

ASK_AT = time(10)  # or the first moment after it that is not quiet
NEXT_CHECK_DAYS = 5  # working days
LATEST_CHECK_DAYS = 90  # civil days
CHANGE_WITHIN = timedelta(hours=12)
REMIND_AFTER_DAYS = (3, 7)
SILENT_AFTER_DAYS = 10
LOWEST_SCORE, HIGHEST_SCORE = 1, 5
UNHAPPY_UP_TO = 2
REOPENINGS_BEFORE_CHAIR = 2

_DAY = timedelta(days=1)


class Verdict(StrEnum):
    """What follows from a revisit."""

    CLOSE = "close"
    NEXT_CHECK = "next_check"
    REOPEN_OTHER = "reopen_other"  # the same number, another handler of the unit
    REOPEN_ABOVE = "reopen_above"  # the same number, the level above
    CHAIR_WRITES = "chair_writes"  # the chair answers in writing, and the doors outside are named
    CLOSE_SILENT = "close_silent"


@dataclass(frozen=True, slots=True)
class Silence:
    """What happens, UTC, to a revisit nobody answers."""

    remind_at: tuple[datetime, ...]
    close_at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases ended in which word."""

    solved: int
    partly: int
    not_solved: int
    silent: int
    withdrawn: int

    @property
    def answered(self) -> int:
        """How many workers said what came of it."""
        return self.solved + self.partly + self.not_solved

    @property
    def solved_share(self) -> float | None:
        """Solved among those who answered, 0 to 1; None when nobody did. Silence is in neither."""
        return self.solved / self.answered if self.answered else None


def check_day(told_on: date, calendar: Calendar, wanted: date | None = None) -> date:
    """The day on which a matter not yet settled is looked at again: the wanted one, else in 5 working days.

    Raises:
        Refusal: "revisit.check_past" when the day wanted is not after `told_on`, "revisit.check_far" with
            `days` when it is more than 90 days away.

    Source: R17; the latest day is ours.
    """
    if wanted is None:
        return calendar.add_working_days(told_on, NEXT_CHECK_DAYS)
    if wanted <= told_on:
        raise Refusal("revisit.check_past")
    if wanted - told_on > LATEST_CHECK_DAYS * _DAY:
        raise Refusal("revisit.check_far", days=LATEST_CHECK_DAYS)
    return wanted


def revisit_at(
    disposition: Disposition,
    told_at: datetime,
    *,
    quiet: Sequence[QuietHours],
    calendar: Calendar,
    check_on: date | None = None,
) -> datetime:
    """When the worker is asked (UTC): the day after a solution, otherwise on the next check day.

    It is asked after every outcome, not only the first. An answer that leads to `Verdict.NEXT_CHECK` is
    followed up like the outcome "partly", told when it was given.

    Args:
        quiet: the worker's quiet hours, on the wall clock of the calendar's zone.
        check_on: the day the handler named; of no account when the matter is resolved.

    Raises:
        Refusal: as `check_day`.

    Source: R13, R17.
    """
    told_on = calendar.local(told_at).date()
    day = told_on + _DAY
    if disposition is not Disposition.RESOLVED:
        day = check_day(told_on, calendar, check_on)
    return next_allowed(calendar.at(day, ASK_AT), quiet, calendar.zone)


def verdict(word: Word, *, score: int | None, reopenings: int, other_handler: bool) -> Verdict:
    """What the worker's word and score lead to.

    "Not solved", or a score of 1 or 2 whatever the word, reopens the case: first with somebody else of
    the unit, then at the level above; after two reopenings the chair answers in writing. Ask again
    when the score comes after the word or the answer is changed, with the same `reopenings`.

    Args:
        score: 1 to 5, None while none is given.
        reopenings: how often the case had been reopened before this revisit.
        other_handler: whether the unit has another cadre who may handle it.

    Raises:
        Refusal: "revisit.score" with `low` and `high`, when the score is not one of these.
        ValueError: the worker withdrew, so there is nothing to revisit.

    Source: R17.
    """
    if word is Word.WITHDRAWN:
        raise ValueError("a case withdrawn is not revisited")
    if score is not None and not LOWEST_SCORE <= score <= HIGHEST_SCORE:
        raise Refusal("revisit.score", low=LOWEST_SCORE, high=HIGHEST_SCORE)
    if word is Word.NOT_SOLVED or (score is not None and score <= UNHAPPY_UP_TO):
        return _reopened(reopenings, other_handler)
    if word is Word.SILENT:
        return Verdict.CLOSE_SILENT
    return Verdict.CLOSE if word is Word.SOLVED else Verdict.NEXT_CHECK


def check_change(first_answered_at: datetime, now: datetime) -> None:
    """Allow the answer to be changed for 12 hours after it was first given.

    Raises:
        Refusal: "revisit.answer_stands" with `hours`, later than that.

    Source: R17.
    """
    if utc(now) > utc(first_answered_at) + CHANGE_WITHIN:
        raise Refusal("revisit.answer_stands", hours=CHANGE_WITHIN // timedelta(hours=1))


def silence_after(asked_at: datetime, *, quiet: Sequence[QuietHours], calendar: Calendar) -> Silence:
    """The two reminders, 3 and 7 days after the question, and the end of waiting after 10.

    The days limit what we send, not what the worker may say: an answer after the end still counts.

    Source: R17; the end of waiting is ours.
    """
    here = calendar.local(asked_at)

    def after(days: int) -> datetime:
        return next_allowed(calendar.at(here.date() + days * _DAY, here.time()), quiet, calendar.zone)

    return Silence(tuple(after(days) for days in REMIND_AFTER_DAYS), after(SILENT_AFTER_DAYS))


def tally(words: Iterable[Word]) -> Tally:
    """Count how cases ended, silence and withdrawal apart from any answer.

    Source: R17.
    """
    counts = Counter(words)
    return Tally(**{word.value: counts[word] for word in Word})


def _reopened(reopenings: int, other_handler: bool) -> Verdict:
    if reopenings >= REOPENINGS_BEFORE_CHAIR:
        return Verdict.CHAIR_WRITES
    if reopenings == 0 and other_handler:
        return Verdict.REOPEN_OTHER
    return Verdict.REOPEN_ABOVE
