"""The browser chat's own rows: keys of devices and the feed a page is rebuilt from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, func, insert, select, update

from storage.ids import new_secret, token_hash
from storage.people import Account
from storage.tables import browser_feed, browser_keys, outbox
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a page shows."""

    id: int
    kind: str  # message, edit, strip
    body: dict[str, Any]
    at: datetime


def issue_key(tx: Tx, account_id: str) -> str:
    """A key for a device, told once."""
    key = new_secret()
    tx.conn.execute(
        insert(browser_keys).values(key_hash=token_hash(key), account_id=account_id, made_at=tx.now)
    )
    return key


def account_of_key(tx: Tx, key: str) -> str | None:
    """Whose key this is, unless it was revoked."""
    return tx.conn.execute(
        select(browser_keys.c.account_id).where(
            (browser_keys.c.key_hash == token_hash(key)) & browser_keys.c.revoked_at.is_(None)
        )
    ).scalar_one_or_none()


def opened_since(tx: Tx, account_id: str, since: datetime) -> bool:
    """Whether an account's first key is no older than this."""
    first: datetime | None = tx.conn.execute(
        select(func.min(browser_keys.c.made_at)).where(browser_keys.c.account_id == account_id)
    ).scalar()
    return first is not None and first >= since


def revoke_key(tx: Tx, key: str) -> None:
    """Forget a device."""
    tx.conn.execute(
        update(browser_keys).where(browser_keys.c.key_hash == token_hash(key)).values(revoked_at=tx.now)
    )


def add_event(tx: Tx, account: Account, kind: str, body: dict[str, Any], outbox_id: int | None = None) -> int:
    """Add to a page's feed; what came from one outbox row is added once."""
    if outbox_id is not None:
        known = tx.conn.execute(
            select(browser_feed.c.id).where(browser_feed.c.outbox_id == outbox_id)
        ).scalar_one_or_none()
        if known is not None:
            return int(known)
    row_id = tx.next_id()
    tx.conn.execute(
        insert(browser_feed).values(
            id=row_id,
            account_id=account.id,
            outbox_id=outbox_id,
            kind=kind,
            body=tx.seal(account.key_id, "browser_feed", row_id, "body", body),
            at=tx.now,
        )
    )
    return row_id


def events_after(tx: Tx, account: Account, after: int, limit: int = 500) -> list[Event]:
    """What a page has not had yet, oldest first."""
    rows = tx.conn.execute(
        select(browser_feed)
        .where((browser_feed.c.account_id == account.id) & (browser_feed.c.id > after))
        .order_by(browser_feed.c.id)
        .limit(limit)
    )
    return [
        Event(row.id, row.kind, tx.unseal(account.key_id, "browser_feed", row.id, "body", row.body), row.at)
        for row in rows
    ]


def event_of(tx: Tx, outbox_id: int) -> int | None:
    """The event of a feed that a queued message became."""
    found = tx.conn.execute(select(outbox.c.message_id).where(outbox.c.id == outbox_id)).scalar_one_or_none()
    return int(found) if found else None


def seen(tx: Tx, account_id: str, upto: int) -> None:
    """The person has had everything up to this event before their eyes."""
    tx.conn.execute(
        update(outbox)
        .where(
            (outbox.c.account_id == account_id)
            & (outbox.c.state == "sent")
            & outbox.c.seen_at.is_(None)
            & (cast(outbox.c.message_id, BigInteger) <= upto)
        )
        .values(seen_at=tx.now)
    )


def last_event(tx: Tx, account_id: str) -> int:
    """The newest event of a page's feed, 0 before the first."""
    found = tx.conn.execute(
        select(func.max(browser_feed.c.id)).where(browser_feed.c.account_id == account_id)
    ).scalar()
    return int(found or 0)
