"""Reading everything a store holds with every key that is left, as somebody with the whole disk would."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import LargeBinary, select

from storage.documents import BOUND
from storage.files import StoredFileMissing, Vault
from storage.registry import REGISTRY
from storage.sealing import SealBroken, row_aad
from storage.store import Store
from storage.tables import data_keys, evidence, metadata
from storage.tx import Tx


def raw_bytes(folder: Path) -> bytes:
    """Every file of a run as it lies on the disk."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def readable(store: Store, vault: Vault) -> str:
    """All that can be read: plain columns, sealed columns and files under any key that is not destroyed."""
    return store.read(lambda tx: "\n".join([*_plain(tx), *_sealed(tx), *_files(tx, vault)]))


def _keys(tx: Tx) -> list[bytes]:
    ids = tx.conn.execute(select(data_keys.c.id).where(data_keys.c.wrapped.is_not(None))).scalars()
    return [tx.data_key(key_id) for key_id in ids]


def _plain(tx: Tx) -> Iterator[str]:
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
        for row in tx.conn.execute(select(*columns)):
            yield " ".join(str(value) for value in row)


def _sealed(tx: Tx) -> Iterator[str]:
    keys = _keys(tx)
    for table in (held.table for held in REGISTRY):
        name = next(iter(table.primary_key)).name
        for column in (each for each in table.columns if isinstance(each.type, LargeBinary)):
            for row in tx.conn.execute(select(table.c[name], column)):
                if row[1]:
                    yield from _opened(tx, keys, row[1], row_aad(table.name, str(row[0]), column.name))


def _opened(tx: Tx, keys: list[bytes], blob: bytes, aad: str) -> Iterator[str]:
    for key in keys:
        try:
            yield tx.sealer.open(key, blob, aad).decode("utf-8", "replace")
        except SealBroken:
            continue


def _files(tx: Tx, vault: Vault) -> Iterator[str]:
    ids = tx.conn.execute(select(evidence.c.id)).scalars().all()
    places = [
        BOUND,
        "upload",
        *(row_aad("evidence", each, kind) for each in ids for kind in ("file", "copy")),
    ]
    for name in vault.names():
        for key in _keys(tx):
            for place in places:
                try:
                    yield b"".join(vault.read(name, key, place)).decode("utf-8", "replace")
                except (SealBroken, StoredFileMissing):
                    continue
