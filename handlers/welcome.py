"""First contact: what this is, what is kept, who sees it; deep links; language (R2, R37)."""

from collections.abc import Mapping
from typing import Any

from casework import cadres
from handlers import abroad, free_text, held, media, menu, my_cases
from handlers.registry import button
from handlers.turn import Turn, open_question, unanswered
from storage import cases, people, union
from talk.incoming import Kind
from talk.reply import Choice, Reply, Say

VERSION = "2026-11"  # of what is shown before consent
ENTRANCE, INVITATION, LANGUAGE, BACK = "e_", "i_", "lang-", "back"


def is_known(turn: Turn) -> bool:
    """Whether the person has agreed to what is kept."""
    return people.has_consent(turn.tx, turn.person.id, "contact")


def listen(turn: Turn) -> None:
    """Answer somebody new in the language their page or app speaks; later on they choose."""
    spoken = turn.incoming.language[:2]
    new = turn.session.count == 0 and not is_known(turn)
    if new and spoken in turn.house.words.languages and spoken != turn.language:
        _speak(turn, spoken)


def start(turn: Turn) -> Reply:
    """Somebody opened the chat, perhaps through a QR code or an invitation."""
    payload = turn.incoming.payload
    if payload.startswith(INVITATION):
        return _invited(turn, payload.removeprefix(INVITATION))
    if payload.startswith(ENTRANCE):
        entrance = union.entrance(turn.tx, payload.removeprefix(ENTRANCE))
        if entrance is not None:
            turn.session.aside["entrance"] = {
                "unit": entrance.unit_id,
                "site": entrance.site,
                "source": entrance.source,
            }
    if payload.startswith(LANGUAGE) and payload.removeprefix(LANGUAGE) in turn.house.words.languages:
        return language(turn, {"language": payload.removeprefix(LANGUAGE)})
    if not is_known(turn):
        return greet(turn)
    if payload == BACK:
        return back(turn)
    if payload.startswith(abroad.PASSAGE):
        return abroad.arrive(turn, payload.removeprefix(abroad.PASSAGE))
    return menu.show(turn)


def greet(turn: Turn) -> Reply:
    """Say what this is before anything is asked; what was said already is kept for afterwards."""
    incoming = turn.incoming
    if incoming.kind is Kind.TEXT and incoming.text and not menu.is_command(incoming.text):
        held.hold(turn)
    if incoming.kind is Kind.MEDIA:
        items, _ = media.store(turn)
        turn.session.aside.setdefault("held_items", []).extend(items)
    return Reply((_greeting(turn),))


def _greeting(turn: Turn) -> Say:
    other = "zh" if turn.language == "en" else "en"
    row = (
        Choice("welcome.agree", label="welcome.button.agree"),
        Choice("welcome.language", label=f"welcome.button.{other}", args={"language": other}),
    )
    key = "welcome.greet_abroad" if turn.channel_abroad else "welcome.greet"
    return Say(key, {"union": turn.house.union_name(turn.tx)}, (row,))


@button("welcome.agree")
def agree(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The person agrees; what they said before is heard now."""
    people.give_consent(turn.tx, turn.person.id, "contact", VERSION)
    if held.take_up(turn):
        return free_text.understand(turn)
    if turn.session.aside.get("held_items"):
        return media.for_what(turn)
    return menu.show(turn)


@button("welcome.language")
def language(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Speak another language from now on."""
    _speak(turn, args["language"])
    if not is_known(turn):
        return Reply((_greeting(turn),))
    return Reply(open_question(turn) or menu.show(turn).says)


def _speak(turn: Turn, language: str) -> None:
    people.set_language(turn.tx, turn.person.id, language)
    turn.person = people.person(turn.tx, turn.person.id)


def back(turn: Turn) -> Reply:
    """Somebody came back with a return code: their open matters, and what they were at."""
    mine = cases.of_worker(turn.tx, turn.person.id, only_open=True)
    hello = my_cases.listed(turn, "welcome.back_with_cases", mine) if mine else Say("welcome.back")
    return Reply((hello, *(unanswered(turn) or menu.show(turn).says)))


def _invited(turn: Turn, token: str) -> Reply:
    """An invitation binds this account to a unit and a role, once."""
    holder = cadres.accept_invitation(turn.tx, turn.person, token)
    people.give_consent(turn.tx, turn.person.id, "contact", VERSION)
    unit = next(unit.name for unit in union.tree(turn.tx) if unit.id == holder.unit_id)
    hello = Say("desk.welcome", {"unit": unit, "role": {"$key": f"desk.role.{holder.role.value}"}})
    return Reply((hello, *turn.begin("cadre_name").says))
