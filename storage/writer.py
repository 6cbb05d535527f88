"""One thread that writes: what waits together is committed together."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

from storage.tx import Tx

log = logging.getLogger(__name__)
T = TypeVar("T")
GROUP = 50  # turns in one commit, at most


class StoreClosed(Exception):
    """The store was closed while this waited; nothing of it was written."""


@dataclass(slots=True)
class _Item(Generic[T]):
    work: Callable[[Any], T]
    future: "Future[T]"
    between: bool = False  # outside any transaction


class Writer:
    """Runs units of work one after another on the one connection that writes."""

    def __init__(self, engine: Engine, make_tx: Callable[[Connection], Tx], grouped: bool) -> None:
        self._engine = engine
        self._make_tx = make_tx
        self._grouped = grouped
        self._queue: queue.SimpleQueue[_Item[Any] | None] = queue.SimpleQueue()
        self._next: _Item[Any] | None = None  # taken from the queue, and for the next round
        self._closed = False
        self._door = threading.Lock()  # nothing is queued behind the end mark
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        """Queue a unit of work; the future completes after its commit.

        Raises:
            StoreClosed: the writer has stopped.
        """
        return self._put(_Item(work, Future()))

    def between(self, work: Callable[[Engine], T]) -> "Future[T]":
        """Queue what cannot be part of a transaction; it has its turn between two commits.

        The one connection that writes is free then, so that there never is a second one.

        Raises:
            StoreClosed: the writer has stopped.
        """
        return self._put(_Item(work, Future(), between=True))

    def _put(self, item: _Item[T]) -> "Future[T]":
        with self._door:
            if self._closed:
                raise StoreClosed
            self._queue.put(item)
        return item.future

    def waiting(self) -> int:
        """How many units of work wait."""
        return self._queue.qsize()

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._door:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            group = self._next_group()
            if not group:
                return
            self._write(group)

    def _next_group(self) -> list[_Item[Any]]:
        first, self._next = self._next or self._queue.get(), None
        if first is None or first.between:
            return [] if first is None else [first]
        group = [first]
        while self._grouped and len(group) < GROUP:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._queue.put(None)
                break
            if item.between:
                self._next = item
                break
            group.append(item)
        return group

    def _write(self, group: list[_Item[Any]]) -> None:
        if len(group) == 1:
            (self._do_between if group[0].between else self._write_alone)(group[0])
            return
        try:
            results, after = self._write_together(group)
        except BaseException:  # the group failed as a whole (disk, lock): each gets its own chance
            for item in group:
                self._write_alone(item)
            return
        for item, (value, fault) in zip(group, results, strict=True):
            _finish(item, value, fault)
        _run_all(after)

    def _write_together(
        self, group: list[_Item[Any]]
    ) -> tuple[list[tuple[Any, BaseException | None]], list[Callable[[], None]]]:
        """Each unit in a savepoint of its own, one commit for all."""
        results: list[tuple[Any, BaseException | None]] = []
        after: list[Callable[[], None]] = []
        with self._engine.connect() as conn, conn.begin():
            savepoint = _Savepoint(conn)
            for item in group:
                savepoint.set()
                tx = self._make_tx(conn)
                try:
                    value = item.work(tx)
                    savepoint.release()
                except Exception as fault:
                    savepoint.roll_back()
                    results.append((None, fault))
                else:
                    results.append((value, None))
                    after.extend(tx.after_commit)
        return results, after

    def _do_between(self, item: _Item[Any]) -> None:
        try:
            value = item.work(self._engine)
        except BaseException as fault:
            _finish(item, None, fault)
        else:
            _finish(item, value, None)

    def _write_alone(self, item: _Item[Any]) -> None:
        try:
            with self._engine.connect() as conn, conn.begin():
                tx = self._make_tx(conn)
                value = item.work(tx)
        except BaseException as fault:
            _finish(item, None, fault)
            return
        _finish(item, value, None)
        _run_all(tx.after_commit)


class _Savepoint:
    """SQLite's own savepoints: there are two statements of them to every unit of work."""

    def __init__(self, conn: Connection) -> None:
        self._run: Callable[[str], object] = conn.connection.driver_connection.execute  # type: ignore[union-attr]

    def set(self) -> None:
        """Mark where a unit of work begins."""
        self._run("SAVEPOINT unit")

    def release(self) -> None:
        """Let what the unit did stand."""
        self._run("RELEASE unit")

    def roll_back(self) -> None:
        """Undo what the unit did."""
        self._run("ROLLBACK TO unit")
        self._run("RELEASE unit")


def _finish(item: _Item[Any], value: object, fault: BaseException | None) -> None:
    if not item.future.set_running_or_notify_cancel():
        return
    if fault is None:
        item.future.set_result(value)
    else:
        item.future.set_exception(fault)


def _run_all(hooks: list[Callable[[], None]]) -> None:
    for hook in hooks:
        try:
            hook()
        except Exception:  # what was committed stays committed, and the next unit of work has its turn
            log.exception("what was to follow a commit failed")
