"""How often somebody did something lately; kept in memory, for a restart forgives."""

from collections import deque
from datetime import datetime, timedelta

MOST_KNOWN = 10_000


class Pace:
    """Counts what each caller does.

    Args:
        most: how often is fine within `within`.
    """

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._done: dict[str, deque[datetime]] = {}

    def wait(self, who: str, now: datetime) -> timedelta:
        """How long until it is fine again; nothing while it is."""
        done = self._done.get(who, deque())
        if len(done) < self._most:
            return timedelta(0)
        return min(max(done[0] + self._within - now, timedelta(0)), self._within)

    def note(self, who: str, now: datetime) -> None:
        """It was done."""
        if who not in self._done and len(self._done) >= MOST_KNOWN:
            self._forget(now)
        self._done.setdefault(who, deque(maxlen=self._most)).append(now)

    def take_back(self, who: str) -> None:
        """The last one does not count after all."""
        if self._done.get(who):
            self._done[who].pop()

    @property
    def known(self) -> int:
        """How many callers are remembered."""
        return len(self._done)

    def _forget(self, now: datetime) -> None:
        """Let those go whose last time no longer matters."""
        lately = now - self._within
        self._done = {who: done for who, done in self._done.items() if done and done[-1] > lately}
