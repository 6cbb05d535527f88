"""Ask Telegram for updates, and confirm them only once they are kept."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from bot.channels.contract import Raw, Take
from bot.channels.json_values import integer, mapping
from bot.channels.telegram_answers import Answered, Lost, TransportError
from bot.channels.telegram_transport import Transport
from bot.channels.telegram_updates import ALLOWED_UPDATES
from storage.ids import random_bytes

log = logging.getLogger(__name__)

BATCH = 100
MARGIN = 10.0  # seconds an answer may take beyond the time Telegram holds a poll open


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a Telegram driver is, in seconds."""

    poll: int = 25  # how long Telegram holds an empty poll open
    answer: float = 30.0  # how long any other call may take
    first_pause: float = 1.0  # after a first fault; doubles with each further one
    longest_pause: float = 60.0
    denied_pause: float = 60.0  # after the token was refused


class Poller:
    """One long poll after another; a batch is confirmed by the poll after its commit."""

    def __init__(self, transport: Transport, timing: Timing):
        self._transport = transport
        self._timing = timing
        self._offset: int | None = None
        self._webhook_gone = False
        self._faults = 0
        self._trouble = ""

    async def run(self, take: Take) -> NoReturn:
        """Hand every batch to `take` until cancelled; a batch it refuses is asked for again."""
        while True:
            pause = await self._turn(take)
            if pause:
                await asyncio.sleep(pause)

    async def _turn(self, take: Take) -> float:
        """One poll; returns how long to wait before the next."""
        try:
            if not self._webhook_gone:
                await self._remove_webhook()
            batch = await self._updates()
        except TransportError as error:
            return self._after_fault(error)
        try:
            if batch:
                await take(batch)
        except Exception as error:
            return self._pause(f"updates could not be kept: {type(error).__name__}")
        if not batch:
            # Nothing is left to confirm. After an idle week Telegram may go on at a random, lower
            # number, which an old offset would skip.
            self._offset = None
        elif not self._confirm_next(batch):
            return self._pause("updates came without numbers")
        self._recovered()
        return 0.0

    async def _remove_webhook(self) -> None:
        try:
            await self._transport.call("deleteWebhook", {"drop_pending_updates": False}, self._timing.answer)
        except Answered as error:
            if error.status != 404:
                raise
            log.warning("telegram server has no deleteWebhook; polling goes on")
        self._webhook_gone = True

    async def _updates(self) -> Sequence[Raw]:
        params: dict[str, object] = {
            "limit": BATCH,
            "timeout": self._timing.poll,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            params["offset"] = self._offset
        result = await self._transport.call("getUpdates", params, self._timing.poll + MARGIN)
        if not isinstance(result, list):
            raise Lost("getUpdates answered without a list")
        return [mapping(update) for update in result]

    def _confirm_next(self, batch: Sequence[Raw]) -> bool:
        """Let the next poll confirm this batch; false when it cannot be confirmed."""
        numbers = [number for raw in batch if (number := integer(raw.get("update_id"))) is not None]
        if numbers:
            self._offset = numbers[-1] + 1
        return bool(numbers)

    def _after_fault(self, error: TransportError) -> float:
        if isinstance(error, Answered):
            if error.status in (401, 404):
                self._pause(f"token refused: {error}")
                return self._timing.denied_pause
            if error.status == 409:
                self._webhook_gone = not error.says("webhook")
            if error.retry_after:
                self._pause(f"told to wait: {error}")
                return float(error.retry_after)
        return self._pause(str(error))

    def _pause(self, trouble: str) -> float:
        """Log a trouble once, however often it comes back; the wait doubles each time, with jitter."""
        if trouble != self._trouble:
            log.warning("telegram polling: %s", trouble)
            self._trouble = trouble
        self._faults += 1
        longest = min(self._timing.longest_pause, self._timing.first_pause * 2.0 ** min(self._faults - 1, 16))
        return longest * (0.5 + random_bytes(1)[0] / 512)

    def _recovered(self) -> None:
        if self._trouble:
            log.info("telegram polling goes on after %d faults", self._faults)
        self._faults, self._trouble = 0, ""
