"""The one door every act of a cadre goes through, and the record it leaves."""

from domain.cases import Kind, Reader
from domain.people import PersonId
from domain.roles import Act, Actor, CaseSubject, UnitSubject, decide
from domain.units import UnitId
from storage import audit, cases, union
from storage.cases import Case
from storage.tx import Tx


def authorize(tx: Tx, actor: Actor, act: Act, subject: Case | UnitSubject) -> None:
    """Let the actor do this, or refuse; recorded either way.

    Raises:
        Refusal: the keys of `domain.roles.REFUSALS`.
    """
    about = subject.id if isinstance(subject, Case) else subject.unit
    reason = decide(actor, act, _subject(tx, actor, subject), union.tree(tx))
    audit.record(tx, actor.person, act.value, about, reason.key if reason else "done")
    if reason is not None:
        raise reason


def allowed(tx: Tx, actor: Actor, act: Act, case: Case) -> bool:
    """Whether the actor could do this; nothing is done, so nothing is recorded."""
    return decide(actor, act, _subject(tx, actor, case), union.tree(tx)) is None


def may_take(tx: Tx, actor: Actor, subject: CaseSubject) -> bool:
    """Whether the actor could take a case like this; there need not be one yet."""
    return decide(actor, Act.TAKE, subject, union.tree(tx)) is None


def _subject(tx: Tx, actor: Actor, subject: Case | UnitSubject) -> CaseSubject | UnitSubject:
    if isinstance(subject, UnitSubject):
        return subject
    own = cases.belongs_to(tx, subject, actor.person)
    worker = actor.person if own else subject.worker_id
    return CaseSubject(
        unit=UnitId(subject.unit_id),
        kind=Kind(subject.kind),
        reader=Reader(subject.reader),
        worker=PersonId(worker) if worker else None,
        against_employer=subject.against_employer,
        sensitive=subject.sensitive,
    )
