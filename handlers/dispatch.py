"""Where what came in goes: a form, a button, a case, a command, or free text."""

from collections.abc import Callable

from casework import reach
from domain.errors import Refusal
from handlers import abroad, danger, edits, free_text, help, media, menu, my_cases, replies, welcome
from handlers.clock import CLOCK, plan_nudge
from handlers.registry import BUTTONS
from handlers.turn import House, Turn, close_turn, moved_on, open_question, open_turn, refused, used
from storage import case_messages, inbox, keyboards
from storage.inbox import Received
from storage.tx import Tx
from talk.answers import Located, Shared
from talk.dialogue import Pressed
from talk.incoming import Incoming, Kind
from talk.reading import read_command
from talk.reply import Reply, Say


def take_turn(tx: Tx, house: House, received: Received, incoming: Incoming, found: object = None) -> None:
    """Take one update's turn: everything that follows from it commits with it."""
    if not inbox.done(tx, received.id):
        return
    turn = open_turn(tx, house, received, incoming, found)
    if turn is not None and incoming.kind is not Kind.IGNORED:
        if incoming.kind not in (Kind.CLOCK, Kind.BLOCKED):
            reach.heard_from(tx, turn.account, received.received_at)
            turn.session.aside.pop("asked_again", None)
        reply = _reply(turn)
        close_turn(turn, reply)
        plan_nudge(turn)


def _reply(turn: Turn) -> Reply:
    prompt = turn.session.prompt
    try:
        reply = _route(turn)
        edits.follow_into_case(turn, reply)
        return reply
    except Refusal as refusal:
        turn.session.prompt = prompt
        return Reply((*refused(refusal).says, *open_question(turn)))


def _route(turn: Turn) -> Reply:
    kind = turn.incoming.kind
    if kind is Kind.CLOCK:
        return CLOCK[turn.incoming.payload](turn)
    if kind in (Kind.BLOCKED, Kind.UNBLOCKED):
        reach.door_changed(turn.tx, turn.rules, turn.account, kind is Kind.UNBLOCKED)
        return Reply()
    welcome.listen(turn)
    if kind is Kind.START:
        return welcome.start(turn)
    warned = abroad.take_out_ids(turn)
    if warned and abroad.only_id(turn) and welcome.is_known(turn):
        return Reply((*warned, *open_question(turn)))
    return Reply((*warned, *_answer(turn).says))


def _answer(turn: Turn) -> Reply:
    kind = turn.incoming.kind
    if turn.incoming.text and danger.speaks_of(turn):
        if kind is Kind.EDITED:
            edits.take(turn)
        return danger.answer(turn)
    if not welcome.is_known(turn) and kind is not Kind.PRESS:
        agreed = replies.typed_prompt(turn) if kind is Kind.TEXT else None
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
    if press.outbox_id == turn.session.prompt_row:
        turn.session.prompt = None
    return handler(turn, press.args)


def _press_in_form(turn: Turn, press: keyboards.Press) -> Reply:
    if turn.session.run is None or press.question != turn.session.question:
        return moved_on(turn)
    used(turn, press)
    return turn.answer(Pressed(press.action.removeprefix("form."), press.args))


def _text(turn: Turn) -> Reply:
    incoming = turn.incoming
    command = None if incoming.forwarded else menu.command(incoming.text)
    if command is not None:
        return command(turn)
    pressed = replies.typed_under(turn)
    if pressed is not None:
        return pressed
    case_id = replies.answered_case(turn)
    if case_id is not None:
        return _about_case(turn, case_id)
    if read_command(incoming.text) == "menu":
        return menu.show(turn)
    if turn.filling_in:
        return replies.typed_prompt(turn) or help.answer_in_words(turn) or turn.answer(turn.wrote())
    return replies.typed_prompt(turn) or replies.typed_news(turn) or menu.typed_door(turn) or _free_text(turn)


def _about_case(turn: Turn, case_id: str) -> Reply:
    """An answer to a message about a case goes to that case; the open form goes on where it was."""
    case_messages.note(turn.tx, [turn.mark(turn.incoming.message_id)], case_id)
    said = my_cases.said_about(turn, case_id, replies.marked(turn))
    return Reply((*said.says, *(open_question(turn) if turn.filling_in else ())))


def _free_text(turn: Turn) -> Reply:
    """Free text is kept with its mark: it often becomes the telling of a matter."""
    turn.session.aside["held_marks"] = [turn.mark(turn.incoming.message_id)]
    reply = free_text.understand(turn)
    if turn.session.aside.get("held_text") == turn.incoming.text:
        turn.session.aside["held_text"] = replies.marked(turn)
    return reply


def _location(turn: Turn) -> Reply:
    place = turn.incoming.place
    if place is None:
        return _other(turn)
    if turn.filling_in:
        return turn.answer(Located(place.latitude, place.longitude))
    return Reply((Say("kit.other.place"), *open_question(turn)))


def _contact(turn: Turn) -> Reply:
    contact = turn.incoming.contact
    if contact is not None and turn.filling_in:
        return turn.answer(Shared(contact.phone, contact.own))
    return Reply((Say("kit.other.contact"), *open_question(turn)))


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
    Kind.EDITED: edits.take,
    Kind.OTHER: _other,
}
