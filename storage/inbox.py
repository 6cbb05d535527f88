"""What came in, committed before it is acknowledged."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, select, update

from storage.tables import inbox
from storage.tx import Tx

MOST_TRIES = 5
WAITS = (1, 5, 20, 60)  # seconds before the next try


@dataclass(frozen=True, slots=True)
class Received:
    """One raw update waiting for its turn."""

    id: int
    channel: str
    account_id: str | None
    lane: str
    raw: Any
    tries: int
    received_at: datetime


def add(
    tx: Tx, channel: str, update_key: str, lane: str, key_id: str, raw: object, account_id: str | None = None
) -> int | None:
    """Store a raw update.

    Returns:
        Its row id, or None when the channel has delivered it before.
    """
    if known(tx, channel, update_key):
        return None
    row_id = tx.next_id()
    tx.conn.execute(
        insert(inbox).values(
            id=row_id,
            channel=channel,
            update_key=update_key,
            account_id=account_id,
            lane=lane,
            key_id=key_id,
            raw=tx.seal(key_id, "inbox", row_id, "raw", raw),
            state="waiting",
            tries=0,
            received_at=tx.now,
        )
    )
    return row_id


def known(tx: Tx, channel: str, update_key: str) -> bool:
    """Whether this update was stored before."""
    row = tx.conn.execute(
        select(inbox.c.id).where((inbox.c.channel == channel) & (inbox.c.update_key == update_key))
    ).first()
    return row is not None


def next_in_lanes(tx: Tx, busy: Collection[str], limit: int) -> list[Received]:
    """The oldest waiting update of each lane that is neither busy nor waiting for another try."""
    heads = (
        select(func.min(inbox.c.id)).where(_in_state("waiting")).group_by(inbox.c.lane)
    ).scalar_subquery()
    due = inbox.c.not_before.is_(None) | (inbox.c.not_before <= tx.now)
    query = select(inbox).where(inbox.c.id.in_(heads) & due).order_by(inbox.c.id).limit(limit + len(busy))
    ready = [row for row in tx.conn.execute(query) if row.lane not in busy]
    return [
        Received(
            row.id,
            row.channel,
            row.account_id,
            row.lane,
            tx.unseal(row.key_id, "inbox", row.id, "raw", row.raw),
            row.tries,
            row.received_at,
        )
        for row in ready[:limit]
    ]


def done(tx: Tx, row_id: int) -> bool:
    """Note that its turn is taken; returns whether it still waited for one."""
    which = (inbox.c.id == row_id) & (inbox.c.state == "waiting")
    return tx.conn.execute(update(inbox).where(which).values(state="done", done_at=tx.now)).rowcount > 0


def failed(tx: Tx, row_id: int, fault: str) -> bool:
    """Note a failed turn; returns whether the update is now set aside for good."""
    tries: int = tx.conn.execute(select(inbox.c.tries).where(inbox.c.id == row_id)).scalar_one() + 1
    dead = tries >= MOST_TRIES
    wait = timedelta(seconds=0 if dead else WAITS[tries - 1])
    tx.conn.execute(
        update(inbox)
        .where(inbox.c.id == row_id)
        .values(
            tries=tries,
            fault=fault[:200],
            state="dead" if dead else "waiting",
            not_before=tx.now + wait,
        )
    )
    return dead


def backlog(tx: Tx) -> dict[str, int]:
    """How many updates are in each state."""
    rows = tx.conn.execute(select(inbox.c.state, func.count()).group_by(inbox.c.state))
    return {state: count for state, count in rows}  # noqa: C416  (rows are typed as tuples, not pairs)


def count(tx: Tx, state: str) -> int:
    """How many updates are `waiting`, or set aside as `dead`."""
    return int(tx.conn.execute(select(func.count()).where(_in_state(state))).scalar_one())


def _in_state(state: str) -> ColumnElement[bool]:
    """In words the planner sees: it uses the small index of a state only when it can read which state."""
    return inbox.c.state == literal(state, literal_execute=True)


def oldest_waiting(tx: Tx) -> datetime | None:
    """When the update that waits longest came in."""
    found: datetime | None = tx.conn.execute(
        select(func.min(inbox.c.received_at)).where(_in_state("waiting"))
    ).scalar()
    return found
