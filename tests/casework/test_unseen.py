"""News nobody saw: a text message for those who asked, then somebody phones or goes there (R13)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework import handling, reach, unseen, worker
from domain.errors import Refusal
from storage import cases, news, outbox, people, union
from storage.tx import Tx
from tests.casework.conftest import Office
from tests.casework.news import HOUR, PHONE, Desk, told


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
    told = desk.office.store.read(lambda tx: news.last_notice(tx, desk.worker, desk.case.id))
    assert told is not None
    assert told.state == "held"
    desk.pass_time(30 * HOUR)
    assert desk.asked() == []
    desk.pass_time(8 * HOUR)
    found = desk.office.store.read(lambda tx: cases.timeline(tx, desk.case, kinds=("unseen",)))
    assert len(found) == 1


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
    assert desk.office.store.read(lambda tx: told(tx, deputy, "desk.worker_unseen")) == [desk.case.number]


# ---- what counts as seen


def test_on_telegram_a_later_message_is_what_shows_that_news_was_seen(office: Office) -> None:
    desk = Desk(office, "telegram")
    desk.write()
    told = office.store.read(lambda tx: news.last_notice(tx, desk.worker, desk.case.id))
    assert told is not None
    assert told.seen_at is None
    desk.pass_time(HOUR)
    office.store.write(lambda tx: reach.heard_from(tx, desk.door, tx.now))
    told = office.store.read(lambda tx: news.last_notice(tx, desk.worker, desk.case.id))
    assert told is not None
    assert told.seen_at == office.clock.read()
    desk.pass_time(26 * HOUR)
    assert desk.asked() == []


def test_a_message_written_before_the_news_came_shows_nothing(office: Office) -> None:
    desk = Desk(office, "telegram")
    before = office.clock.read() - timedelta(minutes=1)
    desk.write()
    office.store.write(lambda tx: reach.heard_from(tx, desk.door, before))
    told = office.store.read(lambda tx: news.last_notice(tx, desk.worker, desk.case.id))
    assert told is not None
    assert told.seen_at is None


def test_the_page_says_itself_what_was_seen(desk: Desk) -> None:
    desk.write()
    desk.pass_time(HOUR)
    desk.office.store.write(lambda tx: reach.heard_from(tx, desk.door, tx.now))
    told = desk.office.store.read(lambda tx: news.last_notice(tx, desk.worker, desk.case.id))
    assert told is not None
    assert told.seen_at is None


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
    heard = office.store.read(lambda tx: told(tx, desk.owner, "desk.worker_unreachable"))
    assert heard == [desk.case.number]
    assert not office.store.read(lambda tx: people.door(tx, desk.worker)).reachable  # type: ignore[union-attr]


def test_news_for_a_shut_door_asks_for_a_visit_too(office: Office) -> None:
    desk = Desk(office, "telegram")
    desk.write()
    office.store.write(lambda tx: outbox.failed(tx, _last(tx, desk).id, "blocked"))
    assert office.store.read(lambda tx: _last(tx, desk)).lost
    desk.pass_time(26 * HOUR)
    assert desk.asked() == [desk.case.number]


def _last(tx: Tx, desk: Desk) -> news.Notice:
    told = news.last_notice(tx, desk.worker, desk.case.id)
    assert told is not None
    return told
