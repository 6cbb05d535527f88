"""Everything about a person goes, as they asked: rows, files, and the key that reads copies (R8; P14)."""

from datetime import datetime, timedelta

from casework import intake, worker
from casework.rulebook import Rulebook
from domain.cases import Kind
from domain.errors import Refusal
from storage import (
    audit,
    cases,
    documents,
    dues,
    evidence,
    jobs,
    meta,
    outbox,
    people,
    personal,
    sessions,
    union,
)
from storage.cases import Case
from storage.people import Person
from storage.tx import Tx

ERASE = "person.erase"  # the due row that does it
DISCARD = "discard"  # the job that takes files off the disk
GRACE = timedelta(minutes=1)  # the answer is sent first: afterwards there is no key to seal it with

# What stays of an open matter that goes on without a name.
UNNAMED = ("text", "employer", "place", "since", "answers", "card", "danger")


def open_matters(tx: Tx, person_id: str) -> list[Case]:
    """The matters a person can let go on without a name; an application to join cannot."""
    found = cases.of_worker(tx, person_id, only_open=True)
    return [case for case in found if case.kind is not Kind.APPLICATION]


def ask(tx: Tx, person: Person, *, keep_open: bool) -> datetime:
    """Have everything about a person erased in a moment.

    Args:
        keep_open: open matters go on without a name; otherwise they are withdrawn and go as well.

    Returns:
        When it is gone.

    Raises:
        Refusal: `profile.erase.holds_post`: a cadre hands the post over first.
    """
    if union.posts_of(tx, person.id):
        raise Refusal("profile.erase.holds_post")
    at = tx.now + GRACE
    dues.put_or_move(tx, at, ERASE, person.id, f"erase:{person.id}", keep_open=keep_open)
    return at


def call_off(tx: Tx, person_id: str) -> None:
    """Not after all."""
    dues.cancel(tx, person_id, ERASE)


def erase(tx: Tx, rules: Rulebook, person_id: str, *, keep_open: bool) -> None:
    """Erase everything about a person; what others' records point to stays without a word in it."""
    person = people.person(tx, person_id)
    if person.erased or union.posts_of(tx, person_id):
        return
    kept = open_matters(tx, person_id) if keep_open else []
    _forget_elsewhere(tx, person_id)
    for case in cases.of_worker(tx, person_id):
        if case.id in {each.id for each in kept}:
            _unname(tx, rules, case)
        else:
            _forget(tx, rules, person_id, case)
    files = evidence.erase(tx, person_id, [case.id for case in kept]) + documents.drop_made(tx, person_id)
    people.leave(tx, person_id)
    people.withdraw_consents(tx, person_id)
    personal.erase(tx, person)
    people.erase(tx, person)
    audit.record(tx, person_id, "erase", person_id, "done")
    discard(tx, files)


def _unname(tx: Tx, rules: Rulebook, case: Case) -> None:
    case = cases.forget_name(tx, case, UNNAMED)
    worker.tell_owner(tx, rules, case, "profile.worker_gone")
    if not case.taken:
        intake.ping_duty(tx, rules, case)  # the earlier call went with the other pages


def _forget(tx: Tx, rules: Rulebook, person_id: str, case: Case) -> None:
    if case.open:
        worker.withdraw(tx, rules, person_id, case.id)
    cases.forget_words(tx, cases.get(tx, case.id))


def _forget_elsewhere(tx: Tx, person_id: str) -> None:
    """Cadres were shown the pages of these cases: neither their chats nor their dialogues keep them here."""
    mine = {case.id for case in cases.of_worker(tx, person_id)}
    for reader_id in outbox.forget_case(tx, mine, but=person_id):
        reader = people.person(tx, reader_id)
        state = sessions.load(tx, reader) if not reader.erased else {}
        if (state.get("prompt") or {}).get("case_id") in mine:
            sessions.save(tx, reader, {**state, "prompt": None}, state["question"])


def drop_export(tx: Tx, person_id: str) -> None:
    """The file made for a person has been there long enough."""
    discard(tx, documents.drop_made(tx, person_id))


def discard(tx: Tx, files: list[str]) -> None:
    """Have files taken off the disk, and what was deleted out of the database's log."""
    jobs.add(tx, DISCARD, meta.system_key(tx), files=files)
