"""The databases transcripts run on: one of each kind for each process of a test session."""

from collections.abc import Callable, Iterator

import pytest

from storage import schema
from tests.player.house import Place
from tests.postgres import drop_database, fresh_database

Places = Callable[[str], Place]


@pytest.fixture(scope="session")
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """The place on the kind of database named."""
    made: dict[str, Place] = {}

    def find(database: str) -> Place:
        if database not in made:
            folder = tmp_path_factory.mktemp(database)
            url = f"sqlite:///{folder / 'steward.db'}"
            if database == "postgres":
                url = fresh_database(request.getfixturevalue("postgres_server"))
            schema.upgrade(url)
            made[database] = Place(url, folder, stays_open=True)
        return made[database]

    yield find
    for database, place in made.items():
        place.close()
        if database == "postgres":
            drop_database(place.url)
