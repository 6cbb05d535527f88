"""Fixtures for tests of the channels: every driver of Telegram, and pages of the browser chat."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.telegram_drivers import DRIVERS, Bot
from tests.channels.pages import Union
from tests.player.house import sqlite_template


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> Bot:
    """Each in turn."""
    return DRIVERS[request.param].bot


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else."""
    return sqlite_template(tmp_path_factory.mktemp("schema"))


@pytest.fixture
def union(schema: Path, tmp_path: Path) -> Iterator[Union]:
    """The sample union on a working Tuesday at ten in the morning."""
    made = Union(schema, tmp_path, "2026-11-24 10:00")
    yield made
    made.house.close()
