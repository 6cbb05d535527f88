"""Read values out of JSON that strangers wrote: each returns something usable or says there is none."""

from collections.abc import Mapping
from datetime import UTC, datetime

NOTHING: Mapping[str, object] = {}


def mapping(value: object) -> Mapping[str, object]:
    """The object, or an empty one."""
    return value if isinstance(value, Mapping) else NOTHING


def integer(value: object) -> int | None:
    """A whole number that fits 64 bits."""
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        return None
    return value


def identifier(value: object) -> str:
    """A numeric id in decimal, empty when there is none."""
    number = integer(value)
    return "" if number is None else str(number)


def text(value: object) -> str:
    """Words that any database and encoder takes, empty when there are none."""
    return clean(value) if isinstance(value, str) else ""


def clean(words: str) -> str:
    """The same words with what UTF-8 and databases refuse (NUL, lone surrogates) spelt out."""
    return words.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def degrees(value: object, limit: int) -> float | None:
    """An angle no larger than the limit in either direction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -limit <= value <= limit:
        return None
    return float(value)


def instant(value: object) -> datetime | None:
    """Seconds since 1970 as an aware instant."""
    seconds = integer(value)
    if seconds is None or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
