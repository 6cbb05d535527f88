"""What is different on a channel whose servers stand abroad: no ID numbers, a way to the union's own page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.people import without_resident_ids
from handlers import menu
from handlers.registry import button
from handlers.turn import Turn, open_question
from storage import union
from talk.incoming import Kind
from talk.reply import Choice, Reply, Say
from talk.words import at

PASSAGE = "p_"
PASSAGE_LIVES = timedelta(hours=24)
_SAID = (Kind.TEXT, Kind.MEDIA, Kind.EDITED)


@button("abroad.elsewhere")
def go_elsewhere(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """A link, good for one use, to the union's own page; the draft waits there and here."""
    token = union.add_passage(turn.tx, turn.person.id, PASSAGE_LIVES)
    turn.session.resting = True
    link = f"{turn.house.public_page}#start={PASSAGE}{token}"
    row = (Choice("draft.resume", label="kit.button.go_on"),)
    return Reply((Say("abroad.link", {"link": link, "until": at(turn.tx.now + PASSAGE_LIVES)}, (row,)),))


def arrive(turn: Turn, token: str) -> Reply:
    """Somebody came over through such a link: on with what they were at."""
    owner = union.owner_of_passage(turn.tx, token)
    if owner != turn.person.id:
        open_still = owner is not None and union.passage_opens(turn.tx, token)
        return Reply((Say("abroad.other_device" if open_still else "welcome.link_used"), *_here(turn)))
    union.use_passage(turn.tx, token)
    if turn.session.run is None:
        return Reply((Say("abroad.here"), *menu.show(turn).says))
    turn.session.resting = False
    return Reply((Say("abroad.here_with_draft"), turn.dialogue().ask()))


def _here(turn: Turn) -> tuple[Say, ...]:
    return open_question(turn) or menu.show(turn).says


def take_out_ids(turn: Turn) -> tuple[Say, ...]:
    """Go on without the ID numbers in what was written, and say so the first time."""
    incoming = turn.incoming
    if not turn.channel_abroad or incoming.kind not in _SAID or not incoming.text:
        return ()
    text = without_resident_ids(incoming.text, turn.label("abroad.id_removed"))
    if text == incoming.text:
        return ()
    turn.incoming = replace(incoming, text=text)
    told = turn.session.aside.get("told_of_ids")
    turn.session.aside["told_of_ids"] = True
    return () if told and not only_id(turn) else (Say("abroad.id_warning"),)


def only_id(turn: Turn) -> bool:
    """Whether nothing was written but an ID number."""
    incoming = turn.incoming
    return not incoming.attachments and incoming.text.strip() == turn.label("abroad.id_removed")
