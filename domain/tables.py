"""Reading dated tables strictly: a mistake in the data stops the start and says where it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)

REQUIRED_LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """The same words in each language; Chinese is always among them."""

    by_language: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The words in this language, in Chinese where it has none."""
        return self.by_language.get(language, self.by_language["zh"])


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a data file and where it stands, such as "categories.wages".

    Every reading method raises ValueError naming that place when the value is missing or unfit.
    """

    where: str
    values: Mapping[str, object]

    def only(self, keys: Collection[str]) -> None:
        """Refuse any key that nothing reads, since it is most often a misspelt one."""
        if strange := sorted(self.values.keys() - set(keys)):
            raise self.fault(f"nothing reads {', '.join(strange)}")

    def text(self, key: str) -> str:
        """Words of at least one visible sign."""
        value = self._value(key, str).strip()
        if not value:
            raise self.fault(f"{key} is empty")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false; left out, the default."""
        return self._value(key, bool) if key in self.values else default

    def count(self, key: str) -> int:
        """A whole number from 1."""
        value = self._value(key, int)
        if isinstance(value, bool) or value < 1:
            raise self.fault(f"{key} must be a number from 1, not {value!r}")
        return value

    def day(self, key: str) -> date:
        """A civil date."""
        return self._value(key, date)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words, none twice; left out, an empty one."""
        values = self._list(key)
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.fault(f"{key} must be a list of words")
        if len(set(values)) != len(values):
            raise self.fault(f"{key} names something twice")
        return tuple(str(value) for value in values)

    def one_of(self, kind: type[_E], key: str, default: _E | None = None) -> _E:
        """A member of an enumeration by its value."""
        if key not in self.values and default is not None:
            return default
        written = self.text(key)
        try:
            return kind(written)
        except ValueError:
            raise self.fault(f"{key} is {written!r}, not one of {', '.join(kind)}") from None

    def wording(self, key: str, longest: Mapping[str, int] | None = None) -> Wording:
        """Words in every required language, none longer than its language allows.

        Args:
            longest: characters, by language.
        """
        words = self.table(key)
        said = {language: words.text(language) for language in (*REQUIRED_LANGUAGES, *words.values)}
        for language, limit in (longest or {}).items():
            if len(said[language]) > limit:
                raise words.fault(f"{said[language]!r} is longer than {limit} characters")
        return Wording(said)

    def table(self, key: str) -> "Table":
        """A table within this one."""
        value = self.values.get(key)
        if not isinstance(value, Mapping):
            raise self.fault(f"{key} must be a table")
        return Table(f"{self.where}.{key}", value)

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of tables; left out, an empty one."""
        found = self._list(key)
        return tuple(
            Table(f"{self.where}.{key}[{n}]", self._mapping(key, one)) for n, one in enumerate(found)
        )

    def named_tables(self, key: str) -> tuple[tuple[str, "Table"], ...]:
        """The tables within a table, in the order written, each with its name."""
        inner = self.table(key)
        return tuple((name, inner.table(name)) for name in inner.values)

    def fault(self, what: str) -> ValueError:
        """The error to raise about this table."""
        return ValueError(f"{self.where}: {what}")

    def _list(self, key: str) -> list[object]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.fault(f"{key} must be a list")
        return value

    def _mapping(self, key: str, value: object) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            raise self.fault(f"{key} must be a list of tables")
        return value

    def _value(self, key: str, kind: type[_T]) -> _T:
        if key not in self.values:
            raise self.fault(f"{key} is missing")
        value = self.values[key]
        if not isinstance(value, kind):
            raise self.fault(f"{key} must be a {kind.__name__}, not {value!r}")
        return value
