"""Slow work that follows a turn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from storage.ids import new_id
from storage.tables import jobs
from storage.tx import Tx

FIRST_WAIT = 2  # seconds; doubled at each try
LONGEST_WAIT = 3600
PATIENCE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of slow work."""

    id: str
    kind: str
    detail: dict[str, Any]
    tries: int
    made_at: datetime


def add(tx: Tx, kind: str, key_id: str, **detail: Any) -> str:
    """Queue a piece of work; it starts after this transaction's commit."""
    job_id = new_id()
    tx.conn.execute(
        insert(jobs).values(
            id=job_id,
            kind=kind,
            key_id=key_id,
            detail=tx.seal(key_id, "jobs", job_id, "detail", detail),
            state="waiting",
            tries=0,
            not_before=tx.now,
            made_at=tx.now,
        )
    )
    return job_id


def ready(tx: Tx, busy: set[str], limit: int) -> list[Job]:
    """Work whose time has come."""
    rows = tx.conn.execute(
        select(jobs)
        .where((jobs.c.state == "waiting") & (jobs.c.not_before <= tx.now))
        .order_by(jobs.c.not_before, jobs.c.id)
        .limit(limit + len(busy))
    )
    return [
        Job(
            row.id,
            row.kind,
            tx.unseal(row.key_id, "jobs", row.id, "detail", row.detail),
            row.tries,
            row.made_at,
        )
        for row in rows
        if row.id not in busy
    ][:limit]


def done(tx: Tx, job_id: str) -> None:
    """The work is finished."""
    tx.conn.execute(update(jobs).where(jobs.c.id == job_id).values(state="done", done_at=tx.now))


def failed(tx: Tx, job: Job, final: bool = False) -> bool:
    """Note a failed try; returns whether it is given up."""
    given_up = final or tx.now - job.made_at >= PATIENCE
    wait = min(FIRST_WAIT * 2 ** min(job.tries, 20), LONGEST_WAIT)
    tx.conn.execute(
        update(jobs)
        .where(jobs.c.id == job.id)
        .values(
            state="failed" if given_up else "waiting",
            tries=job.tries + 1,
            not_before=tx.now + timedelta(seconds=wait),
        )
    )
    return given_up


def waiting(tx: Tx, kind: str, key_id: str) -> bool:
    """Whether work of a kind that concerns what a key seals is still to be done."""
    which = (jobs.c.kind == kind) & (jobs.c.key_id == key_id) & (jobs.c.state == "waiting")
    return tx.conn.execute(select(jobs.c.id).where(which)).first() is not None


def backlog(tx: Tx) -> int:
    """How much work waits."""
    return int(
        tx.conn.execute(select(func.count()).select_from(jobs).where(jobs.c.state == "waiting")).scalar_one()
    )
