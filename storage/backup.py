"""A copy of a SQLite file beside it, whole at one instant."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage.disk import sync_folder

MARK = ".before-"


def copy_beside(path: Path, revision: str, now: datetime) -> Path:
    """Copy a database file, what its log holds included, to a file only its owner can read.

    Args:
        revision: the one the database is about to be brought to.

    Returns:
        Where the copy is.

    Raises:
        OSError, sqlite3.Error: it cannot be made; nothing of it is left behind.
    """
    made = path.with_name(f"{path.name}{MARK}{revision}-{now:%Y%m%dT%H%M%SZ}")
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        where = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(where, uri=True)) as source, closing(sqlite3.connect(made)) as target:
            source.backup(target)  # written through to the disk by SQLite
    except BaseException:
        made.unlink()
        raise
    sync_folder(path.parent)
    return made


def copies_of(path: Path) -> list[Path]:
    """The copies that lie beside a database file, oldest first."""
    return sorted(path.parent.glob(f"{path.name}{MARK}*"), key=lambda copy: copy.stat().st_mtime)
