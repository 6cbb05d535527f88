"""The writer keeps its laws, and each law is shown to fail for a build that breaks it (P2, P19, F1, F7)."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from storage.engine import PRAGMAS, _take_over_transactions, open_engine
from storage.tx import Tx
from storage.writer import StoreClosed, Writer, _finish, _Item
from tests.storage import writer_laws as laws
from tests.storage.writer_laws import Build, Opened, build

T = TypeVar("T")


def with_the_drivers_own_transactions(url: str) -> Engine:
    return create_engine(url, connect_args={"check_same_thread": False})


def beginning_deferred(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False})
    _take_over_transactions(engine, "BEGIN DEFERRED", PRAGMAS)
    return engine


class WithoutSavepoints(Writer):
    """Everything of a group in one heap."""

    def _write_together(self, group: list[_Item[Any]]) -> Any:
        results: list[tuple[Any, BaseException | None]] = []
        with self._engine.connect() as conn, conn.begin():
            for item in group:
                try:
                    results.append((item.work(self._make_tx(conn)), None))
                except Exception as fault:
                    results.append((None, fault))
        return results, []


class TogetherOrNotAtAll(Writer):
    """A group that fails fails for everybody."""

    def _write(self, group: list[_Item[Any]]) -> None:
        try:
            results, _ = self._write_together(group)
        except Exception as fault:
            results = [(None, fault)] * len(group)
        for item, (value, error) in zip(group, results, strict=True):
            _finish(item, value, error)


class ToldTooEarly(Writer):
    """Answers before the commit."""

    def _write(self, group: list[_Item[Any]]) -> None:
        with self._engine.connect() as conn, conn.begin():
            for item in group:
                _finish(item, item.work(self._make_tx(conn)), None)


class InTheCallersThread(Writer):
    """No queue at all: whoever comes writes."""

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        future: Future[T] = Future()
        self._write_alone(_Item(work, future))
        return future


class WithAnOpenDoor(Writer):
    """Looks whether it is closed, and queues a moment later."""

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        if self._closed:
            raise StoreClosed
        threading.Event().wait(0.2)
        future: Future[T] = Future()
        self._queue.put(_Item(work, future))
        return future


class StoppedByItsHooks(Writer):
    """What follows a commit may end the thread."""

    def _write_alone(self, item: _Item[Any]) -> None:
        with self._engine.connect() as conn, conn.begin():
            tx = self._make_tx(conn)
            value = item.work(tx)
        for hook in tx.after_commit:
            with suppress(IndexError):
                hook()
                continue
            raise SystemExit
        _finish(item, value, None)


class BesideTheWriter(Writer):
    """What is to be done between commits is done at once, on a connection of its own."""

    def between(self, work: Callable[[Engine], T]) -> "Future[T]":
        future: Future[T] = Future()
        self._do_between(_Item(work, future))
        return future


class LastComeFirstServed(Writer):
    """Takes the newest of what waits."""

    def _next_group(self) -> list[_Item[Any]]:
        return super()._next_group()[::-1]


Law = Callable[[Build], None]
BREACH = (AssertionError, SQLAlchemyError, TimeoutError)
BOTH, FILE = ("sqlite", "postgres"), ("sqlite",)
LAWS: dict[Law, tuple[str, ...]] = {
    laws.a_group_rolled_back_leaves_nothing: BOTH,
    laws.a_failing_turn_takes_no_other_down: BOTH,
    laws.a_failed_commit_is_tried_again_one_by_one: BOTH,
    laws.a_commit_that_failed_counts_nothing_twice: FILE,
    laws.a_lone_commit_that_failed_leaves_nothing: BOTH,
    laws.every_increment_counts: BOTH,
    laws.nobody_writes_between_a_read_and_the_write_that_follows: FILE,
    laws.a_full_disk_stops_only_what_does_not_fit: FILE,
    laws.an_answer_comes_after_the_commit: BOTH,
    laws.what_was_taken_is_done_and_what_comes_later_is_refused: BOTH,
    laws.what_follows_a_commit_cannot_stop_the_writer: BOTH,
    laws.many_turns_are_done_in_the_order_they_came: BOTH,
    laws.what_is_done_between_commits_finds_the_connection_free: BOTH,
}
BROKEN: list[tuple[Law, str, Opened, type[Writer]]] = [
    (laws.a_group_rolled_back_leaves_nothing, "sqlite", with_the_drivers_own_transactions, Writer),
    (laws.a_failing_turn_takes_no_other_down, "sqlite", open_engine, WithoutSavepoints),
    (laws.a_failed_commit_is_tried_again_one_by_one, "sqlite", open_engine, TogetherOrNotAtAll),
    (laws.a_commit_that_failed_counts_nothing_twice, "sqlite", with_the_drivers_own_transactions, Writer),
    (laws.a_lone_commit_that_failed_leaves_nothing, "sqlite", open_engine, ToldTooEarly),
    (laws.a_lone_commit_that_failed_leaves_nothing, "postgres", open_engine, ToldTooEarly),
    (laws.every_increment_counts, "sqlite", beginning_deferred, InTheCallersThread),
    (laws.every_increment_counts, "postgres", open_engine, InTheCallersThread),
    (laws.nobody_writes_between_a_read_and_the_write_that_follows, "sqlite", beginning_deferred, Writer),
    (
        laws.nobody_writes_between_a_read_and_the_write_that_follows,
        "sqlite",
        with_the_drivers_own_transactions,
        Writer,
    ),
    (laws.a_full_disk_stops_only_what_does_not_fit, "sqlite", open_engine, TogetherOrNotAtAll),
    (laws.an_answer_comes_after_the_commit, "sqlite", open_engine, ToldTooEarly),
    (laws.an_answer_comes_after_the_commit, "postgres", open_engine, ToldTooEarly),
    (laws.what_was_taken_is_done_and_what_comes_later_is_refused, "sqlite", open_engine, WithAnOpenDoor),
    (laws.what_follows_a_commit_cannot_stop_the_writer, "sqlite", open_engine, StoppedByItsHooks),
    (laws.many_turns_are_done_in_the_order_they_came, "sqlite", open_engine, LastComeFirstServed),
    (laws.what_is_done_between_commits_finds_the_connection_free, "sqlite", open_engine, BesideTheWriter),
]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the engine a test is run on."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'steward.db'}"


def _on(database: str, *values: object) -> Any:
    marks = [pytest.mark.postgres] if database == "postgres" else []
    names = [getattr(value, "__name__", "") for value in values]
    return pytest.param(database, *values, marks=marks, id="-".join([database, *names]))


@pytest.mark.parametrize(
    ("url", "law"),
    [_on(database, law) for law, databases in LAWS.items() for database in databases],
    indirect=["url"],
)
def test_the_writer_keeps_the_law(url: str, law: Law, tmp_path: Path) -> None:
    with build(url, tmp_path) as sound:
        law(sound)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("url", "law", "opened", "writer"),
    [_on(database, law, opened, writer) for law, database, opened, writer in BROKEN],
    indirect=["url"],
)
def test_a_broken_build_breaks_the_law(
    url: str, law: Law, opened: Opened, writer: type[Writer], tmp_path: Path
) -> None:
    with build(url, tmp_path, opened, writer, patience=1.0) as broken, pytest.raises(BREACH):
        law(broken)


def test_every_law_is_broken_by_some_build() -> None:
    assert {law for law, *_ in BROKEN} == set(LAWS)
