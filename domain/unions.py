"""A union as written in its file: units, cadres, employers and doors, checked before anything is stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time

from domain.roles import Role
from domain.tables import Table
from domain.units import Tree, Unit, UnitId, UnitKind

Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class CadrePost:
    """One post a cadre is given."""

    unit: UnitId
    role: Role
    on_duty: bool
    employer_side: bool


@dataclass(frozen=True, slots=True)
class Away:
    """A planned absence, in civil days after the union is set up, and who stands in."""

    after_days: int
    days: int
    deputy: str  # key of another cadre


@dataclass(frozen=True, slots=True)
class Cadre:
    """One cadre of the file; `key` is what the file calls them by."""

    key: str
    name: str
    woman: bool
    posts: tuple[CadrePost, ...]
    away: Away | None


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer to suggest and the unit that looks after its people."""

    name: str
    aliases: tuple[str, ...]
    unit: UnitId


@dataclass(frozen=True, slots=True)
class Entrance:
    """A place with a poster, known before the first word."""

    unit: UnitId
    site: str
    source: str


@dataclass(frozen=True, slots=True)
class UnionFile:
    """Everything a union is set up from."""

    name: str
    area: str
    calendar: str
    working_hours: tuple[Span, ...]
    tree: Tree
    cadres: tuple[Cadre, ...]
    employers: tuple[Employer, ...]
    entrances: tuple[Entrance, ...]


def union_from(values: Mapping[str, object], calendars: Collection[str]) -> UnionFile:
    """A union as its file describes it.

    Args:
        calendars: the names of the calendars there are.

    Raises:
        ValueError: naming the table and what is wrong with it.
    """
    file = Table("union", values)
    file.only({"name", "area", "calendar", "working_hours", "unit", "cadre", "employer", "entrance"})
    tree = Tree(_unit(key, row, file.text("calendar")) for key, row in file.named_tables("unit"))
    for unit in tree:
        if unit.calendar not in calendars:
            raise file.fault(f"unit {unit.id!r} follows the calendar {unit.calendar!r}, which does not exist")
    cadres = file.named_tables("cadre") if "cadre" in values else ()
    return UnionFile(
        name=file.text("name"),
        area=file.text("area"),
        calendar=file.text("calendar"),
        working_hours=_working_hours(file),
        tree=tree,
        cadres=tuple(_cadre(key, row, tree, {other for other, _ in cadres} - {key}) for key, row in cadres),
        employers=tuple(_employer(row, tree) for row in file.tables("employer")),
        entrances=tuple(_entrance(row, tree) for row in file.tables("entrance")),
    )


def _unit(key: str, row: Table, calendar: str) -> Unit:
    row.only({"name", "kind", "parent", "workplace", "calendar"})
    return Unit(
        id=UnitId(key),
        parent_id=UnitId(row.text("parent")) if "parent" in row.values else None,
        kind=row.one_of(UnitKind, "kind"),
        name=row.text("name"),
        calendar=row.text("calendar") if "calendar" in row.values else calendar,
        workplace=row.flag("workplace"),
    )


def _working_hours(file: Table) -> tuple[Span, ...]:
    spans = tuple(_span(file, written) for written in file.texts("working_hours"))
    edges = [edge for span in spans for edge in span]
    if edges != sorted(set(edges)):
        raise file.fault("working_hours must be apart and in order, each ending after it starts")
    return spans


def _span(file: Table, written: str) -> Span:
    try:
        start, end = (time.fromisoformat(edge.strip()) for edge in written.split("-"))
    except ValueError:
        raise file.fault(f"working_hours has {written!r}, not like 09:00-12:00") from None
    return start, end


def _cadre(key: str, row: Table, tree: Tree, others: Collection[str]) -> Cadre:
    row.only({"name", "woman", "posts", "away"})
    posts = tuple(_post(table, tree) for table in row.tables("posts"))
    if not posts:
        raise row.fault("posts is empty")
    return Cadre(
        key=key,
        name=row.text("name"),
        woman=row.flag("woman"),
        posts=posts,
        away=_away(row.table("away"), others) if "away" in row.values else None,
    )


def _post(row: Table, tree: Tree) -> CadrePost:
    row.only({"unit", "role", "on_duty", "employer_side"})
    return CadrePost(
        _in_tree(row, tree), row.one_of(Role, "role"), row.flag("on_duty"), row.flag("employer_side")
    )


def _away(row: Table, others: Collection[str]) -> Away:
    row.only({"after_days", "days", "deputy"})
    away = Away(row.count("after_days"), row.count("days"), row.text("deputy"))
    if away.deputy not in others:
        raise row.fault(f"deputy {away.deputy!r} is no other cadre of this file")
    return away


def _employer(row: Table, tree: Tree) -> Employer:
    row.only({"name", "aliases", "unit"})
    return Employer(row.text("name"), row.texts("aliases"), _in_tree(row, tree))


def _entrance(row: Table, tree: Tree) -> Entrance:
    row.only({"unit", "site", "source"})
    return Entrance(_in_tree(row, tree), row.text("site"), row.text("source"))


def _in_tree(row: Table, tree: Tree) -> UnitId:
    unit = UnitId(row.text("unit"))
    if unit not in tree:
        raise row.fault(f"unit {unit!r} does not exist")
    return unit
