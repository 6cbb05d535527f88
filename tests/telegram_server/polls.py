"""getUpdates: long polls, one poller at a time."""

import asyncio

from tests.telegram_server.params import ApiError, Params
from tests.telegram_server.queue import BATCH, Update
from tests.telegram_server.world import World

LONGEST_POLL = 50
CONFLICT_PAUSE = 3.0  # seconds between two answers of 409
_WEBHOOK_SET = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_QUICK = 0.5  # the same offset again within this gets one update at a time


class _Ended(Exception):
    """This poll was ended from outside; the argument says why."""


class LongPolls:
    """Answers getUpdates; a second poll that has to wait ends the first."""

    def __init__(self, world: World):
        self._world = world
        self._waiting: asyncio.Future[None] | None = None
        self._next_conflict = 0.0
        self._last = (0, 0.0)
        self._closing = False

    def wake(self) -> None:
        """Something waits now; called on the server's loop."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def close(self) -> None:
        """Answer the poll that waits, with nothing; called on the server's loop."""
        self._closing = True
        self.wake()

    async def get_updates(self, params: Params) -> list[Update]:
        """What waits, after as long a wait as was asked for."""
        if self._world.webhook["url"]:
            raise await self._conflict(_WEBHOOK_SET)
        allowed = params.json("allowed_updates")
        if allowed is not None:
            with self._world.lock:
                self._world.queue.allow(allowed)
        offset, limit = params.integer("offset"), self._limit(params)
        deadline = self._world.clock.now() + params.integer("timeout", 0, 0, LONGEST_POLL)
        while True:
            with self._world.lock:
                found = self._world.queue.poll(offset, limit)
            left = deadline - self._world.clock.now()
            if found or left <= 0 or self._closing:
                return found
            try:
                await self._wait(left)
            except _Ended as ended:
                raise await self._conflict(str(ended)) from None

    def end(self, reason: str) -> None:
        """End the poll that waits, if any."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(_Ended(reason))

    async def _wait(self, seconds: float) -> None:
        self.end("terminated by other getUpdates request; make sure that only one bot instance is running")
        waiting = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            return
        finally:
            if self._waiting is waiting:
                self._waiting = None

    def _limit(self, params: Params) -> int:
        offset, now = params.integer("offset"), self._world.clock.now()
        (last_offset, last_at), self._last = self._last, (offset, now)
        again = offset == last_offset and now < last_at + _QUICK
        return 1 if again else params.integer("limit", BATCH, 1, BATCH)

    async def _conflict(self, reason: str) -> ApiError:
        """409, at most one in three seconds."""
        now = self._world.clock.now()
        if now < self._next_conflict:
            await asyncio.sleep(CONFLICT_PAUSE)
        else:
            self._next_conflict = now + CONFLICT_PAUSE
        return ApiError(409, f"Conflict: {reason}")
