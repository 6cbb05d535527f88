"""How fast a channel lets us speak: over the whole bot and in one chat."""

import asyncio
from collections import deque

from bot.channels.contract import Capabilities, RetryAfter

WINDOW = 1.03  # seconds; a little over one, so that two clocks need not agree


class Limiter:
    """An exact sliding window over the bot and a spacing per chat; it waits, it never drops."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._most = int(capabilities.per_second or 0)
        self._spacing = WINDOW / capabilities.per_chat_second if capabilities.per_chat_second else 0.0
        self._sent: deque[float] = deque()
        self._chats: dict[str, float] = {}
        self._held_until = 0.0
        self._turn = asyncio.Lock()

    async def wait(self, address: str) -> None:
        """Wait until one more message may go to this chat."""
        if not self._most:
            return
        loop = asyncio.get_running_loop()
        await _until(self._chats.get(address, 0.0))
        async with self._turn:
            await _until(self._held_until)
            while len(self._sent) >= self._most and loop.time() - self._sent[0] < WINDOW:
                await _until(self._sent[0] + WINDOW)
            if len(self._sent) >= self._most:
                self._sent.popleft()
            self._sent.append(loop.time())
        self._chats[address] = loop.time() + self._spacing
        self._forget(loop.time())

    def hold(self, address: str, told: RetryAfter) -> None:
        """Obey a platform that says wait: one chat, or the whole bot."""
        until = asyncio.get_running_loop().time() + told.seconds
        if told.chat_only:
            self._chats[address] = until
        else:
            self._held_until = max(self._held_until, until)

    def _forget(self, now: float) -> None:
        if len(self._chats) > 10_000:
            self._chats = {address: at for address, at in self._chats.items() if at > now}


async def _until(at: float) -> None:
    left = at - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)
