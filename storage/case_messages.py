"""Which case a message of a person's own went into; found by the message, never the other way round."""

from collections.abc import Iterable

from sqlalchemy import insert, select

from storage.tables import case_messages
from storage.tx import Tx


def note(tx: Tx, account_id: str, message_ids: Iterable[str], case_id: str) -> None:
    """Remember which case some messages went into; a message stays with the first."""
    for message_id in dict.fromkeys(message_ids):
        if message_id and case_of(tx, account_id, message_id) is None:
            index = tx.sealer.blind_index("message", f"{account_id}:{message_id}")
            tx.conn.execute(insert(case_messages).values(message_index=index, case_id=case_id, at=tx.now))


def case_of(tx: Tx, account_id: str, message_id: str) -> str | None:
    """The case a message went into, if any."""
    indexes = tx.sealer.blind_indexes("message", f"{account_id}:{message_id}")
    return tx.conn.execute(
        select(case_messages.c.case_id).where(case_messages.c.message_index.in_(indexes))
    ).scalar_one_or_none()
