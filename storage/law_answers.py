"""Which answer was given from which version of which card."""

from datetime import date

from sqlalchemy import insert

from storage.cases import person_index
from storage.ids import new_id
from storage.tables import law_answers
from storage.tx import Tx


def note(tx: Tx, person_id: str, card: str, checked_on: date) -> None:
    """Note that a card was shown to a person."""
    tx.conn.execute(
        insert(law_answers).values(
            id=new_id(),
            person_index=person_index(tx, person_id),
            card=card,
            checked_on=checked_on.isoformat(),
            at=tx.now,
        )
    )
