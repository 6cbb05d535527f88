"""Everything held about one person, told in full or taken away (R8; P13, P14)."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, literal, select, update

from storage.people import Person
from storage.registry import REGISTRY, Held
from storage.tables import accounts, inbox, members
from storage.tx import KeyDestroyed, Tx


def export(tx: Tx, who: Person) -> dict[str, list[dict[str, Any]]]:
    """Everything held about a person, as plain values: table, rows, columns by name."""
    return {held.table.name: _told(tx, held, who) for held in REGISTRY}


def _told(tx: Tx, held: Held, who: Person) -> list[dict[str, Any]]:
    key = literal(who.key_id) if held.key is None else held.key
    name = next(iter(held.table.primary_key)).name
    query = select(held.table, key.label("sealed_with")).where(held.mine(tx, who))
    rows = tx.conn.execute(query.order_by(held.table.c[name]))
    return [_row(tx, held, name, dict(row._mapping)) for row in rows]


def _row(tx: Tx, held: Held, name: str, row: dict[str, Any]) -> dict[str, Any]:
    plain = {column: _plain(row[column]) for column in held.told}
    return plain | {column: _open(tx, held, column, row[name], row) for column in held.opened}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _open(tx: Tx, held: Held, column: str, row_id: str | int, row: dict[str, Any]) -> Any:
    if row[column] is None:
        return None
    try:
        return tx.unseal(row["sealed_with"], held.table.name, row_id, column, row[column])
    except KeyDestroyed:
        return None


def erase(tx: Tx, who: Person) -> None:
    """Delete every row about a person that has no reason to stay; words that wait for a turn are dropped.

    What others' rows point to stays without a word in it; the person's key is destroyed by `people.erase`.
    """
    for held in REGISTRY:
        if not held.stays:
            tx.conn.execute(delete(held.table).where(held.mine(tx, who)))
    mine = inbox.c.key_id == who.key_id
    tx.conn.execute(update(inbox).where(mine).values(raw=b"", state="done", done_at=tx.now))
    doors = accounts.c.person_id == who.id
    tx.conn.execute(update(accounts).where(doors).values(reachable=False, address_index=accounts.c.id))
    tx.conn.execute(update(members).where(members.c.person_id == who.id).values(phone_index=None))
