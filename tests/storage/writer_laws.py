"""The laws of the writer: each takes a build, an engine and a writer on it, and asserts."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from storage.clock import SystemClock
from storage.engine import open_engine
from storage.ids import Sequence
from storage.keys import KeyFile
from storage.sealing import Sealer
from storage.tx import Tx
from storage.writer import GROUP, StoreClosed, Writer

metadata = MetaData()
counter = Table("counter", metadata, Column("value", Integer, nullable=False))
said = Table("said", metadata, Column("what", Integer, nullable=False), Column("blob", LargeBinary))
parent = Table("parent", metadata, Column("id", Integer, primary_key=True))
child = Table(  # a rule that is looked at on commit only
    "child",
    metadata,
    Column("parent_id", ForeignKey("parent.id", deferrable=True, initially="DEFERRED"), nullable=False),
)


@dataclass
class Build:
    """A writer on a database, and the engine to look at it from beside."""

    url: str
    engine: Engine
    writer: Writer
    opened: "Opened"
    patience: float  # seconds after which a future counts as forgotten

    def end_of(self, future: "Future[Any]") -> object:
        """What a unit of work returned or raised."""
        return future.exception(self.patience) or future.result()

    def count(self, table: Table) -> int:
        with self.engine.connect() as conn, conn.begin():
            return int(conn.execute(select(func.count()).select_from(table)).scalar_one())

    def value(self) -> int:
        with self.engine.connect() as conn, conn.begin():
            return int(conn.execute(select(counter.c.value)).scalar_one())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the writer busy, so that what is submitted meanwhile waits together."""
        begun, let_go = threading.Event(), threading.Event()

        def wait(_tx: Tx) -> None:
            begun.set()
            let_go.wait(self.patience)

        gate = self.writer.submit(wait)
        assert begun.wait(self.patience)
        try:
            yield
        finally:
            let_go.set()
            gate.result(self.patience)


Opened = Callable[[str], Engine]


@contextmanager
def build(
    url: str,
    folder: Path,
    opened: Opened = open_engine,
    writer: type[Writer] = Writer,
    patience: float = 20.0,
) -> Iterator[Build]:
    """A writer of this kind on an empty database, with the tables the laws use."""
    engine = opened(url)
    with open_engine(url).begin() as conn:
        metadata.create_all(conn)
        conn.execute(insert(counter).values(value=0))
    sealer, clock = Sealer(KeyFile.open(folder / "key", create=True)), SystemClock()
    made = writer(engine, lambda conn: Tx(conn, clock.read(), sealer, Sequence()), url.startswith("sqlite"))
    try:
        yield Build(url, engine, made, opened, patience)
    finally:
        made.close()
        engine.dispose()


def say(what: int, size: int = 0) -> Callable[[Tx], int]:
    def work(tx: Tx) -> int:
        tx.conn.execute(insert(said).values(what=what, blob=bytes(size)))
        return what

    return work


def add_one(tx: Tx) -> None:
    """Read, then write what was read and one more."""
    value = tx.conn.execute(select(counter.c.value)).scalar_one()
    tx.conn.execute(update(counter).values(value=value + 1))


class Trouble(Exception):
    """What a unit of work raises."""


def say_and_fail(tx: Tx) -> None:
    say(99)(tx)
    raise Trouble


# ---- the laws


def a_group_rolled_back_leaves_nothing(build: Build) -> None:
    """Savepoints that were released inside a transaction go with it."""
    with build.engine.connect() as conn:
        whole = conn.begin()
        for what in range(3):
            savepoint = conn.begin_nested()
            conn.execute(insert(said).values(what=what))
            savepoint.commit()
        whole.rollback()
    assert build.count(said) == 0


def a_failing_turn_takes_no_other_down(build: Build) -> None:
    """It leaves nothing of its own, and everybody gets their own answer."""
    with build.held():
        futures = [build.writer.submit(work) for work in (say(1), say(2), say_and_fail, say(3))]
    assert [build.end_of(futures[i]) for i in (0, 1, 3)] == [1, 2, 3]
    assert isinstance(build.end_of(futures[2]), Trouble)
    assert build.count(said) == 3


def a_failed_commit_is_tried_again_one_by_one(build: Build) -> None:
    """The turn that cannot be committed fails alone."""

    def orphan(tx: Tx) -> None:
        say(99)(tx)
        tx.conn.execute(insert(child).values(parent_id=1))

    with build.held():
        futures = [build.writer.submit(work) for work in (say(1), orphan, say(2))]
    assert [build.end_of(futures[i]) for i in (0, 2)] == [1, 2]
    assert isinstance(build.end_of(futures[1]), SQLAlchemyError)
    assert (build.count(said), build.count(child)) == (2, 0)


def a_commit_that_failed_counts_nothing_twice(build: Build) -> None:
    """The disk refuses the commit of a group; trying again does not add to what was half there."""
    commits = 0

    def refuse_the_second(_conn: Connection) -> None:
        nonlocal commits
        commits += 1
        if commits == 2:  # the first is what kept the writer busy
            raise OSError(5, "input/output error")

    event.listen(build.engine, "commit", refuse_the_second)
    with build.held():
        futures = [build.writer.submit(add_one) for _ in range(6)]
    assert [build.end_of(future) for future in futures] == [None] * 6
    event.remove(build.engine, "commit", refuse_the_second)
    assert build.value() == 6


def a_lone_commit_that_failed_leaves_nothing(build: Build) -> None:
    """Its turn is told so, and the next one is done."""

    def refuse(_conn: Connection) -> None:
        raise OSError(5, "input/output error")

    event.listen(build.engine, "commit", refuse)
    assert isinstance(build.end_of(build.writer.submit(add_one)), OSError)
    event.remove(build.engine, "commit", refuse)
    assert build.end_of(build.writer.submit(add_one)) is None
    assert build.value() == 1


def every_increment_counts(build: Build) -> None:
    """Eight threads read, add one and write, fifty times each."""

    def many(_: int) -> None:
        for _again in range(50):
            build.writer.submit(add_one).result(build.patience)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(many, range(8)))
    assert build.value() == 400


def nobody_writes_between_a_read_and_the_write_that_follows(build: Build) -> None:
    """A second connection that wants to write meanwhile waits; neither is refused."""
    read, wrote = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        value = tx.conn.execute(select(counter.c.value)).scalar_one()
        read.set()
        wrote.wait(0.5)
        tx.conn.execute(update(counter).values(value=value + 1))

    future = build.writer.submit(slow)
    assert read.wait(build.patience)
    other = build.opened(build.url)
    with other.connect() as conn, conn.begin():
        conn.execute(update(counter).values(value=counter.c.value + 10))
    wrote.set()
    other.dispose()
    assert build.end_of(future) is None
    assert build.value() == 11


def a_full_disk_stops_only_what_does_not_fit(build: Build) -> None:
    """SQLite takes the whole transaction back when the disk is full; the others are done all the same."""

    def limit(tx: Tx, more: int) -> None:
        pages = tx.conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.conn.exec_driver_sql(f"PRAGMA max_page_count={pages + more}")

    build.writer.submit(lambda tx: limit(tx, 4)).result(build.patience)
    with build.held():
        futures = [build.writer.submit(work) for work in (say(1), say(2, 1_000_000), say(3))]
    assert [build.end_of(futures[0]), build.end_of(futures[2])] == [1, 3]
    assert "full" in str(build.end_of(futures[1]))
    build.writer.submit(lambda tx: limit(tx, 1_000)).result(build.patience)
    assert build.writer.submit(say(2, 1_000_000)).result(build.patience) == 2
    assert build.count(said) == 3


def an_answer_comes_after_the_commit(build: Build) -> None:
    """Whoever is told that it is done finds it done, also when the power goes at that moment."""
    futures: list[Future[int]] = []
    early: list[int] = []
    commits = 0

    def look(_conn: Connection) -> None:
        nonlocal commits
        commits += 1
        early.append(sum(future.done() for future in futures) - max(0, commits - 2))

    event.listen(build.engine, "commit", look)
    with build.held():
        futures += [build.writer.submit(say(what)) for what in range(4)]
    assert [build.end_of(future) for future in futures] == [0, 1, 2, 3]
    event.remove(build.engine, "commit", look)
    assert max(early) <= 0  # the first commit is of what kept the writer busy


def what_was_taken_is_done_and_what_comes_later_is_refused(build: Build) -> None:
    """Closing while others submit: each is either done or refused, nobody waits for ever."""
    futures: list[Future[int]] = []

    def many(_: int) -> None:
        with suppress(StoreClosed):
            while True:
                future = build.writer.submit(say(1))
                futures.append(future)
                if build.writer.waiting() > GROUP:
                    future.result(build.patience)

    with ThreadPoolExecutor(4) as pool:
        threads = [pool.submit(many, n) for n in range(4)]
        while len(futures) < 8:
            pass
        build.writer.close()
        for thread in threads:
            thread.result(build.patience)
    with pytest.raises(StoreClosed):
        build.writer.submit(say(2))
    assert [future.result(1) for future in futures] == [1] * len(futures)
    assert build.count(said) == len(futures)


def what_follows_a_commit_cannot_stop_the_writer(build: Build) -> None:
    """A hook that raises takes nothing back and leaves the next turn alone."""

    def work(tx: Tx) -> None:
        say(1)(tx)
        tx.after_commit.append(lambda: [].pop())

    for _ in range(2):
        assert build.end_of(build.writer.submit(work)) is None
    with build.held():
        futures = [build.writer.submit(work) for _ in range(3)]
    assert [build.end_of(future) for future in futures] == [None] * 3
    assert build.count(said) == 5


def many_turns_are_done_in_the_order_they_came(build: Build) -> None:
    """Also beyond one group."""
    with build.held():
        futures = [build.writer.submit(say(what)) for what in range(2 * GROUP + 10)]
    assert [build.end_of(future) for future in futures] == list(range(2 * GROUP + 10))
    with build.engine.connect() as conn, conn.begin():
        assert list(conn.execute(select(said.c.what)).scalars()) == list(range(2 * GROUP + 10))


def what_is_done_between_commits_finds_the_connection_free(build: Build) -> None:
    """It has its place in the order, and there never is a second connection that writes (F14)."""
    pool = build.engine.pool
    assert isinstance(pool, QueuePool)

    def look(engine: Engine) -> tuple[int, list[int]]:
        taken = pool.checkedout()
        with engine.connect() as conn, conn.begin():
            return taken, list(conn.execute(select(said.c.what)).scalars())

    def fail(_engine: Engine) -> None:
        raise Trouble

    with build.held():
        before = [build.writer.submit(say(what)) for what in range(3)]
        between = build.writer.between(look)
        after = [build.writer.submit(say(what)) for what in range(3, 6)]
        failing = build.writer.between(fail)
    assert build.end_of(between) == (0, [0, 1, 2])
    assert [build.end_of(future) for future in before + after] == list(range(6))
    assert isinstance(build.end_of(failing), Trouble)
    assert build.end_of(build.writer.submit(say(6))) == 6
