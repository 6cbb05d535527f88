"""The language of a `.chat` file: its heading, its lines, and the words each line is answered with.

Described for people in tests/transcripts/README.md.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

PORTS = ("engine", "browser", "telegram")
ZONE = ZoneInfo("Asia/Shanghai")

_HEADING = re.compile(r"([a-z]+): *(.*)")
_ITEM = re.compile(r"  (?:\((?P<ports>[a-z ]+)\) )?(?P<words>(?:[a-z]+ )?[>~x@] ?.*)")
_PERSON = re.compile(r"(?P<name>[a-z]+)=(?P<sort>worker|cadre)(?: (?P<said>\S+))?")


class ScriptError(Exception):
    """A transcript is written wrongly; says where."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message, or one other thing people see, as it stands in the file.

    Attributes:
        lines: without the ports it is marked for.
        ports: where it is seen.
    """

    lines: tuple[str, ...]
    ports: frozenset[str] = frozenset(PORTS)

    def written(self) -> list[str]:
        """As it is written down."""
        if self.ports == frozenset(PORTS):
            return list(self.lines)
        marked = " ".join(port for port in PORTS if port in self.ports)
        return [f"  ({marked}) {self.lines[0].removeprefix('  ')}", *self.lines[1:]]


@dataclass(slots=True)
class Line:
    """One thing that happens, and what is seen of it.

    Attributes:
        number: in the file, from 1.
        gap: empty lines after it.
    """

    number: int
    words: str
    items: list[Item] = field(default_factory=list)
    gap: int = 0

    @property
    def comment(self) -> bool:
        """Whether nothing happens."""
        return self.words.startswith("#")

    def seen_on(self, port: str) -> list[str]:
        """What is to be seen on one port, line by line."""
        return [line for item in self.items if port in item.ports for line in item.lines]


@dataclass(slots=True)
class Script:
    """One transcript."""

    path: Path
    heading: list[str]  # as written
    title: str
    clock: datetime
    workers: Mapping[str, str]  # name -> language
    cadres: frozenset[str]
    ports: tuple[str, ...]
    lines: list[Line]

    def written(self) -> str:
        """The whole file."""
        out = list(self.heading)
        for line in self.lines:
            out.append(line.words)
            out.extend(words for item in line.items for words in item.written())
            out.extend([""] * line.gap)
        return "\n".join(out).rstrip("\n") + "\n"


def load(path: Path) -> Script:
    """Read a transcript.

    Raises:
        ScriptError: it cannot be understood.
    """
    rows = path.read_text(encoding="utf-8").split("\n")
    start = next((i for i, row in enumerate(rows) if not row.strip()), len(rows))
    heading, body = rows[: start + 1], rows[start + 1 :]
    values = _heading(path, heading[:-1])
    people = _people(path, values.get("people", ""))
    return Script(
        path,
        heading,
        values["title"],
        civil(values["clock"]),
        {name: said or "zh" for name, sort, said in people if sort == "worker"},
        frozenset(name for name, sort, _ in people if sort == "cadre"),
        tuple(values.get("ports", " ".join(PORTS)).split()),
        _lines(path, body, start + 2),
    )


def civil(words: str) -> datetime:
    """A day and hour of the union's own zone, such as `2026-11-24 10:00`."""
    return datetime.fromisoformat(words).replace(tzinfo=ZONE)


def _heading(path: Path, rows: Iterable[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for row in rows:
        found = _HEADING.fullmatch(row.strip())
        if found is None:
            raise ScriptError(f"{path}: the heading has a line that says nothing: {row!r}")
        values[found[1]] = found[2]
    known = {"title", "requirement", "clock", "people", "ports"}
    if not {"title", "requirement", "clock"} <= set(values) <= known:
        raise ScriptError(f"{path}: the heading needs title, requirement, clock, and may have people, ports")
    return values


def _people(path: Path, text: str) -> list[tuple[str, str, str | None]]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _PERSON.fullmatch(part)
        if match is None:
            raise ScriptError(f"{path}: not a person: {part!r}")
        found.append((match["name"], match["sort"], match["said"]))
    return found


def _lines(path: Path, rows: Sequence[str], first: int) -> list[Line]:
    lines: list[Line] = []
    block: list[str] = []
    for number, row in enumerate(rows, first):
        if row and not row.startswith(" "):
            _finish(path, lines, block)
            lines.append(Line(number, row.rstrip()))
        elif lines:
            block.append(row.rstrip())
        elif row.strip():
            raise ScriptError(f"{path}:{number}: nobody did anything yet")
    _finish(path, lines, block)
    return lines


def _finish(path: Path, lines: list[Line], block: list[str]) -> None:
    """Give the rows gathered to the line they stand under."""
    while block and not block[-1]:
        block.pop()
        lines[-1].gap += 1
    for row in block:
        found = _ITEM.fullmatch(row)
        if found is not None and not row.startswith("    "):
            ports = frozenset((found["ports"] or " ".join(PORTS)).split())
            lines[-1].items.append(Item((f"  {found['words']}",), ports))
        elif row and not row.startswith("    "):
            raise ScriptError(
                f"{path}: under line {lines[-1].number}: {row!r} is neither a message nor part of one"
            )
        else:
            lines[-1].items[-1] = _longer(lines[-1].items[-1], row)
    block.clear()


def _longer(item: Item, row: str) -> Item:
    return Item((*item.lines, row), item.ports)


def merged(by_port: Mapping[str, Sequence[Sequence[str]]]) -> list[Item]:
    """One list of items out of what was seen on each port; what differs is marked with where it was seen.

    Args:
        by_port: for each port the items seen, each as its lines.
    """
    left = {port: [tuple(item) for item in items] for port, items in by_port.items()}
    out: list[Item] = []
    while any(left.values()):
        item = _next(left)
        at = frozenset(port for port, items in left.items() if items and items[0] == item)
        for port in at:
            left[port].pop(0)
        out.append(Item(item, frozenset(PORTS) if at == frozenset(by_port) else at))
    return out


def _next(left: Mapping[str, list[tuple[str, ...]]]) -> tuple[str, ...]:
    """The first item of a port that no other port still has to show later."""
    heads = [items[0] for items in left.values() if items]
    for head in heads:
        if not any(_later(head, items) for items in left.values()):
            return head
    return heads[0]


def _later(item: tuple[str, ...], items: Collection[tuple[str, ...]]) -> bool:
    return item in list(items)[1:] and next(iter(items)) != item
