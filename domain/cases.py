"""What a case is, the states it goes through, and what may happen to it in each."""

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import Refusal


class State(StrEnum):
    """Where a case stands; a draft is not a case yet."""

    SUBMITTED = "submitted"  # 已登记: it has a number and an owner, nobody has taken it
    IN_PROGRESS = "in_progress"  # 办理中
    WAITING_WORKER = "waiting_worker"  # 等您补充: the clock is paused
    OUTCOME_TOLD = "outcome_told"  # 已有结果，等回访
    CLOSED = "closed"  # 已办结
    WITHDRAWN = "withdrawn"  # 已撤回


class Kind(StrEnum):
    """What sort of matter the ledger holds."""

    HELP = "help"
    LEGAL = "legal"
    SUGGESTION = "suggestion"
    APPLICATION = "application"  # 入会申请


class Route(StrEnum):
    """The way a case is handled (R10)."""

    IMMEDIATE = "immediate"  # 即时答复
    COORDINATION = "coordination"  # 限时协调
    BARGAINING = "bargaining"  # 集体协商
    EXPLANATION = "explanation"  # 政策解释


class Track(StrEnum):
    """How soon a case has its turn (R11); urgency is a mark of its own beside the track."""

    GENERAL = "general"
    PRIORITY = "priority"


class Reader(StrEnum):
    """Whose union the worker lets read the case (R9)."""

    WORKPLACE = "workplace"
    AREA = "area"


class Disposition(StrEnum):
    """What the cadre says came of it (R17)."""

    RESOLVED = "resolved"
    PARTLY = "partly"
    NOT_NOW = "not_now"


class Word(StrEnum):
    """How a case ended in the worker's own word; silence and withdrawal are counted apart (R17)."""

    SOLVED = "solved"
    PARTLY = "partly"
    NOT_SOLVED = "not_solved"
    SILENT = "silent"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can happen to a case."""

    TAKE = "take"
    ASK_WORKER = "ask_worker"
    WORKER_ANSWERED = "worker_answered"
    ADD = "add"  # the worker adds words or evidence of their own accord
    PASS_ON = "pass_on"  # to a colleague or another unit
    ESCALATE = "escalate"
    TELL_OUTCOME = "tell_outcome"
    CONFIRM = "confirm"  # revisited: the worker says it is solved, or partly
    DISPUTE = "dispute"  # revisited: the worker says it is not
    SILENCE = "silence"  # revisited: no answer came
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    DECIDE = "decide"  # an application approved or declined; nothing to revisit


OPEN = frozenset({State.SUBMITTED, State.IN_PROGRESS, State.WAITING_WORKER, State.OUTCOME_TOLD})
CLOCK_RUNS = frozenset({State.SUBMITTED, State.IN_PROGRESS})  # the handling limit counts only here

_S = State
_E = Event
MOVES: Mapping[tuple[State, Event], State] = {
    (_S.SUBMITTED, _E.TAKE): _S.IN_PROGRESS,
    (_S.SUBMITTED, _E.ADD): _S.SUBMITTED,
    (_S.SUBMITTED, _E.PASS_ON): _S.SUBMITTED,
    (_S.SUBMITTED, _E.ESCALATE): _S.SUBMITTED,
    (_S.SUBMITTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.SUBMITTED, _E.DECIDE): _S.CLOSED,
    (_S.IN_PROGRESS, _E.ASK_WORKER): _S.WAITING_WORKER,
    (_S.IN_PROGRESS, _E.ADD): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _E.PASS_ON): _S.SUBMITTED,  # the next one has to take it
    (_S.IN_PROGRESS, _E.ESCALATE): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _E.TELL_OUTCOME): _S.OUTCOME_TOLD,
    (_S.IN_PROGRESS, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.IN_PROGRESS, _E.DECIDE): _S.CLOSED,
    (_S.WAITING_WORKER, _E.ASK_WORKER): _S.WAITING_WORKER,
    (_S.WAITING_WORKER, _E.WORKER_ANSWERED): _S.IN_PROGRESS,
    (_S.WAITING_WORKER, _E.ADD): _S.IN_PROGRESS,  # whatever the worker sends answers us: no pause outlives it
    (_S.WAITING_WORKER, _E.PASS_ON): _S.SUBMITTED,
    (_S.WAITING_WORKER, _E.TELL_OUTCOME): _S.OUTCOME_TOLD,
    (_S.WAITING_WORKER, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.WAITING_WORKER, _E.DECIDE): _S.CLOSED,
    (_S.OUTCOME_TOLD, _E.ADD): _S.OUTCOME_TOLD,
    (_S.OUTCOME_TOLD, _E.PASS_ON): _S.OUTCOME_TOLD,  # a later check date needs an owner who is still here
    (_S.OUTCOME_TOLD, _E.ESCALATE): _S.OUTCOME_TOLD,
    (_S.OUTCOME_TOLD, _E.TELL_OUTCOME): _S.OUTCOME_TOLD,  # a better result replaces the first
    (_S.OUTCOME_TOLD, _E.CONFIRM): _S.CLOSED,
    (_S.OUTCOME_TOLD, _E.SILENCE): _S.CLOSED,
    (_S.OUTCOME_TOLD, _E.DISPUTE): _S.SUBMITTED,  # someone else takes it (R17)
    (_S.OUTCOME_TOLD, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.CLOSED, _E.REOPEN): _S.SUBMITTED,
    (_S.WITHDRAWN, _E.REOPEN): _S.SUBMITTED,
}

_REFUSED_IN: Mapping[State, str] = {
    State.CLOSED: "case.closed",
    State.WITHDRAWN: "case.withdrawn",
}
_REFUSED_WHILE_OPEN: Mapping[Event, str] = {
    Event.TAKE: "case.taken",
    Event.ASK_WORKER: "case.not_taken",
    Event.TELL_OUTCOME: "case.not_taken",
    Event.WORKER_ANSWERED: "case.nothing_asked",
    Event.ESCALATE: "case.paused",
    Event.CONFIRM: "case.no_outcome",
    Event.DISPUTE: "case.no_outcome",
    Event.SILENCE: "case.no_outcome",
    Event.REOPEN: "case.open",
    Event.DECIDE: "case.not_application",
}
_REFUSED_AFTER_OUTCOME: Mapping[Event, str] = {
    Event.TAKE: "case.outcome_told",
    Event.ASK_WORKER: "case.outcome_told",
}
_REVISIT = frozenset({Event.TELL_OUTCOME, Event.CONFIRM, Event.DISPUTE, Event.SILENCE})

REFUSALS = frozenset(
    {
        *_REFUSED_IN.values(),
        *_REFUSED_WHILE_OPEN.values(),
        *_REFUSED_AFTER_OUTCOME.values(),
        "case.application",
    }
)


def after(state: State, event: Event, kind: Kind = Kind.HELP) -> State:
    """The state a case is in once `event` has happened to it.

    An application is decided, not revisited; every other kind closes only through its revisit.

    Raises:
        Refusal: one of `REFUSALS`, when the event cannot happen in this state or to this kind.

    Source: R9, R13, R17.
    """
    key = _refused_by_kind(state, event, kind)
    if key is None:
        moved = MOVES.get((state, event))
        if moved is not None:
            return moved
        key = _refused_by_state(state, event)
    raise Refusal(key)


def _refused_by_kind(state: State, event: Event, kind: Kind) -> str | None:
    if state not in OPEN:
        return None
    if kind is Kind.APPLICATION:
        return "case.application" if event in _REVISIT else None
    return "case.not_application" if event is Event.DECIDE else None


def _refused_by_state(state: State, event: Event) -> str:
    if state in _REFUSED_IN:
        return _REFUSED_IN[state]
    if state is State.OUTCOME_TOLD and event in _REFUSED_AFTER_OUTCOME:
        return _REFUSED_AFTER_OUTCOME[event]
    return _REFUSED_WHILE_OPEN[event]
