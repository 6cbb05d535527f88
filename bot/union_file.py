"""A union's own file: TOML of the shape of knowledge/union_example.toml, checked before it is stored."""

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.faults import Exit, Stop
from domain.unions import UnionFile, union_from

CHANNELS = ("browser", "telegram")
LONGEST = {"id": 32, "name": 80, "calendar": 20, "site": 80, "source": 20}  # characters


@dataclass(frozen=True, slots=True)
class Described:
    """What a union's file says."""

    union: UnionFile
    channels: tuple[str, ...]


def parsed(text: str, where: str) -> dict[str, Any]:
    """The table written down in a text.

    Args:
        where: the file's name, for the sentence about a fault.

    Raises:
        Stop: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise Stop(f"{where}: {fault}", Exit.USAGE) from None


def described(table: Mapping[str, Any], calendars: Collection[str], where: str) -> Described:
    """The union a table describes.

    Raises:
        Stop: it cannot be one of a real union; says what is wrong with it.
    """
    try:
        if "cadre" in table:
            raise ValueError("people are not written in a union's file; `steward invite` lets them join")
        channels = _channels(table.get("channels", ["browser"]))
        union = union_from({key: value for key, value in table.items() if key != "channels"}, calendars)
        _check_lengths(union)
    except ValueError as fault:
        raise Stop(f"{where}: {fault}", Exit.USAGE) from None
    return Described(union, channels)


def _channels(said: object) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(channel in CHANNELS for channel in said):
        raise ValueError(f"channels must be a list out of {', '.join(CHANNELS)}")
    return tuple(dict.fromkeys(("browser", *said)))


def _check_lengths(union: UnionFile) -> None:
    said = [("id", unit.id) for unit in union.tree] + [("name", unit.name) for unit in union.tree]
    said += [("calendar", unit.calendar) for unit in union.tree]
    said += [("name", employer.name) for employer in union.employers]
    for door in union.entrances:
        said += [("site", door.site), ("source", door.source)]
    for what, words in said:
        if len(words) > LONGEST[what]:
            raise ValueError(f"the {what} {words!r} is longer than {LONGEST[what]} characters")


def written(table: Mapping[str, Any]) -> str:
    """A table of a union as TOML."""
    plain = [f"{key} = {_value(value)}" for key, value in table.items() if not _is_section(value)]
    units = [
        f"\n[unit.{_key(key)}]\n" + "\n".join(f"{name} = {_value(value)}" for name, value in unit.items())
        for key, unit in table.get("unit", {}).items()
    ]
    return "\n".join([*plain, *units]) + "\n"


def _is_section(value: object) -> bool:
    return isinstance(value, Mapping)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _value(key)


def _value(value: object) -> str:
    """JSON writes texts, lists and flags as TOML does, but for one sign that TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
