"""The schema: brought up to date before anything else happens."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from storage.engine import open_engine

FOLDER = Path(__file__).parent / "migrations"


class DatabaseNewer(Exception):
    """The database was written by a newer release than this code."""


def upgrade(url: str) -> None:
    """Bring a database to this release's schema.

    Raises:
        DatabaseNewer: its revision is unknown here.
    """
    path = make_url(url).database
    if make_url(url).get_backend_name() == "sqlite" and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            config = _config()
            found = MigrationContext.configure(connection).get_current_revision()
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            if found is not None and found not in known:
                raise DatabaseNewer(found)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The revision a database is at, None for an empty one."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
