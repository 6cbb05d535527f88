"""A look at a database that changes nothing in it, and what is known of the engine it is read with."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from storage.clock import SystemClock
from storage.engine import open_engine, open_looker
from storage.ids import Sequence
from storage.keys import KeyFile
from storage.sealing import Sealer
from storage.tables import data_keys
from storage.tx import Tx

Version = tuple[int, int, int]

RESET_FAULT: tuple[Version, Version] = ((3, 7, 0), (3, 51, 2))
"""SQLite's first and last version in which two connections that write a log back at once can break the file.

Source: sqlite.org/wal.html, "The WAL-Reset Bug"; fixed in 3.51.3 of 2026-03-13.
"""


def sqlite_version() -> Version:
    """The SQLite this Python carries."""
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    return major, minor, patch


def has_reset_fault(version: Version) -> bool:
    """Whether this SQLite must never share a file with a second program that writes its log back."""
    first, last = RESET_FAULT
    return first <= version <= last


def replicator_of(database: Path) -> Path | None:
    """The folder Litestream, which writes the log back too, keeps beside a database it copies."""
    folder = database.with_name(f".{database.name}-litestream")
    return folder if folder.is_dir() else None


@contextmanager
def looking(url: str, keys: KeyFile) -> Iterator[Tx]:
    """A snapshot of a database that another process may be writing."""
    engine = open_looker(url) or open_engine(url)
    try:
        with engine.connect() as connection, connection.begin() as snapshot:
            yield Tx(connection, SystemClock().read(), Sealer(keys), Sequence())
            snapshot.rollback()
    finally:
        engine.dispose()


def try_key(tx: Tx) -> None:
    """Open one data key, so that a key file of another database is found out at once.

    Raises:
        KeyUnknown, SealBroken: the key file is not this database's.
    """
    held = data_keys.c.wrapped.is_not(None)
    row = tx.conn.execute(select(data_keys).where(held).order_by(data_keys.c.made_at.desc()).limit(1)).first()
    if row is not None:
        tx.sealer.unwrap(row.wrapped, row.id)
