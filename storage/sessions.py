"""Where each person's dialogue stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage.people import Person
from storage.tables import sessions
from storage.tx import Tx


def load(tx: Tx, who: Person) -> dict[str, Any]:
    """The dialogue's state, empty before the first one."""
    blob = tx.conn.execute(
        select(sessions.c.state).where(sessions.c.person_id == who.id)
    ).scalar_one_or_none()
    if blob is None:
        return {}
    state: dict[str, Any] = tx.unseal(who.key_id, "sessions", who.id, "state", blob)
    return state


def save(tx: Tx, who: Person, state: dict[str, Any], question: str) -> None:
    """Keep the dialogue's state."""
    values = {
        "state": tx.seal(who.key_id, "sessions", who.id, "state", state),
        "question": question,
        "updated_at": tx.now,
    }
    changed = tx.conn.execute(update(sessions).where(sessions.c.person_id == who.id).values(**values))
    if changed.rowcount == 0:
        tx.conn.execute(insert(sessions).values(person_id=who.id, **values))


def drop(tx: Tx, person_id: str) -> None:
    """Forget a dialogue."""
    tx.conn.execute(sessions.delete().where(sessions.c.person_id == person_id))


def with_open_question(tx: Tx, since: datetime) -> list[tuple[str, str]]:
    """Who has been asked something since an instant and has not answered: person and question."""
    rows = tx.conn.execute(
        select(sessions.c.person_id, sessions.c.question).where(
            (sessions.c.question != "") & (sessions.c.updated_at >= since)
        )
    )
    return [(row.person_id, row.question) for row in rows]
