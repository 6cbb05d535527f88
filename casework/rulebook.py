"""The dated rules and data a union works by, read once at the start."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from domain.calendars import Calendar, Span, calendar_from
from domain.categories import Categories, categories_from
from domain.hotlines import Hotlines, hotlines_from
from domain.terms import APPLICATION, CaseTerms
from talk.reply import Value


@dataclass(frozen=True)
class Rulebook:
    """Categories, hotlines and calendars by name, and what the union can do for news nobody saw."""

    categories: Categories
    hotlines: Hotlines
    calendars: dict[str, Calendar]
    text_after: timedelta | None = None  # how long news go unseen before a text message; None: there are none

    @classmethod
    def load(cls, folder: Path) -> "Rulebook":
        """Read the folder `knowledge/`.

        Raises:
            ValueError: naming the table and what is wrong with it.
        """
        hotlines = hotlines_from(_read(folder / "hotlines.toml"))
        categories = categories_from(_read(folder / "categories.toml"), hotlines)
        calendars: dict[str, list[Path]] = {}
        for path in sorted((folder / "calendars").glob("*.toml")):
            calendars.setdefault(path.stem.split("-")[0], []).append(path)
        return cls(
            categories,
            hotlines,
            {name: calendar_from([_read(path) for path in paths]) for name, paths in calendars.items()},
        )

    def terms(self, key: str) -> CaseTerms:
        """What follows from the sort of a matter; an application to join has no entry in the menu."""
        return APPLICATION if key == APPLICATION.key else self.categories[key].terms

    def category_words(self, key: str) -> Value:
        """What a category is called, in each language."""
        if key == APPLICATION.key:
            return {"$key": "joining.category"}
        return {"$text": dict(self.categories[key].label.by_language)} if key in self.categories else key

    def with_hours(self, spans: Sequence[Span]) -> "Rulebook":
        """The same rules with the union's own working hours; without any the calendars keep theirs.

        Args:
            spans: in order and apart.
        """
        if not spans:
            return self
        hours = tuple(spans)
        return replace(
            self, calendars={name: replace(each, spans=hours) for name, each in self.calendars.items()}
        )

    @cached_property
    def default_calendar(self) -> Calendar:
        """The calendar of whoever has no unit yet."""
        return next(iter(self.calendars.values()))

    def calendar(self, name: str) -> Calendar:
        """The calendar of this name."""
        return self.calendars.get(name, self.default_calendar)


def _read(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
