"""The real process, started and killed."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT
from tests.kill.home import Home
from tests.telegram_server.server import TelegramServer

SECRET = "kill_test_secret_" * 2


class Process:
    """One installation that lives many times.

    Args:
        build: which build is started, see `tests.kill.launch`; empty for the honest one.
        full_speed: without the limits on sending.
    """

    def __init__(
        self,
        home: Home,
        server: TelegramServer,
        *,
        webhook: bool = False,
        build: str = "",
        full_speed: bool = True,
    ) -> None:
        self.lives = 0
        self._command = [sys.executable, "-m", "tests.kill.launch"]
        if not build and not full_speed:
            self._command = [str(Path(sys.executable).with_name("steward")), "run"]
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = home.folder / "log"
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("STEWARD_")} | {
            "STEWARD_MODE": home.mode,
            "STEWARD_HOME": str(home.folder),
            "STEWARD_HTTP_PORT": str(port),
            "STEWARD_TELEGRAM_TOKEN": server.token,
            "STEWARD_TELEGRAM_API_BASE": server.url,
            "STEWARD_LOG_LEVEL": "warning",
            "KILL_BUILD": build,
            "KILL_FULL_SPEED": "1" if full_speed else "",
        }
        if webhook:
            self._env |= {
                "STEWARD_TELEGRAM_MODE": "webhook",
                "STEWARD_TELEGRAM_SECRET": SECRET,
                "STEWARD_PUBLIC_URL": self.url,
            }
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin another life."""
        self.lives += 1
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End it where it stands."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; returns its exit status."""
        return self._end(signal.SIGTERM)

    def wait(self, timeout: float) -> int:
        """Wait until it ends by itself; returns its exit status."""
        assert self._child is not None
        return self._child.wait(timeout)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """Its number in this life."""
        assert self._child is not None
        return self._child.pid

    @property
    def log(self) -> str:
        """What all its lives wrote."""
        return self._log.read_text("utf-8", "replace")

    def _end(self, how: signal.Signals) -> int:
        assert self._child is not None
        self._child.send_signal(how)
        return self._child.wait(20)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        if self.alive:
            self.kill()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
