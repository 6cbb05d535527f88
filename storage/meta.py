"""Facts about this store."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from storage.tables import meta
from storage.tx import Tx


def read(tx: Tx, key: str) -> str | None:
    """One fact, or None."""
    return tx.conn.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()


def put(tx: Tx, key: str, value: str) -> None:
    """Set one fact."""
    tx.conn.execute(delete(meta).where(meta.c.key == key))
    tx.conn.execute(insert(meta).values(key=key, value=value))


def clock_offset(tx: Tx) -> timedelta:
    """How far the demo clock is ahead; zero in live."""
    return timedelta(seconds=int(read(tx, "clock_offset") or 0))


def set_clock_offset(tx: Tx, offset: timedelta) -> None:
    """Move the demo clock."""
    put(tx, "clock_offset", str(int(offset.total_seconds())))


def heartbeat(tx: Tx) -> datetime | None:
    """When the process was last known to run, by its own clock."""
    value = read(tx, "heartbeat")
    return datetime.fromisoformat(value) if value else None


def beat(tx: Tx, at: datetime) -> None:
    """Note that the process runs."""
    put(tx, "heartbeat", at.isoformat())


def system_key(tx: Tx) -> str:
    """The data key of rows that belong to nobody."""
    key_id = read(tx, "system_key")
    if key_id is None:
        key_id = tx.make_key()
        put(tx, "system_key", key_id)
    return key_id
