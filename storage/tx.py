"""One unit of work: a connection, the instant it happens at, and the keys it may use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import OperationalError

from storage.ids import Sequence, new_id
from storage.sealing import Sealer, row_aad
from storage.tables import data_keys


class KeyDestroyed(Exception):
    """The data key was destroyed: what it sealed is gone for good."""


@dataclass(slots=True)
class Tx:
    """A transaction as the rest of the program sees it."""

    conn: Connection
    now: datetime
    sealer: Sealer
    sequence: Sequence
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)  # what this transaction read and nobody changes
    writes: bool = False  # whether it may change rows; only one at a time does
    _keys: dict[str, bytes] = field(default_factory=dict)

    def next_id(self) -> int:
        """An id for a row of a table that is read in order."""
        return self.sequence.next()

    def alone(self, work: Callable[[], None]) -> Exception | None:
        """Do a part that may fail without taking the rest of this transaction with it.

        Returns:
            What went wrong with the part itself, None when it was done.

        Raises:
            OperationalError: the database refuses (disk, lock, connection), which is nobody's own fault.
        """
        savepoint = self.conn.begin_nested()
        try:
            work()
        except OperationalError:
            savepoint.rollback()
            raise
        except Exception as fault:
            savepoint.rollback()
            return fault
        savepoint.commit()
        return None

    def make_key(self) -> str:
        """Create a data key and return its id."""
        key_id = new_id()
        key, wrapped = self.sealer.new_data_key(key_id)
        self.conn.execute(insert(data_keys).values(id=key_id, wrapped=wrapped, made_at=self.now))
        self._keys[key_id] = key
        return key_id

    def destroy_key(self, key_id: str) -> None:
        """Make everything sealed with this key unreadable."""
        self.conn.execute(
            update(data_keys).where(data_keys.c.id == key_id).values(wrapped=None, destroyed_at=self.now)
        )
        self._keys.pop(key_id, None)
        self.sealer.forget()
        self.after_commit.append(self.sealer.forget)  # a reader may have used it until the commit

    def seal(self, key_id: str, table: str, row_id: str | int, column: str, value: Any) -> bytes:
        """Seal a JSON value for one column of one row."""
        return self.sealer.seal_json(self.data_key(key_id), value, row_aad(table, str(row_id), column))

    def unseal(self, key_id: str, table: str, row_id: str | int, column: str, blob: bytes) -> Any:
        """Read a sealed JSON value back.

        Raises:
            KeyDestroyed: its key was destroyed.
        """
        return self.sealer.open_json(self.data_key(key_id), blob, row_aad(table, str(row_id), column))

    def data_key(self, key_id: str) -> bytes:
        """The data key itself, for files sealed outside the database.

        Raises:
            KeyDestroyed: it was destroyed.
        """
        key = self._keys.get(key_id) or self.sealer.recall(key_id)
        if key is None:
            key = self._keys[key_id] = self._read_key(key_id)
            if self.writes:  # a reader may still see a key that has just been destroyed
                self.sealer.remember(key_id, key)
        return key

    def _read_key(self, key_id: str) -> bytes:
        query = select(data_keys.c.wrapped).where(data_keys.c.id == key_id)
        wrapped = self.conn.execute(query).scalar_one_or_none()
        if wrapped is None:
            raise KeyDestroyed(key_id)
        return self.sealer.unwrap(wrapped, key_id)
