"""What is asked all day reads what waits, not what is long done (SQLite's own account of its plans)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from casework import outage
from storage import dues, inbox, jobs, news, outbox, schema
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx

Read = Callable[[Tx], object]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'plans.db'}"
    schema.upgrade(url)
    store = Store(url, KeyFile.open(tmp_path / "key.json", create=True))
    yield store
    store.close()


def plans_of(store: Store, read: Read) -> list[str]:
    """How SQLite carries out each statement of a piece of work."""
    asked: list[tuple[str, object]] = []

    def look(_conn: Connection, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    def explained(tx: Tx) -> list[str]:
        event.listen(tx.conn, "before_cursor_execute", look)
        read(tx)
        event.remove(tx.conn, "before_cursor_execute", look)
        run = tx.conn.connection.driver_connection
        assert run is not None
        return [row[3] for text, values in asked for row in run.execute(f"EXPLAIN QUERY PLAN {text}", values)]

    return store.write(explained)


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda tx: inbox.next_in_lanes(tx, set(), 10), "ix_inbox_waiting"),
        (lambda tx: inbox.count(tx, "waiting"), "ix_inbox_waiting"),
        (lambda tx: inbox.count(tx, "dead"), "ix_inbox_dead"),
        (inbox.oldest_waiting, "ix_inbox_waiting"),
        (lambda tx: outbox.next_in_chats(tx, set(), 10), "ix_outbox_pending"),
        (outbox.waiting, "ix_outbox_pending"),
        (outbox.oldest_pending, "ix_outbox_pending"),
        (outbox.settle_after_crash, "ix_outbox_sending"),
        (lambda tx: news.seen_by_answer(tx, "account", tx.now), "ix_outbox_unseen"),
        (lambda tx: jobs.ready(tx, set(), 10), "ix_jobs_waiting"),
        (dues.claim, "ix_dues_open"),
        (outage.take_answers_first, "ix_dues_open"),
    ],
)
def test_only_what_is_open_is_read(store: Store, read: Read, index: str) -> None:
    plans = plans_of(store, read)
    assert any(index in plan for plan in plans), plans
    assert all(" INDEX ix_" in plan for plan in plans if plan.startswith("SCAN")), plans
