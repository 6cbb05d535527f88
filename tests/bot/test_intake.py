"""The way in: what cannot be read is set aside alone, and nothing personal stands in the open (P18, P1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.contract import Origin, Raw
from bot.intake import Intake
from bot.wake import Wake
from storage import inbox, schema
from storage.keys import KeyFile
from storage.store import Store
from storage.tables import inbox as inbox_table
from talk.incoming import Incoming, Kind


class Talkative:
    """A channel whose updates say themselves whether they can be read."""

    name = "talkative"

    def origin(self, raw: Raw) -> Origin | None:
        """Raise for what is broken; nobody for what has no sender."""
        if raw.get("broken"):
            raise KeyError("sender")
        return Origin(str(raw["from"]), str(raw["id"])) if "from" in raw else None

    def parse(self, raw: Raw) -> Incoming:
        """Everything it says is text."""
        return Incoming(Kind.TEXT, text=str(raw.get("text", "")))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'inbox.db'}"
    schema.upgrade(url)
    store = Store(url, KeyFile.open(tmp_path / "key.json", create=True))
    yield store
    store.close()


async def test_one_broken_update_does_not_hold_the_batch(store: Store) -> None:
    wake = Wake()
    take = Intake(store, wake).door(Talkative())  # type: ignore[arg-type]
    await take([{"id": 1, "from": "a"}, {"id": 2, "broken": True}, {"id": 3, "from": "b"}])
    waiting = store.read(lambda tx: inbox.next_in_lanes(tx, set(), 10))
    assert [received.raw["id"] for received in waiting] == [1, 3]
    assert store.read(inbox.backlog) == {"waiting": 2, "done": 1}
    assert wake.inbox.is_set()


async def test_an_update_comes_in_once_however_often_it_is_delivered(store: Store) -> None:
    take = Intake(store, Wake()).door(Talkative())  # type: ignore[arg-type]
    for _ in range(3):
        await take([{"id": 1, "from": "a"}, {"id": 1, "from": "a"}, {"nobody": "here"}])
    assert store.read(inbox.backlog) == {"waiting": 1, "done": 1}


async def test_what_was_said_never_stands_in_the_open(store: Store, tmp_path: Path) -> None:
    take = Intake(store, Wake()).door(Talkative())  # type: ignore[arg-type]
    canary = "张三欠薪一万五"
    await take(
        [{"id": 1, "from": "a", "text": canary}, {"id": 2, "broken": True, "text": canary}, {"text": canary}]
    )
    rows = store.read(lambda tx: tx.conn.execute(inbox_table.select()).all())
    store.close()
    assert len(rows) == 3
    assert not holding(tmp_path, canary)


def holding(folder: Path, canary: str) -> list[str]:
    """Files in which the words can be read."""
    return [path.name for path in folder.iterdir() if canary.encode() in path.read_bytes()]
