"""An installation in a folder of its own, whose commands are run as a shell would run them."""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from bot.settings import ROOT

STEWARD = "import sys; from bot.commands import main; sys.exit(main(sys.argv[1:]))"
READY_WITHIN = 40.0  # seconds


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Installation:
    """One installation; settings are given by their names without the prefix."""

    def __init__(self, folder: Path, mode: str = "live", **settings: str) -> None:
        self.folder = folder
        self.home = folder / "var"
        self.port = free_port()
        named = {f"STEWARD_{name.upper()}": value for name, value in settings.items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("STEWARD_")}
        self.environment = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "STEWARD_MODE": mode,
            "STEWARD_HOME": str(self.home),
            "STEWARD_HTTP_PORT": str(self.port),
            **named,
        }

    def adopt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the commands of this very process work on it too."""
        for name in [name for name in os.environ if name.startswith("STEWARD_")]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            if name.startswith("STEWARD_"):
                monkeypatch.setenv(name, value)
        monkeypatch.chdir(self.folder)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.home / ("demo.db" if self.environment["STEWARD_MODE"] == "demo" else "steward.db")

    def steward(
        self, *words: str, said: str = "", before: Sequence[str] = (), **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end.

        Args:
            said: what is typed.
            before: a program that starts ours.
        """
        named = {f"STEWARD_{name.upper()}": value for name, value in settings.items()}
        return subprocess.run(
            [*before, sys.executable, "-c", STEWARD, *words],
            cwd=self.folder,
            env={**self.environment, **named},
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def set_up(self) -> None:
        """A live union out of the example, in the same state each time."""
        shutil.copytree(_one_set_up(), self.folder, dirs_exist_ok=True)

    def set_up_anew(self) -> str:
        """A live union out of the example, by the command itself; returns the first administrator's link."""
        example = self.steward("init", "--example").stdout
        (self.folder / "union.toml").write_text(example, encoding="utf-8")
        done = self.steward("init", "union.toml")
        assert done.returncode == 0, done.stderr
        return link_in(done.stdout)

    def run(self) -> "Running":
        """Start it and wait until it has greeted."""
        return Running(self)


class Running:
    """A process of `steward run`; use as a context manager, which ends it in any case."""

    def __init__(self, at: Installation) -> None:
        self.url = f"http://127.0.0.1:{at.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", STEWARD, "run"],
            cwd=at.folder,
            env=at.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(at.folder / "log").open("ab"),
            text=True,
        )
        self.greeting = self._greeting(at)

    def _greeting(self, at: Installation) -> str:
        """What it prints until it serves."""
        said: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._read, args=(said,), daemon=True).start()
        lines: list[str] = []
        while not lines or "/healthz" not in lines[-1]:
            try:
                lines.append(said.get(timeout=READY_WITHIN))
            except Empty:
                lines.append("")
            if not lines[-1]:
                self.kill()
                raise AssertionError(f"it did not start:\n{(at.folder / 'log').read_text('utf-8')}")
        return "".join(lines)

    def _read(self, said: "SimpleQueue[str]") -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said.put(line)
        said.put("")

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end and return its exit code."""
        self.process.send_signal(sign)
        return self.process.wait(20)

    def kill(self) -> None:
        """End it where it stands."""
        self.process.kill()
        self.process.wait(20)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


@cache
def _one_set_up() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="steward-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Installation(folder).set_up_anew()
    return folder


def link_in(words: str) -> str:
    """The payload of the one link somewhere in these words."""
    found = re.findall(r"/chat#start=(\S+)", words)
    assert len(found) == 1, words
    return str(found[0])
