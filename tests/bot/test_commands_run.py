"""`steward run` as a process: one at a time, on its own database and keys, with a quick end.

F1, F2, F7, F8, F13, F14, F44.
"""

import json
import os
import shutil
import signal
import socket
import sqlite3
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.bot.installation import Installation, link_in
from tests.not_run import not_run

pytestmark = pytest.mark.kill

BUSY, DATABASE, REFUSED = 3, 4, 5


@pytest.fixture
def demo(tmp_path: Path) -> Installation:
    return Installation(tmp_path, "demo")


@pytest.fixture
def live(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    made.set_up()
    return made


def answers(url: str) -> int:
    try:
        with urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def test_a_demo_says_what_it_is_and_every_link_it_prints_opens(demo: Installation) -> None:
    with demo.run() as running:
        assert "demo" in running.greeting
        assert "invented" in running.greeting
        links = [word for word in running.greeting.split() if word.startswith("http")]
        assert [link.removeprefix(running.url).partition("#")[0] for link in links] == [
            *("/play", "/chat", "/chat", "/chat", "/healthz")
        ]
        assert {answers(link) for link in links} == {200}
        assert running.end() == 0


def test_live_serves_no_playground_and_opens_no_clock(live: Installation) -> None:
    with live.run() as running:
        assert "demo" not in running.greeting
        assert answers(f"{running.url}/healthz") == 200
        assert answers(f"{running.url}/play") == 404
        moved = Request(f"{running.url}/play/api/clock", data=b'{"advance": "1w"}', method="POST")
        with pytest.raises(HTTPError, match="404"):
            urlopen(moved, timeout=10)


def test_a_second_process_is_refused_and_the_first_goes_on(demo: Installation) -> None:
    with demo.run() as running:
        second = demo.steward("run", http_port="0")
        assert second.returncode == BUSY
        assert second.stderr.startswith("steward: another process of Steward holds this database")
        assert second.stderr.count("\n") == 1
        assert answers(f"{running.url}/healthz") == 200
    with demo.run() as again:  # what held it was the process, not a file
        assert answers(f"{again.url}/healthz") == 200


def test_a_taken_port_is_said_in_a_sentence_and_the_database_is_let_go(demo: Installation) -> None:
    with socket.create_server(("127.0.0.1", demo.port)):
        refused = demo.steward("run")
    assert refused.returncode == BUSY
    told = f"steward: cannot listen on 127.0.0.1 port {demo.port}: Address already in use"
    assert refused.stderr.startswith(told)
    assert refused.stderr.count("\n") == 1
    with demo.run() as running:
        assert answers(f"{running.url}/healthz") == 200


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_although_a_page_listens(demo: Installation, sign: signal.Signals) -> None:
    with demo.run() as running:
        key = hello(running.url)
        events = Request(f"{running.url}/chat/api/events", headers={"Authorization": f"Bearer {key}"})
        with urlopen(events, timeout=20) as stream:
            assert stream.readline() == b": hello\n"
            begun = time.monotonic()
            running.process.send_signal(sign)
            assert running.end(sign) == 0  # asked twice
            assert time.monotonic() - begun < 10


def test_it_ends_in_time_although_somebody_uploads_and_the_database_is_held(demo: Installation) -> None:
    """What cannot end is left: whatever it had begun is settled at the next start."""
    with demo.run() as running:
        key = hello(running.url)
        held = sqlite3.connect(demo.database, isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        with socket.create_connection(("127.0.0.1", demo.port)) as slow:
            slow.sendall(
                f"POST /chat/api/upload?id=aaaaaaaa&kind=photo HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {key}\r\nContent-Length: 1000\r\n\r\nhalf".encode()
            )
            begun = time.monotonic()
            assert running.end() == 0
            assert time.monotonic() - begun < 10.5
        held.close()
    with demo.run() as again:
        assert answers(f"{again.url}/healthz") == 200
        assert again.end() == 0
    assert not (demo.home / "demo.db-wal").exists()  # an orderly end leaves one file


def test_after_a_kill_it_starts_again_and_commands_work_meanwhile(live: Installation) -> None:
    running = live.run()
    running.kill()
    assert (live.home / "steward.sock").exists()  # left behind
    assert live.steward("invite", "city", "chair").returncode == 0
    with live.run() as again:
        assert answers(f"{again.url}/healthz") == 200
        assert again.end() == 0
    with sqlite3.connect(live.database) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_invitation_is_made_by_the_running_process(live: Installation) -> None:
    with live.run():
        made = live.steward("invite", "factory", "committee", "--duty")
        wrong = live.steward("invite", "nowhere", "committee")
    assert link_in(made.stdout).startswith("i_")
    assert wrong.returncode == REFUSED
    assert "there is no unit 'nowhere'; there are: city" in wrong.stderr
    with sqlite3.connect(live.database) as found:
        rows = found.execute("SELECT unit_id, role, on_duty FROM invitations ORDER BY made_at").fetchall()
    assert rows == [("city", "admin", 0), ("factory", "committee", 1)]


def test_without_a_union_live_does_not_start_and_leaves_nothing(tmp_path: Path) -> None:
    found = Installation(tmp_path).steward("run")
    assert found.returncode == REFUSED
    assert "steward init" in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_new_key_is_made_for_a_database_that_has_one(live: Installation) -> None:
    (live.home / "steward.key").rename(live.folder / "kept")
    for words in (["run"], ["invite", "city", "chair"], ["init", "union.toml"], ["migrate"]):
        refused = live.steward(*words)
        assert refused.returncode == DATABASE
        assert "is missing" in refused.stderr
        assert not (live.home / "steward.key").exists()
    (live.folder / "kept").rename(live.home / "steward.key")
    with live.run() as running:
        assert answers(f"{running.url}/healthz") == 200


def test_another_databases_key_is_found_out_at_once(live: Installation, tmp_path: Path) -> None:
    other = Installation(tmp_path / "other")
    other.folder.mkdir()
    other.set_up_anew()
    sealed(live)
    shutil.copyfile(other.home / "steward.key", live.home / "steward.key")
    refused = live.steward("run")
    assert refused.returncode == DATABASE
    assert refused.stderr == "steward: the key file does not belong to this database; put its own back\n"


def sealed(at: Installation) -> None:
    """Seal something in a database: somebody comes through the door."""
    with at.run() as running:
        hello(running.url)
        running.end()


def hello(url: str) -> str:
    """Come through the door; returns the key one gets there."""
    asked = Request(f"{url}/chat/api/hello", data=b'{"start": "", "lang": "zh"}', method="POST")
    with urlopen(asked, timeout=10) as answer:
        return str(json.load(answer)["key"])


def test_a_key_file_others_can_read_is_refused(live: Installation) -> None:
    (live.home / "steward.key").chmod(0o640)
    refused = live.steward("run")
    assert refused.returncode == DATABASE
    assert "mode 0640; only 0600 is safe" in refused.stderr


def test_a_demo_and_a_live_database_are_never_mixed_up(tmp_path: Path) -> None:
    demo = Installation(tmp_path, "demo")
    with demo.run() as running:
        running.end()
    there = f"sqlite:///{demo.database}"
    shutil.copyfile(demo.home / "demo.key", demo.home / "steward.key")
    (demo.home / "steward.key").chmod(0o600)
    for words in (["run"], ["invite", "riders", "chair"], ["init", "union.toml"]):
        example = demo.steward("init", "--example").stdout
        (tmp_path / "union.toml").write_text(example, encoding="utf-8")
        refused = demo.steward(*words, mode="live", database_url=there)
        assert (refused.returncode, "belongs to a demo installation" in refused.stderr) == (REFUSED, True)

    live = Installation(tmp_path / "live")
    live.folder.mkdir()
    live.set_up()
    shutil.copyfile(live.home / "steward.key", live.home / "demo.key")
    (live.home / "demo.key").chmod(0o600)
    refused = live.steward("run", mode="demo", database_url=f"sqlite:///{live.database}")
    assert refused.returncode == REFUSED
    assert "belongs to a live installation" in refused.stderr


def test_everything_it_makes_is_for_its_user_alone(live: Installation) -> None:
    with live.run():
        modes = {path.name: path.stat().st_mode & 0o777 for path in (live.home, *live.home.rglob("*"))}
    assert {mode & 0o077 for mode in modes.values()} == {0}
    assert modes["steward.sock"] == 0o600


def without_overriding(program: str = "setpriv") -> list[str]:
    """What starts a program that has to respect the modes of files although root starts it."""
    if os.geteuid() != 0:
        return []
    if shutil.which(program) is None:
        not_run("root needs setpriv (util-linux) to feel a read-only folder")
    return [program, "--bounding-set=-dac_override"]


def test_a_folder_that_takes_nothing_is_said_in_a_sentence(live: Installation, tmp_path: Path) -> None:
    """F8."""
    respecting = without_overriding()
    live.home.chmod(0o500)
    try:
        refused = live.steward("run", before=respecting)
    finally:
        live.home.chmod(0o700)
    assert refused.returncode == DATABASE
    assert refused.stderr.startswith("steward: ")
    assert refused.stderr.count("\n") == 1
    with live.run() as running:
        assert answers(f"{running.url}/healthz") == 200

    (tmp_path / "closed").mkdir(mode=0o500)
    refused = live.steward("run", before=respecting, home=str(tmp_path / "closed" / "var"), mode="demo")
    assert refused.returncode == DATABASE
    assert refused.stderr == f"steward: {tmp_path / 'closed' / 'var'}: Permission denied\n"


def test_a_database_somebody_else_made_is_left_to_them(live: Installation) -> None:
    """Root's files beside it would lock its own user out."""
    if os.geteuid() != 0:
        not_run("only root can give a file away")
    os.chown(live.database, 65534, -1)
    refused = live.steward("invite", "city", "chair")
    assert refused.returncode == REFUSED
    assert "run this as that user" in refused.stderr
    assert not (live.home / "steward.db-wal").exists()


def test_a_file_limit_stops_it_with_a_sentence(tmp_path: Path) -> None:
    """F7: the database cannot grow."""
    made = Installation(tmp_path)
    example = made.steward("init", "--example").stdout
    (tmp_path / "union.toml").write_text(example, encoding="utf-8")
    limited = ["sh", "-c", 'ulimit -f 100; exec "$@"', "limited"]
    refused = made.steward("init", "union.toml", before=limited)
    assert refused.returncode == DATABASE
    assert refused.stderr.startswith("steward: the database cannot be used: ")
    made.set_up_anew()  # and nothing of it is in the way later


def test_a_litestream_folder_beside_a_faulty_sqlite_stops_it(live: Installation) -> None:
    """F14."""
    if sqlite3.sqlite_version_info > (3, 51, 2):
        not_run("this SQLite has no WAL-reset fault")
    (live.home / ".steward.db-litestream").mkdir()
    refused = live.steward("run")
    assert refused.returncode == DATABASE
    assert "Litestream" in refused.stderr
