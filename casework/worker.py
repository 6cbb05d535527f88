"""What a worker does with their own case: add, write, withdraw, reopen."""

from collections.abc import Sequence

from casework import notices, timing
from casework.duty import duty_people
from casework.intake import ping_duty
from casework.moves import moved
from casework.rulebook import Rulebook
from domain.cases import Event, Kind, State, Word
from domain.errors import Refusal
from domain.roles import NOT_FOUND
from storage import cases, dues, evidence
from storage.cases import Case
from storage.tx import Tx
from talk.reply import Choice


def own(tx: Tx, person_id: str, case_id: str) -> Case:
    """A worker's own case.

    Raises:
        Refusal: `case.not_found` for somebody else's, in the same words as for none.
    """
    case = cases.get(tx, case_id)
    if not cases.belongs_to(tx, case, person_id):
        raise Refusal(NOT_FOUND)
    return case


def add(tx: Tx, rules: Rulebook, person_id: str, case_id: str, text: str, items: Sequence[str] = ()) -> Case:
    """Add words or evidence; an answer to a question starts the clock again.

    Raises:
        Refusal: `case.closed`, `case.withdrawn`: it has to be reopened first.
    """
    case = own(tx, person_id, case_id)
    state = moved(case, Event.ADD)
    if items:
        evidence.attach(tx, items, case.id, person_id)
    cases.record(tx, case, "added", "worker", {"text": text, "items": list(items)}, actor_id=None, shown=True)
    case = cases.change(tx, case, state=state.value)
    case = timing.resume(tx, rules, case)
    tell_owner(tx, rules, case, "desk.worker_added")
    return case


def edited(
    tx: Tx,
    rules: Rulebook,
    person_id: str,
    case_id: str,
    text: str,
    items: Sequence[str] = (),
    *,
    told: bool = False,
) -> None:
    """A message that went into the case was changed: the new version stands beside the old one.

    Args:
        told: whoever has the case hears of it anyway.
    """
    case = own(tx, person_id, case_id)
    if items:
        evidence.attach(tx, items, case.id, person_id)
    detail = {"text": text, "items": list(items)}
    cases.record(tx, case, "edited", "worker", detail, actor_id=None, shown=True)
    if not told:
        tell_owner(tx, rules, case, "desk.worker_edited")


def withdraw(tx: Tx, rules: Rulebook, person_id: str, case_id: str) -> Case:
    """Withdraw a case: nobody works on it any more; it can be reopened."""
    case = own(tx, person_id, case_id)
    state = moved(case, Event.WITHDRAW)
    dues.cancel(tx, case.id)
    case = cases.change(
        tx, case, state=state.value, word=Word.WITHDRAWN.value, closed_at=tx.now, paused_at=None
    )
    cases.record(tx, case, "withdrawn", "worker", {}, actor_id=None, shown=True)
    tell_owner(tx, rules, case, "desk.worker_withdrew", buttons=False)
    return case


def reopen(tx: Tx, rules: Rulebook, person_id: str, case_id: str, text: str = "") -> Case:
    """Reopen a closed or withdrawn case under its own number.

    Raises:
        Refusal: `joining.decided`: an application that was decided, or followed by another, is made anew.
    """
    case = own(tx, person_id, case_id)
    if case.kind is Kind.APPLICATION and not _still_stands(tx, person_id, case):
        raise Refusal("joining.decided", number=case.number)
    state = moved(case, Event.REOPEN)
    case = cases.change(
        tx, case, state=state.value, word=None, disposition=None, closed_at=None, told_at=None, owner_id=None
    )
    cases.record(tx, case, "reopened", "worker", {"text": text}, actor_id=None, shown=True)
    return call_again(tx, rules, case)


def _still_stands(tx: Tx, person_id: str, case: Case) -> bool:
    """Whether nothing came of an application, and no other came after it."""
    latest = next(each for each in cases.of_worker(tx, person_id) if each.kind is Kind.APPLICATION)
    return case.id == latest.id and case.state is not State.CLOSED


def call_again(tx: Tx, rules: Rulebook, case: Case) -> Case:
    """A new round: a new limit, and the duty people are called."""
    dues.cancel(tx, case.id)
    case = timing.new_round(tx, rules, case)
    ready = duty_people(tx, case)
    case = cases.change(tx, case, owner_id=ready[0] if ready else None, state=State.SUBMITTED.value)
    ping_duty(tx, rules, case)
    return case


def tell_owner(tx: Tx, rules: Rulebook, case: Case, key: str, *, buttons: bool = True) -> None:
    """Tell whoever has the case, if somebody has."""
    if case.owner_id is None:
        return
    rows = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),) if buttons else ()
    notices.tell_cadre(tx, rules, case.owner_id, case, key, rows)
