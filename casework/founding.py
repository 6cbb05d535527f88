"""Setting a real union up from its file, and changing its tree when the file has changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from casework import cadres, setup
from domain.roles import Role
from domain.unions import UnionFile
from domain.units import Tree, Unit, UnitId
from storage import audit, cases, meta, union
from storage.retirement import retire_unit
from storage.tx import Tx

CHANNELS = "channels"
COMMAND_LINE = "command line"


class NotFounded(Exception):
    """The file does not fit what is there; nothing was changed. Its words are for the operator."""

    loggable = True  # its words hold names of units and numbers of cases only


@dataclass(frozen=True, slots=True)
class Founded:
    """What changed, by the names of units.

    Attributes:
        left: in the tree and not in the file, left as they are.
        invitation: payload of the first administrator's link, told once; empty when there was no need.
        administered: whether somebody holds the post of an administrator.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    left: tuple[str, ...]
    invitation: str
    administered: bool


def found(tx: Tx, file: UnionFile, channels: Sequence[str], *, retire: bool) -> Founded:
    """Make the union what its file says, all of it or nothing.

    Args:
        channels: where the union wants to be reached, by their names.
        retire: take units that are no longer in the file out of the tree.

    Raises:
        NotFounded: the result would not be a tree, or a unit to be retired still has open cases.
    """
    first = not union.is_set_up(tx)
    before = [] if first else list(union.tree(tx))
    setup.set_up(tx, file)
    meta.put(tx, CHANNELS, "\n".join(channels))
    gone = [unit for unit in before if unit.id not in file.tree]
    if retire:
        _retire(tx, gone, before, file.tree)
    else:
        _check(tx)
    for unit in file.tree:
        if unit not in before:
            audit.record(tx, COMMAND_LINE, "manage_units", unit.id, "done")
    known = {unit.id: unit for unit in before}
    root = file.tree.root.id
    return Founded(
        added=tuple(unit.name for unit in file.tree if unit.id not in known),
        changed=tuple(unit.name for unit in file.tree if known.get(unit.id, unit) != unit),
        retired=tuple(unit.name for unit in gone) if retire else (),
        left=() if retire else tuple(unit.name for unit in gone),
        invitation=cadres.invite(tx, None, root, Role.ADMIN, False) if first else "",
        administered=any(holder.role is Role.ADMIN for holder in union.all_holders(tx)),
    )


def _check(tx: Tx) -> None:
    try:
        union.tree(tx)
    except ValueError as fault:
        raise NotFounded(f"with the units that are there already this is no tree: {fault}") from None


def _retire(tx: Tx, gone: Sequence[Unit], before: Sequence[Unit], after: Tree) -> None:
    """From the leaves up, each to the nearest unit above that stays."""
    busy = {case.unit_id for case in cases.open_cases(tx)}
    held = [unit.id for unit in gone if unit.id in busy]
    if held:
        numbers = sorted(case.number for case in cases.open_cases(tx) if case.unit_id in held)
        raise NotFounded(
            f"{', '.join(held)} cannot be retired while cases are open there: {', '.join(numbers)}; "
            "have them handled or passed to another unit first"
        )
    for unit in gone:
        heir = _heir(unit, before, after)
        retire_unit(tx, unit.id, heir)
        audit.record(tx, COMMAND_LINE, "retire_unit", unit.id, heir)


def _heir(unit: Unit, before: Sequence[Unit], after: Tree) -> UnitId:
    above = {each.id: each.parent_id for each in before}
    heir = unit.parent_id
    while heir is not None and heir not in after:
        heir = above[heir]
    return after.root.id if heir is None else heir
