"""The schema: brought up to date before anything else happens, all of it or nothing."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url

from storage.engine import open_engine, open_looker

FOLDER = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 7_303_014_601  # any number nobody else locks on the same server


class DatabaseNewer(Exception):
    """The database was written by a newer release than this code.

    Args:
        revision: the one it is at.
    """

    loggable = True  # its words hold no content


class RowsWithoutParent(Exception):
    """A migration left rows that point to nothing; it was taken back.

    Args:
        tables: where such rows are.
    """

    loggable = True  # its words hold no content


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From which revision to which; `before` is None for a database that was empty."""

    before: str | None
    after: str


def upgrade(url: str) -> Upgrade:
    """Bring a database to this release's schema in one transaction.

    Raises:
        DatabaseNewer: its revision is unknown here.
        RowsWithoutParent: a migration would break references.
    """
    _make_folder(url)
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            _let_tables_be_rebuilt(connection)
            with connection.begin():
                return _upgrade(connection)
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The revision a database is at, None for an empty one or one that is not there; nothing is created.

    Raises:
        DatabaseNewer: the revision is unknown here.
    """
    if not _is_there(url):
        return None
    reader = open_looker(url) or open_engine(url)
    try:
        with reader.connect() as connection, connection.begin():
            return _known_revision(connection)
    finally:
        reader.dispose()


def newest() -> str:
    """The revision of this release."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def config(connection: Connection | None = None, folder: Path | None = None) -> Config:
    """What Alembic needs to know."""
    made = Config()
    made.set_main_option("script_location", str(folder or FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection) -> Upgrade:
    if connection.dialect.name == "postgresql":  # a SQLite file has begun as its only writer already
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
    before, after = _known_revision(connection), newest()
    if before != after:
        command.upgrade(config(connection), "head")
        _check_references(connection)
    return Upgrade(before, after)


def _known_revision(connection: Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseNewer(found)
    return found


def _let_tables_be_rebuilt(connection: Connection) -> None:
    """SQLite changes a table by making it anew; dropping the old one must not follow its references.

    It has to be said before the transaction begins, and is checked by `_check_references` within it.
    """
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RowsWithoutParent(", ".join(sorted({row[0] for row in broken})))


def _file(url: str) -> Path | None:
    parsed = make_url(url)
    on_disk = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if on_disk else None


def _make_folder(url: str) -> None:
    path = _file(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)


def _is_there(url: str) -> bool:
    path = _file(url)
    return path is None or path.exists()
