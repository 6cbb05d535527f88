"""News of a case that its worker has not seen: a text message first, then somebody phones or goes there."""

from dataclasses import dataclass
from datetime import datetime

from casework import notices
from casework.duty import in_charge
from casework.rulebook import Rulebook
from domain.cases import State
from domain.people import mobile_number
from storage import cases, dues, jobs, news, people
from storage.cases import Case
from storage.news import Notice
from storage.tx import Tx
from talk.reply import Choice
from talk.words import at

TEXTS = "texts"  # the consent to be sent text messages
TEXTS_TO = "texts_to"  # where the profile keeps the number that may be used for nothing else
HOOK = "hook"  # the job that hands a text message over
CONSENT_VERSION = "2026-11"

TELLS_WHAT_IS_SEEN = ("browser",)  # channels that say when a message stood before somebody's eyes


@dataclass(frozen=True, slots=True)
class TextMessage:
    """What may be handed over to have a worker sent a text message.

    Attributes:
        at: when the news went out that was not seen.
    """

    number: str
    phone: str
    at: datetime


def agree_to_texts(tx: Tx, person_id: str, phone: str) -> None:
    """The worker wants a text message when they have not seen news, at this number.

    Raises:
        Refusal: a `phone.` key of `domain.people`.
    """
    person = people.person(tx, person_id)
    people.save_profile(tx, person, {**person.profile, TEXTS_TO: mobile_number(phone)})
    people.give_consent(tx, person_id, TEXTS, CONSENT_VERSION)


def stop_texts(tx: Tx, person_id: str) -> None:
    """No more text messages: the number is forgotten."""
    person = people.person(tx, person_id)
    people.save_profile(tx, person, {key: value for key, value in person.profile.items() if key != TEXTS_TO})
    people.withdraw_consents(tx, person_id, TEXTS)


def wants_texts(tx: Tx, person_id: str) -> bool:
    """Whether the worker asked for text messages."""
    return people.has_consent(tx, person_id, TEXTS)


def text_due(tx: Tx, rules: Rulebook, case_id: str) -> None:
    """News went unseen for a while: have a text message sent, if the worker asked for that."""
    case, news = _still_unseen(tx, case_id)
    if case is None or news is None or rules.text_after is None:
        return
    if news.at + rules.text_after > tx.now:
        worker = people.person(tx, cases.worker_of(tx, case))
        notices.plan_text(tx, rules, case, worker, news.id, news.at + rules.text_after)
    elif text_message(tx, case_id) is not None:
        jobs.add(tx, HOOK, case.key_id, case=case.id)


def text_message(tx: Tx, case_id: str) -> TextMessage | None:
    """What to hand over now; None once the worker has seen the news or wants no text messages."""
    case, news = _still_unseen(tx, case_id)
    if case is None or news is None:
        return None
    worker = people.person(tx, cases.worker_of(tx, case))
    phone = worker.profile.get(TEXTS_TO)
    if not phone or not people.has_consent(tx, worker.id, TEXTS):
        return None
    return TextMessage(case.number, phone, news.at)


def unseen_due(tx: Tx, rules: Rulebook, case_id: str) -> None:
    """A day without the worker seeing the news: whoever has the case is asked to phone or to go there."""
    case, news = _still_unseen(tx, case_id)
    if case is None or news is None:
        return
    if news.at + notices.UNSEEN_AFTER > tx.now:
        dues.put_or_move(tx, news.at + notices.UNSEEN_AFTER, notices.UNSEEN, case.id, f"unseen:{news.id}")
        return
    cases.record(tx, case, "unseen", "clock", {}, actor_id=None, shown=False)
    rows = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),)
    for person_id in in_charge(tx, case):
        notices.tell_cadre(tx, rules, person_id, case, "desk.worker_unseen", rows, since=at(news.at))


def _still_unseen(tx: Tx, case_id: str) -> tuple[Case | None, Notice | None]:
    case = cases.get(tx, case_id)
    person = people.person(tx, cases.worker_of(tx, case))
    if person.erased or case.state is State.WITHDRAWN:
        return None, None
    oldest = news.oldest_unseen(tx, person.id, case.id)
    return (
        (case, oldest)
        if oldest is not None and not _delivered_untold(tx, person.id, oldest)
        else (None, None)
    )


def _delivered_untold(tx: Tx, person_id: str, oldest: Notice) -> bool:
    """Whether it got to an app that never says what was read: silence there is not a closed page."""
    door = people.door(tx, person_id)
    return oldest.state == "sent" and door is not None and door.channel not in TELLS_WHAT_IS_SEEN
