"""One union on one database, whose process can be ended and started again."""

import shutil
import tomllib
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import delete

from bot.app import Steward
from bot.channels.contract import Channel
from bot.settings import ROOT, Settings
from casework import setup
from casework.rulebook import Rulebook
from domain.unions import UnionFile, union_from
from law.understanding import Understander
from storage import schema
from storage.clock import Clock, SetClock
from storage.files import Vault
from storage.keys import KeyFile
from storage.store import Store
from storage.tables import metadata
from storage.tx import Tx
from talk.words import Words

KNOWLEDGE = ROOT / "knowledge"


@cache
def words() -> Words:
    """Every text; one that is missing is a fault, not a gap."""
    return Words.load(ROOT / "texts", strict=True)


@cache
def rules() -> Rulebook:
    """The dated rules."""
    return Rulebook.load(KNOWLEDGE)


@cache
def understander() -> Understander:
    """What reads free text."""
    return Understander.load(KNOWLEDGE)


@cache
def sample() -> UnionFile:
    """The sample union."""
    table = tomllib.loads((KNOWLEDGE / "sample_union.toml").read_text(encoding="utf-8"))
    return union_from(table, {"cn"})


class Place:
    """Where a run keeps what it keeps: a database, which is emptied first, and a folder.

    Args:
        url: of a database with the schema.
        folder: for the key file and the sealed files.
        stays_open: whether the next run goes on with these connections and the statements they compiled.
    """

    def __init__(self, url: str, folder: Path, *, stays_open: bool = False) -> None:
        self.url = url
        self.folder = folder
        self.stays_open = stays_open
        self._keys = KeyFile.open(folder / "steward.key", create=True)
        self._store: Store | None = None

    def emptied(self, clock: Clock) -> Store:
        """The open store, with nothing in it."""
        store = self._store or self.reopened(clock)
        store.clock = clock
        store.write(_empty)
        return store

    def reopened(self, clock: Clock) -> Store:
        """The store as a process that starts finds it."""
        self.close()
        self._store = Store(self.url, self._keys, clock)
        return self._store

    def close(self) -> None:
        """Let the database go."""
        if self._store is not None:
            self._store.close()
            self._store = None


def _empty(tx: Tx) -> None:
    for table in reversed(metadata.sorted_tables):
        tx.conn.execute(delete(table))


def sqlite_template(folder: Path) -> Path:
    """An empty database with the schema, to be copied."""
    path = folder / "template.db"
    if not path.exists():
        schema.upgrade(f"sqlite:///{path}")
    return path


def sqlite_place(template: Path, folder: Path) -> Place:
    """A fresh SQLite database."""
    shutil.copyfile(template, folder / "steward.db")
    return Place(f"sqlite:///{folder / 'steward.db'}", folder)


class House:
    """The union and the process that serves it."""

    def __init__(self, place: Place, clock: SetClock, channels: Sequence[Channel]) -> None:
        self.clock = clock
        self._place = place
        self._channels = channels
        self._settings = Settings(mode="live", home=place.folder, database_url=place.url)
        self.store = place.emptied(clock)
        self.forget()

    def restart(self, away: timedelta) -> None:
        """End the process, let time pass, start another: everything it knows comes from what is kept."""
        self._place.close()
        self.clock.move(away)
        self.store = self._place.reopened(self.clock)
        self.forget()

    def close(self) -> None:
        """End the process."""
        if not self._place.stays_open:
            self._place.close()

    def forget(self) -> None:
        """Drop all that a process holds beside its open database: loops, channels, unwrapped keys."""
        self.store.sealer.forget()
        self.steward = Steward(
            self._settings,
            self.store,
            words(),
            rules(),
            understander(),
            Vault(self._settings.evidence),
            extra_channels=self._channels,
        )

    def set_up(self) -> dict[str, str]:
        """Put the sample union in place; returns its cadres' ids by their keys."""

        def fill(tx: Tx) -> dict[str, str]:
            setup.set_up(tx, sample())
            return setup.add_sample_people(tx, sample())

        return self.store.write(fill)

    async def work(self) -> None:
        """Work off all that waits: turns, slow work, deliveries."""
        steward = self.steward
        while await steward.turns.drain() + await steward.jobs.drain() + await steward.delivery.drain():
            pass
