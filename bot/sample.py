"""The sample union of a demo: invented, and never in live."""

import tomllib

from bot.playground import CADRE, POSTER
from bot.settings import ROOT
from casework import setup
from domain.unions import UnionFile, union_from
from storage import meta, union
from storage.store import Store
from storage.tx import Tx

FILE = ROOT / "knowledge" / "sample_union.toml"
ANSWERING = "chen"  # the sample cadre whose phone the playground shows
WORKER_FROM = "城南配送站"  # where the poster hangs that its worker came through


def sample_union() -> UnionFile:
    """The sample union as its file describes it.

    Raises:
        ValueError: naming what is wrong with it.
    """
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return union_from(table, {"cn"})


def load_sample(store: Store) -> None:
    """Put the sample union and its people in place, once."""
    if not store.read(union.is_set_up):
        file = sample_union()
        store.write(lambda tx: _fill(tx, file))


def _fill(tx: Tx, file: UnionFile) -> None:
    setup.set_up(tx, file)
    people = setup.add_sample_people(tx, file)
    meta.put(tx, CADRE, people[ANSWERING])
    poster = next(door for door in union.entrances_of(tx) if door.site == WORKER_FROM)
    meta.put(tx, POSTER, poster.token)
