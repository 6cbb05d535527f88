"""What will fall due: a row each, claimed once."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from storage.ids import new_id
from storage.tables import dues
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due at an instant."""

    id: str
    due_at: datetime
    kind: str
    subject: str
    detail: dict[str, Any]
    made_at: datetime


def put(tx: Tx, due_at: datetime, kind: str, subject: str, key: str, **detail: Any) -> bool:
    """Plan something once; returns False when a row with this key was ever made."""
    if tx.conn.execute(select(dues.c.id).where(dues.c.unique_key == key)).first():
        return False
    tx.conn.execute(
        insert(dues).values(
            id=new_id(),
            due_at=due_at,
            kind=kind,
            subject=subject,
            unique_key=key,
            detail=json.dumps(detail, ensure_ascii=False),
            made_at=tx.now,
        )
    )
    return True


def put_or_move(tx: Tx, due_at: datetime, kind: str, subject: str, key: str, **detail: Any) -> None:
    """Plan something, or move it while it has not happened yet; one that happened is planned anew."""
    changed = tx.conn.execute(
        update(dues)
        .where(dues.c.unique_key == key)
        .values(due_at=due_at, done_at=None, detail=json.dumps(detail, ensure_ascii=False), made_at=tx.now)
    )
    if changed.rowcount == 0:
        put(tx, due_at, kind, subject, key, **detail)


def cancel(tx: Tx, subject: str, *kinds: str) -> None:
    """Drop what was planned for a subject, of some kinds or of all."""
    query = update(dues).where((dues.c.subject == subject) & dues.c.done_at.is_(None))
    if kinds:
        query = query.where(dues.c.kind.in_(kinds))
    tx.conn.execute(query.values(done_at=tx.now))


def put_off(tx: Tx, kind: str, until: datetime) -> None:
    """Let nothing of one kind fall due before an instant."""
    which = (dues.c.kind == kind) & dues.c.done_at.is_(None) & (dues.c.due_at < until)
    tx.conn.execute(update(dues).where(which).values(due_at=until))


def claim(tx: Tx, limit: int = 20) -> list[Due]:
    """What has fallen due, oldest first, marked as done in this transaction."""
    rows = tx.conn.execute(
        select(dues)
        .where(dues.c.done_at.is_(None) & (dues.c.due_at <= tx.now))
        .order_by(dues.c.due_at, dues.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        tx.conn.execute(update(dues).where(dues.c.id.in_([row.id for row in rows])).values(done_at=tx.now))
    return [_due(row) for row in rows]


def claim_of(tx: Tx, subject: str, kind: str) -> list[Due]:
    """What of one kind has fallen due for a subject, marked as done in this transaction."""
    which = (
        (dues.c.subject == subject)
        & (dues.c.kind == kind)
        & dues.c.done_at.is_(None)
        & (dues.c.due_at <= tx.now)
    )
    rows = tx.conn.execute(select(dues).where(which).order_by(dues.c.due_at)).all()
    if rows:
        tx.conn.execute(update(dues).where(dues.c.id.in_([row.id for row in rows])).values(done_at=tx.now))
    return [_due(row) for row in rows]


def planned(tx: Tx, subject: str | None = None, limit: int = 50) -> list[Due]:
    """What is still to come, soonest first."""
    query = select(dues).where(dues.c.done_at.is_(None)).order_by(dues.c.due_at).limit(limit)
    if subject is not None:
        query = query.where(dues.c.subject == subject)
    return [_due(row) for row in tx.conn.execute(query)]


def next_at(tx: Tx) -> datetime | None:
    """When the next thing falls due."""
    found: datetime | None = tx.conn.execute(
        select(func.min(dues.c.due_at)).where(dues.c.done_at.is_(None))
    ).scalar()
    return found


def _due(row: Any) -> Due:
    return Due(row.id, row.due_at, row.kind, row.subject, json.loads(row.detail), row.made_at)
