"""One matter somebody has taken, the news its worker gets of it, and the time that passes."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from casework import handling, reach, unseen
from scheduler.dues import run_due
from storage import browser, cases, jobs, outbox, people, union
from storage.cases import Case
from storage.tables import outbox as table
from storage.tx import Tx
from tests.casework.conftest import Office

HOUR = timedelta(hours=1)
PHONE = "13800138000"


class Desk:
    """One matter somebody has taken, and whose news the tests follow."""

    def __init__(self, office: Office, channel: str = "browser") -> None:
        self.office = office
        self.office.rules = replace(office.rules, text_after=timedelta(minutes=30))
        self.case = office.store.write(lambda tx: self._open(tx, channel))
        self.deliver()
        self.see()
        self.pass_time(timedelta(minutes=20))

    def _open(self, tx: Tx, channel: str) -> Case:
        case = self.office.open(tx)
        self.worker = cases.worker_of(tx, case)
        self.door = people.accounts_of(tx, self.worker)[0]
        if channel != "browser":
            self.door = people.add_account(tx, channel, "4711", self.worker)
            people.heard_from(tx, self.door.id)
        self.owner = case.owner_id or ""
        return handling.take(tx, self.office.rules, union.actor(tx, self.owner), case.id)

    def write(self, text: str = "我去问过了") -> None:
        """The owner writes to the worker; it is delivered at once."""
        actor = self.office.store.read(lambda tx: union.actor(tx, self.owner))
        self.office.store.write(lambda tx: handling.write(tx, self.office.rules, actor, self.case.id, text))
        self.deliver()

    def deliver(self) -> None:
        """What may go out is out."""
        self.office.store.write(_deliver)

    def pass_time(self, by: timedelta) -> None:
        """Time passes, and what falls due happens in its order."""
        until = self.office.clock.read() + by
        while self.office.clock.read() < until:
            self.office.clock.move(min(timedelta(minutes=10), until - self.office.clock.read()))
            while self.office.store.write(lambda tx: run_due(tx, self.office.rules)):
                pass
            self.deliver()

    def see(self) -> None:
        """The worker's page shows everything."""
        self.office.store.write(self._see)

    def _see(self, tx: Tx) -> None:
        for account in people.accounts_of(tx, self.worker):
            browser.seen(tx, account.id, 10**17)

    def shut(self, tx: Tx) -> None:
        """The worker blocks us everywhere."""
        for door in people.accounts_of(tx, self.worker):
            reach.door_changed(tx, self.office.rules, door, reachable=False)

    def asked(self) -> list[str]:
        """What the owner was told about news nobody saw."""
        return self.office.store.read(lambda tx: told(tx, self.owner, "desk.worker_unseen"))

    def texts(self) -> int:
        """How many text messages wait to be handed over."""
        return self.office.store.read(lambda tx: len(jobs.ready(tx, set(), 100)))

    def agree(self) -> None:
        """The worker wants text messages."""
        self.office.store.write(lambda tx: unseen.agree_to_texts(tx, self.worker, "138 0013 8000"))


def _deliver(tx: Tx) -> None:
    while waiting := outbox.next_in_chats(tx, (), 100):
        for item in waiting:
            outbox.sending(tx, item, {"text": "", "document": ""})
            outbox.sent(tx, item.id, str(item.id))


def told(tx: Tx, person_id: str, key: str) -> list[str]:
    key_id = people.person(tx, person_id).key_id
    rows = tx.conn.execute(select(table).where(table.c.person_id == person_id).order_by(table.c.id))
    said = [tx.unseal(key_id, "outbox", row.id, "payload", row.payload) for row in rows if row.op == "send"]
    return [str(payload["values"]["number"]) for payload in said if payload["key"] == key]
