"""A text message when news went unseen: asked for by the worker, stopped by the worker (R13, R37)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from casework import unseen
from handlers.registry import button, flow
from handlers.turn import Turn
from talk.forms import Ask, Form, Sort
from talk.reply import Choice, Reply, Say


class TextingForm(Form):
    """Where to send text messages. Words: texts/*/texting.toml."""

    flow: ClassVar[str] = "texting"
    review: ClassVar[bool] = False

    phone: Annotated[str, Ask(Sort.PHONE)]


def ways(turn: Turn) -> tuple[tuple[Choice, ...], ...]:
    """The button that asks for text messages, where there are any to have, or the one that stops them."""
    if unseen.wants_texts(turn.tx, turn.person.id):
        return ((Choice("texting.stop", label="texting.button.stop"),),)
    if turn.rules.text_after is None:
        return ()
    return ((Choice("texting.begin", label="texting.button.begin"),),)


@button("texting.begin")
def begin(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Ask where to."""
    return turn.begin("texting")


@flow(TextingForm)
def agree(form: TextingForm, turn: Turn) -> Reply:
    """Send them from now on."""
    unseen.agree_to_texts(turn.tx, turn.person.id, form.phone)
    row = (Choice("texting.stop", label="texting.button.stop"), Choice("menu.show", label="kit.button.menu"))
    return Reply((Say("texting.agreed", {"end": form.phone[-4:]}, (row,)),))


@button("texting.stop")
def stop(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Send no more, and forget the number."""
    unseen.stop_texts(turn.tx, turn.person.id)
    row = (Choice("menu.show", label="kit.button.menu"),)
    return Reply((Say("texting.stopped", choices=(row,)),))
