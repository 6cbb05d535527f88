"""When a person may be written to, and how long changes are gathered into one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import utc

MERGE_WITHIN = timedelta(minutes=10)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of every day in which a person is left in peace: from `start` until just before `end`.

    An `end` that is not after `start` is on the next day.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("quiet hours must leave an hour of the day")

    def __contains__(self, hour: time) -> bool:
        """Whether the wall clock shows a quiet hour."""
        if self.start < self.end:
            return self.start <= hour < self.end
        return hour >= self.start or hour < self.end


CADRE_QUIET = (QuietHours(time(22), time(7)),)
USUAL_SLEEP = QuietHours(time(22), time(8))
NIGHT_SHIFT_SLEEP = QuietHours(time(8), time(16))
RIDER_RUSH = (QuietHours(time(11), time(13, 30)), QuietHours(time(17), time(20)))


def worker_quiet(
    *, night_shift: bool = False, rider: bool = False, sleep: QuietHours | None = None
) -> tuple[QuietHours, ...]:
    """The hours in which a worker gets nothing that is not urgent.

    Args:
        sleep: the worker's own sleep where it is known, instead of the usual one of the shift.

    Source: R13.
    """
    usual = NIGHT_SHIFT_SLEEP if night_shift else USUAL_SLEEP
    return (sleep or usual, *(RIDER_RUSH if rider else ()))


def next_allowed(
    at: datetime, quiet: Sequence[QuietHours], zone: ZoneInfo, *, urgent: bool = False
) -> datetime:
    """The first moment (UTC) from `at` on in which the person may be written to.

    Args:
        quiet: the person's quiet hours on the wall clock of `zone`; they may overlap.
        urgent: what is urgent waits for nobody.

    Raises:
        ValueError: the quiet hours leave no hour of the day.

    Source: R13, R14.
    """
    begin = moment = utc(at)
    while not urgent and (blocking := _blocking(moment, quiet, zone)):
        moment = _end_of(blocking, moment, zone)
        if moment > begin + 2 * _DAY:
            raise ValueError("these quiet hours leave no hour of the day")
    return moment


def merge_until(first_change_at: datetime) -> datetime:
    """Until when further changes of a case join the message about the first, which is then sent.

    The time runs from the first change and is not prolonged by later ones, so that news never waits
    behind more news.

    Source: R13.
    """
    return utc(first_change_at) + MERGE_WITHIN


def _blocking(moment: datetime, quiet: Sequence[QuietHours], zone: ZoneInfo) -> QuietHours | None:
    hour = moment.astimezone(zone).time()
    return next((hours for hours in quiet if hour in hours), None)


def _end_of(hours: QuietHours, moment: datetime, zone: ZoneInfo) -> datetime:
    """The end of the quiet hours that hold `moment`."""
    here = moment.astimezone(zone)
    day = here.date() if here.time() < hours.end else here.date() + _DAY
    # The fold keeps an hour that the clock repeats from ending before it began.
    return datetime.combine(day, hours.end, zone).replace(fold=here.fold).astimezone(UTC)
