"""The tree of a union's units: who stands above whom, and where a workplace ends."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

UnitId = NewType("UnitId", str)


class UnitKind(StrEnum):
    """What a unit is."""

    FEDERATION = "federation"  # 总工会
    REGION = "region"  # 区县、街道、园区工会
    SECTOR = "sector"  # 行业工会联合会
    ENTERPRISE = "enterprise"  # 企业工会
    PLATFORM = "platform"  # 平台企业工会
    SITE = "site"  # 站点、厂区、工地
    GROUP = "group"  # 工会小组


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the union.

    `workplace` says that its people depend on one employer, so that an officer in it may be a manager.
    """

    id: UnitId
    parent_id: UnitId | None
    kind: UnitKind
    name: str
    calendar: str  # name of the working-day calendar, such as "cn"
    workplace: bool


class Tree:
    """All units of one union, every one beneath the same root.

    Raises:
        ValueError: when an id is used twice, a parent is missing, there is not exactly one root, units
            form a ring, or a unit outside the workplace hangs beneath a workplace.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        """Take the units in any order and check that they form a tree."""
        self._units = MappingProxyType(_by_id(units))
        self._paths = MappingProxyType({unit_id: _path_up(unit_id, self._units) for unit_id in self._units})
        self.root = _only_root(self._units)
        _check_workplaces(self._paths)

    def __getitem__(self, unit_id: UnitId) -> Unit:
        """The unit with this id."""
        return self._units[unit_id]

    def __contains__(self, unit_id: object) -> bool:
        """Whether a unit with this id is in the tree."""
        return unit_id in self._units

    def __iter__(self) -> Iterator[Unit]:
        """Every unit, in the order given."""
        return iter(self._units.values())

    def __len__(self) -> int:
        """How many units there are."""
        return len(self._units)

    def path_up(self, unit_id: UnitId) -> tuple[Unit, ...]:
        """The unit itself, then each one above it up to the root."""
        return self._paths[unit_id]

    def covers(self, above: UnitId, below: UnitId) -> bool:
        """Whether `below` is `above` itself or stands beneath it."""
        return self._units[above] in self._paths[below]

    def subtree(self, unit_id: UnitId) -> frozenset[UnitId]:
        """The ids of the unit and of all beneath it."""
        return frozenset(below for below in self._units if self.covers(unit_id, below))

    def area_union(self, unit_id: UnitId) -> Unit | None:
        """The nearest unit, upward from this one, that is no workplace (R9).

        Returns:
            None when the whole union is one workplace and nothing stands above it.
        """
        return next((unit for unit in self._paths[unit_id] if not unit.workplace), None)


def _by_id(units: Iterable[Unit]) -> dict[UnitId, Unit]:
    found: dict[UnitId, Unit] = {}
    for unit in units:
        if unit.id in found:
            raise ValueError(f"unit {unit.id!r} is given twice")
        found[unit.id] = unit
    return found


def _path_up(unit_id: UnitId, units: Mapping[UnitId, Unit]) -> tuple[Unit, ...]:
    path: list[Unit] = []
    above: UnitId | None = unit_id
    while above is not None:
        if above not in units:
            raise ValueError(f"unit {path[-1].id!r} hangs beneath {above!r}, which does not exist")
        if units[above] in path:
            raise ValueError(f"unit {unit_id!r} leads upward into a ring at {above!r}")
        path.append(units[above])
        above = units[above].parent_id
    return tuple(path)


def _only_root(units: Mapping[UnitId, Unit]) -> Unit:
    roots = [unit for unit in units.values() if unit.parent_id is None]
    if len(roots) != 1:
        raise ValueError(f"a union has one topmost unit, not {len(roots)}: {[unit.id for unit in roots]}")
    return roots[0]


def _check_workplaces(paths: Mapping[UnitId, tuple[Unit, ...]]) -> None:
    for path in paths.values():
        unit, *above = path
        if not unit.workplace and any(higher.workplace for higher in above):
            raise ValueError(f"unit {unit.id!r} is beneath a workplace and must be marked as one")
