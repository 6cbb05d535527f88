"""Words in the reader's language: the catalogue of texts and the values put into them.

A value is plain (text as a person wrote it, a number) or tagged: the constructors `at`, `day`, `fen`,
`minutes`, `key`, `text`, `listed` and `lines` make tagged values, which are formatted only when the
reader's language and zone are known.
"""

import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

from talk.formats import formatted, shown_text
from talk.reply import Value

log = logging.getLogger(__name__)

DEFAULT = "zh"
GAP = "…"
GENERAL = "kit.no_words"

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NOTHING: Mapping[str, Value] = MappingProxyType({})
# What formatting a malformed value can raise.
_UNUSABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


class WordsError(Exception):
    """A text file, key or placeholder is wrong; raised on loading, and on rendering in strict mode only."""


def at(instant: datetime, *, year: bool = False) -> Value:
    """An aware instant, shown in the reader's zone with weekday and hour."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    tagged: dict[str, Value] = {"$at": instant.astimezone(UTC).isoformat()}
    return {**tagged, "year": True} if year else tagged


def day(civil: date, *, year: bool = False) -> Value:
    """A civil date, shown with its weekday."""
    tagged: dict[str, Value] = {"$day": civil.isoformat()}
    return {**tagged, "year": True} if year else tagged


def fen(amount: int) -> Value:
    """Money in fen, shown in yuan; cents only when there are any."""
    return {"$fen": amount}


def minutes(count: int) -> Value:
    """A length of time in minutes, shown in its two largest units of day, hour and minute."""
    return {"$minutes": count}


def key(name: str, **values: Value) -> Value:
    """Another text, shown with its own values."""
    return {"$key": name, "values": values} if values else {"$key": name}


def text(*, zh: str, en: str) -> Value:
    """Data that carries its words in both languages."""
    return {"$text": {"zh": zh, "en": en}}


def listed(*items: Value) -> Value:
    """Items on one line, joined as the language does."""
    return {"$list": list(items)}


def lines(*items: Value) -> Value:
    """Items on a line each."""
    return {"$lines": list(items)}


@dataclass(frozen=True, slots=True)
class _Entry:
    parts: tuple[str, ...]  # words and placeholder names in turn, words first and last
    also: tuple[str, ...] = ()


def _entry(name: str, words: str, also: object = ()) -> _Entry:
    parts = tuple(_PLACEHOLDER.split(words.strip("\n")))
    if any("{" in part or "}" in part for part in parts[::2]):
        raise WordsError(f"{name}: a brace that is not a simple placeholder")
    if not words.strip():
        raise WordsError(f"{name}: empty")
    if not isinstance(also, (list, tuple)) or not all(isinstance(said, str) for said in also):
        raise WordsError(f"{name}: synonyms are a list of words")
    return _Entry(parts, tuple(also))


def _flatten(name: str, node: object) -> dict[str, _Entry]:
    if isinstance(node, str):
        return {name: _entry(name, node)}
    if not isinstance(node, Mapping):
        raise WordsError(f"{name}: neither words nor a section")
    if isinstance(node.get("words"), str) and set(node) <= {"words", "also"}:
        return {name: _entry(name, node["words"], node.get("also", ()))}
    found: dict[str, _Entry] = {}
    for purpose, child in node.items():
        found |= _flatten(f"{name}.{purpose}" if name else str(purpose), child)
    return found


class Words:
    """Every text in every language, compiled once.

    A key is the file's name, a section and a purpose joined by dots. An entry is a string, or a table of
    `words` and `also`, what else a person may type for a label. Two keys `x.one` and `x.other` are one text
    `x` whose form the integer value `count` chooses.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, object]], *, strict: bool = False) -> None:
        """Compile `tables` (language to nested sections); `strict` raises where running would leave a gap."""
        self.strict = strict
        self._entries = {lang: _flatten("", table) for lang, table in tables.items()}
        self._plural = {
            lang: frozenset(k[:-4] for k in found if k.endswith(".one") and f"{k[:-4]}.other" in found)
            for lang, found in self._entries.items()
        }

    @classmethod
    def load(cls, folder: Path, *, strict: bool = False) -> "Words":
        """Read `folder`/<language>/<flow>.toml.

        Raises:
            WordsError: a file is not TOML, or holds something that is not words.
        """
        tables: dict[str, dict[str, object]] = {}
        for path in sorted(folder.glob("*/*.toml")):
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8"))
            except ValueError as broken:
                raise WordsError(f"{path}: {broken}") from broken
            tables.setdefault(path.parent.name, {})[path.stem] = table
        return cls(tables, strict=strict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are words in."""
        return tuple(self._entries)

    def keys(self, lang: str) -> frozenset[str]:
        """Every key of a language, a plural's two forms counted as one."""
        plural = self._plural[lang]
        forms = {f"{k}.{form}" for k in plural for form in ("one", "other")}
        return plural | (frozenset(self._entries[lang]) - forms)

    def forms(self, lang: str, key: str) -> tuple[str, ...]:
        """The words of a key as written, placeholders in braces: one form, or two for a plural."""
        names = (f"{key}.one", f"{key}.other") if key in self._plural[lang] else (key,)
        return tuple(
            "".join(f"{{{part}}}" if i % 2 else part for i, part in enumerate(self._entries[lang][n].parts))
            for n in names
        )

    def placeholders(self, lang: str, key: str) -> frozenset[str]:
        """The names of the values a key needs."""
        return frozenset(_PLACEHOLDER.findall("".join(self.forms(lang, key))))

    def synonyms(self, lang: str, key: str) -> tuple[str, ...]:
        """What else a person may type for this label."""
        entry = self._entries.get(lang, {}).get(key)
        return entry.also if entry else ()

    def labels(self, lang: str, key: str, values: Mapping[str, Value] = _NOTHING) -> str:
        """The words on a button, always one line."""
        return " ".join(self.render(lang, key, values).split())

    def render(
        self, lang: str, key: str, values: Mapping[str, Value] = _NOTHING, zone: str = "Asia/Shanghai"
    ) -> str:
        """The words of a key for one reader.

        Args:
            values: what its placeholders hold; text in it is shown as it is, never interpreted.
            zone: where the reader lives, an IANA name.

        Raises:
            WordsError: in strict mode, for an unknown key, a missing or an unusable value. When running
                these are logged and leave a gap or a general sentence instead.
        """
        entry = self._find(lang, key, values) or self._elsewhere(lang, key, values)
        parts = entry.parts
        if len(parts) == 1:
            return parts[0]
        out = list(parts)
        for i in range(1, len(parts), 2):
            out[i] = self._placed(lang, key, parts[i], values, zone)
        return "".join(out)

    def _find(self, lang: str, key: str, values: Mapping[str, Value]) -> _Entry | None:
        entries = self._entries.get(lang, {})
        if key in self._plural.get(lang, ()):
            return entries[f"{key}.one" if values.get("count") == 1 else f"{key}.other"]
        return entries.get(key)

    def _elsewhere(self, lang: str, key: str, values: Mapping[str, Value]) -> _Entry:
        self._fault(f"{lang}: no words for {key}")
        entry = self._find(DEFAULT, key, values) or self._find(lang, GENERAL, _NOTHING)
        return entry or self._find(DEFAULT, GENERAL, _NOTHING) or _Entry((GAP,))

    def _fault(self, what: str) -> None:
        if self.strict:
            raise WordsError(what)
        log.warning("words: %s", what)

    def _placed(self, lang: str, key: str, name: str, values: Mapping[str, Value], zone: str) -> str:
        try:
            return self._value(lang, values[name], zone)
        except _UNUSABLE as unusable:
            # The value itself may be what a person said, so only its name is told.
            self._fault(f"{lang}: {key} has no usable {name} ({type(unusable).__name__})")
            return GAP

    def _value(self, lang: str, value: Value, zone: str) -> str:
        if isinstance(value, str):
            return shown_text(value)
        if isinstance(value, bool):
            return self.render(lang, "kit.value.yes" if value else "kit.value.no")
        if isinstance(value, list):
            return self._joined(lang, value, zone, ", " if lang == "en" else "、")
        if isinstance(value, Mapping):
            return self._tagged(lang, value, zone)
        return "" if value is None else str(value)

    def _tagged(self, lang: str, value: Mapping[str, Value], zone: str) -> str:
        match value:
            case {"$key": str(name)}:
                values = value.get("values", _NOTHING)
                return self.render(lang, name, values if isinstance(values, Mapping) else _NOTHING, zone)
            case {"$text": Mapping() as both}:
                return self._value(lang, both.get(lang, both.get(DEFAULT)), zone)
            case {"$list": list(items)}:
                return self._value(lang, items, zone)
            case {"$lines": list(items)}:
                return self._joined(lang, items, zone, "\n")
        return formatted(lang, value, zone)

    def _joined(self, lang: str, items: list[Value], zone: str, mark: str) -> str:
        return mark.join(self._value(lang, item, zone) for item in items)
