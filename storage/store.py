"""The open store: database, keys, clock, the writer and its readers."""

import fcntl
import os
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, make_url, select

from storage import meta
from storage.clock import Clock, SystemClock
from storage.engine import open_engine, open_reader
from storage.ids import Sequence
from storage.keys import KeyFile
from storage.sealing import Sealer
from storage.tables import audit, browser_feed, case_events, inbox, outbox
from storage.tx import Tx
from storage.writer import Writer

T = TypeVar("T")


class StoreBusy(Exception):
    """Another process already runs on this database file."""


class Store:
    """Everything that is kept, behind `write` and `read`."""

    def __init__(self, url: str, keys: KeyFile, clock: Clock | None = None) -> None:
        self.url = url
        self.sealer = Sealer(keys)
        self.clock = clock or SystemClock()
        self.offset = timedelta()
        self._engine = open_engine(url)
        self._reader = open_reader(url)
        self._sequence = Sequence(self._last_id())
        self.offset = self._with_tx(meta.clock_offset)
        grouped = self._engine.dialect.name == "sqlite"
        self._writer = Writer(self._engine, partial(self._tx, writes=True), grouped)

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        """Queue a unit of work; the future completes after its commit."""
        return self._writer.submit(work)

    def write(self, work: Callable[[Tx], T]) -> T:
        """Do a unit of work and wait for its commit."""
        return self._writer.submit(work).result()

    def read(self, work: Callable[[Tx], T]) -> T:
        """Read from a snapshot; nothing it writes is kept."""
        if self._reader is None:
            return self._writer.submit(work).result()
        with self._reader.connect() as conn:
            return work(self._tx(conn))

    def move_clock(self, by: timedelta) -> None:
        """Move the demo clock forward; the caller has checked that this is a demo."""
        self.write(lambda tx: meta.set_clock_offset(tx, self.offset + by))
        self.offset += by

    def scrub(self) -> bool:
        """Empty the write-ahead log, in which what was deleted can still be read.

        Returns:
            Whether it is empty; False while somebody reads from before.
        """
        if self._engine.dialect.name != "sqlite":
            return True
        return self._writer.between(_checkpoint).result()

    def writer_queue(self) -> int:
        """How many units of work wait for the writer."""
        return self._writer.waiting()

    def close(self) -> None:
        """Finish what waits and let the database go."""
        self._writer.close()
        if self._reader is not None:
            self._reader.dispose()
        self._engine.dispose()  # the last to go: only who may write can put the log away

    def _tx(self, conn: Connection, writes: bool = False) -> Tx:
        return Tx(conn, self.clock.read() + self.offset, self.sealer, self._sequence, writes=writes)

    def _with_tx(self, work: Callable[[Tx], T]) -> T:
        with self._engine.connect() as conn, conn.begin():
            return work(self._tx(conn))

    def _last_id(self) -> int:
        with self._engine.connect() as conn, conn.begin():
            return max(
                conn.execute(select(func.max(table.c.id))).scalar() or 0
                for table in (inbox, outbox, case_events, audit, browser_feed)
            )


def _checkpoint(engine: Engine) -> bool:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.close()
    finally:
        raw.close()
    return not busy


class DatabaseLock:
    """Holds a SQLite file for one process; PostgreSQL needs none."""

    def __init__(self, url: str) -> None:
        self._fd: int | None = None
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            self._path: Path | None = Path(f"{parsed.database}.lock")
        else:
            self._path = None

    def take(self) -> "DatabaseLock":
        """Take it.

        Raises:
            StoreBusy: another process holds it.
        """
        if self._path is None:
            return self
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise StoreBusy(str(self._path)) from None
        self._fd = fd
        return self

    def release(self) -> None:
        """Let it go."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
