"""Taking a unit out of the tree: all that hangs on it goes to the unit that takes its place."""

from sqlalchemy import Table, update

from storage.tables import cases, employers, entrances, invitations, members, posts, units
from storage.tx import Tx

FOLLOW = (members, cases, employers, entrances)


def retire_unit(tx: Tx, unit_id: str, heir: str) -> None:
    """Retire a unit without open cases: people, closed cases and posters follow, posts end."""
    tx.memo.pop("tree", None)
    for table in FOLLOW:
        tx.conn.execute(update(table).where(table.c.unit_id == unit_id).values(unit_id=heir))
    _end(tx, posts, unit_id, "until")
    _end(tx, invitations, unit_id, "used_at")
    tx.conn.execute(update(units).where(units.c.id == unit_id).values(retired_at=tx.now))


def _end(tx: Tx, table: Table, unit_id: str, column: str) -> None:
    open_ones = (table.c.unit_id == unit_id) & table.c[column].is_(None)
    tx.conn.execute(update(table).where(open_ones).values({column: tx.now}))
