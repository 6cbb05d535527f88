"""APScheduler wakes us; what is due stands in our own table."""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

EVERY = 1.0  # seconds


class Ticker:
    """Calls a coroutine every second, one at a time, until stopped."""

    def __init__(self, tick: Callable[[], Awaitable[None]], seconds: float = EVERY) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(tick, "interval", seconds=seconds, id="due")

    def start(self) -> None:
        """Start on the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop; a tick under way is cancelled, what it wrote has been committed or never was."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
