"""Telegram's limits on size and speed."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass

TEXT = 4096  # UTF-16 units
CAPTION = 1024  # UTF-16 units
PRESS = 64  # bytes of callback_data
BUTTONS = 100
DOWNLOAD = 20 * 1024 * 1024  # bytes
UPLOAD = 50 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Speed:
    """Messages allowed; None means no limit."""

    per_second: int | None = None
    per_chat_second: int | None = None
    per_group_minute: int | None = None


TELEGRAM_SPEED = Speed(per_second=30, per_chat_second=1, per_group_minute=20)


def utf16_units(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class SpeedLimit:
    """Sliding windows over what was sent."""

    def __init__(self, speed: Speed):
        self._speed = speed
        self._sent: dict[int | None, deque[float]] = defaultdict(deque)

    def wait(self, chat_id: int, now: float) -> int:
        """Whole seconds to wait before a message to this chat; 0 lets it through and counts it."""
        windows = [(None, self._speed.per_second, 1.0), (chat_id, self._speed.per_chat_second, 1.0)]
        if chat_id < 0:
            windows.append((chat_id, self._speed.per_group_minute, 60.0))
        waits = [self._wait(key, allowed, span, now) for key, allowed, span in windows]
        if not any(waits):
            self._sent[None].append(now)
            self._sent[chat_id].append(now)
        return max(waits)

    def _wait(self, key: int | None, allowed: int | None, span: float, now: float) -> int:
        if allowed is None:
            return 0
        sent = self._sent[key]
        while sent and sent[0] <= now - 60.0:
            sent.popleft()
        recent = [at for at in sent if at > now - span]
        return 0 if len(recent) < allowed else max(1, math.ceil(recent[-allowed] + span - now))
