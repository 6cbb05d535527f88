"""News of a case on its way to a person: told together, seen or not, lost or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from storage.outbox import UNREACHABLE
from storage.tables import outbox
from storage.tx import Tx

KEPT = timedelta(days=30)  # how long news waits for a closed door

def last_told(tx: Tx, person_id: str, case_id: str) -> datetime | None:
    """When news of a case last went to a person or was put on its way."""
    found: datetime | None = tx.conn.execute(
        select(func.max(outbox.c.made_at)).where(_news(person_id, case_id) & (outbox.c.state != "held"))
    ).scalar()
    return found


def held_until(tx: Tx, person_id: str, case_id: str) -> datetime | None:
    """When news of a case that is held back for a person goes out, None when none is."""
    found: datetime | None = tx.conn.execute(
        select(func.min(outbox.c.not_before)).where(_news(person_id, case_id) & (outbox.c.state == "held"))
    ).scalar()
    return found


def hurry(tx: Tx, person_id: str, case_id: str) -> None:
    """Hold news of a case back no longer: something is said that should not arrive before it."""
    tx.conn.execute(
        update(outbox).where(_news(person_id, case_id) & (outbox.c.state == "held")).values(not_before=tx.now)
    )


def _news(person_id: str, case_id: str) -> ColumnElement[bool]:
    return (outbox.c.person_id == person_id) & (outbox.c.case_id == case_id) & outbox.c.notice


def wait_again(tx: Tx, account_id: str) -> bool:
    """Let news that a closed door kept out wait once more; returns whether there were any."""
    kept_out = (outbox.c.state == "cancelled") & (outbox.c.fault == UNREACHABLE)
    lately = outbox.c.made_at > tx.now - KEPT
    changed = tx.conn.execute(
        update(outbox)
        .where((outbox.c.account_id == account_id) & outbox.c.notice & kept_out & lately)
        .values(state="held", not_before=tx.now, fault=None, rendered=None)
    )
    return changed.rowcount > 0


def seen_by_answer(tx: Tx, account_id: str, at: datetime) -> None:
    """Somebody who speaks in a chat has seen the news that stood there by then."""
    tx.conn.execute(
        update(outbox)
        .where(
            (outbox.c.account_id == account_id)
            & outbox.c.notice
            & (outbox.c.state == "sent")
            & (outbox.c.sent_at <= at)
            & outbox.c.seen_at.is_(None)
        )
        .values(seen_at=tx.now)
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a case on its way to the worker.

    Attributes:
        at: when it was sent, or will be while it is held back.
        seen_at: when the person had it before their eyes, as far as is known.
    """

    id: int
    state: str
    at: datetime
    seen_at: datetime | None

    @property
    def lost(self) -> bool:
        """Whether it will never get there."""
        return self.state in ("failed", "cancelled")


def last_notice(tx: Tx, person_id: str, case_id: str) -> Notice | None:
    """The newest news of a case for a person; what was told together with later news does not count."""
    folded = (outbox.c.state == "cancelled") & (outbox.c.fault != UNREACHABLE)
    return _notice(tx, _about(person_id, case_id) & ~folded, outbox.c.id.desc())


def oldest_unseen(tx: Tx, person_id: str, case_id: str) -> Notice | None:
    """The oldest news of a case that the person has not seen; what was never sent out counts too."""
    waits = outbox.c.seen_at.is_(None) & (outbox.c.state != "cancelled")
    return _notice(tx, _about(person_id, case_id) & waits, outbox.c.id.asc())


def _about(person_id: str, case_id: str) -> ColumnElement[bool]:
    return (outbox.c.person_id == person_id) & (outbox.c.case_id == case_id) & outbox.c.notice


def _notice(tx: Tx, which: ColumnElement[bool], order: ColumnElement[int]) -> Notice | None:
    row = tx.conn.execute(select(outbox).where(which).order_by(order).limit(1)).one_or_none()
    if row is None:
        return None
    at = row.sent_at or (row.not_before if row.state == "held" else None) or row.made_at
    return Notice(row.id, row.state, at, row.seen_at)
