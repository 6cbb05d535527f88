"""What buttons mean: opaque handles bound to one person, kept on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from storage.ids import new_token
from storage.people import Account, Person
from storage.tables import keyboards, outbox
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


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The buttons under one message, as long as none was pressed."""

    outbox_id: int
    choices: tuple[Choice, ...]


def open_under(tx: Tx, who: Person, outbox_id: int) -> Keyboard | None:
    """The buttons under a message, unless they were used or are too old."""
    return next(iter(_open(tx, who, keyboards.c.outbox_id == outbox_id, 1)), None)


def open_beside_dialogue(tx: Tx, who: Person, limit: int = 12) -> list[Keyboard]:
    """The buttons under messages that asked nothing in a dialogue, such as news, the newest first."""
    reached = outbox.c.state.in_(("sent", "unknown"))
    shown = select(outbox.c.id).where((outbox.c.person_id == who.id) & reached)
    return _open(tx, who, (keyboards.c.question == "") & keyboards.c.outbox_id.in_(shown), limit)


def _open(tx: Tx, who: Person, which: ColumnElement[bool], limit: int) -> list[Keyboard]:
    mine = (keyboards.c.person_id == who.id) & keyboards.c.closed_at.is_(None)
    rows = tx.conn.execute(
        select(keyboards)
        .where(mine & (keyboards.c.expires_at > tx.now) & which)
        .order_by(keyboards.c.outbox_id.desc())
        .limit(limit)
    )
    return [Keyboard(row.outbox_id, _choices(tx, who, row)) for row in rows]


def _choices(tx: Tx, who: Person, row: Any) -> tuple[Choice, ...]:
    kept = tx.unseal(who.key_id, "keyboards", row.token, "choices", row.choices)
    return tuple(Choice(each["action"], args=each["args"], **each["label"]) for each in kept)


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
