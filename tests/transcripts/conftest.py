"""A database for each run of a transcript, copied from one that has the schema."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage import schema
from tests.player.house import Place, sqlite_place, sqlite_template
from tests.postgres import drop_database, fresh_database

Places = Callable[[str], Place]


@pytest.fixture(scope="session")
def sqlite_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else."""
    return sqlite_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="session")
def postgres_schema(postgres_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with the schema and nothing else."""
    url = fresh_database(postgres_server)
    schema.upgrade(url)
    yield url
    drop_database(url)


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Makes a fresh place on the kind of database named."""
    dropped: list[str] = []

    def make(database: str) -> Place:
        folder = tmp_path_factory.mktemp("run")
        if database == "sqlite":
            return sqlite_place(request.getfixturevalue("sqlite_schema"), folder)
        server: str = request.getfixturevalue("postgres_server")
        template = make_url(request.getfixturevalue("postgres_schema")).database
        dropped.append(fresh_database(server, template or ""))
        return Place(dropped[-1], folder)

    yield make
    for url in dropped:
        drop_database(url)
