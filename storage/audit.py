"""Every read and change by a cadre, each row bound to the one before."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from storage.tables import audit
from storage.tx import Tx

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded act."""

    id: int
    at: datetime
    actor_id: str
    act: str
    subject: str
    outcome: str
    chain: str


def record(tx: Tx, actor_id: str, act: str, subject: str, outcome: str) -> None:
    """Record that somebody did, or tried, something; ids only, never words."""
    row_id = tx.next_id()
    chain = _link(_head(tx), row_id, tx.now, actor_id, act, subject, outcome)
    tx.conn.execute(
        insert(audit).values(
            id=row_id, at=tx.now, actor_id=actor_id, act=act, subject=subject, outcome=outcome, chain=chain
        )
    )


def entries(tx: Tx, subject: str | None = None) -> list[Entry]:
    """What was recorded, oldest first."""
    query = select(audit).order_by(audit.c.id)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [
        Entry(row.id, row.at, row.actor_id, row.act, row.subject, row.outcome, row.chain)
        for row in tx.conn.execute(query)
    ]


def broken_at(tx: Tx) -> Iterator[int]:
    """Ids of the rows that do not follow from the one before: something was changed, removed or moved."""
    before = START
    for entry in entries(tx):
        if entry.chain != _link(
            before, entry.id, entry.at, entry.actor_id, entry.act, entry.subject, entry.outcome
        ):
            yield entry.id
        before = entry.chain


def _head(tx: Tx) -> str:
    last = tx.conn.execute(select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)).scalar_one_or_none()
    return last or START


def _link(before: str, row_id: int, at: datetime, *parts: str) -> str:
    text = "\x1f".join((before, str(row_id), at.isoformat(), *parts))
    return hashlib.sha256(text.encode()).hexdigest()
