"""The public numbers a person can call, with where each was found and whether it was checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.tables import Table, Wording


class SourceMark(StrEnum):
    """How well a fact is founded."""

    READ = "read"  # the text itself was read
    SECONDARY = "secondary"  # official media or a government page
    UNCHECKED = "unchecked"  # general knowledge


@dataclass(frozen=True, slots=True)
class Hotline:
    """One number and the plain line that says what it is for."""

    number: str
    line: Wording
    emergency: bool
    mark: SourceMark
    source: str
    checked_on: date

    @property
    def verified(self) -> bool:
        """Whether what is said of it rests on a source that was seen."""
        return self.mark is not SourceMark.UNCHECKED


class Hotlines:
    """All numbers shipped, by number."""

    def __init__(self, all_of_them: Mapping[str, Hotline]) -> None:
        """Keep the numbers in the order written."""
        self._by_number = dict(all_of_them)

    def __getitem__(self, number: str) -> Hotline:
        """The hotline of this number."""
        return self._by_number[number]

    def __contains__(self, number: object) -> bool:
        """Whether the number is known."""
        return number in self._by_number

    def __iter__(self) -> Iterator[Hotline]:
        """Every hotline, in the order written."""
        return iter(self._by_number.values())


def hotlines_from(values: Mapping[str, object]) -> Hotlines:
    """The hotlines of `knowledge/hotlines.toml`.

    Raises:
        ValueError: a field is missing, unknown or unfit, or `verified` contradicts the mark.
    """
    file = Table("hotlines", values)
    file.only({"checked_on", "hotline"})
    found = {number: _hotline(number, table, file.day("checked_on")) for number, table in _rows(file)}
    if not found:
        raise file.fault("no hotline is given")
    return Hotlines(found)


def _rows(file: Table) -> tuple[tuple[str, Table], ...]:
    rows = file.named_tables("hotline")
    for number, row in rows:
        if not (number.isascii() and number.isdigit()):
            raise row.fault(f"{number!r} cannot be dialled")
    return rows


def _hotline(number: str, row: Table, checked_on: date) -> Hotline:
    row.only({"line", "emergency", "mark", "source", "verified"})
    hotline = Hotline(
        number=number,
        line=row.wording("line"),
        emergency=row.flag("emergency"),
        mark=row.one_of(SourceMark, "mark"),
        source=row.text("source"),
        checked_on=checked_on,
    )
    if row.flag("verified") != hotline.verified:
        raise row.fault(f"verified contradicts the mark {hotline.mark!r}")
    if any(number not in line for line in hotline.line.by_language.values()):
        raise row.fault("the line does not say the number")
    return hotline
