"""Who in a union may do what, and to which case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.cases import Kind, Reader
from domain.errors import Refusal
from domain.people import PersonId
from domain.units import Tree, UnitId


class Role(StrEnum):
    """What a cadre is in a unit (R35)."""

    GROUP_LEADER = "group_leader"  # 工会小组长
    LIAISON = "liaison"  # 联络员
    COMMITTEE = "committee"  # 工会委员
    CHAIR = "chair"  # 主席
    LEGAL = "legal"  # 法律援助
    ADMIN = "admin"  # 管理员


class Act(StrEnum):
    """What a cadre may be allowed to do."""

    SUPERVISE = "supervise"  # see number, category, state and limit; no name and no words
    ACKNOWLEDGE = "acknowledge"  # a ping
    READ = "read"
    TAKE = "take"
    REPLY = "reply"
    ASK_WORKER = "ask_worker"
    NOTE = "note"
    PASS_ON = "pass_on"
    TELL_OUTCOME = "tell_outcome"
    EXPORT = "export"
    REVIEW = "review"  # an application: approve, ask for more, decline
    INVITE = "invite"
    MANAGE_ROSTER = "manage_roster"
    MANAGE_UNITS = "manage_units"


UNIT_ACTS = frozenset({Act.INVITE, Act.MANAGE_ROSTER, Act.MANAGE_UNITS})
_UNSEEN = frozenset({Act.SUPERVISE, Act.ACKNOWLEDGE, Act.PASS_ON})  # done without reading a word
_FROM_ABOVE = _UNSEEN | {Act.TAKE}  # taking brings the case up to the taker's unit, where it can be read
_HANDLING = _FROM_ABOVE | {Act.READ, Act.REPLY, Act.ASK_WORKER, Act.NOTE, Act.TELL_OUTCOME}
_COMMITTEE = _HANDLING | {Act.EXPORT, Act.REVIEW}

ALLOWED: Mapping[Role, frozenset[Act]] = {
    Role.GROUP_LEADER: _HANDLING,
    Role.LIAISON: _HANDLING,
    Role.COMMITTEE: _COMMITTEE,
    Role.CHAIR: _COMMITTEE | {Act.INVITE, Act.MANAGE_ROSTER},
    Role.LEGAL: _HANDLING | {Act.EXPORT},
    Role.ADMIN: UNIT_ACTS,
}
GRANTS: Mapping[Role, frozenset[Role]] = {
    Role.CHAIR: frozenset({Role.GROUP_LEADER, Role.LIAISON, Role.COMMITTEE, Role.LEGAL}),
    Role.ADMIN: frozenset(Role),
}
_OPENED_TO = frozenset({Role.COMMITTEE, Role.CHAIR, Role.LEGAL})  # who may read a sensitive case
_EVERY_ACT = frozenset(Act)

NOT_FOUND = "case.not_found"  # the same words whether it does not exist or is not theirs (P10)
OWN_MATTER = "auth.own_matter"
KEPT = "auth.kept_from_level"
ROLE = "auth.role"
REFUSALS = frozenset({NOT_FOUND, OWN_MATTER, KEPT, ROLE})


@dataclass(frozen=True, slots=True)
class Post:
    """One role in one unit; `employer_side` marks a cadre who also manages for the employer."""

    unit: UnitId
    role: Role
    employer_side: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """A cadre and the posts held today, those taken over as a deputy included."""

    person: PersonId
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class CaseSubject:
    """What authorisation has to know of a case."""

    unit: UnitId
    kind: Kind
    reader: Reader
    worker: PersonId | None  # None when the person is sealed apart
    concerns: frozenset[PersonId] = frozenset()  # people the matter is about, such as the one complained of
    against_employer: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class UnitSubject:
    """A unit something is done to; `grants` is the role an invitation gives."""

    unit: UnitId
    grants: Role | None = None


Subject = CaseSubject | UnitSubject


def may(role: Role, act: Act) -> bool:
    """Whether the role carries the act at all, before asking on whom."""
    return act in ALLOWED[role]


def decide(actor: Actor, act: Act, subject: Subject, tree: Tree) -> Refusal | None:
    """Why this cadre may not do this, or None when they may.

    A case outside the units beneath a post, kept from workplaces by the worker, held against the
    employer a post speaks for, or about the cadre is refused as if it did not exist, and so is an
    application to join for who speaks for the employer; a cadre's own matter is refused openly, since its
    owner knows of it. Who supervises from above the workplace,
    or a sensitive case from above its unit, may take it up but reads nothing before.

    Returns:
        A refusal with one of `REFUSALS`: the one of the post that came closest.

    Source: R9, R35; P9, P10.
    """
    if isinstance(subject, UnitSubject):
        return _closest(_reason_not_unit(post, act, subject, tree) for post in actor.posts)
    if subject.worker == actor.person:
        return Refusal(OWN_MATTER)
    if actor.person in subject.concerns:
        return Refusal(NOT_FOUND)
    if subject.against_employer and any(post.employer_side for post in actor.posts):
        return Refusal(NOT_FOUND)  # whoever speaks for the employer in one post does not hear it in another
    return _closest(_reason_not(post, act, subject, tree) for post in actor.posts)


def _reason_not(post: Post, act: Act, case: CaseSubject, tree: Tree) -> str | None:
    if not tree.covers(post.unit, case.unit) or _hidden(post, case, tree):
        return NOT_FOUND
    if act in UNIT_ACTS or not may(post.role, act):
        return ROLE
    if not _fits_kind(post.role, act, case.kind):
        return ROLE
    return None if act in _within_reach(post, case, tree) else KEPT


def _fits_kind(role: Role, act: Act, kind: Kind) -> bool:
    if kind is Kind.APPLICATION:
        return act in _UNSEEN or may(role, Act.REVIEW)
    return act is not Act.REVIEW


def _within_reach(post: Post, case: CaseSubject, tree: Tree) -> frozenset[Act]:
    if case.sensitive and post.role not in _OPENED_TO:
        return _UNSEEN
    told_to_workplace = case.reader is Reader.WORKPLACE and tree[case.unit].workplace
    from_outside = told_to_workplace and not tree[post.unit].workplace
    if from_outside or (case.sensitive and post.unit != case.unit):
        return _FROM_ABOVE
    return _EVERY_ACT


def _hidden(post: Post, case: CaseSubject, tree: Tree) -> bool:
    if post.role is Role.ADMIN:
        return True
    if post.role is Role.LEGAL and case.kind is not Kind.LEGAL:
        return True
    if case.reader is Reader.AREA and tree[post.unit].workplace:
        return True
    return post.employer_side and (case.against_employer or case.kind is Kind.APPLICATION)


def _reason_not_unit(post: Post, act: Act, subject: UnitSubject, tree: Tree) -> str | None:
    if act not in UNIT_ACTS or not may(post.role, act) or not tree.covers(post.unit, subject.unit):
        return ROLE
    if subject.grants is not None and subject.grants not in GRANTS[post.role]:
        return ROLE
    return None


def _closest(reasons: Iterable[str | None]) -> Refusal | None:
    found = set(reasons)
    if None in found:
        return None
    return Refusal(next((key for key in (KEPT, ROLE) if key in found), NOT_FOUND))
