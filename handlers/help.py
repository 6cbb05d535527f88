"""Asking for help: one form for every matter; what differs by category is data (R9)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from casework import intake
from casework.intake import NewCase
from domain.cases import Reader
from domain.categories import Category, ExtraQuestion, QuestionKind
from domain.people import person_name
from domain.tables import Wording
from domain.units import UnitId
from handlers import receipts
from handlers.registry import button, flow
from handlers.turn import Turn
from law.understanding import Understanding
from storage import evidence, people, union
from talk.forms import Ask, Draft, Form, Guide, Option, Question, Sort
from talk.reading import clean
from talk.reply import Reply, Value

MOST_PROOF = 10
EXTRA = "x_"
LEAST_TOLD = 6  # characters of a sentence that tells something


def _by_group(draft: Draft) -> bool:
    """Whether the category is looked up through its group; one known already is not."""
    return "category" not in draft or "group" in draft


_SORTS = {
    QuestionKind.TEXT: Sort.TEXT,
    QuestionKind.DATE: Sort.DAY,
    QuestionKind.YUAN: Sort.YUAN,
    QuestionKind.NUMBER: Sort.NUMBER,
    QuestionKind.CHOICE: Sort.CHOICE,
    QuestionKind.PLACE: Sort.PLACE,
}


class HelpForm(Form):
    """Asked in this order; a field with a default may be skipped. Words: texts/*/help.toml."""

    flow: ClassVar[str] = "help"
    person: ClassVar[bool] = True

    group: Annotated[
        str | None,
        Ask(Sort.CHOICE, options="groups", when=lambda draft: _by_group(draft), shown=False, skippable=False),
    ] = None
    category: Annotated[str, Ask(Sort.CHOICE, options="categories")]
    tell: Annotated[dict[str, Any], Ask(Sort.TELL)]
    employer: Annotated[
        str | None, Field(min_length=2, max_length=60), Ask(Sort.TEXT, options="employers")
    ] = None
    place: Annotated[str | None, Field(max_length=120), Ask(Sort.PLACE)] = None
    since: Annotated[date | None, Ask(Sort.DAY, past=True)] = None
    proof: Annotated[dict[str, Any] | None, Ask(Sort.FILES)] = None
    urgent: Annotated[Literal["no", "yes"], Ask(Sort.CHOICE, options=("no", "yes"))]
    reader: Annotated[str | None, Ask(Sort.CHOICE, options="readers")] = None
    woman: Annotated[
        Literal["woman", "any"] | None, Ask(Sort.CHOICE, options=("woman", "any"), skippable=False)
    ] = None
    named: Annotated[Literal["anonymous", "named"], Ask(Sort.CHOICE, options=("anonymous", "named"))]
    name: Annotated[
        str | None,
        Field(max_length=50),
        Ask(Sort.TEXT, when=lambda draft: draft.get("named") == "named", skippable=False, personal=True),
    ] = None

    @classmethod
    def questions(cls, draft: Draft, guide: Guide) -> tuple[Question, ...]:
        """The fields this draft needs, with the category's own questions after the telling."""
        assert isinstance(guide, Turn)
        asked = [q for q in super().questions(draft, guide) if _needed(q.name, draft, guide)]
        category = _category(draft, guide)
        if category is None:
            return tuple(asked)
        before = next((i for i, q in enumerate(asked) if q.name == "employer"), len(asked))
        fitted = [_fitted(question, category) for question in asked]
        return (*fitted[:before], *(_as_question(extra) for extra in category.questions), *fitted[before:])

    @classmethod
    def without_personal(cls, draft: Draft) -> Draft:
        """Without a name it is anonymous."""
        return {**draft, "named": "anonymous"}

    @classmethod
    def title(cls, draft: Draft) -> Value:
        """Named after its category once that is known."""
        return {"$key": "help.title"}


def _needed(name: str, draft: Draft, turn: Turn) -> bool:
    if name == "reader":
        return _at_workplace(turn, draft.get("employer"))
    if name == "woman":
        category = _category(draft, turn)
        return category is not None and category.woman_cadre
    if name == "name":
        return not turn.person.profile.get("name")
    return True


def _category(draft: Draft, turn: Turn) -> Category | None:
    known = turn.rules.categories
    return known[draft["category"]] if draft.get("category") in known else None


def _fitted(question: Question, category: Category) -> Question:
    """A general question as this category asks it: when it began, and what to keep as proof (R16)."""
    if question.name == "since" and category.since is not None:
        return replace(question, prompt="help.since.ask_as", values={"question": _both(category.since)})
    if question.name == "proof":
        items: list[Value] = [
            {"$key": "help.proof.item", "values": {"item": _both(item.words)}} for item in category.evidence
        ]
        return replace(question, prompt="help.proof.ask_for", values={"items": {"$lines": items}})
    return question


def _both(words: Wording) -> Value:
    return {"$text": dict(words.by_language)}


def _as_question(extra: ExtraQuestion) -> Question:
    said = extra.question.by_language
    return Question(
        name=f"{EXTRA}{extra.key}",
        sort=_SORTS[extra.kind],
        words=said,
        label_words={language: words.rstrip("？?") for language, words in said.items()},
        options=tuple(Option(each.key, words=each.label.by_language) for each in extra.choices),
        optional=extra.optional,
    )


def _at_workplace(turn: Turn, employer: str | None) -> bool:
    """Whether a unit run from inside an employer is nearest, so that the worker chooses who reads it."""
    unit_id = unit_for(turn, employer)
    tree = union.tree(turn.tx)
    return unit_id is not None and unit_id in tree and tree[UnitId(unit_id)].workplace


def unit_for(turn: Turn, employer: str | None) -> str | None:
    """The unit nearest to the matter: the person's own, or the one that looks after the employer named."""
    return known_unit(turn) or (union.unit_of_employer(turn.tx, employer) if employer else None)


def known_unit(turn: Turn) -> str | None:
    """The unit nearest to the person's place of work, from membership or the QR code they came through."""
    member = people.member(turn.tx, turn.person.id)
    if member is not None and member.state == "active":
        return member.unit_id
    entrance = turn.session.aside.get("entrance")
    return entrance["unit"] if entrance else None


@button("menu.help")
def begin(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Ask for help, with what is known already filled in."""
    return turn.begin("help", prefill(turn))


def prefill(turn: Turn) -> dict[str, Any]:
    """What a QR code or evidence sent before already answers."""
    draft: dict[str, Any] = {}
    site = turn.session.aside.get("entrance", {}).get("site")
    if site:
        draft["place"] = site
    items = evidence.not_failed(turn.tx, turn.session.aside.pop("held_items", []))
    text = turn.session.aside.pop("held_text", "")
    if items:
        draft["proof"] = {"text": "", "items": items[:MOST_PROOF]}
    if items[MOST_PROOF:]:
        turn.session.aside["held_items"] = items[MOST_PROOF:]
    if text:
        draft["tell"] = {"text": text, "items": []}
    return draft


def answer_in_words(turn: Turn) -> Reply | None:
    """Somebody asked for the matter who tells it in a sentence has named it and begun to tell."""
    run = turn.session.run
    if run is None or run.form != "help" or run.at not in ("group", "category") or run.editing:
        return None
    if turn.dialogue().typed_way(turn.wrote()) is not None:
        return None
    text = turn.incoming.text
    named = turn.rules.categories.named(text)
    if named is None and (not isinstance(turn.found, Understanding) or len(text) < LEAST_TOLD):
        return None
    category = named.key if named is not None else turn.found.intent.category
    if category is None or category not in turn.rules.categories:
        return None
    run = run.answered("category", category)
    if named is None and "tell" not in run.draft:
        run = run.answered("tell", {"text": clean(text), "items": []})
    turn.session.run = run
    return turn.follow(turn.dialogue().start())


@flow(HelpForm)
def open_help(form: HelpForm, turn: Turn) -> Reply:
    """Open one case for this matter; its limit, its first ping and the receipt commit with it."""
    named = form.named == "named"
    if named and form.name:
        name = person_name(form.name)
        people.save_profile(turn.tx, turn.person, {**turn.person.profile, "name": name})
    case = intake.open_case(turn.tx, turn.rules, turn.person, _new_case(form, turn, named))
    return receipts.opened(turn, case)


def _new_case(form: HelpForm, turn: Turn, named: bool) -> NewCase:
    extras = {key: value for key, value in (form.model_extra or {}).items() if key.startswith(EXTRA)}
    given = [*form.tell["items"], *(form.proof or {"items": []})["items"]]
    items = evidence.not_failed(turn.tx, [*given, *turn.session.aside.pop("held_items", [])])
    body = {
        "text": form.tell["text"],
        "employer": form.employer,
        "place": form.place,
        "since": form.since.isoformat() if form.since else None,
        "answers": extras,
        "name": (form.name or turn.person.profile.get("name")) if named else None,
    }
    entrance = turn.session.aside.get("entrance") or {}
    return NewCase(
        category=form.category,
        source=entrance.get("source") or turn.account.channel,
        unit_id=unit_for(turn, form.employer),
        body=body,
        items=items,
        reader=Reader(form.reader) if form.reader else None,
        anonymous=not named,
        urgent=form.urgent == "yes",
        woman=form.woman == "woman",
    )
