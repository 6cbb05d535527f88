"""Which case a message of a person's own went into; found by the message, never the other way round.

A message's mark is its account and the platform's id of it.
"""

from collections.abc import Iterable

from sqlalchemy import insert, select

from storage.tables import case_messages
from storage.tx import Tx


def mark(account_id: str, message_id: str) -> str:
    """What a message is remembered by."""
    return f"{account_id}:{message_id}"


def note(tx: Tx, marks: Iterable[str], case_id: str) -> None:
    """Remember which case some messages went into; a message stays with the first."""
    for each in dict.fromkeys(marks):
        if case_of(tx, each) is None:
            index = tx.sealer.blind_index("message", each)
            tx.conn.execute(insert(case_messages).values(message_index=index, case_id=case_id, at=tx.now))


def case_of(tx: Tx, mark: str) -> str | None:
    """The case a message went into, if any."""
    indexes = tx.sealer.blind_indexes("message", mark)
    return tx.conn.execute(
        select(case_messages.c.case_id).where(case_messages.c.message_index.in_(indexes))
    ).scalar_one_or_none()
