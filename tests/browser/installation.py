"""A demo of our own that a real browser can visit, kill and find again."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event
from urllib.error import URLError
from urllib.request import urlopen

from bot.settings import ROOT

READY_WITHIN = 40  # seconds
_STEWARD = "from bot.commands import main; raise SystemExit(main(['run']))"


class Installation:
    """One demo in a folder of its own, which may live several times."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "log"
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("STEWARD_")} | {
            "STEWARD_MODE": "demo",
            "STEWARD_HOME": str(folder),
            "STEWARD_HTTP_PORT": str(port),
            "STEWARD_LOG_LEVEL": "warning",
        }
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin a life and wait until it answers."""
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", _STEWARD],
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        waiting = Event()
        for _ in range(READY_WITHIN * 10):
            if self._answers():
                return
            if self._child.poll() is not None:
                break
            waiting.wait(0.1)
        raise AssertionError(f"the demo did not come up:\n{self._log.read_text('utf-8')}")

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    @property
    def running(self) -> bool:
        """Whether it lives."""
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """End it where it stands."""
        if self._child is not None and self.running:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait(20)
