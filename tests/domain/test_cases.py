"""The laws of a case's life (R9, R13, R17)."""

from collections import deque
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import CLOCK_RUNS, MOVES, OPEN, REFUSALS, Event, Kind, State, after
from domain.errors import Refusal

FINISHED = [state for state in State if state not in OPEN]
STILL_OPEN = [state for state in State if state in OPEN]
EVENTS = st.lists(st.sampled_from(Event), max_size=30)


def outcome(state: State, event: Event, kind: Kind) -> State | str:
    """The next state, or the key of the refusal."""
    try:
        return after(state, event, kind)
    except Refusal as refused:
        return refused.key


def step(state: State, event: Event, kind: Kind) -> State:
    """The next state, or the same one when the event is refused."""
    result = outcome(state, event, kind)
    return result if isinstance(result, State) else state


@pytest.mark.parametrize(("state", "event", "kind"), list(product(State, Event, Kind)))
def test_every_pair_moves_or_is_refused_in_known_words(state: State, event: Event, kind: Kind) -> None:
    result = outcome(state, event, kind)
    assert result in REFUSALS or result is MOVES[state, event]


def test_every_refusal_is_used() -> None:
    results = {outcome(*pair) for pair in product(State, Event, Kind)}
    assert results - set(State) == REFUSALS


@pytest.mark.parametrize(("state", "event"), list(product(FINISHED, Event)))
def test_a_finished_case_leaves_only_by_reopening(state: State, event: Event) -> None:
    if event is Event.REOPEN:
        assert after(state, event) is State.SUBMITTED
    else:
        with pytest.raises(Refusal) as refused:
            after(state, event)
        assert refused.value.key == f"case.{state}"


@pytest.mark.parametrize(("state", "kind"), list(product(STILL_OPEN, Kind)))
def test_the_worker_can_withdraw_while_it_is_open(state: State, kind: Kind) -> None:
    assert after(state, Event.WITHDRAW, kind) is State.WITHDRAWN


@pytest.mark.parametrize(("state", "kind"), list(product(STILL_OPEN, Kind)))
def test_the_worker_can_add_while_it_is_open_and_it_stays_open(state: State, kind: Kind) -> None:
    assert after(state, Event.ADD, kind) in OPEN


@pytest.mark.parametrize("state", STILL_OPEN)
def test_an_open_case_cannot_be_reopened(state: State) -> None:
    with pytest.raises(Refusal, match=r"case\.open"):
        after(state, Event.REOPEN)


@given(EVENTS, st.sampled_from([Kind.HELP, Kind.LEGAL, Kind.SUGGESTION]))
def test_nothing_but_a_revisit_closes_a_matter(events: list[Event], kind: Kind) -> None:
    state = State.SUBMITTED
    for event in events:
        before, state = state, step(state, event, kind)
        if state is State.CLOSED and before is not State.CLOSED:
            assert before is State.OUTCOME_TOLD
            assert event in {Event.CONFIRM, Event.SILENCE}


@given(EVENTS)
def test_an_application_never_waits_for_a_revisit(events: list[Event]) -> None:
    state = State.SUBMITTED
    for event in events:
        state = step(state, event, Kind.APPLICATION)
        assert state is not State.OUTCOME_TOLD


@given(EVENTS, st.sampled_from(Kind))
def test_a_result_is_told_only_by_somebody_who_took_it(events: list[Event], kind: Kind) -> None:
    state = State.SUBMITTED
    taken = False
    for event in events:
        before, state = state, step(state, event, kind)
        taken = taken or (event is Event.TAKE and before is State.SUBMITTED)
        assert taken or state is not State.OUTCOME_TOLD


@pytest.mark.parametrize("event", [Event.WORKER_ANSWERED, Event.ADD, Event.PASS_ON])
def test_a_pause_ends_when_the_worker_speaks_or_the_case_moves_on(event: Event) -> None:
    assert after(State.WAITING_WORKER, event) in CLOCK_RUNS


def test_a_paused_case_does_not_escalate() -> None:
    with pytest.raises(Refusal, match=r"case\.paused"):
        after(State.WAITING_WORKER, Event.ESCALATE)


@pytest.mark.parametrize("state", [state for state in STILL_OPEN if state is not State.WAITING_WORKER])
def test_escalation_never_changes_the_state(state: State) -> None:
    assert after(state, Event.ESCALATE) is state


def test_not_solved_waits_for_somebody_new_to_take_it() -> None:
    again = after(State.OUTCOME_TOLD, Event.DISPUTE)
    assert after(again, Event.TAKE) is State.IN_PROGRESS


@pytest.mark.parametrize("kind", Kind)
def test_every_state_that_is_reached_can_still_be_finished(kind: Kind) -> None:
    seen = {State.SUBMITTED}
    todo = deque(seen)
    while todo:
        state = todo.popleft()
        reached = {step(state, event, kind) for event in Event}
        assert state in FINISHED or reached.intersection(FINISHED)
        todo.extend(reached - seen)
        seen |= reached
    assert State.CLOSED in seen
