"""The ledger of cases: rows, timelines and the sealed link to the worker."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from domain.cases import CLOCK_RUNS, OPEN, Disposition, Kind, Reader, Route, State, Track, Word
from storage.tables import case_events, case_links, cases, jobs
from storage.tx import KeyDestroyed, Tx

OPEN_STATES = tuple(state.value for state in OPEN)


@dataclass(frozen=True, slots=True)
class Case:
    """One matter as its row holds it; what was said is read apart with `body`."""

    id: str
    number: str
    kind: Kind
    category: str
    source: str
    key_id: str
    worker_id: str | None
    alias: str
    unit_id: str
    owner_id: str | None
    taken: bool
    reader: Reader
    against_employer: bool
    sensitive: bool
    urgent: bool
    route: Route
    track: Track
    state: State
    disposition: Disposition | None
    word: Word | None
    woman: bool
    opened_at: datetime
    clock_from: datetime
    taken_at: datetime | None
    take_by: datetime
    soon_at: datetime
    due_at: datetime
    provisional: bool
    paused_at: datetime | None
    level: int
    round: int
    told_at: datetime | None
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it still needs somebody."""
        return self.state in OPEN

    @property
    def clock_runs(self) -> bool:
        """Whether its limit counts: not while the worker is asked, nor once the result is told."""
        return self.state in CLOCK_RUNS

    @property
    def anonymous(self) -> bool:
        """Whether cadres know the worker by an alias only."""
        return self.worker_id is None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One line of a case's timeline."""

    id: int
    case_id: str
    kind: str
    by: str
    actor_id: str | None
    shown: bool
    detail: dict[str, Any]
    at: datetime


def add(tx: Tx, person_id: str, body: dict[str, Any], **columns: Any) -> Case:
    """Enter a case; an anonymous one keeps its worker only in the sealed link."""
    case_id = columns["id"]
    tx.conn.execute(
        insert(cases).values(body=tx.seal(columns["key_id"], "cases", case_id, "body", body), **columns)
    )
    tx.conn.execute(
        insert(case_links).values(
            case_id=case_id,
            person_index=person_index(tx, person_id),
            person=tx.sealer.seal_identity(person_id.encode(), case_id),
        )
    )
    return get(tx, case_id)


def person_index(tx: Tx, person_id: str) -> str:
    """A person's blind index in the ledger."""
    return tx.sealer.blind_index("identity", person_id)


def worker_of(tx: Tx, case: Case) -> str:
    """The worker of a case; only for carrying words to them, never for showing."""
    blob = tx.conn.execute(select(case_links.c.person).where(case_links.c.case_id == case.id)).scalar_one()
    return tx.sealer.open_identity(blob, case.id).decode()


def get(tx: Tx, case_id: str) -> Case:
    """The case with this id."""
    return _case(tx.conn.execute(select(cases).where(cases.c.id == case_id)).one())


def find(tx: Tx, number: str) -> Case | None:
    """The case with this public number."""
    row = tx.conn.execute(select(cases).where(cases.c.number == number)).one_or_none()
    return None if row is None else _case(row)


def _case(row: Any) -> Case:
    values = {name: getattr(row, name) for name in Case.__slots__}
    kinds: dict[str, Any] = {
        "kind": Kind, "reader": Reader, "route": Route, "track": Track, "state": State,
        "disposition": Disposition, "word": Word,
    }  # fmt: skip
    for name, kind in kinds.items():
        values[name] = kind(values[name]) if values[name] is not None else None
    return Case(**values)


def body(tx: Tx, case: Case) -> dict[str, Any]:
    """What was said when the case was opened; nothing, once the worker had it erased."""
    blob = tx.conn.execute(select(cases.c.body).where(cases.c.id == case.id)).scalar_one()
    return _opened(tx, case, "cases", case.id, "body", blob)


def _opened(tx: Tx, case: Case, table: str, row_id: str | int, column: str, blob: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = tx.unseal(case.key_id, table, row_id, column, blob)
    except KeyDestroyed:
        return {}
    return found


def forget_words(tx: Tx, case: Case) -> None:
    """Destroy what was said in a case; that there was one, of which sort and how it went, stays."""
    tx.destroy_key(case.key_id)
    tx.conn.execute(delete(jobs).where(jobs.c.key_id == case.key_id))
    change(tx, case, worker_id=None)


def forget_name(tx: Tx, case: Case, keep: Collection[str]) -> Case:
    """Let a case go on without its worker's name.

    Args:
        keep: which parts of what was said when it was opened stay.
    """
    kept = {name: value for name, value in body(tx, case).items() if name in keep}
    return change(tx, case, worker_id=None, body=tx.seal(case.key_id, "cases", case.id, "body", kept))


def change(tx: Tx, case: Case, **values: Any) -> Case:
    """Change columns of a case and give it back as it now stands."""
    tx.conn.execute(update(cases).where(cases.c.id == case.id).values(**values))
    return get(tx, case.id)


def next_number(tx: Tx, month: str) -> int:
    """The next sequence number in a month given as `yymm`."""
    count = tx.conn.execute(
        select(func.count()).select_from(cases).where(cases.c.number.like(f"{month}-%"))
    ).scalar_one()
    return int(count) + 1


def of_worker(tx: Tx, person_id: str, *, only_open: bool = False) -> list[Case]:
    """A worker's cases, the newest first."""
    query = (
        select(cases)
        .join(case_links, case_links.c.case_id == cases.c.id)
        .where(case_links.c.person_index.in_(tx.sealer.blind_indexes("identity", person_id)))
        .order_by(cases.c.opened_at.desc(), cases.c.number.desc())
    )
    if only_open:
        query = query.where(cases.c.state.in_(OPEN_STATES))
    return [_case(row) for row in tx.conn.execute(query)]


def belongs_to(tx: Tx, case: Case, person_id: str) -> bool:
    """Whether this person is the worker of the case."""
    index = tx.conn.execute(
        select(case_links.c.person_index).where(case_links.c.case_id == case.id)
    ).scalar_one()
    return index in tx.sealer.blind_indexes("identity", person_id)


def owned_by(tx: Tx, person_id: str) -> list[Case]:
    """A cadre's open cases, what is due first in front."""
    return _open_where(tx, cases.c.owner_id == person_id)


def open_in(tx: Tx, unit_ids: Collection[str]) -> list[Case]:
    """Open cases of some units, what is due first in front."""
    return _open_where(tx, cases.c.unit_id.in_(unit_ids))


def _open_where(tx: Tx, which: Any) -> list[Case]:
    query = (
        select(cases).where(which & cases.c.state.in_(OPEN_STATES)).order_by(cases.c.due_at, cases.c.number)
    )
    return [_case(row) for row in tx.conn.execute(query)]


def open_cases(tx: Tx) -> list[Case]:
    """Every open case."""
    return _open_where(tx, cases.c.id.is_not(None))


def closed_lately(tx: Tx, limit: int) -> list[Case]:
    """The cases that were closed last, the newest first."""
    query = select(cases).where(cases.c.closed_at.is_not(None) & cases.c.state.not_in(OPEN_STATES))
    return [_case(row) for row in tx.conn.execute(query.order_by(cases.c.closed_at.desc()).limit(limit))]


def newest_events(tx: Tx, limit: int) -> list[tuple[str, str, datetime]]:
    """What happened last in any case, the newest first: number, kind and instant, without a word said."""
    query = (
        select(cases.c.number, case_events.c.kind, case_events.c.at)
        .join(cases, cases.c.id == case_events.c.case_id)
        .order_by(case_events.c.id.desc())
        .limit(limit)
    )
    return [(row.number, row.kind, row.at) for row in tx.conn.execute(query)]


def record(
    tx: Tx, case: Case, kind: str, by: str, detail: dict[str, Any], *, actor_id: str | None, shown: bool
) -> CaseEvent:
    """Add a line to a case's timeline."""
    row_id = tx.next_id()
    tx.conn.execute(
        insert(case_events).values(
            id=row_id,
            case_id=case.id,
            kind=kind,
            by=by,
            actor_id=actor_id,
            shown=shown,
            detail=tx.seal(case.key_id, "case_events", row_id, "detail", detail),
            at=tx.now,
        )
    )
    return CaseEvent(row_id, case.id, kind, by, actor_id, shown, detail, tx.now)


def timeline(tx: Tx, case: Case, *, kinds: Sequence[str] = (), shown_only: bool = False) -> list[CaseEvent]:
    """What happened to a case, oldest first."""
    query = select(case_events).where(case_events.c.case_id == case.id).order_by(case_events.c.id)
    if kinds:
        query = query.where(case_events.c.kind.in_(kinds))
    if shown_only:
        query = query.where(case_events.c.shown)
    return [
        CaseEvent(
            row.id,
            row.case_id,
            row.kind,
            row.by,
            row.actor_id,
            row.shown,
            _opened(tx, case, "case_events", row.id, "detail", row.detail),
            row.at,
        )
        for row in tx.conn.execute(query)
    ]


def opened_lately(tx: Tx, person_id: str, within: timedelta) -> int:
    """How many cases a worker opened lately."""
    return sum(1 for case in of_worker(tx, person_id) if tx.now - case.opened_at < within)
