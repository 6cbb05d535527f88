"""Leaving the union, and having everything erased: each asked once more (R8)."""

from collections.abc import Mapping
from typing import Any

from casework import erasure, membership
from handlers.registry import button
from handlers.turn import Turn
from storage import people
from talk.reply import Choice, Reply, Say
from talk.words import at

KEEP = Choice("menu.profile", label="kit.button.keep")


@button("profile.leave")
def ask_leave(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Leaving asks once more."""
    member = people.member(turn.tx, turn.person.id)
    number = member.number if member is not None else ""
    row = (
        Choice("menu.profile", label="profile.leave.button.stay"),
        Choice("profile.leave_now", label="profile.button.leave"),
    )
    return Reply((Say("profile.leave.ask", {"member": number}, (row,)),))


@button("profile.leave_now")
def leave(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Leave the union; matters that are open go on."""
    membership.leave(turn.tx, turn.person)
    row = (Choice("menu.join", label="menu.button.join"), Choice("menu.profile", label="menu.button.profile"))
    return Reply((Say("profile.leave.done", choices=(row,)),))


@button("profile.erase")
def ask_erase(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The first question: what goes, and what that means."""
    row = (KEEP, Choice("profile.erase_next", label="profile.erase.button.go_on"))
    return Reply((Say("profile.erase.ask", choices=(row,)),))


@button("profile.erase_next")
def ask_matters(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """What becomes of open matters, when there are any."""
    count = len(erasure.open_matters(turn.tx, turn.person.id))
    if not count:
        return _sure("profile.erase.sure", keep=False)
    rows = (
        (Choice("profile.erase_sure", label="profile.erase.button.unnamed", args={"keep": True}),),
        (Choice("profile.erase_sure", label="profile.erase.button.withdraw", args={"keep": False}),),
        (KEEP,),
    )
    return Reply((Say("profile.erase.matters", {"count": count}, rows),))


@button("profile.erase_sure")
def ask_sure(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """The last question."""
    keep = bool(args["keep"])
    return _sure("profile.erase.sure_unnamed" if keep else "profile.erase.sure_withdrawn", keep=keep)


def _sure(key: str, *, keep: bool) -> Reply:
    row = (KEEP, Choice("profile.erase_now", label="profile.button.erase", args={"keep": keep}))
    return Reply((Say(key, choices=(row,)),))


@button("profile.erase_now")
def erase(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Say goodbye while there is still a key to say it with; everything goes a moment later."""
    gone = erasure.ask(turn.tx, turn.person, keep_open=bool(args["keep"]))
    row = (Choice("profile.erase_not", label="profile.erase.button.not"),)
    return Reply((Say("profile.erase.planned", {"at": at(gone)}, (row,)),))


@button("profile.erase_not")
def call_off(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Not after all."""
    erasure.call_off(turn.tx, turn.person.id)
    row = (Choice("menu.profile", label="menu.button.profile"),)
    return Reply((Say("profile.erase.called_off", choices=(row,)),))
