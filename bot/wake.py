"""How the loops of one process tell each other that there is something to do."""

import asyncio
import contextlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class Wake:
    """One event for each loop; a poll runs beneath them, so a lost one costs a second at most."""

    inbox: asyncio.Event = field(default_factory=asyncio.Event)
    outbox: asyncio.Event = field(default_factory=asyncio.Event)
    jobs: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def all(self) -> None:
        """Wake every loop."""
        for event in (self.inbox, self.outbox, self.jobs):
            event.set()


async def pause(event: asyncio.Event, seconds: float = 1.0) -> None:
    """Wait until an event is set, or for a while at most; then clear it."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    event.clear()
