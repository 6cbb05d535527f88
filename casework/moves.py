"""What a case may do next, refused with its number."""

from domain.cases import Event, State, after
from domain.errors import Refusal
from storage.cases import Case


def moved(case: Case, event: Event) -> State:
    """The state after an event.

    Raises:
        Refusal: a key of `domain.cases.REFUSALS`, with the case's `number`.
    """
    try:
        return after(case.state, event, case.kind)
    except Refusal as refusal:
        raise Refusal(refusal.key, number=case.number) from None
