"""What a message answers: a button typed instead of pressed, an earlier message of ours, a case."""

from handlers.registry import BUTTONS
from handlers.turn import Turn
from storage import case_messages, cases, keyboards, outbox
from storage.keyboards import Keyboard
from talk.answers import read_label, read_whole_label
from talk.reply import Choice, Reply, Say
from talk.session import say_from_state

MOST_OFFERED = 6


def answered_case(turn: Turn) -> str | None:
    """The case of the message that is answered, be it ours or the person's own; not for the open question."""
    reply_to = turn.incoming.reply_to
    if not reply_to or _is_open_question(turn):
        return None
    ours = outbox.case_of_message(turn.tx, turn.account.id, reply_to)
    return ours or case_messages.case_of(turn.tx, turn.mark(reply_to))


def _is_open_question(turn: Turn) -> bool:
    row = turn.session.prompt_row
    return row is not None and row == outbox.row_of_message(turn.tx, turn.account.id, turn.incoming.reply_to)


def typed_under(turn: Turn) -> Reply | None:
    """Words that stand on a button of the very message that is answered press it."""
    if not turn.incoming.reply_to or _is_open_question(turn):
        return None
    row = outbox.row_of_message(turn.tx, turn.account.id, turn.incoming.reply_to)
    found = keyboards.open_under(turn.tx, turn.person, row) if row is not None else None
    return None if found is None else _first_press(turn, [found])


def typed_prompt(turn: Turn) -> Reply | None:
    """Words that stand on a button of the last question press it.

    Its number or a beginning does too, unless a form waits for an answer that they could be.
    """
    session = turn.session
    if session.prompt is None or session.prompt_row is None:
        return None
    choices = say_from_state(session.prompt).choices
    if turn.filling_in:
        flat = [choice for row in choices for choice in row]
        chosen = read_whole_label(turn.incoming.text, flat, turn.house.words, turn.language)
    else:
        chosen = read_label(turn.wrote(), choices, turn.house.words, turn.language)
    if chosen is None or chosen.action not in BUTTONS:
        return None
    session.prompt = None
    return _press(turn, session.prompt_row, chosen)


def typed_news(turn: Turn) -> Reply | None:
    """Words that stand on a button of news press it; of which case is asked where it is not clear."""
    return _first_press(turn, keyboards.open_beside_dialogue(turn.tx, turn.person))


def _first_press(turn: Turn, keys: list[Keyboard]) -> Reply | None:
    """Press what was typed on the newest of some keyboards.

    Args:
        keys: the newest first.
    """
    found: dict[tuple[str, str], tuple[int, Choice]] = {}
    for each in keys:
        chosen = read_whole_label(turn.incoming.text, each.choices, turn.house.words, turn.language)
        if chosen is not None and chosen.action in BUTTONS:
            meant = (chosen.action, str(chosen.args.get("case", chosen.args)))
            found.setdefault(meant, (each.outbox_id, chosen))
    if len(found) > 1:
        return _which(turn, [choice for _, choice in found.values()])
    return next((_press(turn, row, choice) for row, choice in found.values()), None)


def _press(turn: Turn, row: int, choice: Choice) -> Reply:
    if keyboards.close_under(turn.tx, row):
        label = {"label": choice.label, "words": choice.words, "values": dict(choice.values)}
        outbox.strip(turn.tx, row, chosen=label)
    return BUTTONS[choice.action](turn, choice.args)


def _which(turn: Turn, choices: list[Choice]) -> Reply | None:
    """Ask which case a button of several is meant for."""
    offered = [
        Choice(choice.action, words=cases.get(turn.tx, str(choice.args["case"])).number, args=choice.args)
        for choice in choices[:MOST_OFFERED]
        if "case" in choice.args
    ]
    rows = tuple(tuple(offered[i : i + 2]) for i in range(0, len(offered), 2))
    return Reply((Say("kit.which_one", choices=rows),)) if offered else None


def marked(turn: Turn) -> str:
    """What was written, with a mark when it was passed on from somewhere else."""
    text = turn.incoming.text
    return f"{turn.label('kit.forwarded')}{text}" if turn.incoming.forwarded and text else text
