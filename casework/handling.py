"""What a cadre does with a case: take it, write, ask, note, pass it on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from casework import notices, timing
from casework.authorize import allowed, authorize
from casework.duty import duty_people, staffed_unit
from casework.intake import ping_duty, take_fold
from casework.moves import moved
from casework.rulebook import Rulebook
from domain.cases import Event, Kind, State
from domain.errors import Refusal
from domain.roles import NOT_FOUND, Act, Actor, Role
from domain.units import UnitId
from storage import cases, dues, outbox, people, union
from storage.cases import Case
from storage.tx import Tx
from talk.reply import Choice, Value
from talk.words import at

SPEAKING = frozenset({Act.REPLY, Act.ASK_WORKER})
ASK_AGAIN_AFTER = timedelta(days=2)  # a question to the worker is repeated once it has waited this long


def read(tx: Tx, actor: Actor, case_id: str) -> tuple[Case, dict[str, Any]]:
    """Read what was said in a case; recorded."""
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.READ, case)
    return case, cases.body(tx, case)


def take(tx: Tx, rules: Rulebook, actor: Actor, case_id: str) -> Case:
    """Take a case; the first one wins and every copy of the call loses its buttons.

    Raises:
        Refusal: `case.taken` (who) when somebody was faster; the keys of `domain.cases.REFUSALS`.
    """
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.TAKE, case)
    if case.taken and case.open:
        mine = case.owner_id == actor.person
        raise Refusal(
            "case.taken_by_you" if mine else "case.taken", who=name_of(tx, case.owner_id), number=case.number
        )
    state = moved(case, Event.TAKE)
    unit_id = _unit_for(tx, actor, case)
    case = cases.change(
        tx, case, state=state.value, taken=True, taken_at=tx.now, owner_id=actor.person, unit_id=unit_id
    )
    cases.record(tx, case, "taken", "cadre", {}, actor_id=actor.person, shown=True)
    outbox.strip_fold(tx, take_fold(case))
    notices.tell_worker(
        tx,
        rules,
        case,
        "case.told.taken" if case.due_at > tx.now else "case.told.taken_late",
        _worker_rows(case),
        who=name_of(tx, actor.person),
        due=at(case.due_at),
    )
    return case


def _unit_for(tx: Tx, actor: Actor, case: Case) -> str:
    """Taking from above brings the case up to where the taker may read it."""
    tree = union.tree(tx)
    posts = [post.unit for post in actor.posts if tree.covers(post.unit, UnitId(case.unit_id))]
    if UnitId(case.unit_id) in posts or not posts:
        return case.unit_id
    depth = {unit.id: i for i, unit in enumerate(tree.path_up(UnitId(case.unit_id)))}
    nearest = min(posts, key=lambda unit: depth[unit])
    crosses = tree[UnitId(case.unit_id)].workplace and not tree[nearest].workplace
    return nearest if crosses or case.sensitive else case.unit_id


def _owned(tx: Tx, actor: Actor, act: Act, case_id: str) -> Case:
    case = cases.get(tx, case_id)
    authorize(tx, actor, act, case)
    if case.state is State.SUBMITTED:
        raise Refusal("case.not_taken", number=case.number)
    if act in SPEAKING and worker_gone(tx, case):
        raise Refusal("profile.worker_gone", number=case.number)
    return case


def worker_gone(tx: Tx, case: Case) -> bool:
    """Whether the worker had everything about themselves erased, so that no word reaches them."""
    return people.person(tx, cases.worker_of(tx, case)).erased


def write(
    tx: Tx, rules: Rulebook, actor: Actor, case_id: str, text: str, items: tuple[str, ...] = ()
) -> Case:
    """Write to the worker; neither sees the other's account."""
    case = _owned(tx, actor, Act.REPLY, case_id)
    if not case.open:
        raise Refusal("case.closed", number=case.number)
    cases.record(
        tx, case, "written", "cadre", {"text": text, "items": list(items)}, actor_id=actor.person, shown=True
    )
    notices.tell_worker(
        tx,
        rules,
        case,
        "case.told.written",
        _answer_rows(case),
        who=name_of(tx, actor.person),
        text=text,
        spoken=True,
    )
    return case


def ask_worker(tx: Tx, rules: Rulebook, actor: Actor, case_id: str, text: str) -> Case:
    """Ask the worker for more; the clock stands still until they answer, on record (R10)."""
    case = _owned(tx, actor, Act.ASK_WORKER, case_id)
    case = cases.change(tx, case, state=moved(case, Event.ASK_WORKER).value)
    if case.paused_at is None:
        case = timing.pause(tx, case)
    cases.record(tx, case, "asked", "cadre", {"text": text}, actor_id=actor.person, shown=True)
    dues.put_or_move(tx, tx.now + ASK_AGAIN_AFTER, timing.WAITING, case.id, f"waiting:{case.id}", times=0)
    notices.tell_worker(
        tx,
        rules,
        case,
        "case.told.asked",
        _answer_rows(case),
        who=name_of(tx, actor.person),
        text=text,
        spoken=True,
    )
    return case


def note(tx: Tx, actor: Actor, case_id: str, text: str) -> Case:
    """Keep an internal note the worker never sees."""
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.NOTE, case)
    cases.record(tx, case, "note", "cadre", {"text": text}, actor_id=actor.person, shown=False)
    return case


def edited(tx: Tx, actor: Actor, case_id: str, text: str) -> None:
    """A cadre changed a message that went into the case; what the worker was sent stays as it was."""
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.NOTE, case)
    cases.record(tx, case, "corrected", "cadre", {"text": text}, actor_id=actor.person, shown=False)


def pass_to_colleague(tx: Tx, rules: Rulebook, actor: Actor, case_id: str, to: str, reason: str) -> Case:
    """Pass a case to a colleague who may read it; they have to take it.

    Raises:
        Refusal: `case.colleague_may_not` when the colleague may not have it.
    """
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.PASS_ON, case)
    colleague = union.actor(tx, to)
    try:
        authorize(tx, colleague, Act.TAKE, case)
    except Refusal:
        raise Refusal("case.colleague_may_not") from None
    case = _passed(tx, actor, case, {"reason": reason}, owner_id=to, unit_id=case.unit_id)
    _call_to_take(tx, rules, case, to, reason)
    return _told_passed(tx, rules, case)


def pass_to_unit(tx: Tx, rules: Rulebook, actor: Actor, case_id: str, unit_id: str, reason: str) -> Case:
    """Pass a case to another unit; its duty people are called, or those above where nobody is there.

    Raises:
        Refusal: `case.kept_from_unit` when the worker keeps it from that unit.
    """
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.PASS_ON, case)
    tree = union.tree(tx)
    if unit_id not in tree:
        raise Refusal(NOT_FOUND)
    if case.reader.value == "area" and tree[UnitId(unit_id)].workplace:
        raise Refusal("case.kept_from_unit")
    passed = case
    staffed = staffed_unit(
        tx, unit_id, lambda taker, unit: allowed(tx, taker, Act.TAKE, replace(passed, unit_id=unit))
    )
    detail = {"reason": reason, "unit": unit_id}
    if case.kind is Kind.APPLICATION and staffed == case.unit_id:
        # Nobody else is called to review it: only where the member will belong has changed.
        cases.record(tx, case, "passed", "cadre", detail, actor_id=actor.person, shown=False)
        return case
    case = _passed(tx, actor, case, detail, owner_id=None, unit_id=staffed)
    ready = duty_people(tx, case)
    case = cases.change(tx, case, owner_id=ready[0] if ready else None)
    ping_duty(tx, rules, case)
    return _told_passed(tx, rules, case)


def _passed(
    tx: Tx, actor: Actor, case: Case, detail: dict[str, Any], *, owner_id: str | None, unit_id: str
) -> Case:
    state = moved(case, Event.PASS_ON)
    waits = state is not State.OUTCOME_TOLD
    outbox.strip_fold(tx, take_fold(case))
    cases.record(tx, case, "passed", "cadre", detail, actor_id=actor.person, shown=False)
    return cases.change(
        tx, case, state=state.value, taken=case.taken and not waits, owner_id=owner_id, unit_id=unit_id
    )


def _call_to_take(tx: Tx, rules: Rulebook, case: Case, to: str, reason: str) -> None:
    rows = (
        (
            Choice("case.take", label="desk.button.take", args={"case": case.id}),
            Choice("case.look", label="desk.button.look", args={"case": case.id}),
        ),
    )
    notices.tell_cadre(
        tx,
        rules,
        to,
        case,
        "desk.passed_to_you",
        rows,
        fold=take_fold(case),
        reason=reason,
        due=at(case.due_at),
    )


def _told_passed(tx: Tx, rules: Rulebook, case: Case) -> Case:
    if case.paused_at is not None:
        case = timing.resume(tx, rules, case)
    notices.tell_worker(tx, rules, case, "case.told.passed", _worker_rows(case), due=at(case.due_at))
    return case


def name_of(tx: Tx, person_id: str | None) -> Value:
    """What a cadre is called in front of others."""
    if person_id is None:
        return {"$key": "case.nobody"}
    found = people.person(tx, person_id)
    name: Value = found.profile.get("name")
    return name or {"$key": "case.cadre", "values": {"alias": found.alias}}


def is_reviewer(actor: Actor) -> bool:
    """Whether the actor may review applications."""
    return any(post.role in (Role.COMMITTEE, Role.CHAIR) for post in actor.posts)


def _worker_rows(case: Case) -> tuple[tuple[Choice, ...], ...]:
    return ((Choice("my.case", label="case.button.look", args={"case": case.id}),),)


def _answer_rows(case: Case) -> tuple[tuple[Choice, ...], ...]:
    return (
        (
            Choice("my.write", label="case.button.answer", args={"case": case.id}),
            Choice("my.case", label="case.button.look", args={"case": case.id}),
        ),
    )
