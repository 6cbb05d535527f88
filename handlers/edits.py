"""Messages changed after they were sent: the new words are kept beside the old ones (I46, I47)."""

from casework import handling, worker
from handlers import media
from handlers.turn import Turn, open_question
from storage import case_messages, cases, evidence
from talk.reply import Reply, Say
from talk.runs import Run


def take(turn: Turn) -> Reply:
    """Keep what a message says now; no answer and no case changes silently."""
    mark = turn.mark(turn.incoming.message_id)
    case_id = case_messages.case_of(turn.tx, mark)
    if case_id is not None:
        return _in_case(turn, case_id)
    run = turn.session.run
    if run is not None and mark in run.heard:
        turn.session.run = run.edited(mark, turn.incoming.text)
        return Reply((Say("kit.edited_form"), *open_question(turn)))
    return Reply((Say("kit.edited"), *open_question(turn)))


def _in_case(turn: Turn, case_id: str) -> Reply:
    case = cases.get(turn.tx, case_id)
    if cases.belongs_to(turn.tx, case, turn.person.id):
        items, text = _new_files(turn, case_id), turn.incoming.text
        worker.edited(turn.tx, turn.rules, turn.person.id, case_id, text, items)
        key = "case.edited"
    else:
        handling.edited(turn.tx, turn.actor, case_id, turn.incoming.text)
        key = "desk.edited"
    return Reply((Say(key, {"number": case.number}, case_id=case.id), *open_question(turn)))


def _new_files(turn: Turn, case_id: str) -> tuple[str, ...]:
    """A picture put in the place of another; one whose caption was changed is known already."""
    known = {item.detail.get("unique") for item in evidence.of_case(turn.tx, case_id)}
    if not turn.incoming.attachments or turn.incoming.attachments[0].unique in known:
        return ()
    return media.store(turn)[0]


def follow_into_case(turn: Turn, reply: Reply) -> None:
    """Once a form has gone into a case, so have the messages it was made of, and what they say by now."""
    run = turn.sent
    case_id = next((say.case_id for say in reply.says if say.case_id), "")
    if run is None or not case_id:
        return
    case_messages.note(turn.tx, run.heard, case_id)
    if cases.belongs_to(turn.tx, cases.get(turn.tx, case_id), turn.person.id):
        for text in _edits(run):
            worker.edited(turn.tx, turn.rules, turn.person.id, case_id, text, told=True)


def _edits(run: Run) -> list[str]:
    return [text for mark in run.heard for text in run.edits.get(mark, ())]
