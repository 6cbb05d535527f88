"""Opening the store for this process alone: locked, of this release, with its own key file, of this mode."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.faults import Exit, Stop
from bot.settings import Settings
from storage import backup, inspection, meta, schema
from storage.clock import SystemClock
from storage.keys import KeyFile, KeyFileMissing
from storage.store import DatabaseLock, Store
from storage.tx import Tx

MODE = "mode"  # under which name the database keeps whether it is a demo's
WHY_NOT = {
    "demo": "sample people and a moved clock have no place in live",
    "live": "real people have no place in a demo",
}


@dataclass(frozen=True, slots=True)
class Brought:
    """What bringing a database up to date did; `copy` is where the file as it was lies."""

    upgrade: schema.Upgrade
    copy: Path | None


@contextmanager
def opened(settings: Settings, *, new: bool = False) -> Iterator[Store]:
    """The store, until it is let go.

    Args:
        new: make it when there is none.

    Raises:
        Stop: there is none, or it is of the other mode.
        StoreBusy, DatabaseNewer, KeyFileError, SealBroken: as their names say.
    """
    with held(settings, new=new):
        keys = key_file(settings)
        bring_up_to_date(settings)
        store = Store(settings.database, keys)
        try:
            store.write(lambda tx: _mark(tx, settings))
            yield store
        finally:
            store.close()


@contextmanager
def held(settings: Settings, *, new: bool) -> Iterator[None]:
    """Hold the database file for this process.

    Raises:
        Stop: there is none and none is to be made, or a second program writes to it.
        StoreBusy: another process holds it.
    """
    file = settings.database_file
    if not new and file is not None and not file.exists():
        raise Stop(f"there is no database at {file} yet; `steward init` sets a union up")
    before = os.umask(0o077)  # whatever is made from here on is for this user alone
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        _refuse_other_user(file)
        lock = DatabaseLock(settings.database).take()
        try:
            refuse_second_writer(file)
            yield
        finally:
            lock.release()
    finally:
        os.umask(before)


def _refuse_other_user(file: Path | None) -> None:
    """Files made by somebody else beside the database, root included, would lock its own user out."""
    if file is not None and file.exists() and file.stat().st_uid != os.geteuid():
        raise Stop(f"{file} belongs to user {_user_name(file.stat().st_uid)}; run this as that user")


def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def key_file(settings: Settings) -> KeyFile:
    """The key file; a new one for a database that holds nothing yet, and only for that.

    Raises:
        KeyFileMissing: the database has had another.
    """
    fresh = schema.current(settings.database) is None
    try:
        return KeyFile.open(settings.key_file, create=fresh)
    except KeyFileMissing:
        raise KeyFileMissing(
            f"{settings.key_file} is missing, and nothing in this database can be read without it; "
            "put its copy back"
        ) from None


def bring_up_to_date(settings: Settings) -> Brought:
    """Upgrade the schema; a SQLite file that holds something is copied beside itself first."""
    before, after = schema.current(settings.database), schema.newest()
    copy = None
    if settings.database_file is not None and before not in (None, after):
        copy = backup.copy_beside(settings.database_file, after, SystemClock().read())
    return Brought(schema.upgrade(settings.database), copy)


def refuse_second_writer(file: Path | None) -> None:
    """Stop where a program that writes SQLite's log back as well could break the file (F14)."""
    if file is None or not inspection.has_reset_fault(inspection.sqlite_version()):
        return
    folder = inspection.replicator_of(file)
    if folder is not None:
        raise Stop(
            f"Litestream copies this database ({folder}), and this SQLite can break a file that two programs "
            "write; use SQLite 3.51.3 or later, or stop Litestream and remove that folder",
            Exit.DATABASE,
        )


def _mark(tx: Tx, settings: Settings) -> None:
    """Note once whether this is a demo's database, and never open it as the other.

    Raises:
        Stop: it is of the other mode.
        SealBroken: the key file is another database's.
    """
    inspection.try_key(tx)
    mode = meta.read(tx, MODE)
    if mode is None:
        meta.put(tx, MODE, settings.mode)
    elif mode != settings.mode:
        raise Stop(
            f"this database belongs to a {mode} installation and is not opened in {settings.mode} mode: "
            f"{WHY_NOT[mode]}"
        )
