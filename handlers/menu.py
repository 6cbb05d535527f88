"""The one menu, and the commands that lead to it (R1)."""

from collections.abc import Callable, Mapping
from typing import Any

from casework import membership
from handlers import clock
from handlers.registry import button
from handlers.turn import Turn
from talk.reading import normalise, read_command
from talk.reply import Choice, Reply, Say


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


COMMANDS: dict[str, Callable[[Turn], Reply]] = {"/menu": show, "/start": show}


def command(text: str) -> Callable[[Turn], Reply] | None:
    """What a slash command does, if the text is one; an unknown one shows the menu."""
    word = normalise(text).split(" ")[0].lower()
    if not word.startswith("/") or len(word) < 2:
        return None
    return COMMANDS.get(word, show)


def is_command(text: str) -> bool:
    """Whether the text only asks for the menu."""
    return command(text) is not None or read_command(text) == "menu"
