"""`steward doctor`: says what is wrong, changes nothing, and fails only when something is wrong."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import commands, control
from storage import inbox, meta, people
from storage.clock import SetClock, SystemClock
from storage.inspection import has_reset_fault, sqlite_version
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx
from tests.bot.installation import Installation

DONE, FOUND = 0, 1
TOKEN = "123456789:" + "a" * 35


@dataclass
class Doctor:
    """An installation and what the doctor says of it."""

    at: Installation
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, **settings: str) -> tuple[int, dict[str, list[str]]]:
        """Look; returns the exit code and the findings by their weight."""
        for name, value in settings.items():
            self.monkeypatch.setenv(f"STEWARD_{name.upper()}", value)
        self.capsys.readouterr()
        code = commands.main(["doctor"])
        found: dict[str, list[str]] = {"ok": [], "note": [], "fault": []}
        said = self.capsys.readouterr()
        assert said.err == ""
        for line in said.out.splitlines():
            weight, words = line.split(maxsplit=1)
            found[weight].append(words)
        assert code == (FOUND if found["fault"] else DONE)
        return code, found

    def fault(self, **settings: str) -> str:
        """The one thing that is wrong."""
        _, found = self(**settings)
        assert len(found["fault"]) == 1, found
        return found["fault"][0]

    def write(self, work: Callable[[Tx], object], at: datetime | None = None) -> None:
        """Change the database, at this instant."""
        keys = KeyFile.open(self.at.database.with_suffix(".key"))
        store = Store(f"sqlite:///{self.at.database}", keys, SetClock(at) if at else None)
        try:
            store.write(work)
        finally:
            store.close()


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    at = Installation(tmp_path)
    at.set_up()
    at.adopt(monkeypatch)
    return Doctor(at, capsys, monkeypatch)


def test_a_sound_installation_stopped_or_running_has_nothing_wrong(doctor: Doctor) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in doctor.at.home.iterdir()}
    code, found = doctor()
    assert (code, found["note"][-1]) == (DONE, "process: not running")
    assert {path.name: path.stat().st_mtime_ns for path in doctor.at.home.iterdir()} == before
    with doctor.at.run():
        code, found = doctor()
        assert code == DONE
        assert any("the clock last ticked" in line for line in found["ok"])


@pytest.mark.kill
def test_what_a_kill_left_in_the_log_is_looked_at_too(doctor: Doctor) -> None:
    doctor.at.run().kill()
    assert (doctor.at.home / "steward.db-wal").stat().st_size > 0
    code, found = doctor()
    assert code == DONE
    assert any(line.startswith("clock: ") for line in found["ok"])


def test_an_empty_folder_is_no_fault_and_stays_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = Installation(tmp_path)
    at.adopt(monkeypatch)
    assert Doctor(at, capsys, monkeypatch)()[0] == DONE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"telegram_token": "123456789:short"}, "telegram: STEWARD_TELEGRAM_TOKEN is not of the form"),
        ({"telegram_token": TOKEN[10:]}, "telegram: STEWARD_TELEGRAM_TOKEN is not of the form"),
        (
            {
                "telegram_token": TOKEN,
                "telegram_mode": "webhook",
                "telegram_secret": "! " * 20,
                "public_url": "https://union.example.org",
            },
            "telegram: STEWARD_TELEGRAM_SECRET needs 32 to 256",
        ),
        (
            {
                "telegram_token": TOKEN,
                "telegram_mode": "webhook",
                "telegram_secret": "s" * 40,
                "public_url": "https://union.example.org:8444",
            },
            "telegram: Telegram does not call port 8444",
        ),
        ({"colour": "red"}, "settings: STEWARD_COLOUR is not a setting"),
    ],
)
def test_settings_that_will_not_work_are_found(doctor: Doctor, settings: dict[str, str], words: str) -> None:
    found = doctor.fault(**settings)
    assert found.startswith(words)
    assert "aaaa" not in found


def test_a_good_webhook_is_no_fault(doctor: Doctor) -> None:
    secret, page = "s" * 40, "https://union.example.org"
    code, found = doctor(
        telegram_token=TOKEN, telegram_mode="webhook", telegram_secret=secret, public_url=page
    )
    assert code == DONE
    assert f"telegram: webhook at {page}/telegram/webhook" in found["ok"]


def test_a_clock_that_went_back_is_found(doctor: Doctor) -> None:
    doctor.write(lambda tx: meta.beat(tx, SystemClock().read() + timedelta(hours=2)))
    assert doctor.fault().startswith("clock: it shows ")


def test_a_moved_clock_in_live_is_found(doctor: Doctor) -> None:
    doctor.write(lambda tx: meta.set_clock_offset(tx, timedelta(days=7)))
    assert doctor.fault() == "clock: the demo clock is 7 days, 0:00:00 ahead"


def test_a_key_file_of_another_database_is_found(doctor: Doctor) -> None:
    doctor.write(people.add_person)
    key = doctor.at.home / "steward.key"
    key.unlink()
    assert "no key file" in doctor()[1]["fault"][0]
    KeyFile.open(key, create=True)
    found = "key file: the key file does not belong to this database; put its own back"
    assert doctor.fault() == found


def test_updates_that_wait_are_a_fault_only_while_something_runs(doctor: Doctor) -> None:
    before = SystemClock().read() - timedelta(minutes=5)
    doctor.write(lambda tx: inbox.add(tx, "browser", "x", "lane", tx.make_key(), {"kind": "text"}), before)
    code, found = doctor()
    assert code == DONE
    assert any(line.startswith("backlog: 1 updates wait, the oldest for 0:05") for line in found["note"])
    with control.listening(doctor.at.home / "steward.sock") as here:
        here.listen()
        faults = doctor()[1]["fault"]
    assert faults[0].startswith("process: running, and /healthz does not answer")
    assert faults[1].startswith("backlog: 1 updates wait")


def test_an_old_copy_of_the_database_is_found(doctor: Doctor) -> None:
    """P14: what was erased since can be read there."""
    copy = doctor.at.home / "steward.db.before-0002-20260901T000000Z"
    copy.write_bytes(b"")
    assert doctor()[0] == DONE
    month_ago = (SystemClock().read() - timedelta(days=40)).timestamp()
    os.utime(copy, (month_ago, month_ago))
    assert doctor.fault().startswith(f"files: {copy} is 40 days old")


def test_litestream_beside_a_faulty_sqlite_is_found(doctor: Doctor) -> None:
    (doctor.at.home / ".steward.db-litestream").mkdir()
    if has_reset_fault(sqlite_version()):
        assert doctor.fault().startswith(f"sqlite: {sqlite3.sqlite_version} has the WAL-reset fault")
    else:
        assert doctor()[0] == DONE


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_the_versions_with_the_fault_are_known(version: tuple[int, int, int], faulty: bool) -> None:
    assert has_reset_fault(version) is faulty


def test_a_folder_others_can_look_into_is_worth_a_note(doctor: Doctor) -> None:
    doctor.at.home.chmod(0o755)
    code, found = doctor()
    assert code == DONE
    assert any("chmod 700" in line for line in found["note"])


def test_a_broken_database_is_a_fault_and_not_a_trace(doctor: Doctor) -> None:
    with closing(sqlite3.connect(doctor.at.database)) as found, found:
        found.execute("DROP TABLE inbox")
    assert doctor.fault() == "backlog: the database cannot be used: no such table: inbox"
