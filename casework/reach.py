"""Whether people can be reached, and who hears of it when they cannot (R13)."""

from datetime import datetime

from casework import duty, notices
from casework.duty import in_charge
from casework.rulebook import Rulebook
from storage import cases, news, outbox, people
from storage.cases import Case
from storage.people import Account
from storage.tx import Tx
from talk.reply import Choice

PAGE = "browser"  # tells by itself what has been before the reader's eyes


def heard_from(tx: Tx, account: Account, at: datetime) -> None:
    """Somebody speaks through a door: it is open, and who speaks in a chat has seen what stood there."""
    people.heard_from(tx, account.id)
    if not account.reachable and news.wait_again(tx, account.id):
        notices.release(tx, account.person_id)
    if account.channel != PAGE:
        news.seen_by_answer(tx, account.id, at)


def worker_reached(tx: Tx, case: Case) -> bool:
    """Whether anything can get to the worker of a case now."""
    return duty.reachable(tx, cases.worker_of(tx, case))


def door_changed(tx: Tx, rules: Rulebook, account: Account, reachable: bool) -> None:
    """A person blocked or unblocked us, or their door is gone: whoever handles their cases is told."""
    if not people.set_reachable(tx, account.id, reachable) or reachable:
        return
    outbox.cancel_for(tx, account.id)
    other = people.door(tx, account.person_id)
    if other is not None and other.reachable:
        return
    for case in cases.of_worker(tx, account.person_id, only_open=True):
        rows = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),)
        for person_id in in_charge(tx, case):
            notices.tell_cadre(tx, rules, person_id, case, "desk.worker_unreachable", rows)
