"""How dates, money, lengths of time and a person's own words look in each language."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from talk.reply import Value

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAK = re.compile("\r\n|[\r\u2028\u2029]")

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNITS_ZH = ("天", "小时", "分钟")
_UNITS_EN = ("day", "hour", "minute")


def formatted(lang: str, value: Mapping[str, Value], zone: str) -> str:
    """A tagged instant, day, sum or length of time.

    Raises:
        ValueError: the value has none of these tags, or its content is not of its kind.
    """
    match value:
        case {"$at": str(iso)}:
            return shown_instant(lang, iso, zone, year=bool(value.get("year")))
        case {"$day": str(iso)}:
            civil = date.fromisoformat(iso)
            if value.get("weekday") is False:
                return shown_date(lang, civil)
            return shown_day(lang, civil, year=bool(value.get("year")))
        case {"$fen": int(amount)}:
            return shown_money(amount)
        case {"$minutes": int(count)}:
            return shown_length(lang, count)
    raise ValueError("a value of a shape nobody formats")


def shown_text(written: str) -> str:
    """What a person wrote, safe to display: nothing hidden in it, and right-to-left parts isolated."""
    if written.isascii() and written.isprintable():
        return written
    written = _SURROGATE.sub("\ufffd", _BREAK.sub("\n", written))
    visible = _HIDDEN.sub("", written)
    if visible == written and not _RTL.search(visible):
        return visible
    return "\n".join(f"\u2068{line}\u2069" if line else "" for line in visible.split("\n"))


def shown_day(lang: str, civil: date, *, year: bool = False) -> str:
    """A date with its weekday."""
    weekday = civil.weekday()
    if lang == "en":
        words = f"{_WEEKDAYS_EN[weekday]} {civil.day} {_MONTHS_EN[civil.month - 1]}"
        return f"{words} {civil.year}" if year else words
    if year:
        return f"{civil.year}年{civil.month}月{civil.day}日(周{_WEEKDAYS_ZH[weekday]})"
    return f"周{_WEEKDAYS_ZH[weekday]}({civil.month}月{civil.day}日)"


def shown_date(lang: str, civil: date) -> str:
    """A date of record, with its year; nobody asks what day of the week a law came into force."""
    if lang == "en":
        return f"{civil.day} {_MONTHS_EN[civil.month - 1]} {civil.year}"
    return f"{civil.year}年{civil.month}月{civil.day}日"


def shown_instant(lang: str, iso: str, zone: str, *, year: bool = False) -> str:
    """An instant, given in ISO 8601 with its offset, as the reader's clock shows it."""
    instant = datetime.fromisoformat(iso)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(zone))
    return f"{shown_day(lang, local, year=year)}{', ' if lang == 'en' else ''}{local:%H:%M}"


def shown_money(amount: int) -> str:
    """Fen as yuan with thousands separated; cents only when there are any."""
    yuan, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}¥{yuan:,}{f'.{cents:02}' if cents else ''}"


def shown_length(lang: str, count: int) -> str:
    """Minutes as the two largest units they fill; a negative length keeps its sign."""
    hours, minute = divmod(abs(count), 60)
    amounts = (*divmod(hours, 24), minute)
    first = next((i for i, amount in enumerate(amounts) if amount), 2)
    filled = [(i, amounts[i]) for i in range(first, min(first + 2, 3)) if amounts[i] or i == first]
    if lang == "en":
        words = [f"{amount} {_UNITS_EN[i]}{'' if amount == 1 else 's'}" for i, amount in filled]
    else:
        words = [f"{amount} {_UNITS_ZH[i]}" for i, amount in filled]
    return ("-" if count < 0 else "") + " ".join(words)
