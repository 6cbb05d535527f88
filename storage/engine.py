"""Engines for the two databases, each told to leave transactions to us."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import StaticPool

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "secure_delete=ON")


def open_engine(url: str) -> Engine:
    """The engine that writes.

    Args:
        url: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://...`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)
    if parsed.database in (None, "", ":memory:"):
        memory: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
        engine = create_engine(url, **memory)
    else:
        engine = create_engine(url, connect_args={"check_same_thread": False})
    _take_over_transactions(engine, "BEGIN IMMEDIATE", PRAGMAS)
    return engine


def open_reader(url: str) -> Engine | None:
    """An engine that only reads, or None where the writer's must serve (an in-memory database)."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=4, max_overflow=4, pool_pre_ping=True)
    if parsed.database in (None, "", ":memory:"):
        return None
    return _reading(Path(parsed.database), "mode=ro")


def open_looker(url: str) -> Engine | None:
    """As `open_reader`, for a process that only has a look: beside a database nobody uses it leaves no file.

    A reader of a log needs an index beside it and makes one, which would then belong to whoever looked.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return open_reader(url)
    path = Path(parsed.database)
    log, index = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
    used = index.exists() or (log.exists() and log.stat().st_size > 0)
    return _reading(path, "mode=ro" if used else "immutable=1")


def _reading(path: Path, how: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{quote(path.absolute().as_uri())}?{how}&uri=true",
        connect_args={"check_same_thread": False},
    )
    _take_over_transactions(engine, "BEGIN DEFERRED", ("busy_timeout=5000",))
    return engine


def _take_over_transactions(engine: Engine, begin: str, pragmas: tuple[str, ...]) -> None:
    """Stop SQLite's driver from beginning or committing by itself: it would commit released savepoints."""

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)
