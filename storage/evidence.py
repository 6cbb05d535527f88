"""Evidence: a row at once, the sealed file as soon as it is here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from storage.cases import person_index
from storage.ids import new_id
from storage.tables import documents, evidence, jobs
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence."""

    id: str
    case_id: str | None
    key_id: str
    kind: str
    state: str  # fetching, kept, failed
    detail: dict[str, Any]
    file: str | None
    copy: str | None
    size: int | None
    sha256: str | None
    received_at: datetime


def add(tx: Tx, person_id: str, kind: str, detail: dict[str, Any]) -> Item:
    """Note a piece of evidence that is still to be fetched."""
    item_id, key_id = new_id(), tx.make_key()
    tx.conn.execute(
        insert(evidence).values(
            id=item_id,
            person_index=person_index(tx, person_id),
            key_id=key_id,
            kind=kind,
            state="fetching",
            detail=tx.seal(key_id, "evidence", item_id, "detail", detail),
            received_at=tx.now,
        )
    )
    return get(tx, item_id)


def get(tx: Tx, item_id: str) -> Item:
    """The piece with this id."""
    return _item(tx, tx.conn.execute(select(evidence).where(evidence.c.id == item_id)).one())


def _item(tx: Tx, row: Any) -> Item:
    return Item(
        row.id,
        row.case_id,
        row.key_id,
        row.kind,
        row.state,
        tx.unseal(row.key_id, "evidence", row.id, "detail", row.detail),
        row.file,
        row.copy,
        row.size,
        row.sha256,
        row.received_at,
    )


def not_failed(tx: Tx, item_ids: Sequence[str]) -> list[str]:
    """Those of some pieces that are here or still on their way, in the same order."""
    rows = tx.conn.execute(
        select(evidence.c.id).where(evidence.c.id.in_(item_ids) & (evidence.c.state != "failed"))
    )
    usable = set(rows.scalars())
    return [item_id for item_id in item_ids if item_id in usable]


def attach(tx: Tx, item_ids: Sequence[str], case_id: str, person_id: str) -> int:
    """Put a person's pieces into a case; returns how many went."""
    changed = tx.conn.execute(
        update(evidence)
        .where(
            evidence.c.id.in_(item_ids)
            & evidence.c.case_id.is_(None)
            & _sent_by(tx, person_id)
        )
        .values(case_id=case_id)
    )
    return changed.rowcount


def of_case(tx: Tx, case_id: str) -> list[Item]:
    """The evidence of a case in the order it came."""
    rows = tx.conn.execute(
        select(evidence).where(evidence.c.case_id == case_id).order_by(evidence.c.received_at, evidence.c.id)
    )
    return [_item(tx, row) for row in rows]


def kept(tx: Tx, item_id: str, file: str, copy: str | None, size: int, sha256: str) -> None:
    """The file is here, sealed and on disk."""
    tx.conn.execute(
        update(evidence)
        .where(evidence.c.id == item_id)
        .values(state="kept", file=file, copy=copy, size=size, sha256=sha256, kept_at=tx.now)
    )


def name(tx: Tx, item: Item, file_name: str, mime: str) -> None:
    """Call a piece what its bytes say it is; many platforms give no name at all."""
    detail = {**item.detail, "name": file_name, "mime": mime}
    blob = tx.seal(item.key_id, "evidence", item.id, "detail", detail)
    tx.conn.execute(update(evidence).where(evidence.c.id == item.id).values(detail=blob))


def failed(tx: Tx, item_id: str) -> None:
    """The file could not be had."""
    tx.conn.execute(update(evidence).where(evidence.c.id == item_id).values(state="failed"))


def data_key(tx: Tx, item: Item) -> bytes:
    """The key the file is sealed with."""
    return tx.data_key(item.key_id)


def of_person(tx: Tx, person_id: str) -> list[Item]:
    """Everything a person sent, in the order it came."""
    rows = tx.conn.execute(
        select(evidence).where(_sent_by(tx, person_id)).order_by(evidence.c.received_at, evidence.c.id)
    )
    return [_item(tx, row) for row in rows]


def erase(tx: Tx, person_id: str, keep_in: Collection[str]) -> list[str]:
    """Destroy what a person sent, except into some cases.

    Args:
        keep_in: ids of the cases whose evidence stays.

    Returns:
        Names of the files that are now unreadable and may leave the disk.
    """
    gone = [item for item in of_person(tx, person_id) if item.case_id not in keep_in]
    for item in gone:
        tx.destroy_key(item.key_id)
    keys = [item.key_id for item in gone]
    for table in (jobs, documents):
        tx.conn.execute(delete(table).where(table.c.key_id.in_(keys)))
    tx.conn.execute(delete(evidence).where(evidence.c.key_id.in_(keys)))
    return [name for item in gone for name in (item.file, item.copy) if name]


def _sent_by(tx: Tx, person_id: str) -> ColumnElement[bool]:
    return evidence.c.person_index.in_(tx.sealer.blind_indexes("identity", person_id))
