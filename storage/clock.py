"""The only source of now."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the instant on this machine."""

    def read(self) -> datetime:
        """The present instant, aware UTC."""


class SystemClock:
    """The machine's own clock."""

    def read(self) -> datetime:
        """The present instant, aware UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is moved, for transcripts and simulations."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._lock = threading.Lock()

    def read(self) -> datetime:
        """Where it was last set."""
        return self._at

    def move(self, by: timedelta) -> None:
        """Move it; backwards too."""
        with self._lock:
            self._at += by

    def set(self, at: datetime) -> None:
        """Set it."""
        with self._lock:
            self._at = at
