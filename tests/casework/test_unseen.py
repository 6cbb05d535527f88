"""News nobody saw: a text message for those who asked, then somebody phones or goes there (R13)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework import handling, reach, unseen, worker
from domain.errors import Refusal
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
        return self.office.store.read(lambda tx: _told(tx, self.owner, "desk.worker_unseen"))

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


def _told(tx: Tx, person_id: str, key: str) -> list[str]:
    key_id = people.person(tx, person_id).key_id
    rows = tx.conn.execute(select(table).where(table.c.person_id == person_id).order_by(table.c.id))
    said = [tx.unseal(key_id, "outbox", row.id, "payload", row.payload) for row in rows if row.op == "send"]
    return [str(payload["values"]["number"]) for payload in said if payload["key"] == key]


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


# ---- somebody phones or goes there


def test_after_a_day_unseen_the_owner_is_asked_to_phone_or_visit(desk: Desk) -> None:
    desk.write()
    desk.pass_time(23 * HOUR)
    assert desk.asked() == []
    desk.pass_time(2 * HOUR)
    assert desk.asked() == [desk.case.number]
    assert [e.kind for e in desk.office.store.read(lambda tx: cases.timeline(tx, desk.case))][-1] == "unseen"


def test_news_that_was_seen_asks_nobody(desk: Desk) -> None:
    desk.write()
    desk.see()
    desk.pass_time(50 * HOUR)
    assert desk.asked() == []


def test_a_burst_of_news_is_asked_about_once(desk: Desk) -> None:
    for text in ("我去问过了", "他们说下周", "您再等等"):
        desk.write(text)
        desk.pass_time(timedelta(minutes=20))
    desk.pass_time(72 * HOUR)
    assert desk.asked() == [desk.case.number]


def test_later_news_is_asked_about_again(desk: Desk) -> None:
    desk.write()
    desk.pass_time(26 * HOUR)
    desk.write("还在吗")
    desk.pass_time(26 * HOUR)
    assert desk.asked() == [desk.case.number] * 2


def test_when_the_first_was_seen_the_day_runs_from_the_second(desk: Desk) -> None:
    desk.write()
    desk.see()
    desk.pass_time(20 * HOUR)
    desk.write("他们答应了")
    desk.pass_time(20 * HOUR)
    assert desk.asked() == []
    desk.pass_time(6 * HOUR)
    assert desk.asked() == [desk.case.number]


def test_what_waits_for_the_morning_counts_from_the_morning(desk: Desk) -> None:
    desk.office.at("2026-11-24 23:00")
    desk.case = desk.office.store.write(
        lambda tx: handling.pass_to_unit(
            tx, desk.office.rules, union.actor(tx, desk.owner), desk.case.id, "riders", "不归我们管"
        )
    )
    news = desk.office.store.read(lambda tx: outbox.last_notice(tx, desk.worker, desk.case.id))
    assert news is not None
    assert news.state == "held"
    desk.pass_time(30 * HOUR)
    assert desk.asked() == []
    desk.pass_time(8 * HOUR)
    told = desk.office.store.read(lambda tx: cases.timeline(tx, desk.case, kinds=("unseen",)))
    assert len(told) == 1


def test_nobody_is_sent_after_a_worker_who_withdrew(desk: Desk) -> None:
    desk.write()
    desk.office.store.write(lambda tx: worker.withdraw(tx, desk.office.rules, desk.worker, desk.case.id))
    desk.pass_time(48 * HOUR)
    assert desk.asked() == []


def test_the_deputy_is_asked_while_the_owner_is_away(desk: Desk) -> None:
    desk.write()
    deputy = desk.office.people["li"]
    desk.office.store.write(lambda tx: union.go_away(tx, desk.owner, deputy, tx.now + timedelta(days=3)))
    desk.pass_time(26 * HOUR)
    assert desk.asked() == []
    assert desk.office.store.read(lambda tx: _told(tx, deputy, "desk.worker_unseen")) == [desk.case.number]


# ---- what counts as seen


def test_on_telegram_a_later_message_is_what_shows_that_news_was_seen(office: Office) -> None:
    desk = Desk(office, "telegram")
    desk.write()
    news = office.store.read(lambda tx: outbox.last_notice(tx, desk.worker, desk.case.id))
    assert news is not None
    assert news.seen_at is None
    desk.pass_time(HOUR)
    office.store.write(lambda tx: reach.heard_from(tx, desk.door, tx.now))
    news = office.store.read(lambda tx: outbox.last_notice(tx, desk.worker, desk.case.id))
    assert news is not None
    assert news.seen_at == office.clock.read()
    desk.pass_time(26 * HOUR)
    assert desk.asked() == []


def test_a_message_written_before_the_news_came_shows_nothing(office: Office) -> None:
    desk = Desk(office, "telegram")
    before = office.clock.read() - timedelta(minutes=1)
    desk.write()
    office.store.write(lambda tx: reach.heard_from(tx, desk.door, before))
    news = office.store.read(lambda tx: outbox.last_notice(tx, desk.worker, desk.case.id))
    assert news is not None
    assert news.seen_at is None


def test_the_page_says_itself_what_was_seen(desk: Desk) -> None:
    desk.write()
    desk.pass_time(HOUR)
    desk.office.store.write(lambda tx: reach.heard_from(tx, desk.door, tx.now))
    news = desk.office.store.read(lambda tx: outbox.last_notice(tx, desk.worker, desk.case.id))
    assert news is not None
    assert news.seen_at is None


# ---- text messages


def test_a_text_message_goes_only_to_those_who_asked_for_it(desk: Desk) -> None:
    desk.write()
    desk.pass_time(HOUR)
    assert desk.texts() == 0
    desk.agree()
    desk.see()
    desk.write("还有一句")
    desk.pass_time(25 * HOUR)
    assert desk.texts() == 1


def test_it_holds_the_number_and_the_phone_and_nothing_else(desk: Desk) -> None:
    desk.agree()
    desk.write()
    sent_at = desk.office.clock.read()
    desk.pass_time(HOUR)
    found = desk.office.store.read(lambda tx: unseen.text_message(tx, desk.case.id))
    assert found == unseen.TextMessage(desk.case.number, PHONE, sent_at)


def test_nothing_is_left_to_hand_over_once_the_news_was_seen(desk: Desk) -> None:
    desk.agree()
    desk.write()
    desk.pass_time(HOUR)
    assert desk.texts() == 1
    desk.see()
    assert desk.office.store.read(lambda tx: unseen.text_message(tx, desk.case.id)) is None


def test_nothing_is_left_to_hand_over_once_the_worker_stops_them(desk: Desk) -> None:
    desk.agree()
    desk.write()
    desk.pass_time(HOUR)
    desk.office.store.write(lambda tx: unseen.stop_texts(tx, desk.worker))
    assert desk.office.store.read(lambda tx: unseen.text_message(tx, desk.case.id)) is None
    profile = desk.office.store.read(lambda tx: people.person(tx, desk.worker).profile)
    assert PHONE not in str(profile)


def test_they_can_be_asked_for_again(desk: Desk) -> None:
    desk.agree()
    desk.office.store.write(lambda tx: unseen.stop_texts(tx, desk.worker))
    desk.agree()
    assert desk.office.store.read(lambda tx: unseen.wants_texts(tx, desk.worker))


def test_a_burst_of_news_is_texted_once(desk: Desk) -> None:
    desk.agree()
    for text in ("我去问过了", "他们说下周", "您再等等"):
        desk.write(text)
        desk.pass_time(timedelta(minutes=20))
    desk.pass_time(6 * HOUR)
    assert desk.texts() == 1


def test_no_text_message_wakes_anybody(desk: Desk) -> None:
    desk.agree()
    desk.office.at("2026-11-24 21:50")
    desk.write()
    desk.pass_time(8 * HOUR)
    assert desk.texts() == 0
    desk.pass_time(3 * HOUR)
    assert desk.texts() == 1


def test_without_a_service_none_is_planned(office: Office) -> None:
    desk = Desk(office)
    office.rules = replace(office.rules, text_after=None)
    desk.agree()
    desk.see()
    desk.pass_time(26 * HOUR)
    desk.write()
    desk.pass_time(5 * HOUR)
    assert desk.texts() == 0


def test_a_number_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(Refusal, match=r"phone\.length"):
        desk.office.store.write(lambda tx: unseen.agree_to_texts(tx, desk.worker, "138001"))


# ---- a door that is shut


def test_a_worker_who_shut_us_out_is_told_of_at_once(office: Office) -> None:
    desk = Desk(office, "telegram")
    office.store.write(desk.shut)
    told = office.store.read(lambda tx: _told(tx, desk.owner, "desk.worker_unreachable"))
    assert told == [desk.case.number]
    assert not office.store.read(lambda tx: people.door(tx, desk.worker)).reachable  # type: ignore[union-attr]


def test_news_for_a_shut_door_asks_for_a_visit_too(office: Office) -> None:
    desk = Desk(office, "telegram")
    desk.write()
    office.store.write(lambda tx: outbox.failed(tx, _last(tx, desk).id, "blocked"))
    assert office.store.read(lambda tx: _last(tx, desk)).lost
    desk.pass_time(26 * HOUR)
    assert desk.asked() == [desk.case.number]


def _last(tx: Tx, desk: Desk) -> outbox.Notice:
    news = outbox.last_notice(tx, desk.worker, desk.case.id)
    assert news is not None
    return news
