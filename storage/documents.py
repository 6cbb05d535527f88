"""Files handed over to people."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from storage.files import Vault
from storage.ids import new_id
from storage.tables import documents
from storage.tx import Tx

BOUND = "document"  # files made to be handed over


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it is handed over."""

    name: str
    mime: str
    content: bytes


def add(
    tx: Tx,
    person_id: str,
    key_id: str,
    name: str,
    mime: str,
    file: str,
    bound: str = BOUND,
    case_id: str | None = None,
) -> str:
    """Note a sealed file for a person.

    Args:
        bound: what its frames are bound to.
        case_id: the case it is evidence of.
    """
    document_id = new_id()
    tx.conn.execute(
        insert(documents).values(
            id=document_id,
            person_id=person_id,
            key_id=key_id,
            name=tx.seal(key_id, "documents", document_id, "name", name),
            mime=mime,
            file=file,
            bound=bound,
            case_id=case_id,
            made_at=tx.now,
        )
    )
    return document_id


def load(tx: Tx, vault: Vault, document_id: str) -> Handed | None:
    """The file with this id."""
    row = tx.conn.execute(select(documents).where(documents.c.id == document_id)).one_or_none()
    if row is None:
        return None
    content = b"".join(vault.read(row.file, tx.data_key(row.key_id), row.bound))
    name = tx.unseal(row.key_id, "documents", row.id, "name", row.name)
    return Handed(str(name), row.mime, content)


@dataclass(frozen=True, slots=True)
class Handle:
    """Whose a document is, before it is opened."""

    person_id: str
    case_id: str | None


def handle(tx: Tx, document_id: str) -> Handle | None:
    """Who a document was handed to, and the case it is evidence of."""
    row = tx.conn.execute(
        select(documents.c.person_id, documents.c.case_id).where(documents.c.id == document_id)
    ).one_or_none()
    return None if row is None else Handle(row.person_id, row.case_id)


def drop_made(tx: Tx, person_id: str) -> list[str]:
    """Forget the files that were made for a person; returns their names, which may leave the disk."""
    made = (documents.c.person_id == person_id) & (documents.c.bound == BOUND)
    files = list(tx.conn.execute(select(documents.c.file).where(made)).scalars())
    tx.conn.execute(delete(documents).where(made))
    return files
