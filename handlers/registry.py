"""What a person can reach: flows by name, buttons by action; mistakes fail at import."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from talk.forms import Form
from talk.reply import Reply

if TYPE_CHECKING:
    from handlers.turn import Turn

Finish = Callable[[Any, "Turn"], Reply]
Press = Callable[["Turn", Mapping[str, Any]], Reply]
F = TypeVar("F", bound=Finish)
P = TypeVar("P", bound=Press)


@dataclass(frozen=True, slots=True)
class Flow:
    """A form and what happens when it is sent."""

    form: type[Form]
    finish: Finish


FLOWS: dict[str, Flow] = {}
BUTTONS: dict[str, Press] = {}


def flow(form: type[Form]) -> Callable[[F], F]:
    """Register what happens when this form is sent; the form's `flow` names it."""

    def register(finish: F) -> F:
        if not form.flow or form.flow in FLOWS:
            raise ValueError(f"flow {form.flow!r} is unnamed or registered twice")
        FLOWS[form.flow] = Flow(form, finish)
        return finish

    return register


def button(action: str) -> Callable[[P], P]:
    """Register what pressing a button does."""

    def register(press: P) -> P:
        if action in BUTTONS:
            raise ValueError(f"button {action!r} is registered twice")
        BUTTONS[action] = press
        return press

    return register
