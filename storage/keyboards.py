"""What buttons mean: opaque handles bound to one person, kept on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from storage.ids import new_token
from storage.people import Account, Person
from storage.tables import keyboards
from storage.tx import Tx
from talk.reply import Choice

LIVES = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Press:
    """A button a person was allowed to press."""

    token: str
    outbox_id: int
    action: str
    args: dict[str, Any]
    question: str
    closed: bool
    label: dict[str, Any]  # what the button said


def add(
    tx: Tx, to: Account, outbox_id: int, rows: Sequence[Sequence[Choice]], question: str, lives: timedelta
) -> list[list[dict[str, Any]]]:
    """Make handles for rows of choices.

    Returns:
        The rows as the outbox keeps them: what each button says and the handle it carries.
    """
    token = new_token()
    flat = [choice for row in rows for choice in row]
    kept = [{"action": choice.action, "args": dict(choice.args), "label": _label(choice)} for choice in flat]
    tx.conn.execute(
        insert(keyboards).values(
            token=token,
            outbox_id=outbox_id,
            person_id=to.person_id,
            question=question,
            choices=tx.seal(to.key_id, "keyboards", token, "choices", kept),
            expires_at=tx.now + lives,
        )
    )
    handles = iter(range(len(flat)))
    return [[_face(choice, f"{token}.{next(handles)}") for choice in row] for row in rows]


def _label(choice: Choice) -> dict[str, Any]:
    return {"label": choice.label, "words": choice.words, "values": dict(choice.values)}


def _face(choice: Choice, handle: str) -> dict[str, Any]:
    return {**_label(choice), "press": handle}


def resolve(tx: Tx, who: Person, handle: str) -> Press | None:
    """What a handle means to this person.

    Returns:
        None for a forged, expired or somebody else's handle: all alike.
    """
    token, _, place = handle.partition(".")
    row = tx.conn.execute(select(keyboards).where(keyboards.c.token == token)).one_or_none()
    if row is None or row.person_id != who.id or row.expires_at <= tx.now:
        return None
    choices = tx.unseal(who.key_id, "keyboards", token, "choices", row.choices)
    if not place.isascii() or not place.isdigit() or int(place) >= len(choices):
        return None
    choice = choices[int(place)]
    return Press(
        token,
        row.outbox_id,
        choice["action"],
        choice["args"],
        row.question,
        row.closed_at is not None,
        choice["label"],
    )


def close(tx: Tx, token: str) -> None:
    """A keyboard was used."""
    tx.conn.execute(update(keyboards).where(keyboards.c.token == token).values(closed_at=tx.now))


def close_under(tx: Tx, outbox_id: int) -> bool:
    """Close the keyboard under a message; returns whether it was open."""
    changed = tx.conn.execute(
        update(keyboards)
        .where((keyboards.c.outbox_id == outbox_id) & keyboards.c.closed_at.is_(None))
        .values(closed_at=tx.now)
    )
    return changed.rowcount > 0
