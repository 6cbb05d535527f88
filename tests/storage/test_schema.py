"""The schema: what migrations make is what the tables say, all of it or nothing (P22)."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from storage import schema
from storage.engine import open_engine
from storage.faults import words_of
from storage.migrations import new
from storage.tables import metadata
from tests.postgres import drop_database, fresh_database

NewDatabase = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Makes empty databases of one engine, each its own."""
    made: list[str] = []

    def sqlite() -> str:
        made.append(f"sqlite:///{tmp_path / f'{len(made)}.db'}")
        return made[-1]

    def postgres() -> str:
        made.append(fresh_database(request.getfixturevalue("postgres_server")))
        return made[-1]

    yield sqlite if request.param == "sqlite" else postgres
    for url in made if request.param == "postgres" else ():
        drop_database(url)


def looking(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def shape(url: str) -> dict[str, object]:
    """Everything a database knows of its tables, as plain values."""
    found: dict[str, object] = {}
    engine = looking(url)
    seen = inspect(engine)
    for name in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        columns = [
            (c["name"], str(c["type"]), c["nullable"], c.get("default"), c.get("autoincrement"))
            for c in seen.get_columns(name)
        ]
        unique = sorted((u["name"] or "", u["column_names"]) for u in seen.get_unique_constraints(name))
        foreign = sorted(
            (f["name"] or "", f["constrained_columns"], f["referred_table"], f["options"])
            for f in seen.get_foreign_keys(name)
        )
        found[name] = (columns, seen.get_pk_constraint(name), unique, foreign)
    question = {
        "sqlite": "SELECT name, sql FROM sqlite_master "
        "WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND tablename <> 'alembic_version' ORDER BY indexname",
    }[engine.dialect.name]
    with engine.connect() as connection:
        found["indexes"] = {name: said.replace('"', "") for name, said in connection.execute(text(question))}
    return found


def test_the_migrations_make_the_tables_as_they_are_written(new_database: NewDatabase) -> None:
    migrated, fresh = new_database(), new_database()
    schema.upgrade(migrated)
    metadata.create_all(looking(fresh))
    assert shape(migrated) == shape(fresh)


def test_alembic_sees_no_difference_either(new_database: NewDatabase) -> None:
    url = new_database()
    schema.upgrade(url)
    with looking(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_a_difference_would_be_seen(new_database: NewDatabase) -> None:
    """The two comparisons above are worth something: one index missing, and both speak."""
    migrated, fresh = new_database(), new_database()
    schema.upgrade(migrated)
    metadata.create_all(looking(fresh))
    with looking(migrated).begin() as connection:
        connection.execute(text("DROP INDEX ix_inbox_waiting"))
    assert shape(migrated) != shape(fresh)
    with looking(migrated).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) != []


def test_an_upgrade_says_from_where_to_where_and_is_done_once(new_database: NewDatabase) -> None:
    url = new_database()
    assert schema.current(url) is None
    assert schema.upgrade(url) == schema.Upgrade(None, schema.newest())
    assert schema.current(url) == schema.newest()
    assert schema.upgrade(url) == schema.Upgrade(schema.newest(), schema.newest())


def test_a_database_of_a_later_release_is_left_alone(new_database: NewDatabase) -> None:
    url = new_database()
    schema.upgrade(url)
    with looking(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = shape(url)
    for ask in (schema.upgrade, schema.current):
        with pytest.raises(schema.DatabaseNewer, match="9999"):
            ask(url)
    assert shape(url) == before


def test_asking_for_the_revision_makes_no_file(tmp_path: Path) -> None:
    assert schema.current(f"sqlite:///{tmp_path / 'folder' / 'steward.db'}") is None
    assert list(tmp_path.iterdir()) == []


def test_rows_that_point_to_a_rebuilt_table_stay_and_dangling_ones_stop_the_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'steward.db'}"
    folder = with_another(
        tmp_path, "with op.batch_alter_table('data_keys', recreate='always'):\n        pass"
    )
    schema.upgrade(url)
    add_person(url)
    monkeypatch.setattr(schema, "FOLDER", folder)
    schema.upgrade(url)
    assert count(url, "people") == count(url, "data_keys") == 1

    with_another(tmp_path, "op.execute('DELETE FROM data_keys')", number="0003")
    with pytest.raises(schema.RowsWithoutParent, match="people"):
        schema.upgrade(url)
    assert schema.current(url) == "0002"
    assert count(url, "data_keys") == 1


def with_another(tmp_path: Path, work: str, number: str = "0002") -> Path:
    """A copy of the migrations with one more at the end."""
    folder = tmp_path / "migrations"
    if not folder.exists():
        shutil.copytree(schema.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{number}_more.py").write_text(
        f"from alembic import op\n\nrevision = {number!r}\ndown_revision = '{int(number) - 1:04}'\n\n\n"
        f"def upgrade() -> None:\n    {work}\n"
    )
    return folder


def add_person(url: str) -> None:
    with open_engine(url).begin() as connection:
        connection.execute(text("INSERT INTO data_keys (id, made_at) VALUES ('k', '2026-11-20 01:00:00')"))
        connection.execute(
            text(
                "INSERT INTO people (id, key_id, alias, language, made_at) "
                "VALUES ('p', 'k', 'A', 'zh', '2026-11-20 01:00:00')"
            )
        )


def count(url: str, table: str) -> int:
    with looking(url).connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


# ---- cut off at every statement


def statements(url: str, at: int, then: Callable[[], None]) -> int:
    """Upgrade, doing something before statement `at`; returns how many there were."""
    seen = 0

    def counting(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            then()

    event.listen(Engine, "before_cursor_execute", counting)
    try:
        schema.upgrade(url)
    finally:
        event.remove(Engine, "before_cursor_execute", counting)
    return seen


def broken_off() -> None:
    raise ConnectionError("cut off")


def test_an_upgrade_that_breaks_off_anywhere_leaves_the_database_as_it_was(new_database: NewDatabase) -> None:
    whole = statements(new_database(), 0, broken_off)
    url = new_database()
    empty = shape(url)
    for at in range(1, whole + 1):
        with pytest.raises(ConnectionError):
            statements(url, at, broken_off)
        assert shape(url) == empty, f"statement {at} of {whole}"
    schema.upgrade(url)
    assert schema.current(url) == schema.newest()


@pytest.mark.kill
def test_an_upgrade_killed_at_any_statement_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    whole = statements(f"sqlite:///{tmp_path / 'whole.db'}", 0, die)
    path = tmp_path / "killed.db"
    for at in range(1, whole + 1):
        child = os.fork()
        if child == 0:
            statements(f"sqlite:///{path}", at, die)
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        with sqlite3.connect(path) as found:
            assert found.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,), f"statement {at}"
            assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    schema.upgrade(f"sqlite:///{path}")
    assert schema.current(f"sqlite:///{path}") == schema.newest()


def test_without_one_transaction_a_broken_upgrade_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the driver's own idea of transactions, half an upgrade stays behind."""
    monkeypatch.setattr(schema, "open_engine", lambda url: create_engine(url, isolation_level="AUTOCOMMIT"))
    url = f"sqlite:///{tmp_path / 'steward.db'}"
    empty = shape(url)
    with pytest.raises(ConnectionError):
        statements(url, 20, broken_off)
    assert shape(url) != empty


# ---- the next migration


def test_the_next_migration_is_written_from_what_changed(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert new.write("Nothing new", folder) is None
    for path in (folder / "versions").glob("*.py"):
        path.unlink()
    made = new.write("Everything anew", folder)
    assert made is not None
    assert made.name == "0001_everything_anew.py"
    written, fresh = f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'b.db'}"
    with open_engine(written).begin() as connection:
        command.upgrade(schema.config(connection, folder), "head")
    metadata.create_all(looking(fresh))
    assert shape(written) == shape(fresh)


def test_an_address_of_no_database_is_refused_in_words(tmp_path: Path) -> None:
    said = []
    for url in ("oddbase://a/b", "nonsense", f"sqlite:///{tmp_path}", "postgresql+psycopg://127.0.0.1:1/x"):
        with pytest.raises((SQLAlchemyError, ModuleNotFoundError)) as caught:
            schema.upgrade(url)
        said.append(words_of(caught.value))
    assert said[:2] == ["the address is not one of a database it knows"] * 2
    assert said[2] == "unable to open database file"
    assert said[3] is not None
    assert "onnection" in said[3]
