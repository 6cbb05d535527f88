"""One union on one database, whose process can be ended and started again."""

import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.app import Steward
from bot.channels.contract import Channel
from bot.settings import ROOT, Settings
from casework import setup
from casework.rulebook import Rulebook
from domain.unions import UnionFile, union_from
from law.understanding import Understander
from storage import schema
from storage.clock import SetClock
from storage.files import Vault
from storage.keys import KeyFile
from storage.store import Store
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


@dataclass(frozen=True)
class Place:
    """Where one run keeps what it keeps: a database with the schema in it, and a folder of its own."""

    url: str
    folder: Path

    @property
    def keys(self) -> KeyFile:
        """The key file."""
        return KeyFile.open(self.folder / "steward.key", create=True)


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
        self._keys = place.keys
        self._settings = Settings(mode="live", home=place.folder, database_url=place.url)
        self.open()

    def open(self) -> None:
        """Start a process: everything it knows comes from what is kept."""
        self.store = Store(self._place.url, self._keys, self.clock)
        self.forget()

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

    def close(self) -> None:
        """End the process."""
        self.store.close()

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
