"""The command line as a whole: help, faults in a sentence, `check` and `migrate` (P22)."""

import importlib
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot import commands, settings
from bot.faults import EXITS, Exit, Stop, explain
from bot.settings import ROOT
from domain.roles import Role
from storage import schema
from storage.files import DiskRefused
from storage.keys import KeyFileMissing
from storage.store import StoreBusy
from tests.bot.installation import STEWARD, Installation

HEAVY = ("sqlalchemy", "alembic", "starlette", "uvicorn", "cryptography", "PIL", "telegram")


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A live installation that the commands of this process find as well."""
    made = Installation(tmp_path)
    made.adopt(monkeypatch)
    return made


def test_help_is_there_at_once() -> None:
    """It reads the settings' names and nothing heavy."""
    probe = (
        "import sys; from bot.commands import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_help_tells_every_setting_exit_code_and_role(capsys: pytest.CaptureFixture[str]) -> None:
    help = commands.parser().format_help()
    assert all(name in help and what in help for name, what in settings.described())
    assert all(re.search(rf"^  {int(code)} +{re.escape(what)}$", help, re.M) for code, what in EXITS)
    assert {code for code, _ in EXITS} == set(Exit) - {Exit.DONE, Exit.INTERRUPTED}
    with pytest.raises(SystemExit):
        commands.main(["invite", "--help"])
    words = set(re.findall(r"[a-z_]+", capsys.readouterr().out))
    assert set(Role) <= words


def test_every_command_is_there() -> None:
    for name, module in commands.MODULES.items():
        assert callable(importlib.import_module(module).command)
        with pytest.raises(SystemExit) as left:
            commands.main([name, "--help"])
        assert left.value.code == 0


@pytest.mark.parametrize("words", [[], ["dance"], ["invite", "city"], ["run", "--fast"]])
def test_what_is_no_command_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        commands.main(words)
    assert left.value.code == Exit.USAGE
    assert "usage: steward" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Stop("no such unit"), Exit.REFUSED, "no such unit"),
        (StoreBusy("x"), Exit.BUSY, "holds this database"),
        (schema.DatabaseNewer("0009"), Exit.DATABASE, "newer Steward (revision 0009)"),
        (schema.RowsWithoutParent("people"), Exit.DATABASE, "taken back"),
        (KeyFileMissing("x: no key file"), Exit.DATABASE, "no key file"),
        (PermissionError(13, "", "/var/x"), Exit.DATABASE, "/var/x: Permission denied"),
        (DiskRefused(28), Exit.DATABASE, "No space left on device"),
        (sqlite3.OperationalError("database is locked"), Exit.DATABASE, "database is locked"),
        (KeyError("王师傅 13800138000"), Exit.BUG, "KeyError"),
    ],
)
def test_a_fault_is_a_sentence_and_a_code(error: Exception, code: Exit, words: str) -> None:
    sentences, found = explain(error)
    assert found is code
    assert len(sentences) == 1
    assert words in sentences[0]
    assert not any(secret in sentences[0] for secret in ("王师傅", "13800138000", "Traceback", "\n"))


@pytest.mark.parametrize("words", [["run"], ["migrate"], ["invite", "city", "chair"], ["init", "x.toml"]])
def test_a_wrong_setting_stops_every_command_with_a_sentence(
    live: Installation, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_HTTP_PORT", "eighty")
    assert commands.main(words) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.startswith("steward: STEWARD_HTTP_PORT: ")
    assert said.count("\n") == 1


def test_who_stops_reading_stops_nothing(live: Installation) -> None:
    shown = subprocess.run(
        f'"{sys.executable}" -c "{STEWARD}" init --example | head -n 1',
        shell=True,
        env=live.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.count("\n") == 1
    assert shown.stderr == ""


def test_a_terminal_without_chinese_stops_nothing(live: Installation) -> None:
    live.environment["PYTHONIOENCODING"] = "ascii"
    done = live.steward("init", "--example")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u5de5\\u4f1a" in done.stdout


# ---- check


def check(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, list[str]]]:
    """What `check` finds: the exit code, and for each subject its lines without it."""
    capsys.readouterr()
    code = commands.main(["check"])
    found: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        weight, about, words = re.fullmatch(r"(ok|note|fault) +([a-z ]+): (.+)", line).groups()  # type: ignore[union-attr]
        found.setdefault(about, []).append(f"{weight}: {words}")
    return code, found


def test_check_looks_at_everything_and_changes_nothing(
    live: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = check(capsys)
    assert list(found) == ["settings", "texts", "knowledge", "unions", "channels", "key file", "database"]
    assert not any(line.startswith("fault") for about in found if about != "texts" for line in found[about])
    assert list(live.folder.iterdir()) == []
    live.set_up()
    before = {path.name: path.stat().st_mtime_ns for path in live.home.iterdir()}
    code, found = check(capsys)
    assert found["database"] == [f"ok: at {schema.newest()}"]
    assert {path.name: path.stat().st_mtime_ns for path in live.home.iterdir()} == before
    assert code == (Exit.FOUND if found["texts"][0].startswith("fault") else Exit.DONE)


def test_check_names_a_misspelt_setting(
    live: Installation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_TELEGRAM_TOKN", "1")
    code, found = check(capsys)
    assert code == Exit.FOUND
    assert found["settings"] == [
        "fault: STEWARD_TELEGRAM_TOKN is not a setting; is STEWARD_TELEGRAM_TOKEN meant?"
    ]


def test_check_goes_on_after_a_fault(
    live: Installation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live.set_up()
    (live.home / "steward.key").chmod(0o644)
    write(live, "UPDATE alembic_version SET version_num = '9999'")
    code, found = check(capsys)
    assert code == Exit.FOUND
    assert "only 0600 is safe" in found["key file"][0]
    assert found["database"] == [
        "fault: the database was written by a newer Steward (revision 9999); update the program"
    ]
    monkeypatch.setenv("STEWARD_HTTP_PORT", "eighty")
    code, found = check(capsys)
    assert code == Exit.FOUND
    assert found["settings"][0].startswith("fault: STEWARD_HTTP_PORT")
    assert found["texts"] is not None


def write(at: Installation, statement: str) -> None:
    with closing(sqlite3.connect(at.database)) as found, found:
        found.execute(statement)


# ---- migrate


def a_later_release(folder: Path, monkeypatch: pytest.MonkeyPatch, work: str = "pass") -> None:
    """As if this release had one migration more."""
    later = folder / "migrations"
    shutil.copytree(schema.FOLDER, later, ignore=shutil.ignore_patterns("__pycache__"))
    last = schema.newest()
    (later / "versions" / "9000_later.py").write_text(
        f"from alembic import op\n\nrevision = '9000'\ndown_revision = {last!r}\n\n\n"
        f"def upgrade() -> None:\n    {work}\n"
    )
    monkeypatch.setattr(schema, "FOLDER", later)


def test_migrate_copies_the_file_and_says_from_where_to_where(
    live: Installation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live.set_up()
    first = schema.newest()
    assert commands.main(["migrate"]) == Exit.DONE
    assert capsys.readouterr().out == f"The database is at {first} already.\n"
    assert not list(live.home.glob("*.before-*"))

    a_later_release(live.folder, monkeypatch, "op.execute(\"INSERT INTO meta VALUES ('later', 'yes')\")")
    commands.main(["check"])
    assert f"at {first}, this release needs 9000: run `steward migrate`" in capsys.readouterr().out
    assert commands.main(["migrate"]) == Exit.DONE
    said = capsys.readouterr().out
    (copy,) = live.home.glob("steward.db.before-9000-*")
    assert str(copy) in said
    assert f"went from {first} to 9000" in said
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (version(copy), version(live.database)) == (first, "9000")


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return str(found.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    live: Installation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live.set_up()
    first = schema.newest()
    a_later_release(live.folder, monkeypatch, "op.execute('DROP TABLE meta'); op.execute('no such thing')")
    assert commands.main(["migrate"]) == Exit.DATABASE
    assert "syntax error" in capsys.readouterr().err
    assert version(live.database) == first


@pytest.mark.kill
def test_migrate_waits_for_no_running_process(live: Installation) -> None:
    live.set_up()
    with live.run():
        refused = live.steward("migrate")
    assert refused.returncode == Exit.BUSY


@pytest.mark.parametrize("words", [["migrate"], ["invite", "city", "chair"], ["init", "union.toml"]])
def test_a_newer_database_is_refused_by_every_command(
    live: Installation, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    live.set_up()
    write(live, "UPDATE alembic_version SET version_num = '9999'")
    assert commands.main(words) == Exit.DATABASE
    assert "newer Steward (revision 9999)" in capsys.readouterr().err


def test_a_file_that_is_no_database_is_refused(
    live: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    live.home.mkdir()
    live.database.write_bytes(b"not a database at all, " * 100)
    assert commands.main(["migrate"]) == Exit.DATABASE
    said = capsys.readouterr().err
    assert said == "steward: the database cannot be used: file is not a database\n"
    assert not (live.home / "steward.key").exists()


@pytest.mark.postgres
def test_the_commands_work_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    at = Installation(tmp_path, database_url=postgres_url.replace("postgresql+psycopg", "postgresql"))
    assert at.set_up_anew().startswith("i_")
    assert at.steward("invite", "factory", "chair").returncode == Exit.DONE
    assert at.steward("migrate").stdout == f"The database is at {schema.newest()} already.\n"
    assert "ok     key file: " in at.steward("doctor").stdout
    gone = at.steward("invite", "factory", "chair", database_url="postgresql://127.0.0.1:1/x")
    assert gone.returncode == Exit.DATABASE
    assert gone.stderr.startswith("steward: the database cannot be used: connection")
