"""Where what came in goes: a form, a button, a case, a command, or free text."""

from collections.abc import Callable

from casework import reach
from domain.errors import Refusal
from handlers import abroad, danger, free_text, help, media, menu, my_cases, welcome
from handlers.clock import CLOCK, plan_nudge
from handlers.registry import BUTTONS
from handlers.turn import House, Turn, close_turn, moved_on, open_question, open_turn, refused, used
from storage import inbox, keyboards, outbox
from storage.inbox import Received
from storage.tx import Tx
from talk.answers import Located, Shared, Wrote, read_label
from talk.dialogue import Pressed
from talk.incoming import Incoming, Kind
from talk.reading import read_command
from talk.reply import Reply, Say
from talk.session import say_from_state


def take_turn(
    tx: Tx, house: House, received: Received, incoming: Incoming, found: object = None, abroad: bool = False
) -> None:
    """Take one update's turn: everything that follows from it commits with it."""
    if not inbox.still_waiting(tx, received.id):
        return
    turn = open_turn(tx, house, received, incoming, found, abroad)
    if turn is not None and incoming.kind is not Kind.IGNORED:
        if incoming.kind not in (Kind.CLOCK, Kind.BLOCKED):
            reach.heard_from(tx, turn.account, received.received_at)
        reply = _reply(turn)
        close_turn(turn, reply)
        plan_nudge(turn)
    inbox.done(tx, received.id)


def _reply(turn: Turn) -> Reply:
    try:
        return _route(turn)
    except Refusal as refusal:
        return Reply((*refused(refusal).says, *open_question(turn)))


def _route(turn: Turn) -> Reply:
    kind = turn.incoming.kind
    if kind is Kind.CLOCK:
        return CLOCK[turn.incoming.payload](turn)
    if kind in (Kind.BLOCKED, Kind.UNBLOCKED):
        reach.door_changed(turn.tx, turn.rules, turn.account, kind is Kind.UNBLOCKED)
        return Reply()
    if kind is Kind.START:
        return welcome.start(turn)
    warned = abroad.take_out_ids(turn)
    if warned and abroad.only_id(turn) and welcome.is_known(turn):
        return Reply((*warned, *open_question(turn)))
    return Reply((*warned, *_answer(turn).says))


def _answer(turn: Turn) -> Reply:
    kind = turn.incoming.kind
    if turn.incoming.text and danger.speaks_of(turn):
        return danger.answer(turn)
    if not welcome.is_known(turn) and kind is not Kind.PRESS:
        agreed = _typed_button(turn) if kind is Kind.TEXT else None
        return agreed or welcome.greet(turn)
    return _BY_KIND.get(kind, _other)(turn)


def _press(turn: Turn) -> Reply:
    press = keyboards.resolve(turn.tx, turn.person, turn.incoming.press)
    if press is None:
        return Reply((Say("kit.not_yours"),))
    again = turn.incoming.press == turn.session.last_press and press.closed
    turn.session.last_press = turn.incoming.press
    if again:
        return Reply()
    turn.press = press
    if press.action.startswith("form."):
        return _press_in_form(turn, press)
    handler = BUTTONS.get(press.action)
    if handler is None or (press.closed and press.question and press.question != turn.session.question):
        return moved_on(turn)
    used(turn, press)
    return handler(turn, press.args)


def _press_in_form(turn: Turn, press: keyboards.Press) -> Reply:
    if turn.session.run is None or press.question != turn.session.question:
        return moved_on(turn)
    used(turn, press)
    return turn.answer(Pressed(press.action.removeprefix("form."), press.args))


def _text(turn: Turn) -> Reply:
    incoming = turn.incoming
    command = menu.command(incoming.text)
    if command is not None:
        return command(turn)
    if incoming.reply_to:
        case_id = outbox.case_of_message(turn.tx, turn.account.id, incoming.reply_to)
        if case_id is not None:
            return my_cases.said_about(turn, case_id, incoming.text)
    if read_command(incoming.text) == "menu":
        return menu.show(turn)
    if turn.session.run is not None and not turn.session.resting:
        return help.answer_in_words(turn) or turn.answer(Wrote(incoming.text))
    return _typed_button(turn) or free_text.understand(turn)


def _typed_button(turn: Turn) -> Reply | None:
    """Words that stand on a button of the last question, or its number, press it."""
    if turn.session.prompt is None:
        return None
    say = say_from_state(turn.session.prompt)
    words = turn.house.words
    choice = read_label(Wrote(turn.incoming.text), say.choices, words, turn.language)
    if choice is None or choice.action not in BUTTONS:
        return None
    if turn.session.prompt_row is not None:
        keyboards.close_under(turn.tx, turn.session.prompt_row)
        outbox.strip(turn.tx, turn.session.prompt_row)
    turn.session.prompt = None
    return BUTTONS[choice.action](turn, choice.args)


def _location(turn: Turn) -> Reply:
    place = turn.incoming.place
    if place is None:
        return _other(turn)
    if turn.session.run is not None and not turn.session.resting:
        return turn.answer(Located(place.latitude, place.longitude))
    return Reply((Say("kit.other.place"), *open_question(turn)))


def _contact(turn: Turn) -> Reply:
    contact = turn.incoming.contact
    if contact is not None and turn.session.run is not None and not turn.session.resting:
        return turn.answer(Shared(contact.phone, contact.own))
    return Reply((Say("kit.other.contact"), *open_question(turn)))


def _edited(turn: Turn) -> Reply:
    """An edit never changes an answer silently: it is kept, and the person is told how to change it."""
    in_form = turn.session.run is not None and not turn.session.resting
    return Reply((Say("kit.edited_form" if in_form else "kit.edited"), *open_question(turn)))


def _other(turn: Turn) -> Reply:
    note = turn.incoming.note
    known = note in ("sticker", "poll")
    return Reply((Say(f"kit.other.{note}" if known else "kit.other.unknown"), *open_question(turn)))


_BY_KIND: dict[Kind, Callable[[Turn], Reply]] = {
    Kind.PRESS: _press,
    Kind.TEXT: _text,
    Kind.MEDIA: media.take,
    Kind.LOCATION: _location,
    Kind.CONTACT: _contact,
    Kind.EDITED: _edited,
    Kind.OTHER: _other,
}
