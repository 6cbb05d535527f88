"""A cadre's side in chat: what waits, one case, and everything that can be done to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from casework import escalation, handling, reach
from casework.authorize import allowed
from domain.cases import Kind, State
from domain.categories import ExtraQuestion, QuestionKind
from domain.errors import Refusal
from domain.roles import NOT_FOUND, Act
from handlers import applications
from handlers.my_cases import state_words
from handlers.registry import button
from handlers.turn import Turn
from storage import cases, evidence, news, union
from storage.cases import Case, CaseEvent
from talk.reply import Choice, Reply, Say, Value
from talk.words import at, minutes

SHOWN = 8


@button("desk.mine")
def mine(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """My caseload: what hurts first."""
    return Reply((_list(turn, "desk.mine", cases.owned_by(turn.tx, turn.person.id)),))


@button("desk.waiting")
def waiting(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """What nobody has taken yet in the units I work for."""
    tree = union.tree(turn.tx)
    unit_ids = {below for post in turn.actor.posts for below in tree.subtree(post.unit)}
    found = [
        case
        for case in cases.open_in(turn.tx, unit_ids)
        if not case.taken and allowed(turn.tx, turn.actor, Act.TAKE, case)
    ]
    return Reply((_list(turn, "desk.waiting", found),))


def _list(turn: Turn, key: str, found: Sequence[Case]) -> Say:
    now = turn.tx.now
    counting = [case for case in found if case.clock_runs]
    overdue = sum(1 for case in counting if case.due_at <= now)
    today = sum(
        1 for case in counting if case.due_at > now and turn.calendar.local(case.due_at).date() == turn.today
    )
    lines: list[Value] = [list_line(turn, case) for case in found[:SHOWN]]
    buttons = [Choice("case.look", words=case.number, args={"case": case.id}) for case in found[:SHOWN]]
    rows = [tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)]
    rows.append((Choice("desk.away", label="desk.button.away"), Choice("menu.show", label="kit.button.menu")))
    if not found:
        return Say(f"{key}_none", choices=tuple(rows))
    values: dict[str, Value] = {
        "total": len(found),
        "overdue": overdue,
        "today": today,
        "lines": {"$lines": lines},
    }
    return Say(key, values, tuple(rows))


def list_line(turn: Turn, case: Case) -> Value:
    """One case in a list: number, kind, how long is left."""
    left = (case.due_at - turn.tx.now).total_seconds() / 60
    mark = "overdue" if left <= 0 else "urgent" if case.urgent else "plain"
    if case.state in (State.WAITING_WORKER, State.OUTCOME_TOLD):
        mark = case.state.value
    return {
        "$key": f"desk.line.{mark}",
        "values": {
            "number": case.number,
            "category": turn.rules.category_words(case.category),
            "left": minutes(int(abs(left))),
            "state": state_words(case),
        },
    }


@button("case.take")
def take(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Take a case; the first one wins."""
    case = handling.take(turn.tx, turn.rules, turn.actor, args["case"])
    return Reply((Say("desk.taken", {"number": case.number}, case_id=case.id), *_page(turn, case)))


@button("case.look")
def look(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """One case, as far as this cadre may see it."""
    case = cases.get(turn.tx, args["case"])
    if not allowed(turn.tx, turn.actor, Act.SUPERVISE, case):
        handling.read(turn.tx, turn.actor, case.id)  # refuses, and leaves the record
        raise Refusal(NOT_FOUND)
    return Reply(_page(turn, case))


def _page(turn: Turn, case: Case) -> tuple[Say, ...]:
    if not allowed(turn.tx, turn.actor, Act.READ, case):
        values = {**_facts(turn, case)}
        return (Say("desk.page_closed", values, _rows(turn, case), case_id=case.id),)
    case, body = handling.read(turn.tx, turn.actor, case.id)
    if case.kind is Kind.APPLICATION:
        return (_application(turn, case, body),)
    values = {**_facts(turn, case), **_words(turn, case, body)}
    return (Say("desk.page", values, _rows(turn, case), case_id=case.id),)


def _application(turn: Turn, case: Case, body: Mapping[str, Any]) -> Say:
    lines = [*applications.remarks(turn, case, body), *_timeline(turn, case)]
    values = {**_facts(turn, case), **applications.facts(turn, case, body), "lines": {"$lines": lines}}
    return Say("joining.page", values, _rows(turn, case), case_id=case.id)


def _left(turn: Turn, case: Case) -> Value:
    """How long is left, or that the clock stands still."""
    if not case.clock_runs:
        return {"$key": "desk.stopped"}
    left = (case.due_at - turn.tx.now).total_seconds() / 60
    return {
        "$key": "desk.left" if left > 0 else "desk.over",
        "values": {"time": minutes(int(abs(left)))},
    }


def _facts(turn: Turn, case: Case) -> dict[str, Value]:
    return {
        "number": case.number,
        "category": turn.rules.category_words(case.category),
        "state": state_words(case),
        "owner": handling.name_of(turn.tx, case.owner_id),
        "due": at(case.due_at),
        "left": _left(turn, case),
        "marks": {"$key": "desk.urgent" if case.urgent else "desk.not_urgent"},
    }


def _words(turn: Turn, case: Case, body: Mapping[str, Any]) -> dict[str, Value]:
    who: Value = body.get("name") or {"$key": "desk.anonymous", "values": {"alias": case.alias}}
    since: Value = {"$key": "kit.value.none"}
    if body.get("since"):
        since = {"$day": body["since"], "year": not str(body["since"]).startswith(f"{turn.today.year}-")}
    lines: list[Value] = [*_answers(turn, case, body), *_timeline(turn, case)]
    items = evidence.of_case(turn.tx, case.id)
    return {
        "who": who,
        "employer": body.get("employer") or {"$key": "kit.value.none"},
        "place": body.get("place") or {"$key": "kit.value.none"},
        "since": since,
        "text": body.get("text") or {"$key": "kit.value.none"},
        "files": len(items),
        "lines": {"$lines": lines},
        "seen": _seen(turn, case),
    }


def _seen(turn: Turn, case: Case) -> Value:
    """Whether the worker has seen the last news of the case, and since when."""
    told = news.last_notice(turn.tx, cases.worker_of(turn.tx, case), case.id)
    if told is None:
        return {"$key": "desk.seen.none"}
    if told.seen_at is not None:
        return {"$key": "desk.seen.yes", "values": {"at": at(told.seen_at)}}
    if told.state == "held":
        return {"$key": "desk.seen.held", "values": {"at": at(told.at)}}
    return {"$key": "desk.seen.lost" if told.lost else "desk.seen.no", "values": {"at": at(told.at)}}


def _answers(turn: Turn, case: Case, body: Mapping[str, Any]) -> list[Value]:
    if case.category not in turn.rules.categories:
        return []
    asked = {f"x_{q.key}": q for q in turn.rules.categories[case.category].questions}
    return [
        {
            "$key": "desk.answer",
            "values": {
                "question": {"$text": dict(asked[name].question.by_language)},
                "answer": _answer_words(asked[name], value),
            },
        }
        for name, value in body.get("answers", {}).items()
        if name in asked
    ]


def _answer_words(question: ExtraQuestion, value: Any) -> Value:
    """An answer to a category's own question, as its button or its amount reads."""
    for choice in question.choices:
        if choice.key == value:
            return {"$text": dict(choice.label.by_language)}
    if question.kind is QuestionKind.YUAN:
        return {"$fen": value}
    if question.kind is QuestionKind.DATE:
        return {"$day": value, "year": True}
    return str(value)


def _timeline(turn: Turn, case: Case) -> list[Value]:
    return [_event_line(event) for event in cases.timeline(turn.tx, case)[-6:]]


def _event_line(event: CaseEvent) -> Value:
    text = event.detail.get("text") or event.detail.get("reason") or ""
    return {"$key": f"desk.event.{event.kind}", "values": {"at": at(event.at), "text": str(text)}}


def _rows(turn: Turn, case: Case) -> tuple[tuple[Choice, ...], ...]:
    """The next act first; only what this cadre may do now."""
    unheard = handling.SPEAKING if handling.worker_gone(turn.tx, case) else frozenset()
    found = [
        Choice(f"case.{name}", label=f"desk.button.{name}", args={"case": case.id})
        for name, act, open_in in _ACTS
        if case.state in open_in
        and act not in unheard
        and allowed(turn.tx, turn.actor, act, case)
        and _fits(name, case)
    ]
    rows = [tuple(found[i : i + 2]) for i in range(0, len(found), 2)]
    return (*rows, (Choice("desk.mine", label="menu.button.desk"),))


_LIVE = (State.IN_PROGRESS, State.WAITING_WORKER)
_HELD = (*_LIVE, State.OUTCOME_TOLD)
_OPEN = (State.SUBMITTED, *_HELD)
_ACTS: tuple[tuple[str, Act, tuple[State, ...]], ...] = (
    ("take", Act.TAKE, (State.SUBMITTED,)),
    ("approve", Act.REVIEW, _LIVE),
    ("decline", Act.REVIEW, _LIVE),
    ("reply", Act.REPLY, _HELD),
    ("ask", Act.ASK_WORKER, _LIVE),
    ("outcome", Act.TELL_OUTCOME, _HELD),
    ("files", Act.READ, _OPEN),
    ("note", Act.NOTE, _OPEN),
    ("pass", Act.PASS_ON, _OPEN),
)


def _fits(name: str, case: Case) -> bool:
    if name in ("approve", "decline"):
        return case.kind is Kind.APPLICATION
    return not (name in ("reply", "outcome") and case.kind is Kind.APPLICATION)


@button("case.acknowledge")
def acknowledge(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """A ping has been seen."""
    case = escalation.acknowledge(
        turn.tx, turn.rules, turn.actor, args["case"], args["level"], args["repeat"], args["round"]
    )
    return Reply((Say("desk.acknowledged", {"number": case.number}, case_id=case.id),))


def said_about(turn: Turn, case_id: str, text: str, items: Sequence[str] = ()) -> Reply:
    """A cadre's answer to a message about a case goes to the worker."""
    if not turn.is_cadre:
        raise Refusal(NOT_FOUND)
    case = handling.write(turn.tx, turn.rules, turn.actor, case_id, text, tuple(items))
    key = "desk.written" if reach.worker_reached(turn.tx, case) else "desk.written_waits"
    return Reply((Say(key, {"number": case.number}, case_id=case.id),))
