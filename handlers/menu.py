"""The one menu, and the commands that lead to it (R1)."""

from collections.abc import Callable, Mapping
from typing import Any

from casework import membership
from handlers import clock
from handlers.registry import BUTTONS, button
from handlers.turn import Turn
from talk.dialogue import Pressed
from talk.reading import normalise, read_command
from talk.reply import Choice, Reply, Say
from talk.typed import bare
from talk.words import DEFAULT, Words


def show(turn: Turn) -> Reply:
    """The menu, with the doors this person has."""
    turn.session.question = ""
    if turn.session.run is not None and not turn.session.resting:
        turn.session.resting = True
    return Reply((_menu(turn),))


def _menu(turn: Turn) -> Say:
    is_member = membership.is_member(turn.tx, turn.person.id)
    rows = [
        (Choice("menu.help", label="menu.button.help"), Choice("menu.law", label="menu.button.law")),
        (Choice("menu.mine", label="menu.button.mine"), _join_or_profile(is_member)),
    ]
    if turn.is_cadre:
        rows.insert(
            0,
            (
                Choice("desk.mine", label="menu.button.desk"),
                Choice("desk.waiting", label="menu.button.waiting"),
            ),
        )
    if turn.session.run is not None or turn.session.parked:
        rows.insert(0, clock.later_row())  # type: ignore[arg-type]
    if not is_member:
        rows.append((Choice("menu.profile", label="menu.button.profile"),))  # type: ignore[arg-type]
    return Say("menu.ask", {}, tuple(rows))


def _join_or_profile(member: bool) -> Choice:
    if member:
        return Choice("menu.profile", label="menu.button.profile")
    return Choice("menu.join", label="menu.button.join")


def _begins(flow: str) -> Callable[[Turn, Mapping[str, Any]], Reply]:
    def begin(turn: Turn, _args: Mapping[str, Any]) -> Reply:
        return turn.begin(flow)

    return begin


@button("menu.show")
def menu_button(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Back to the menu."""
    return show(turn)


@button("draft.resume")
def resume(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Go on with a draft."""
    return clock.resume(turn)


@button("draft.drop")
def drop(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Delete a draft."""
    return clock.drop(turn)


@button("draft.later")
def later(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Leave a draft where it is."""
    return Reply((Say("kit.later"),))


def _presses(action: str) -> Callable[[Turn], Reply]:
    return lambda turn: BUTTONS[action](turn, {})


def _language(_turn: Turn) -> Reply:
    row = tuple(
        Choice("welcome.language", label=label, args={"language": language}) for language, label in LANGUAGES
    )
    return Reply((Say("command.which_language", choices=(row,)),))


def _cancel(turn: Turn) -> Reply:
    return turn.answer(Pressed("cancel", {})) if turn.filling_in else show(turn)


def typed_door(turn: Turn) -> Reply | None:
    """What the words of a button of the menu do when they are typed, wherever the menu is."""
    said, words = bare(turn.incoming.text), turn.house.words
    for choice in (choice for row in _menu(turn).choices for choice in row):
        names = (words.labels(turn.language, choice.label), *words.synonyms(turn.language, choice.label))
        if said in map(bare, names):
            return BUTTONS[choice.action](turn, choice.args)
    return None


LANGUAGES = (("zh", "welcome.button.zh"), ("en", "welcome.button.en"))
COMMANDS: dict[str, Callable[[Turn], Reply]] = {
    "/menu": show,
    "/start": show,
    "/help": _presses("menu.help"),
    "/law": _presses("menu.law"),
    "/cases": _presses("menu.mine"),
    "/mine": _presses("menu.mine"),
    "/language": _language,
    "/cancel": _cancel,
}
# What a platform that lists commands shows, and what each does.
LISTED = {
    "menu": "command.menu",
    "help": "command.help",
    "law": "command.law",
    "cases": "command.cases",
    "language": "command.language",
}


def listed_commands(words: Words) -> dict[str, list[tuple[str, str]]]:
    """The commands to list, by language; "" is for whoever's app speaks none of ours."""
    listed = {
        language: [(name, words.labels(language, key)) for name, key in LISTED.items()]
        for language in words.languages
    }
    return {"": listed[DEFAULT], **listed}


def command(text: str) -> Callable[[Turn], Reply] | None:
    """What a slash command does, if the text is one; an unknown one shows the menu."""
    word = normalise(text).split(" ")[0].lower()
    if not word.startswith("/") or len(word) < 2:
        return None
    return COMMANDS.get(word, show)


def is_command(text: str) -> bool:
    """Whether the text only asks for the menu."""
    return command(text) is not None or read_command(text) == "menu"
