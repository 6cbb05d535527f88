"""Days as people write them: 2026-11-03, 11月3日, 昨天, 上个月15号, 上周五, 三天前, last Friday."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from talk.numerals import in_digits

Side = Literal["past", "any", "ahead"]
"""Where to look from today when a date has no year, or a weekday no week."""

_EARLIEST, _LATEST = 1900, 2100
_YEARS_TRIED = 9  # enough to meet a 29 February

_NAMED_ZH = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "明天": 1,
    "后天": 2,
    "大后天": 3,
}
_NAMED_EN = {"the day before yesterday": -2, "yesterday": -1, "today": 0, "tomorrow": 1}
_NEAR_YEARS = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "年": 0, "明年": 1}
_YEAR_EDGES = {"初": (1, 1), "中": (7, 1), "底": (12, 31), "末": (12, 31)}
_MONTH_EDGES = {"初": 1, "中": 15, "底": 31, "末": 31}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "day": 1, "week": 7}
_MONTHS = {"月": 1, "年": 12, "month": 1, "year": 12}
_HALVES = {"周": (0, 3), "星期": (0, 3), "礼拜": (0, 3), "月": (0, 15), "年": (6, 0)}  # months, days
_WEEKDAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNTS_EN = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}

_AROUND = re.compile(
    r"^(?:大概|大约|约|就是|是|从|自|在)|(?:左右|那天|的时候|开始|起|以来)$|^(?:on|since|from|in|about) "
)
_HOUR = re.compile(
    r"(?:凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜)(?:[0-9]{1,2}(?:点半?|:[0-9]{2}))?$"
)
_SAID_TWICE = re.compile(
    r"^(?:周|星期)[1-6日天]\((.+)\)$|^(.+[日号])\(?(?:周|星期|礼拜)[1-6日天]\)?$"
    rf"|^(?:{'|'.join(_WEEKDAYS_EN)}),? (.+)$"
)

_WRITTEN = re.compile(
    r"(?:(?P<year>\d{4}|\d\d)年|(?P<near>前年|去年|今年|本年|明年|年(?=[初中底末])))?的?"
    r"(?:(?P<month>\d{1,2})月份?|(?P<moon>上+个?月|[这本当]个?月|下+个?月|月(?=[初中底末])))?的?"
    r"(?:(?P<day>\d{1,2})(?P<mark>[日号])?|(?P<edge>[初中底末]))?"
)
_NUMERIC = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?"),
    re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"),
    re.compile(r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
)
_NAME_EN = rf"(?P<name>{'|'.join(_MONTHS_EN)})[a-z]*\.?"
_WRITTEN_EN = (
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_NAME_EN}(?:,? (?P<year>\d{{4}}))?"),
    re.compile(rf"{_NAME_EN} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?"),
    re.compile(rf"{_NAME_EN}(?: (?P<year>\d{{4}}))?"),
)
_AGO = (
    re.compile(
        r"(?P<count>\d{1,4}|半)个?(?P<half>半)?(?P<unit>天|日|周|星期|礼拜|月|年)(?P<more>半)?"
        r"(?:以|之)?(?P<way>[前后])"
    ),
    re.compile(rf"(?P<count>\d{{1,4}}|{'|'.join(_COUNTS_EN)}) (?P<unit>day|week|month|year)s? ago"),
)
_WEEKDAY = re.compile(r"(?P<week>上+|[这本]|下+)?个?(?:周|星期|礼拜)(?P<weekday>[1-6日天])")
_WEEKDAY_EN = re.compile(rf"(?:(?P<last>last) )?(?P<name>{'|'.join(_WEEKDAYS_EN)})")

_Parts = Mapping[str, str | None]
_Read = Callable[[_Parts, date, Side], date | None]


def find_day(text: str, today: date, side: Side) -> date | None:
    """The day that the whole text names, or None; a day named with its year may lie on either side.

    Args:
        text: normalised.
        today: the writer's own date.
    """
    text = _bare(text.casefold())
    squeezed = _bare(in_digits(text.replace(" ", ""))).replace("年年", "年")
    if (offset := _NAMED_EN.get(text, _NAMED_ZH.get(squeezed))) is not None:
        return today + timedelta(days=offset)
    for read, pattern in _READERS:
        if match := pattern.fullmatch(squeezed) or pattern.fullmatch(text):
            return read(match.groupdict(), today, side)
    return None


def _bare(text: str) -> str:
    """Without the hour, words such as 大概 or 左右, and a weekday said beside the date."""
    text = _AROUND.sub("", _HOUR.sub("", text))
    twice = _SAID_TWICE.match(text)
    return next(part for part in twice.groups() if part) if twice else text


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _EARLIEST <= year <= _LATEST else None
    except ValueError:
        return None


def _moved(today: date, months: int, day: int | None = None) -> date | None:
    """The same day some months away, or the month's last where it has none such."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    if not _EARLIEST <= year <= _LATEST:
        return None
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day or today.day, last))


def _first(found: Iterable[date | None], today: date, side: Side) -> date | None:
    """The first that exists and lies on the right side of today."""
    for day in found:
        if day and not (side == "past" and day > today) and not (side == "ahead" and day < today):
            return day
    return None


def _steps(side: Side) -> Iterable[int]:
    way = {"past": -1, "any": 0, "ahead": 1}[side]
    return [way * i for i in range(_YEARS_TRIED)] if way else [0]


def _calendar(parts: _Parts, today: date, side: Side) -> date | None:
    """A month with or without year and day; the first of the month when no day is said."""
    month, day = int(parts["month"] or 0), int(parts.get("day") or 1)
    edge = parts.get("edge")

    def in_year(year: int) -> date | None:
        first = _date(year, month, 1)
        return _moved(first, 0, _MONTH_EDGES[edge]) if first and edge else _date(year, month, day)

    if year := parts.get("year"):
        return in_year(int(year) + (2000 if len(year) == 2 else 0))
    if near := parts.get("near"):
        return in_year(today.year + _NEAR_YEARS[near])
    return _first((in_year(today.year + step) for step in _steps(side)), today, side)


def _numeric(parts: _Parts, today: date, side: Side) -> date | None:
    """Month first, as in China, unless only the other order makes a date."""
    month, day = parts["month"] or "", parts["day"] or "1"
    if int(month) > 12 and not parts.get("year"):
        month, day = day, month
    return _calendar({**parts, "month": month, "day": day}, today, side)


def _written(parts: _Parts, today: date, side: Side) -> date | None:
    year, edge, day = parts["year"] or parts["near"], parts["edge"], parts["day"]
    if parts["month"]:
        return _calendar(parts, today, side)
    if edge and year and not parts["moon"]:
        month, first = _YEAR_EDGES[edge]
        return _calendar({**parts, "edge": None, "month": str(month), "day": str(first)}, today, side)
    if year:
        return None
    if moon := parts["moon"]:
        months = moon.count("下") - moon.count("上")
        return _in_month(today, months, int(day or 1), edge)
    if day and parts["mark"]:
        return _first((_in_month(today, step, int(day)) for step in _steps(side)), today, side)
    return None


def _in_month(today: date, months: int, day: int, edge: str | None = None) -> date | None:
    """A day of the month that lies some months away, or that month's beginning, middle or end."""
    found = _moved(today, months, _MONTH_EDGES[edge] if edge else day)
    return found if edge or (found and found.day == day) else None


def _written_en(parts: _Parts, today: date, side: Side) -> date | None:
    month = _MONTHS_EN.index(parts["name"] or "") + 1
    return _calendar({**parts, "month": str(month)}, today, side)


def _ago(parts: _Parts, today: date, side: Side) -> date | None:
    count, unit = parts["count"] or "", parts["unit"] or ""
    halved = count == "半" or parts.get("half") or parts.get("more")
    months, days = _HALVES.get(unit, (0, 0)) if halved else (0, 0)
    whole = 0 if count == "半" else _COUNTS_EN.get(count) or int(count)
    months, days = months + whole * _MONTHS.get(unit, 0), days + whole * _DAYS.get(unit, 0)
    way = 1 if parts.get("way") == "后" else -1
    moved = _moved(today, way * months)
    return moved + timedelta(days=way * days) if moved else None


def _weekday(parts: _Parts, today: date, side: Side) -> date | None:
    monday = today - timedelta(days=today.weekday())
    name = parts["weekday"] or ""
    found = monday + timedelta(days=6 if name in "日天" else int(name) - 1)
    if week := parts["week"]:
        return found + timedelta(weeks=week.count("下") - week.count("上"))
    return _first((found + timedelta(weeks=step) for step in _steps(side)), today, side)


def _weekday_en(parts: _Parts, today: date, side: Side) -> date | None:
    weekday = _WEEKDAYS_EN.index(parts["name"] or "")
    if parts["last"]:
        return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return _weekday({"week": None, "weekday": str(weekday + 1).replace("7", "日")}, today, side)


_READERS: tuple[tuple[_Read, re.Pattern[str]], ...] = (
    *((_numeric, pattern) for pattern in _NUMERIC),
    (_written, _WRITTEN),
    *((_written_en, pattern) for pattern in _WRITTEN_EN),
    *((_ago, pattern) for pattern in _AGO),
    (_weekday, _WEEKDAY),
    (_weekday_en, _WEEKDAY_EN),
)
