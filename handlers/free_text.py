"""Free text anywhere: the right card, the right form already begun, or the right number (R3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.numbers import read_case_number
from handlers import law, menu, my_cases
from handlers.help import prefill
from handlers.registry import button
from handlers.turn import Turn
from law.intent import Intent
from law.understanding import Understanding
from storage import cases
from storage.cases import Case
from talk.reply import Choice, Reply, Say, Value

DOORS = {
    "join": "menu.join",
    "card": "menu.profile",
    "cases": "menu.mine",
    "profile": "menu.profile",
}


def understand(turn: Turn) -> Reply:
    """Offer what fits; nothing said is lost."""
    text = turn.incoming.text
    number = read_case_number(text)
    if number is not None:
        return _by_number(turn, number)
    waiting = _waiting_for_answer(turn)
    if waiting is not None:
        return _is_it_the_answer(turn, waiting)
    if not isinstance(turn.found, Understanding):
        return _unclear(turn)
    return _by_intent(turn, turn.found)


def _by_intent(turn: Turn, found: Understanding) -> Reply:
    intent = found.intent
    match intent.kind:
        case "greeting":
            return menu.show(turn)
        case "law":
            return _law(turn, found)
        case "help":
            return _offer_help(turn, intent, found)
        case "union":
            return _union(turn, intent)
        case "elsewhere":
            return _elsewhere(turn, intent)
    return _perhaps_law(turn, found) if found.finding.confidence == "sure" else _unclear(turn)


def _perhaps_law(turn: Turn, found: Understanding) -> Reply:
    """Words that name no labour matter but sound like a card: offered, never answered outright."""
    _hold(turn, None)
    offered = replace(found.finding, confidence="maybe")
    return law.answer(turn, offered, turn.incoming.text)


def _law(turn: Turn, found: Understanding) -> Reply:
    _hold(turn, found.intent.category)
    if found.finding.confidence == "none":
        return _unclear(turn)
    return law.answer(turn, found.finding, turn.incoming.text)


def _hold(turn: Turn, category: str | None) -> None:
    turn.session.aside["held_text"] = turn.incoming.text
    turn.session.aside["held_category"] = category


def _offer_help(turn: Turn, intent: Intent, found: Understanding) -> Reply:
    _hold(turn, intent.category)
    turn.session.aside["question"] = turn.incoming.text
    rows: list[tuple[Choice, ...]] = [(Choice("text.help", label="text.button.help"),)]
    if found.finding.confidence != "none":
        card = found.finding.best[0].card
        rows[0] = (*rows[0], Choice("law.card", label="text.button.law", args={"card": card.id}))
    rows.append((Choice("menu.show", label="kit.button.menu"),))
    known = intent.category is not None and intent.category in turn.rules.categories
    if not known:
        return Reply((Say("text.offer_help", choices=tuple(rows)),))
    assert intent.category is not None
    values: dict[str, Value] = {"category": turn.rules.category_words(intent.category)}
    return Reply((Say("text.offer_help_with", values, tuple(rows)),))


@button("text.help")
def begin_help(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The help form with category and description already filled in."""
    category = turn.session.aside.pop("held_category", None)
    draft = prefill(turn)
    if category and category in turn.rules.categories:
        draft["category"] = category
    return turn.begin("help", draft)


def _union(turn: Turn, intent: Intent) -> Reply:
    door = DOORS.get(intent.category or "", "")
    if not door:
        return Reply((Say("text.union"), *menu.show(turn).says))
    from handlers.registry import BUTTONS

    return BUTTONS[door](turn, {})


def _elsewhere(turn: Turn, intent: Intent) -> Reply:
    _hold(turn, None)
    known = turn.rules.hotlines
    lines: list[Value] = [
        {"$text": dict(known[number].line.by_language)} for number in intent.hotlines if number in known
    ]
    row = (Choice("text.help", label="text.button.work"), Choice("menu.show", label="kit.button.menu"))
    return Reply((Say("text.elsewhere", {"numbers": {"$lines": lines}}, (row,)),))


def _unclear(turn: Turn) -> Reply:
    _hold(turn, None)
    turn.session.aside["question"] = turn.incoming.text
    rows = (
        (Choice("text.help", label="text.button.help"), Choice("law.person", label="law.button.person")),
        (Choice("menu.show", label="kit.button.menu"),),
    )
    return Reply((Say("text.unclear", choices=rows),))


def _by_number(turn: Turn, number: str) -> Reply:
    """A case number alone shows the case to whoever it belongs to, and tells nobody else that it exists."""
    case = cases.find(turn.tx, number)
    if case is not None and cases.belongs_to(turn.tx, case, turn.person.id):
        return Reply((my_cases.page(turn, case),))
    if case is not None and turn.is_cadre:
        from handlers import desk

        return desk.look(turn, {"case": case.id})
    return Reply((Say("case.not_found"),))


def _waiting_for_answer(turn: Turn) -> Case | None:
    """The one case whose handler asked this worker something."""
    mine = cases.of_worker(turn.tx, turn.person.id, only_open=True)
    asked = [case for case in mine if case.paused_at is not None]
    return asked[0] if len(asked) == 1 else None


def _is_it_the_answer(turn: Turn, case: Case) -> Reply:
    turn.session.aside["held_text"] = turn.incoming.text
    row = (
        Choice("text.answer", label="text.button.answer", args={"case": case.id}),
        Choice("text.not_answer", label="text.button.not_answer"),
    )
    return Reply((Say("text.is_it_the_answer", {"number": case.number}, (row,), case_id=case.id),))


@button("text.answer")
def give_answer(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Yes: put it into the case."""
    held = turn.session.aside.pop("held_text", "")
    items = turn.session.aside.pop("held_items", [])
    return my_cases.into_case(turn, args["case"], held, items)


@button("text.not_answer")
def not_answer(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """No: something else."""
    return _unclear_again(turn)


def _unclear_again(turn: Turn) -> Reply:
    text = turn.session.aside.get("held_text", "")
    turn.session.aside["question"] = text
    rows = (
        (Choice("text.help", label="text.button.help"), Choice("law.person", label="law.button.person")),
        (Choice("menu.show", label="kit.button.menu"),),
    )
    return Reply((Say("text.what_then", choices=rows),))


@button("held.to_case")
def held_to_case(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Files sent without a word about what they are for go into this case."""
    return give_answer(turn, args)


@button("held.to_help")
def held_to_help(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """They are for a new matter."""
    return begin_help(turn, args)


@button("held.keep")
def held_keep(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Keep them for now."""
    count = len(turn.session.aside.get("held_items", []))
    return Reply((Say("media.kept", {"count": count}),))
