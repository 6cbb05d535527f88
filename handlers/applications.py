"""Applications to join as reviewers see them: the page, approving, declining with a reason (R5)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from casework import disclosure, membership
from casework.authorize import authorize
from domain.cases import Disposition
from domain.people import masked_mobile
from domain.roles import Act
from handlers.registry import button, flow
from handlers.turn import Turn, about
from storage import cases, people, union
from storage.cases import Case
from talk.forms import Ask, Form, Sort
from talk.reply import Reply, Say, Value


class DeclineForm(Form):
    """Why an application is declined; the worker reads it. Words: texts/*/decline.toml."""

    flow: ClassVar[str] = "decline"
    review: ClassVar[bool] = False

    reason: Annotated[str, Field(min_length=4, max_length=500), Ask(Sort.TEXT)]


def facts(turn: Turn, case: Case, body: Mapping[str, Any]) -> dict[str, Value]:
    """What reviewers see of an application; the number to call only once somebody is a member."""
    nothing: Value = {"$key": "kit.value.none"}
    employment = body.get("employment")
    return {
        "who": body.get("name") or nothing,
        "phone": _phone(turn, case, body) or nothing,
        "employer": body.get("employer") or nothing,
        "place": body.get("place") or nothing,
        "employment": disclosure.item_words("employment", employment) if employment else nothing,
        "unit": union.tree(turn.tx)[membership.home_unit(turn.tx, case)].name,
    }


def _phone(turn: Turn, case: Case, body: Mapping[str, Any]) -> str:
    phone = str(body.get("phone") or "")
    joined = case.disposition is Disposition.RESOLVED
    if not phone or (joined and membership.is_member(turn.tx, cases.worker_of(turn.tx, case))):
        return phone
    return masked_mobile(phone)


def remarks(turn: Turn, case: Case, body: Mapping[str, Any]) -> list[Value]:
    """What a reviewer should know besides."""
    phone = body.get("phone")
    if not phone or not people.others_with_phone(turn.tx, cases.worker_of(turn.tx, case), phone):
        return []
    return [{"$key": "joining.phone_used"}]


@button("case.approve")
def approve(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Enter the applicant as a member."""
    case = cases.get(turn.tx, args["case"])
    member = membership.approve(turn.tx, turn.rules, turn.actor, case.id)
    unit = union.tree(turn.tx)[membership.home_unit(turn.tx, cases.get(turn.tx, case.id))].name
    values: dict[str, Value] = {"number": case.number, "member": member.number, "unit": unit}
    return Reply((Say("joining.entered", values, case_id=case.id),))


@button("case.decline")
def begin_decline(turn: Turn, args: Mapping[str, Any]) -> Reply:
    """Ask for the reason."""
    case = cases.get(turn.tx, args["case"])
    authorize(turn.tx, turn.actor, Act.REVIEW, case)
    return turn.begin("decline", subject=about(case))


@flow(DeclineForm)
def decline(form: DeclineForm, turn: Turn) -> Reply:
    """Decline with a reason."""
    case = membership.decline(turn.tx, turn.rules, turn.actor, turn.subject["case"], form.reason)
    return Reply((Say("joining.turned_down", {"number": case.number}, case_id=case.id),))
