"""A folder with a sample union in it, and what its database says in the end."""

import sqlite3
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.settings import ROOT
from casework import cadres, setup
from domain.roles import Role
from domain.unions import union_from
from storage import audit, cases, inbox, outbox, schema
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Home:
    """Where one process keeps its database and key file; `mode` is demo or live."""

    folder: Path
    mode: str

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / ("demo.db" if self.mode == "demo" else "steward.db")

    def prepare(self) -> str:
        """Put the sample union in, without its people.

        Returns:
            The invitation of the one cadre, who has duty for everything.
        """
        schema.upgrade(self._url)
        table = tomllib.loads((ROOT / "knowledge" / "sample_union.toml").read_text(encoding="utf-8"))
        file = union_from(table, {"cn"})

        def fill(tx: Tx) -> str:
            setup.set_up(tx, file)
            return cadres.invite(tx, None, file.tree.root.id, Role.COMMITTEE, on_duty=True)

        return self._with_store(lambda store: store.write(fill), create=True)

    def kept(self) -> "Kept":
        """What the database holds; the process has ended."""
        with sqlite3.connect(self.database) as raw:
            integrity = str(raw.execute("PRAGMA integrity_check").fetchone()[0])
            rows = int(raw.execute("SELECT count(*) FROM cases").fetchone()[0])

        def look(tx: Tx) -> Kept:
            found = cases.open_cases(tx)
            return Kept(
                integrity,
                {case.number: str(cases.body(tx, case)["text"]) for case in found},
                rows,
                inbox.backlog(tx),
                outbox.backlog(tx),
                len(list(audit.broken_at(tx))),
            )

        return self._with_store(lambda store: store.read(look))

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.database}"

    def _with_store(self, work: Callable[[Store], T], create: bool = False) -> T:
        store = Store(self._url, KeyFile.open(self.database.with_suffix(".key"), create=create))
        try:
            return work(store)
        finally:
            store.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds in the end."""

    integrity: str
    tellings: dict[str, str]  # case number -> what the worker told
    cases: int
    inbox: dict[str, int]
    outbox: dict[str, int]
    broken_audit: int
