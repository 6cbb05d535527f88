"""Danger in what was said: the numbers at once, the draft kept, a person called (R3)."""

from collections.abc import Mapping
from typing import Any

from casework import danger
from handlers import receipts
from handlers.help import known_unit
from handlers.registry import button
from handlers.turn import Turn, open_question
from law.understanding import Understanding
from talk.answers import Wrote
from talk.reply import Choice, Reply, Say, Value


def speaks_of(turn: Turn) -> bool:
    """Whether what came in speaks of danger."""
    return isinstance(turn.found, Understanding) and turn.found.danger is not None


def answer(turn: Turn) -> Reply:
    """The numbers in the first line; what was being written stays where it was."""
    assert isinstance(turn.found, Understanding)
    assert turn.found.danger is not None
    found = turn.found.danger
    turn.session.resting = turn.session.run is not None  # no nudge while this is open
    turn.session.aside["danger"] = {"kind": found.kind, "text": turn.incoming.text}
    row = (
        Choice("danger.call_me", label="danger.button.call_me"),
        Choice("danger.safe", label="danger.button.safe"),
    )
    values: dict[str, Value] = {"numbers": {"$lines": _lines(turn, found.numbers)}}
    return Reply((Say(f"danger.{found.kind}", values, (row,)),))


def _lines(turn: Turn, numbers: tuple[str, ...]) -> list[Value]:
    known = turn.rules.hotlines
    return [{"$text": dict(known[number].line.by_language)} for number in numbers if number in known]


@button("danger.call_me")
def call_me(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Call whoever is on duty, and say plainly when nobody is."""
    held = turn.session.aside.pop("danger", {"kind": "injury_now", "text": ""})
    case = danger.call_somebody(
        turn.tx, turn.rules, turn.person, held["kind"], held["text"], known_unit(turn), turn.account.channel
    )
    return receipts.opened(turn, case)


def _heard(turn: Turn, said: str) -> Reply:
    """Take the words that spoke of danger as the answer they were, where they are one."""
    step = turn.dialogue().take(Wrote(said))
    return turn.follow(step) if said and not step.run.faults else Reply(open_question(turn))


@button("danger.safe")
def safe(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The person is safe: on with what was open, and with what was said there."""
    said = str(turn.session.aside.pop("danger", {"text": ""})["text"])
    if turn.session.run is not None:
        turn.session.resting = False
        return Reply((Say("danger.go_on"), *_heard(turn, said).says))
    turn.session.aside["held_text"] = said
    row = (Choice("menu.help", label="menu.button.help"), Choice("menu.show", label="kit.button.menu"))
    return Reply((Say("danger.glad", choices=(row,)),))
