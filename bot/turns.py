"""Taking turns: one at a time in each lane, retrieval before, one transaction for all that follows."""

import asyncio
import logging
from collections.abc import Mapping

from bot.channels.contract import Channel
from bot.wake import Wake, pause
from handlers.dispatch import take_turn
from handlers.turn import House
from law.understanding import Understander
from storage import inbox, outbox, people
from storage.inbox import Received
from storage.store import Store
from storage.tx import Tx
from talk.incoming import Incoming, Kind
from talk.reply import Say

log = logging.getLogger(__name__)
AT_ONCE = 64


class Turns:
    """The loop that takes waiting updates through their turns."""

    def __init__(
        self,
        store: Store,
        house: House,
        channels: Mapping[str, Channel],
        understander: Understander,
        wake: Wake,
    ) -> None:
        self._store = store
        self._house = house
        self._channels = channels
        self._understander = understander
        self._wake = wake
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run until the process stops; what is under way is finished first."""
        while not self._wake.stopping.is_set():
            if not await self._start_some():
                await pause(self._wake.inbox)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> int:
        """Take every turn that waits, one after another; returns how many were taken."""
        count = 0
        while waiting := await self._waiting(frozenset()):
            for received in waiting:
                await self.take(received)
            count += len(waiting)
        return count

    async def _waiting(self, busy: frozenset[str]) -> list[Received]:
        room = AT_ONCE - len(busy)
        if room <= 0:
            return []
        try:
            return await asyncio.to_thread(self._store.read, lambda tx: inbox.next_in_lanes(tx, busy, room))
        except Exception:
            log.exception("the inbox cannot be read; it is tried again")
            return []

    async def _start_some(self) -> bool:
        waiting = await self._waiting(frozenset(self._busy))
        for received in waiting:
            self._busy.add(received.lane)
            task = asyncio.create_task(self._take(received))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if waiting:
            await asyncio.sleep(0)
        return bool(waiting)

    async def _take(self, received: Received) -> None:
        try:
            await self.take(received)
        finally:
            self._busy.discard(received.lane)
            self._wake.inbox.set()

    async def take(self, received: Received) -> None:
        """Take one update's turn; a bug rolls it back and it waits for another try."""
        try:
            incoming = self.read(received)
            if incoming.press_id:
                asyncio.get_running_loop().create_task(self._acknowledge(received.channel, incoming))
            found = self._understander.read(incoming.text) if incoming.text else None
            work = lambda tx: take_turn(tx, self._house, received, incoming, found)  # noqa: E731
            await asyncio.wrap_future(self._store.submit(work))
        except Exception as fault:
            log.exception("a turn failed")
            await self._failed(received, fault)
        self._wake.outbox.set()
        self._wake.jobs.set()

    def read(self, received: Received) -> Incoming:
        """Read a stored update in its channel's format."""
        if received.channel == "clock":
            return Incoming(Kind.CLOCK, payload=received.raw["clock"], note=received.raw.get("question", ""))
        return self._channels[received.channel].parse(received.raw)

    async def _acknowledge(self, channel: str, incoming: Incoming) -> None:
        try:
            await self._channels[channel].acknowledge(incoming)
        except Exception:
            log.warning("a press on %s could not be answered", channel)

    async def _failed(self, received: Received, fault: Exception) -> None:
        try:
            work = lambda tx: _note_failure(tx, received, type(fault).__name__)  # noqa: E731
            await asyncio.wrap_future(self._store.submit(work))
        except Exception:
            log.exception("a failed turn could not be noted; it is tried again")
            await asyncio.sleep(1)


def _note_failure(tx: Tx, received: Received, fault: str) -> None:
    """Set a poisoned update aside after five tries and tell its person that somebody will read it."""
    if not inbox.failed(tx, received.id, fault) or received.account_id is None:
        return
    account = people.account(tx, received.account_id)
    if account is not None:
        outbox.put(tx, account, Say("kit.bug"))
    log.error("update %s is set aside after %s tries: %s", received.id, inbox.MOST_TRIES, fault)
