"""The short forms a cadre fills in for one case."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from casework import cadres, handling, outcome, reach
from casework.authorize import authorize
from domain.cases import Disposition
from domain.people import person_name
from domain.roles import Act
from domain.units import UnitId
from handlers.registry import button, flow
from handlers.turn import Turn, about
from storage import cases, union
from storage.cases import Case
from talk.forms import Ask, Form, Sort
from talk.reply import Choice, Reply, Say, Value
from talk.words import day

Words = Annotated[str, Field(min_length=1, max_length=2000), Ask(Sort.TEXT)]


class ReplyForm(Form):
    """What to write to the worker. Words: texts/*/reply.toml."""

    flow: ClassVar[str] = "reply"
    review: ClassVar[bool] = False
    text: Words


class QuestionForm(Form):
    """What to ask the worker. Words: texts/*/question.toml."""

    flow: ClassVar[str] = "question"
    review: ClassVar[bool] = False
    text: Words


class NoteForm(Form):
    """What to keep among colleagues. Words: texts/*/note.toml."""

    flow: ClassVar[str] = "note"
    review: ClassVar[bool] = False
    text: Words


class PassForm(Form):
    """Whom to pass the case to, and why. Words: texts/*/pass.toml."""

    flow: ClassVar[str] = "pass"
    review: ClassVar[bool] = False
    to: Annotated[str, Ask(Sort.CHOICE, options="recipients")]
    reason: Annotated[str, Field(min_length=2, max_length=500), Ask(Sort.TEXT)]


class OutcomeForm(Form):
    """The result, and the sentence the worker reads. Words: texts/*/outcome.toml."""

    flow: ClassVar[str] = "outcome"
    disposition: Annotated[
        Literal["resolved", "partly", "not_now"], Ask(Sort.CHOICE, options=("resolved", "partly", "not_now"))
    ]
    text: Annotated[str, Field(min_length=4, max_length=1000), Ask(Sort.TEXT)]
    check_on: Annotated[
        date | None,
        Ask(Sort.DAY, ahead=True, when=lambda draft: draft.get("disposition") in ("partly", "not_now")),
    ] = None


class AwayForm(Form):
    """Until when, and who stands in. Words: texts/*/away.toml."""

    flow: ClassVar[str] = "away"
    review: ClassVar[bool] = False
    deputy: Annotated[str, Ask(Sort.CHOICE, options="colleagues")]
    until: Annotated[date, Ask(Sort.DAY, ahead=True)]


class CadreNameForm(Form):
    """How a cadre is called. Words: texts/*/cadre_name.toml."""

    flow: ClassVar[str] = "cadre_name"
    review: ClassVar[bool] = False
    name: Annotated[str, Field(min_length=1, max_length=50), Ask(Sort.TEXT)]


def _begins(act: str, flow_name: str, right: Act) -> None:
    @button(f"case.{act}")
    def begin(turn: Turn, args: Mapping[str, Any]) -> Reply:
        case = cases.get(turn.tx, args["case"])
        authorize(turn.tx, turn.actor, right, case)
        return turn.begin(flow_name, subject=about(case))


_begins("reply", "reply", Act.REPLY)
_begins("ask", "question", Act.ASK_WORKER)
_begins("note", "note", Act.NOTE)
_begins("pass", "pass", Act.PASS_ON)
_begins("outcome", "outcome", Act.TELL_OUTCOME)


def _done(key: str, case: Case, **values: Value) -> Reply:
    row = (Choice("case.look", label="desk.button.look", args={"case": case.id}),)
    return Reply((Say(key, {"number": case.number, **values}, (row,), case_id=case.id),))


@flow(ReplyForm)
def send_reply(form: ReplyForm, turn: Turn) -> Reply:
    """Write to the worker."""
    case = handling.write(turn.tx, turn.rules, turn.actor, turn.subject["case"], form.text)
    return _done("desk.written" if reach.worker_reached(turn.tx, case) else "desk.written_waits", case)


@flow(QuestionForm)
def send_question(form: QuestionForm, turn: Turn) -> Reply:
    """Ask the worker; the clock stands still until they answer."""
    return _done(
        "desk.asked", handling.ask_worker(turn.tx, turn.rules, turn.actor, turn.subject["case"], form.text)
    )


@flow(NoteForm)
def keep_note(form: NoteForm, turn: Turn) -> Reply:
    """Keep a note the worker never sees."""
    return _done("desk.noted", handling.note(turn.tx, turn.actor, turn.subject["case"], form.text))


@flow(PassForm)
def pass_on(form: PassForm, turn: Turn) -> Reply:
    """Pass the case to a colleague or another unit."""
    kind, _, to = form.to.partition(":")
    act = handling.pass_to_unit if kind == "unit" else handling.pass_to_colleague
    before = cases.get(turn.tx, turn.subject["case"])
    case = act(turn.tx, turn.rules, turn.actor, before.id, to, form.reason)
    if case == before:
        unit = union.tree(turn.tx)[UnitId(to)].name
        return _done("joining.belongs_to", case, unit=unit)
    return Reply((Say("desk.passed", {"number": case.number}, case_id=case.id),))


@flow(OutcomeForm)
def tell_outcome(form: OutcomeForm, turn: Turn) -> Reply:
    """Tell the worker the result."""
    case = outcome.tell(
        turn.tx,
        turn.rules,
        turn.actor,
        turn.subject["case"],
        Disposition(form.disposition),
        form.text,
        form.check_on,
    )
    return _done("desk.told", case)


@button("desk.away")
def begin_away(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """I am away until, and who stands in."""
    if not cadres.colleagues(turn.tx, turn.person.id):
        return Reply((Say("desk.no_colleague"),))
    return turn.begin("away")


@flow(AwayForm)
def go_away(form: AwayForm, turn: Turn) -> Reply:
    """Be away; the deputy gets the pings."""
    until = datetime.combine(form.until + timedelta(days=1), time.min, turn.calendar.zone)
    cadres.go_away(turn.tx, turn.actor, form.deputy, until)
    row = (Choice("desk.back", label="desk.button.back"),)
    return Reply(
        (
            Say(
                "desk.away_until",
                {"until": day(form.until), "who": handling.name_of(turn.tx, form.deputy)},
                (row,),
            ),
        )
    )


@button("desk.back")
def back(turn: Turn, _args: Mapping[str, Any]) -> Reply:
    """I am back."""
    cadres.come_back(turn.tx, turn.actor)
    return Reply((Say("desk.back"),))


@flow(CadreNameForm)
def name_self(form: CadreNameForm, turn: Turn) -> Reply:
    """Be called by this name."""
    cadres.name_self(turn.tx, turn.person, person_name(form.name))
    row = (Choice("desk.waiting", label="menu.button.waiting"), Choice("desk.mine", label="menu.button.desk"))
    return Reply((Say("desk.named", {"name": form.name}, (row,)),))
