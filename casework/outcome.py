"""The result is told, the worker is asked what came of it, and their word decides what follows."""

from datetime import date, datetime
from typing import Any

from casework import notices, timing
from casework.authorize import allowed, authorize
from casework.duty import duty_people, standing_in
from casework.handling import name_of
from casework.intake import ping_duty, take_fold
from casework.moves import moved
from casework.notices import calendar_of
from casework.rulebook import Rulebook
from casework.worker import own, tell_owner
from domain import revisit
from domain.cases import Disposition, Event, State, Word
from domain.errors import Refusal
from domain.revisit import Verdict
from domain.roles import Act, Actor, Role
from domain.units import UnitId
from domain.windows import QuietHours
from storage import cases, dues, people, union
from storage.cases import Case, CaseEvent
from storage.tx import Tx
from talk.reply import Choice
from talk.words import at

REMIND = "case.remind"
SILENT = "case.silent"
DAYS_TO_REOPEN = 90


def tell(
    tx: Tx,
    rules: Rulebook,
    actor: Actor,
    case_id: str,
    disposition: Disposition,
    text: str,
    check_on: date | None = None,
) -> Case:
    """Tell the worker the result in a plain sentence; the revisit is planned with it (R17).

    Raises:
        Refusal: `case.not_taken`, `revisit.check_past`, `revisit.check_far` and the keys of authorisation.
    """
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.TELL_OUTCOME, case)
    state = moved(case, Event.TELL_OUTCOME)
    asked_at = _revisit_at(tx, rules, case, disposition, check_on)
    dues.cancel(tx, case.id)
    case = cases.change(
        tx, case, state=state.value, disposition=disposition.value, told_at=tx.now, paused_at=None
    )
    detail = {"disposition": disposition.value, "text": text}
    cases.record(tx, case, "outcome", "cadre", detail, actor_id=actor.person, shown=True)
    _plan_revisit(tx, case, asked_at)
    notices.tell_worker(
        tx,
        rules,
        case,
        f"case.outcome.{disposition.value}",
        _outcome_rows(case),
        who=name_of(tx, actor.person),
        text=text,
        asked=at(asked_at),
        spoken=True,
    )
    return case


def _outcome_rows(case: Case) -> tuple[tuple[Choice, ...], ...]:
    return (
        (
            Choice("my.write", label="case.button.speak", args={"case": case.id}),
            Choice("my.case", label="case.button.look", args={"case": case.id}),
        ),
    )


def _revisit_at(
    tx: Tx, rules: Rulebook, case: Case, disposition: Disposition, check_on: date | None = None
) -> datetime:
    return revisit.revisit_at(
        disposition, tx.now, quiet=_quiet(tx, case), calendar=calendar_of(tx, rules, case), check_on=check_on
    )


def _quiet(tx: Tx, case: Case) -> tuple[QuietHours, ...]:
    return notices.quiet_hours(people.person(tx, cases.worker_of(tx, case)))


def _plan_revisit(tx: Tx, case: Case, asked_at: datetime) -> None:
    dues.put_or_move(tx, asked_at, timing.REVISIT, case.id, f"revisit:{case.id}", round=case.round)


def ask(tx: Tx, rules: Rulebook, case_id: str) -> None:
    """Ask the worker what came of it; silence is reminded twice, then counted apart."""
    case = cases.get(tx, case_id)
    if case.state is not State.OUTCOME_TOLD:
        return
    silence = revisit.silence_after(tx.now, quiet=_quiet(tx, case), calendar=calendar_of(tx, rules, case))
    for n, remind_at in enumerate(silence.remind_at, 1):
        dues.put_or_move(tx, remind_at, REMIND, case.id, f"remind:{case.id}:{n}")
    dues.put_or_move(tx, silence.close_at, SILENT, case.id, f"silent:{case.id}")
    _ask_now(tx, rules, case, "revisit.ask")


def remind(tx: Tx, rules: Rulebook, case_id: str) -> None:
    """Ask once more."""
    case = cases.get(tx, case_id)
    if case.state is State.OUTCOME_TOLD:
        _ask_now(tx, rules, case, "revisit.ask_again")


def _ask_now(tx: Tx, rules: Rulebook, case: Case, key: str) -> None:
    words = (Word.SOLVED, Word.PARTLY, Word.NOT_SOLVED)
    row = tuple(
        Choice(
            "revisit.word", label=f"revisit.button.{word.value}", args={"case": case.id, "word": word.value}
        )
        for word in words
    )
    wait = (Choice("revisit.later", label="kit.button.later", args={"case": case.id}),)
    told = cases.timeline(tx, case, kinds=("outcome",))
    text = told[-1].detail["text"] if told else ""
    notices.tell_worker(tx, rules, case, key, (row, wait), survey=True, spoken=True, text=text)


def silent(tx: Tx, rules: Rulebook, case_id: str) -> None:
    """Nobody answered: closed, counted apart, never as satisfied; the worker can still speak (R17)."""
    case = cases.get(tx, case_id)
    if case.state is not State.OUTCOME_TOLD:
        return
    case = _close(tx, case, Word.SILENT, Event.SILENCE)
    cases.record(tx, case, "silent", "clock", {}, actor_id=None, shown=True)
    rows = ((Choice("my.case", label="case.button.look", args={"case": case.id}),),)
    notices.tell_worker(tx, rules, case, "revisit.closed_silent", rows, survey=True)
    tell_owner(tx, rules, case, "desk.closed_silent", buttons=False)


def _close(tx: Tx, case: Case, word: Word, event: Event) -> Case:
    state = moved(case, event)
    dues.cancel(tx, case.id)
    return cases.change(tx, case, state=state.value, word=word.value, closed_at=tx.now)


def answer(
    tx: Tx, rules: Rulebook, person_id: str, case_id: str, word: Word, score: int | None = None
) -> Verdict:
    """Record the worker's word at once; what it leads to follows in the same transaction (R17).

    Raises:
        Refusal: `case.no_outcome` when nothing was told, `revisit.answer_stands` (hours) when it is too late.
    """
    case = own(tx, person_id, case_id)
    before = _answered_this_round(tx, case)
    if before:
        revisit.check_change(before[0].at, tx.now)
        case = _take_back(tx, case)
    elif case.state is not State.OUTCOME_TOLD and case.word is not Word.SILENT:
        raise Refusal("case.no_outcome", number=case.number)
    others = bool(_others(tx, case, case.owner_id))
    found = revisit.verdict(word, score=score, reopenings=case.round, other_handler=others)
    detail = {"word": word.value, "score": score, "round": case.round}
    cases.record(tx, case, "revisited", "worker", detail, actor_id=None, shown=True)
    repeated = bool(before) and before[-1].detail["word"] == word.value
    _follow(tx, rules, case, word, found, tell=not repeated)
    return found


def _answered_this_round(tx: Tx, case: Case) -> list[CaseEvent]:
    """The answers given since the result was told."""
    lines = cases.timeline(tx, case, kinds=("outcome", "revisited"))
    found: list[CaseEvent] = []
    for line in lines:
        found = [] if line.kind == "outcome" else [*found, line]
    return found


def _take_back(tx: Tx, case: Case) -> Case:
    """Stand where the case stood before the answer that is being changed.

    Not a move of its own: the first answer is treated as if the other one had been given.
    """
    answered = _answered_this_round(tx, case)[-1].detail
    dues.cancel(tx, case.id)
    values: dict[str, Any] = {"state": State.OUTCOME_TOLD.value, "word": None, "closed_at": None}
    return cases.change(tx, case, round=answered["round"], **values)


def _others(tx: Tx, case: Case, than: str | None) -> list[str]:
    """Other cadres of the unit who may handle the case."""
    holders = [holder.person_id for holder in union.holders(tx, case.unit_id)]
    return [
        person_id
        for person_id in standing_in(tx, holders)
        if person_id != than and allowed(tx, union.actor(tx, person_id), Act.READ, case)
    ]


def _follow(tx: Tx, rules: Rulebook, case: Case, word: Word, found: Verdict, *, tell: bool) -> None:
    """Do what the word leads to; the handler hears of a word once, not again with its score."""
    if found is Verdict.CLOSE:
        case = _close(tx, _told_again(tx, case), word, Event.CONFIRM)
        if tell:
            tell_owner(tx, rules, case, "desk.closed_solved", buttons=False)
    elif found is Verdict.NEXT_CHECK:
        case = cases.change(tx, _told_again(tx, case), word=word.value)
        dues.cancel(tx, case.id)
        _plan_revisit(tx, case, _revisit_at(tx, rules, case, Disposition.PARTLY))
        if tell:
            tell_owner(tx, rules, case, "desk.partly")
    else:
        _reopen(tx, rules, _told_again(tx, case), word, found)


def _told_again(tx: Tx, case: Case) -> Case:
    """An answer that comes after silence was counted still counts."""
    if case.state is State.CLOSED:
        return cases.change(tx, case, state=State.OUTCOME_TOLD.value, closed_at=None)
    return case


def _reopen(tx: Tx, rules: Rulebook, case: Case, word: Word, found: Verdict) -> None:
    state = moved(case, Event.DISPUTE)
    dues.cancel(tx, case.id)
    earlier = case.owner_id
    case = cases.change(
        tx, case, state=state.value, word=word.value, owner_id=None, unit_id=_unit_after(tx, case, found)
    )
    cases.record(tx, case, "reopened", "worker", {"why": found.value}, actor_id=None, shown=True)
    case = timing.new_round(tx, rules, case)
    ready = _next_handlers(tx, case, found, earlier)
    if earlier is not None and earlier not in ready:
        row = ((Choice("case.look", label="desk.button.look", args={"case": case.id}),),)
        notices.tell_cadre(tx, rules, earlier, case, "desk.reopened", row)
    case = cases.change(tx, case, owner_id=ready[0] if ready else None)
    _call(tx, rules, case, found, ready)


def _unit_after(tx: Tx, case: Case, found: Verdict) -> str:
    if found is not Verdict.REOPEN_ABOVE:
        return case.unit_id
    path = union.tree(tx).path_up(UnitId(case.unit_id))
    above = [unit for unit in path[1:] if not (unit.workplace and case.reader.value == "area")]
    return above[0].id if above else case.unit_id


def _next_handlers(tx: Tx, case: Case, found: Verdict, earlier: str | None) -> list[str]:
    if found is Verdict.CHAIR_WRITES:
        chairs = [h.person_id for h in union.holders(tx, case.unit_id) if h.role is Role.CHAIR]
        return standing_in(tx, chairs) or duty_people(tx, case)
    ready = duty_people(tx, case)
    others = [person_id for person_id in ready if person_id != earlier]
    return others or (_others(tx, case, earlier) if found is Verdict.REOPEN_OTHER else ready)


def _call(tx: Tx, rules: Rulebook, case: Case, found: Verdict, ready: list[str]) -> None:
    if not ready:
        ping_duty(tx, rules, case)
        return
    key = "desk.chair_writes" if found is Verdict.CHAIR_WRITES else "desk.reopened_to_you"
    rows = (
        (
            Choice("case.take", label="desk.button.take", args={"case": case.id}),
            Choice("case.look", label="desk.button.look", args={"case": case.id}),
        ),
    )
    for person_id in ready:
        notices.tell_cadre(tx, rules, person_id, case, key, rows, fold=take_fold(case), due=at(case.due_at))
