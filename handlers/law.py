"""Asking about the law: a card found from the worker's own words, or a person (R20)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from casework import intake
from casework.intake import NewCase
from domain.cases import Kind
from handlers import receipts
from handlers.help import known_unit
from handlers.registry import button, flow
from handlers.turn import Turn
from law.cards import Card
from law.finding import Finding
from law.understanding import Understanding
from storage import law_answers
from talk.forms import Ask, Form, Sort
from talk.reply import Choice, Reply, Say, Value

LEGAL = "legal"


class LawForm(Form):
    """The question in the worker's own words. Words: texts/*/law.toml."""

    flow: ClassVar[str] = "law"
    review: ClassVar[bool] = False

    text: Annotated[str, Field(min_length=2, max_length=2000), Ask(Sort.TEXT)]


@button("menu.law")
def begin(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Ask for the question."""
    return turn.begin("law")


@flow(LawForm)
def look_up(form: LawForm, turn: Turn) -> Reply:
    """Answer from the cards, or say plainly that we do not know."""
    turn.session.run = None
    found = turn.found
    if not isinstance(found, Understanding):
        return not_known(turn, form.text)
    return answer(turn, found.finding, form.text)


def answer(turn: Turn, finding: Finding, question: str) -> Reply:
    """One card when we are sure, up to three to choose from, or a person."""
    turn.session.aside["question"] = question
    if finding.confidence == "none":
        return not_known(turn, question)
    if finding.confidence == "sure":
        return Reply((_card(turn, finding.best[0].card),))
    rows: list[tuple[Choice, ...]] = [
        (Choice("law.card", words=hit.card.question.in_language(turn.language), args={"card": hit.card.id}),)
        for hit in finding.best
    ]
    rows.append(
        (Choice("law.person", label="law.button.person"), Choice("menu.show", label="kit.button.menu"))
    )
    return Reply((Say("law.which", choices=tuple(rows)),))


def not_known(turn: Turn, question: str) -> Reply:
    """We do not know: a person does."""
    turn.session.aside["question"] = question
    row = (Choice("law.person", label="law.button.person"), Choice("menu.show", label="kit.button.menu"))
    return Reply((Say("law.not_known", choices=(row,)),))


@button("law.card")
def show(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """One card."""
    card = turn.house.cards.get(args["card"])
    if card is None:
        return not_known(turn, turn.session.aside.get("question", ""))
    return Reply((_card(turn, card),))


def _card(turn: Turn, card: Card) -> Say:
    law_answers.note(turn.tx, turn.person.id, card.id, card.checked_on)
    values: dict[str, Value] = {
        "question": _both(card.question.by_language),
        "answer": _both(card.answer.by_language),
        "do_now": {"$lines": [_point(line.by_language) for line in card.do_now]},
        "keep": {"$lines": [_point(line.by_language) for line in card.keep]},
        "deadline": _both(card.deadline.by_language),
        "sources": {"$lines": _sources(turn, card)},
        "checked": {"$day": card.checked_on.isoformat(), "weekday": False},
        "verified": {"$key": "law.verified" if card.verified else "law.unverified"},
    }
    row = (
        Choice("law.person", label="law.button.person", args={"card": card.id}),
        Choice("menu.law", label="law.button.again"),
    )
    return Say("law.card", values, (row, (Choice("menu.show", label="kit.button.menu"),)))


def _both(words: Mapping[str, str]) -> Value:
    return {"$text": dict(words)}


def _point(words: Mapping[str, str]) -> Value:
    return {"$key": "law.point", "values": {"line": {"$text": dict(words)}}}


def _sources(turn: Turn, card: Card) -> list[Value]:
    return [
        {
            "$key": _source_key(citation.article, citation.effective is not None),
            "values": {
                "law": _both(turn.house.statutes[citation.law].name.by_language),
                "article": citation.article,
                "effective": {"$day": citation.effective.isoformat(), "weekday": False}
                if citation.effective
                else "",
            },
        }
        for citation in card.citations
    ]


def _source_key(article: str, dated: bool) -> str:
    if not article:
        return "law.source.whole" if dated else "law.source.whole_undated"
    return "law.source.article" if dated else "law.source.undated"


@button("law.person")
def ask_person(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Open a legal case with the question already in it."""
    question = turn.session.aside.pop("question", "")
    body = {"text": question, "card": args.get("card"), "name": turn.person.profile.get("name")}
    new = NewCase(
        category=LEGAL,
        source=turn.account.channel,
        unit_id=known_unit(turn),
        body=body,
        kind=Kind.LEGAL,
        anonymous=not turn.person.profile.get("name"),
    )
    if not question:
        return turn.begin("law_person")
    return receipts.opened(turn, intake.open_case(turn.tx, turn.rules, turn.person, new))


class LawPersonForm(Form):
    """The question for a person, when none was asked yet. Words: texts/*/law_person.toml."""

    flow: ClassVar[str] = "law_person"
    review: ClassVar[bool] = False

    text: Annotated[str, Field(min_length=2, max_length=2000), Ask(Sort.TEXT)]


@flow(LawPersonForm)
def hand_over(form: LawPersonForm, turn: Turn) -> Reply:
    """Hand the question to a person."""
    turn.session.run = None
    turn.session.aside["question"] = form.text
    return ask_person(turn, {})
