"""Joining the union: applied for, reviewed where the worker works, entered, and left (R5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from casework import intake, notices, profile
from casework.authorize import authorize
from casework.handling import name_of
from casework.intake import NewCase, take_fold
from casework.moves import moved
from casework.notices import calendar_of
from casework.rulebook import Rulebook
from domain import numbers
from domain.cases import Disposition, Event, Kind
from domain.errors import Refusal
from domain.roles import Act, Actor
from domain.terms import APPLICATION
from domain.units import UnitId
from storage import audit, cases, dues, outbox, people, union
from storage.cases import Case
from storage.people import Member, Person
from storage.tx import Tx
from talk.reply import Choice

JOINING = "joining"  # the consent to be kept as a member
CONSENT_VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody says who wants to join.

    Attributes:
        employment: a value of `domain.people.Employment`.
    """

    name: str
    phone: str
    employer: str
    place: str
    employment: str


ASKED = tuple(Application.__slots__)


def apply(
    tx: Tx, rules: Rulebook, worker: Person, said: Application, entrance: str | None, source: str
) -> Case:
    """Enter an application; reviewers where the worker works are called, with a limit like any case.

    Args:
        entrance: the unit whose poster the worker came through, if any.

    Raises:
        Refusal: `joining.already_member`, `joining.already_applied` (number), `case.too_many_new`.
    """
    if is_member(tx, worker.id):
        raise Refusal("joining.already_member")
    waiting = open_application(tx, worker.id)
    if waiting is not None:
        raise Refusal("joining.already_applied", number=waiting.number)
    unit_id = place_of_work(tx, said.employer, said.place, entrance)
    body = {**{name: getattr(said, name) for name in ASKED}, "unit": unit_id}
    new = NewCase(category=APPLICATION.key, source=source, unit_id=unit_id, body=body)
    return intake.open_case(tx, rules, worker, new)


def is_member(tx: Tx, person_id: str) -> bool:
    """Whether somebody is a member now."""
    member = people.member(tx, person_id)
    return member is not None and member.active


def open_application(tx: Tx, person_id: str) -> Case | None:
    """The application that is being reviewed, if any."""
    found = cases.of_worker(tx, person_id, only_open=True)
    return next((case for case in found if case.kind is Kind.APPLICATION), None)


def said_before(tx: Tx, person: Person) -> dict[str, str]:
    """What a person need not say again: from an earlier application, else from what is held."""
    earlier = next((c for c in cases.of_worker(tx, person.id) if c.kind is Kind.APPLICATION), None)
    found = {**person.profile, **(cases.body(tx, earlier) if earlier is not None else {})}
    return {name: found[name] for name in ASKED if found.get(name)}


def place_of_work(tx: Tx, employer: str, place: str, entrance: str | None) -> UnitId:
    """The unit that covers a place of work: the employer says the branch, poster and place where in it."""
    tree = union.tree(tx)
    found: UnitId | None = None
    for named in (union.unit_of_employer(tx, employer), entrance, _unit_of_site(tx, place)):
        unit_id = UnitId(named or "")
        if unit_id in tree and (found is None or tree.covers(found, unit_id)):
            found = unit_id
    return found or tree.root.id


def sites(tx: Tx, employer: str) -> list[str]:
    """The sites with a poster that an employer's union covers; all of them for an employer nobody knows."""
    tree = union.tree(tx)
    branch = UnitId(union.unit_of_employer(tx, employer) or tree.root.id)
    found = (each for each in union.entrances_of(tx) if tree.covers(branch, UnitId(each.unit_id)))
    return list(dict.fromkeys(each.site for each in found))


def _unit_of_site(tx: Tx, place: str) -> str | None:
    doors = (each.unit_id for each in union.entrances_of(tx) if each.site == place.strip())
    return next(doors, None) or union.unit_of_employer(tx, place)


def home_unit(tx: Tx, case: Case) -> UnitId:
    """The unit somebody is entered in: their place of work, or where reviewers passed the application."""
    tree = union.tree(tx)
    passed = [line.detail.get("unit") for line in cases.timeline(tx, case, kinds=("passed",))]
    named = [UnitId(each) for each in (*passed[::-1], cases.body(tx, case).get("unit")) if each]
    reviewing = UnitId(case.unit_id)
    return next((unit for unit in named if unit in tree and tree.covers(reviewing, unit)), reviewing)


def approve(tx: Tx, rules: Rulebook, actor: Actor, case_id: str) -> Member:
    """Enter the applicant as a member and tell them their number."""
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.REVIEW, case)
    worker = people.person(tx, cases.worker_of(tx, case))
    unit_id = home_unit(tx, case)
    decided = _decide(tx, actor, case, Disposition.RESOLVED, {"unit": unit_id})
    member = people.add_member(tx, worker.id, _number(tx, rules, decided), unit_id)
    body = cases.body(tx, case)
    profile.keep(tx, worker, {name: body[name] for name in ASKED})
    rows = (
        (
            Choice("join.about_me", label="joining.button.about_me"),
            Choice("menu.show", label="kit.button.later"),
        ),
    )
    unit = union.tree(tx)[unit_id].name
    notices.tell_worker(tx, rules, decided, "joining.approved", rows, member=member.number, unit=unit)
    return member


def decline(tx: Tx, rules: Rulebook, actor: Actor, case_id: str, reason: str) -> Case:
    """Decline an application; the worker reads the reason and how to go on."""
    case = cases.get(tx, case_id)
    authorize(tx, actor, Act.REVIEW, case)
    decided = _decide(tx, actor, case, Disposition.NOT_NOW, {"text": reason})
    people.withdraw_consents(tx, cases.worker_of(tx, case), JOINING)
    rows = (
        (Choice("menu.join", label="joining.button.again"), Choice("menu.help", label="menu.button.help")),
    )
    who = name_of(tx, actor.person)
    notices.tell_worker(tx, rules, decided, "joining.declined", rows, who=who, text=reason)
    return decided


def _decide(tx: Tx, actor: Actor, case: Case, came_of_it: Disposition, detail: Mapping[str, str]) -> Case:
    state = moved(case, Event.DECIDE)
    dues.cancel(tx, case.id)
    outbox.strip_fold(tx, take_fold(case))
    case = cases.change(
        tx,
        case,
        state=state.value,
        disposition=came_of_it.value,
        owner_id=actor.person,
        closed_at=tx.now,
        paused_at=None,
    )
    cases.record(tx, case, "decided", "cadre", dict(detail), actor_id=actor.person, shown=True)
    return case


def _number(tx: Tx, rules: Rulebook, case: Case) -> str:
    year = calendar_of(tx, rules, case).local(tx.now).year
    return numbers.membership_number(year, people.next_in_year(tx, year))


def leave(tx: Tx, person: Person) -> None:
    """End a membership: the number is kept as left, the consent to joining ends.

    Raises:
        Refusal: `joining.not_member`.
    """
    member = people.member(tx, person.id)
    if member is None or not member.active:
        raise Refusal("joining.not_member")
    people.leave(tx, person.id)
    people.withdraw_consents(tx, person.id, JOINING)
    audit.record(tx, person.id, "leave", member.unit_id, "done")
