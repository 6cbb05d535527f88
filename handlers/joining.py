"""Joining the union: consent first, then only what is needed; more once somebody is a member (R5)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, TypeAdapter

from casework import membership, profile
from casework.membership import ASKED, Application
from domain.people import OCCUPATIONS, Employment, Shift, person_name, worker_id
from domain.units import UnitId
from handlers import receipts
from handlers.choosers import chooser
from handlers.registry import button, flow
from handlers.turn import Turn
from storage import people, union
from storage.cases import Case
from talk.forms import Ask, Draft, Form, Guide, Option, Question, Sort
from talk.reply import Choice, Reply, Say, Value
from talk.words import at


class JoiningForm(Form):
    """Asked in this order; what is known already is not. Words: texts/*/joining.toml."""

    flow: ClassVar[str] = "joining"
    person: ClassVar[bool] = True

    name: Annotated[str, AfterValidator(person_name), Ask(Sort.TEXT, personal=True)]
    phone: Annotated[str, Ask(Sort.PHONE)]
    employer: Annotated[str, Field(min_length=2, max_length=60), Ask(Sort.TEXT, options="employers")]
    place: Annotated[str, Field(min_length=2, max_length=60), Ask(Sort.TEXT, options="places")]
    employment: Annotated[str, Ask(Sort.CHOICE, options=tuple(each.value for each in Employment))]


class AboutMeForm(Form):
    """Asked once somebody is a member, each skippable. Words: texts/*/about_me.toml."""

    flow: ClassVar[str] = "about_me"
    review: ClassVar[bool] = False

    occupation: Annotated[str | None, Field(max_length=40), Ask(Sort.TEXT, options=OCCUPATIONS)] = None
    shift: Annotated[str | None, Ask(Sort.CHOICE, options=tuple(each.value for each in Shift))] = None
    skills: Annotated[str | None, Field(max_length=120), Ask(Sort.TEXT)] = None
    resident_id: Annotated[str | None, Ask(Sort.TEXT, at_home=True)] = None

    @classmethod
    def questions(cls, draft: Draft, guide: Guide) -> tuple[Question, ...]:
        """The fields, a resident ID checked against the day it is."""
        return tuple(_dated(question, guide) for question in super().questions(draft, guide))


def _dated(question: Question, guide: Guide) -> Question:
    if question.name != "resident_id":
        return question
    checked = Annotated[str, AfterValidator(lambda text: worker_id(text, guide.today))]
    return replace(question, check=TypeAdapter(checked))


@chooser("places")
def places(turn: Turn, draft: Draft) -> Sequence[Option]:
    """The sites of the employer that the union knows."""
    return [Option(site, words=site) for site in membership.sites(turn.tx, draft.get("employer", ""))]


@button("menu.join")
def begin(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Say what joining means before anything is asked; who joined or applied already hears how it stands."""
    member = people.member(turn.tx, turn.person.id)
    if member is not None and member.active:
        return _already(turn)
    waiting = membership.open_application(turn.tx, turn.person.id)
    if waiting is not None:
        return Reply((_under_review(waiting),))
    row = (
        Choice("join.agree", label="joining.button.agree"),
        Choice("menu.show", label="joining.button.not_now"),
    )
    return Reply((Say("joining.consent", {"union": turn.house.union_name(turn.tx)}, (row,)),))


def _already(turn: Turn) -> Reply:
    member = people.member(turn.tx, turn.person.id)
    assert member is not None
    values: dict[str, Value] = {"member": member.number, "unit": _unit_name(turn, member.unit_id)}
    row = (
        Choice("menu.profile", label="menu.button.profile"),
        Choice("menu.show", label="kit.button.menu"),
    )
    return Reply((Say("joining.already", values, (row,)),))


def _unit_name(turn: Turn, unit_id: str) -> str:
    tree = union.tree(turn.tx)
    return tree[UnitId(unit_id)].name if unit_id in tree else tree.root.name


def _under_review(case: Case) -> Say:
    row = (
        Choice("my.write", label="case.button.add", args={"case": case.id}),
        Choice("my.case", label="case.button.look", args={"case": case.id}),
    )
    values: dict[str, Value] = {"number": case.number, "due": at(case.due_at)}
    return Say("joining.under_review", values, (row,), case_id=case.id)


@button("join.agree")
def agree(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """The person agrees to be kept as somebody who joins; what is known already is filled in."""
    people.give_consent(turn.tx, turn.person.id, membership.JOINING, membership.CONSENT_VERSION)
    return turn.begin("joining", {**_from_entrance(turn), **_said_before(turn), **_draft_under_way(turn)})


def _draft_under_way(turn: Turn) -> dict[str, Any]:
    """The answers of an application that was begun and put aside."""
    session = turn.session
    drafts = [run for run in (*session.parked, session.run) if run is not None]
    begun = [run for run in drafts if run.form == JoiningForm.flow]
    session.parked = [run for run in session.parked if run.form != JoiningForm.flow]
    if session.run is not None and session.run.form == JoiningForm.flow:
        session.run = None
    return begun[-1].draft if begun else {}


def _said_before(turn: Turn) -> dict[str, Any]:
    return dict(membership.said_before(turn.tx, turn.person))


def _from_entrance(turn: Turn) -> dict[str, Any]:
    """What the poster already says: the site, and the employer where only one is there."""
    entrance = turn.session.aside.get("entrance")
    if not entrance:
        return {}
    there = [each.name for each in union.all_employers(turn.tx) if each.unit_id == entrance["unit"]]
    return {"place": entrance["site"], **({"employer": there[0]} if len(there) == 1 else {})}


@flow(JoiningForm)
def send(form: JoiningForm, turn: Turn) -> Reply:
    """Enter the application; its number, who reviews it and by when are told at once."""
    entrance = turn.session.aside.get("entrance") or {}
    said = Application(**{name: getattr(form, name) for name in ASKED})
    source = entrance.get("source") or turn.account.channel
    case = membership.apply(turn.tx, turn.rules, turn.person, said, entrance.get("unit"), source)
    return receipts.applied(turn, case)


@button("join.about_me")
def begin_about_me(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """Ask what a member may tell besides; what is held already is not asked."""
    held = turn.person.profile
    return turn.begin("about_me", {name: held[name] for name in AboutMeForm.model_fields if held.get(name)})


@flow(AboutMeForm)
def keep_about_me(form: AboutMeForm, turn: Turn) -> Reply:
    """Keep what was said; what was skipped is not kept."""
    profile.keep(turn.tx, turn.person, form.model_dump(include=set(AboutMeForm.model_fields)))
    row = (
        Choice("menu.profile", label="menu.button.profile"),
        Choice("menu.show", label="kit.button.menu"),
    )
    return Reply((Say("about_me.kept", choices=(row,)),))
