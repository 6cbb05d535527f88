"""A worker's own cases: the list, one case in plain words, adding, writing, withdrawing, reopening (R13)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

from casework import worker
from casework.handling import name_of
from domain.cases import Disposition, Kind, State
from domain.errors import Refusal
from handlers.registry import button, flow
from handlers.turn import Turn, about
from storage import cases
from storage.cases import Case
from talk.forms import Ask, Form, Sort
from talk.reply import Choice, Reply, Say, Value
from talk.words import at

SHOWN = 6


class AddForm(Form):
    """More words or evidence for a case. Words: texts/*/add.toml."""

    flow: ClassVar[str] = "add"
    review: ClassVar[bool] = False

    tell: Annotated[dict[str, Any], Ask(Sort.TELL)]


@button("menu.mine")
def list_mine(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The worker's cases, the newest first."""
    mine = cases.of_worker(turn.tx, turn.person.id)
    if not mine:
        row = (Choice("menu.help", label="menu.button.help"), Choice("menu.show", label="kit.button.menu"))
        return Reply((Say("my.none", choices=(row,)),))
    return Reply((listed(turn, "my.list", mine, (Choice("menu.show", label="kit.button.menu"),)),))


def listed(turn: Turn, key: str, mine: Sequence[Case], last: tuple[Choice, ...] = ()) -> Say:
    """The first few of some cases, each with a button that opens it."""
    lines: list[Value] = [_line(turn, case) for case in mine[:SHOWN]]
    buttons = [Choice("my.case", words=case.number, args={"case": case.id}) for case in mine[:SHOWN]]
    rows = [tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)]
    return Say(key, {"lines": {"$lines": lines}}, (*rows, last) if last else tuple(rows))


def _line(turn: Turn, case: Case) -> Value:
    return {
        "$key": "my.line",
        "values": {
            "number": case.number,
            "category": turn.rules.category_words(case.category),
            "state": state_words(case),
        },
    }


def state_words(case: Case) -> Value:
    """The state in plain words."""
    if case.kind is Kind.APPLICATION and case.state is State.CLOSED:
        return {"$key": f"joining.state.{_decision(case)}"}
    if case.state is State.CLOSED and case.word is not None:
        return {"$key": f"case.state.closed_{case.word.value}"}
    return {"$key": f"case.state.{case.state.value}"}


def _decision(case: Case) -> str:
    return "approved" if case.disposition is Disposition.RESOLVED else "declined"


@button("my.case")
def show(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """One case: state, who has it, by when, and what was said lately."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    return Reply((page(turn, case),))


def page(turn: Turn, case: Case) -> Say:
    """The page of one case."""
    values: dict[str, Value] = {
        "number": case.number,
        "category": turn.rules.category_words(case.category),
        "state": state_words(case),
        "owner": name_of(turn.tx, case.owner_id),
        "next": _next(case, turn.tx.now),
        "said": {"$lines": _said(turn, case)},
    }
    return Say("my.page", values, _rows(case), case_id=case.id)


def _next(case: Case, now: datetime) -> Value:
    if case.state in (State.SUBMITTED, State.IN_PROGRESS) and case.due_at <= now:
        return {"$key": "my.next.overdue", "values": {"due": at(case.due_at)}}
    match case.state:
        case State.SUBMITTED:
            times: dict[str, Value] = {"take_by": at(case.take_by), "due": at(case.due_at)}
            late = case.take_by <= now
            return {"$key": "my.next.not_taken" if late else "my.next.submitted", "values": times}
        case State.IN_PROGRESS:
            return {"$key": "my.next.in_progress", "values": {"due": at(case.due_at)}}
    if case.kind is Kind.APPLICATION and case.state is State.CLOSED:
        return {"$key": f"joining.next.{_decision(case)}"}
    return {"$key": f"my.next.{case.state.value}"}


def _said(turn: Turn, case: Case) -> list[Value]:
    """The last few lines of the timeline the worker may see."""
    told = cases.timeline(turn.tx, case, shown_only=True)[-5:]
    return [
        {
            "$key": f"my.event.{event.kind}",
            "values": {"at": at(event.at), "text": str(event.detail.get("text", ""))},
        }
        for event in told
    ]


_APPLY_AGAIN = Choice("menu.join", label="joining.button.again")


def _rows(case: Case) -> tuple[tuple[Choice, ...], ...]:
    args = {"case": case.id}
    if case.open:
        first = [Choice("my.write", label="case.button.add", args=args)]
        if case.state is State.OUTCOME_TOLD:
            first.insert(0, Choice("revisit.open", label="case.button.revisit", args=args))
        second = [Choice("my.withdraw", label="case.button.withdraw", args=args)]
    elif case.kind is Kind.APPLICATION and case.state is State.CLOSED:
        joined = case.disposition is Disposition.RESOLVED
        first = [Choice("menu.profile", label="menu.button.profile")] if joined else [_APPLY_AGAIN]
        second = []
    else:
        first = [Choice("my.reopen", label="case.button.reopen", args=args)]
        second = []
    return (tuple(first), (*second, Choice("menu.mine", label="menu.button.mine")))


@button("my.write")
def write(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Add words, pictures or a voice message to a case."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    if not case.open:
        raise Refusal("case.closed", number=case.number)
    return turn.begin("add", subject=about(case))


@flow(AddForm)
def add(form: AddForm, turn: Turn) -> Reply:
    """Put what was said into the case it is about."""
    return into_case(turn, turn.subject["case"], form.tell["text"], form.tell["items"])


def into_case(turn: Turn, case_id: str, text: str, items: Sequence[str] = ()) -> Reply:
    """Put words and evidence into a worker's own case."""
    case = worker.add(turn.tx, turn.rules, turn.person.id, case_id, text, items)
    row = (Choice("my.case", label="case.button.look", args={"case": case.id}),)
    return Reply((Say("case.added", {"number": case.number}, (row,), case_id=case.id),))


def said_about(turn: Turn, case_id: str, text: str, items: Sequence[str] = ()) -> Reply:
    """A message that answers one of ours about a case goes to that case."""
    case = cases.get(turn.tx, case_id)
    if cases.belongs_to(turn.tx, case, turn.person.id):
        return into_case(turn, case_id, text, items)
    from handlers import desk

    return desk.said_about(turn, case_id, text, items)


@button("my.withdraw")
def withdraw(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Withdrawing asks once more."""
    case = worker.own(turn.tx, turn.person.id, args["case"])
    row = (
        Choice("my.case", label="kit.button.keep", args={"case": case.id}),
        Choice("my.withdraw_now", label="case.button.withdraw", args={"case": case.id}),
    )
    return Reply((Say("my.withdraw_ask", {"number": case.number}, (row,), case_id=case.id),))


@button("my.withdraw_now")
def withdraw_now(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Withdraw."""
    case = worker.withdraw(turn.tx, turn.rules, turn.person.id, args["case"])
    row = (Choice("my.reopen", label="case.button.reopen", args={"case": case.id}),)
    return Reply((Say("my.withdrawn", {"number": case.number}, (row,), case_id=case.id),))


@button("my.reopen")
def reopen(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Reopen under the same number."""
    case = worker.reopen(turn.tx, turn.rules, turn.person.id, args["case"])
    row = (Choice("my.write", label="case.button.add", args={"case": case.id}),)
    values: dict[str, Value] = {"number": case.number, "take_by": at(case.take_by), "due": at(case.due_at)}
    return Reply((Say("my.reopened", values, (row,), case_id=case.id),))
