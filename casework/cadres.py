"""Cadres: invited into a post, on duty, away with a deputy."""

from datetime import datetime, timedelta

from casework.authorize import authorize
from domain.errors import Refusal
from domain.roles import Act, Actor, Role, UnitSubject
from domain.units import UnitId
from storage import audit, people, union
from storage.people import Person
from storage.tx import Tx

INVITATION_LIVES = timedelta(hours=24)


def invite(tx: Tx, actor: Actor | None, unit_id: str, role: Role, on_duty: bool) -> str:
    """Make a one-use invitation to a post.

    Args:
        actor: who invites; None for whoever runs the command line on the union's own machine.

    Returns:
        The payload of the deep link, told once and kept nowhere.
    """
    if unit_id not in union.tree(tx):
        raise Refusal("desk.no_such_unit", unit=unit_id)
    if actor is not None:
        authorize(tx, actor, Act.INVITE, UnitSubject(UnitId(unit_id), role))
    else:
        audit.record(tx, "command line", Act.INVITE.value, unit_id, "done")
    return "i_" + union.invite(tx, unit_id, role, on_duty, INVITATION_LIVES)


def accept_invitation(tx: Tx, person: Person, token: str) -> union.Holder:
    """Bind a person to the post of an invitation.

    Raises:
        Refusal: `desk.invitation_unusable`, in the same words whether it is unknown, used or expired.
    """
    invitation = union.use_invitation(tx, token, person.id)
    if invitation is None:
        raise Refusal("desk.invitation_unusable")
    union.add_post(tx, person.id, invitation.unit_id, invitation.role, invitation.on_duty)
    audit.record(tx, person.id, "join_post", invitation.unit_id, invitation.role.value)
    return union.Holder(person.id, invitation.unit_id, invitation.role, invitation.on_duty)


def name_self(tx: Tx, person: Person, name: str) -> None:
    """How a cadre is called in front of workers and colleagues."""
    people.save_profile(tx, person, {**person.profile, "name": name})


def colleagues(tx: Tx, person_id: str) -> list[str]:
    """Others who hold a post in the same units."""
    units = {holder.unit_id for holder in union.posts_of(tx, person_id)}
    found = [h.person_id for unit in sorted(units) for h in union.holders(tx, unit)]
    return [each for each in dict.fromkeys(found) if each != person_id]


def go_away(tx: Tx, actor: Actor, deputy: str, until: datetime) -> None:
    """Be away until an instant; a colleague stands in.

    Raises:
        Refusal: `desk.away_past`, `desk.not_a_colleague`.
    """
    if until <= tx.now:
        raise Refusal("desk.away_past")
    if deputy not in colleagues(tx, actor.person):
        raise Refusal("desk.not_a_colleague")
    union.go_away(tx, actor.person, deputy, until)
    audit.record(tx, actor.person, "away", deputy, until.isoformat())


def come_back(tx: Tx, actor: Actor) -> None:
    """Be back."""
    union.come_back(tx, actor.person)
    audit.record(tx, actor.person, "back", actor.person, "done")
