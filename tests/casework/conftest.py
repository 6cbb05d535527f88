"""A sample union on a store whose clock stands where a test puts it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from casework import setup
from casework.intake import NewCase, open_case
from storage import people, schema
from storage.cases import Case
from storage.clock import SetClock
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx
from tests.player.house import rules, sample

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Office:
    """The sample union at work: its store, its clock, its people by the keys of the sample file."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock(datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI))
        url = f"sqlite:///{folder / 'office.db'}"
        schema.upgrade(url)
        self.store = Store(url, KeyFile.open(folder / "key.json", create=True), self.clock)
        self.rules = rules()
        self.people = self.store.write(_fill)

    def at(self, text: str) -> None:
        """Put the clock to a civil time of Shanghai."""
        self.clock.set(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))

    def worker(self, tx: Tx) -> people.Person:
        """Somebody who writes for the first time."""
        account = people.add_account(tx, "browser", f"worker-{tx.next_id()}")
        return people.person(tx, account.person_id)

    def open(self, tx: Tx, category: str = "wages", unit: str | None = "chengnan", **more: object) -> Case:
        """A new matter of somebody new."""
        new = NewCase(category, "browser", unit, {"text": "三个月没发工资"}, **more)  # type: ignore[arg-type]
        return open_case(tx, self.rules, self.worker(tx), new)


def _fill(tx: Tx) -> dict[str, str]:
    setup.set_up(tx, sample())
    return setup.add_sample_people(tx, sample())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path)
    yield found
    found.store.close()
