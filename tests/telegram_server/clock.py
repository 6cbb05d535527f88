"""The fake server's own time: it starts at a fixed instant, runs, and can be moved forward."""

import threading
import time

START = 1_795_147_200.0  # 2026-11-20 04:00 UTC


class Clock:
    """Seconds since 1970 as the fake server sees them."""

    def __init__(self, start: float = START):
        self._start = start - time.monotonic()
        self._lock = threading.Lock()

    def now(self) -> float:
        """The server's present."""
        with self._lock:
            return self._start + time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move the server's present forward."""
        with self._lock:
            self._start += seconds
