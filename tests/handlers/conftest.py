"""One union played through the engine, without a transcript."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from storage import people
from storage.people import Person
from storage.tx import Tx
from tests.player.house import sqlite_place, sqlite_template
from tests.player.player import Player
from tests.player.script import civil

Stage = Callable[..., AbstractAsyncContextManager["Story"]]


class Story:
    """A player, and what was seen last."""

    def __init__(self, player: Player, folder: Path) -> None:
        self.player = player
        self.folder = folder
        self.store = player.house.store

    async def __call__(self, *lines: str) -> str:
        """Play lines as they stand in transcripts; returns what was seen of the last one."""
        items = [await self.player.play(line) for line in lines][-1]
        return "\n".join(row for item in items for row in item)

    def person(self, name: str) -> Person:
        """Somebody of the story."""
        known = {said: person_id for person_id, said in self.player.known.items()}
        return self.store.read(lambda tx: people.person(tx, known[name]))

    def read(self, tx: Tx, name: str) -> Person:
        """The same within a transaction."""
        known = {said: person_id for person_id, said in self.player.known.items()}
        return people.person(tx, known[name])


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else."""
    return sqlite_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture
def stage(empty_database: Path, tmp_path: Path) -> Stage:
    """Opens a story: `async with stage(sun="zh") as play`, on the engine unless `port` says otherwise."""

    @asynccontextmanager
    async def open_story(port: str = "engine", **people_there: str) -> AsyncIterator[Story]:
        place = sqlite_place(empty_database, tmp_path)
        async with Player(place, port, civil("2026-11-24 10:00")) as player:
            for name, language in people_there.items():
                await player.arrive(name, language)
            yield Story(player, tmp_path)

    return open_story
