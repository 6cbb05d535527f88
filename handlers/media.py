"""Photos, files and voice: noted at once, fetched by a job, told in one receipt."""

from dataclasses import replace
from datetime import timedelta

from domain import uploads
from domain.errors import Refusal
from domain.filenames import safe_name
from handlers import my_cases, replies
from handlers.clock import clock
from handlers.turn import Turn
from storage import case_messages, cases, dues, evidence, jobs
from talk.answers import Attached
from talk.incoming import Attachment
from talk.reply import Choice, Reply, Say

RECEIPT_AFTER = timedelta(seconds=2)  # after the last part of an album


def store(turn: Turn) -> tuple[tuple[str, ...], list[Say]]:
    """Note what came and queue its fetching.

    Returns:
        Ids of the evidence, and a sentence for each part that cannot be taken.
    """
    kept, said = [], []
    for attachment in turn.incoming.attachments:
        try:
            if attachment.size is not None:
                uploads.check_size(attachment.size)
        except Refusal as refusal:
            said.append(Say(refusal.key, {name: str(value) for name, value in refusal.values.items()}))
            continue
        kept.append(_note(turn, attachment))
    return tuple(kept), said


def _note(turn: Turn, attachment: Attachment) -> str:
    detail = {
        "name": safe_name(attachment.name) if attachment.name else "",
        "mime": attachment.mime,
        "channel": turn.account.channel,
        "ref": attachment.ref,
        "caption": turn.incoming.text,
        "forwarded": turn.incoming.forwarded,
        "unique": attachment.unique,
    }
    item = evidence.add(turn.tx, turn.person.id, attachment.kind, detail)
    jobs.add(turn.tx, "fetch", item.key_id, item=item.id, person=turn.person.id)
    return item.id


def take(turn: Turn) -> Reply:
    """Take what came: into the open question or the case it answers, else kept until it is known for what."""
    items, said = store(turn)
    if not items:
        return Reply(tuple(said))
    case_id = replies.answered_case(turn)
    if case_id is not None:
        case_messages.note(turn.tx, [turn.mark(turn.incoming.message_id)], case_id)
        return Reply((*said, *my_cases.said_about(turn, case_id, replies.marked(turn), items).says))
    if turn.filling_in:
        return Reply((*said, *_into_form(turn, items).says))
    return Reply((*said, *_kept(turn, items).says))


def _into_form(turn: Turn, items: tuple[str, ...]) -> Reply:
    turn.hear()
    dialogue = turn.dialogue()
    step = dialogue.take(Attached(items, turn.incoming.attachments[0].kind, turn.incoming.text))
    if not dialogue.takes_files:
        turn.session.aside.setdefault("held_items", []).extend(items)
        return turn.follow(step)
    if step.end or step.run.at != dialogue.run.at:
        return turn.follow(step)
    turn.session.run = step.run
    _plan_receipt(turn)
    return Reply()


def _plan_receipt(turn: Turn) -> None:
    dues.put_or_move(
        turn.tx, turn.tx.now + RECEIPT_AFTER, "clock.receipt", turn.person.id, f"receipt:{turn.person.id}"
    )


@clock("receipt")
def receipt(turn: Turn) -> Reply:
    """One receipt for all that came in a row; parts that come later change its count."""
    if turn.session.run is None or turn.session.resting:
        return for_what(turn)
    dialogue = turn.dialogue()
    items = dialogue.files()
    if items:
        turn.session.run = dialogue.with_files(evidence.not_failed(turn.tx, items))
    say = turn.dialogue().so_far()
    if say is None:
        return Reply()
    turn.receipt = True
    told = turn.session.aside.get("receipt_row")
    if told is not None and told == turn.session.prompt_row:
        say = replace(say, edits=told)
    return Reply((say,))


def for_what(turn: Turn) -> Reply:
    """Ask what files are for that came without a word."""
    held = evidence.not_failed(turn.tx, turn.session.aside.get("held_items", []))
    turn.session.aside["held_items"] = held
    if not held:
        return Reply()
    open_cases = cases.of_worker(turn.tx, turn.person.id, only_open=True)[:4]
    rows: list[tuple[Choice, ...]] = [
        (Choice("held.to_case", words=case.number, args={"case": case.id}),) for case in open_cases
    ]
    rows.append(
        (
            Choice("held.to_help", label="menu.button.help"),
            Choice("held.keep", label="kit.button.later"),
        )
    )
    key = "media.which_case" if open_cases else "media.for_what"
    return Reply((Say(key, {"count": len(held)}, tuple(rows)),))


def _kept(turn: Turn, items: tuple[str, ...]) -> Reply:
    held = turn.session.aside.setdefault("held_items", [])
    held.extend(items)
    if turn.incoming.text:
        turn.session.aside["held_text"] = turn.incoming.text
    _plan_receipt(turn)
    return Reply()
