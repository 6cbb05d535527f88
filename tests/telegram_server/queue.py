"""Updates that wait for the bot, as the open Bot API server keeps them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.clock import Clock
from tests.telegram_server.ledger import Ledger, What

FIRST_UPDATE = 870_200_001
MESSAGE_LIFE = 24 * 3600.0  # seconds an update of most kinds waits
PRESS_LIFE = 150.0  # seconds a pressed button waits
BATCH = 100
_FUTURE = 10  # an offset further past the end than this is not believed
_ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class Update:
    """One update; those of one lane go to a webhook one after the other."""

    update_id: int
    kind: str
    body: Mapping[str, Any]
    lane: str
    expires_at: float

    def as_json(self) -> dict[str, Any]:
        """As the bot gets it."""
        return {"update_id": self.update_id, self.kind: self.body}


class UpdateQueue:
    """Updates in the order they were made; the caller holds the world's lock."""

    def __init__(self, clock: Clock, ledger: Ledger, wake: Callable[[], None]):
        self._clock = clock
        self._ledger = ledger
        self._wake = wake
        self._next = FIRST_UPDATE
        self._waiting: dict[int, Update] = {}
        self._allowed: frozenset[str] = frozenset()

    def allow(self, kinds: Iterable[str]) -> None:
        """Kinds of updates made from now on; none named means all but those given only on request."""
        self._allowed = frozenset(kinds)

    def add(self, kind: str, body: Mapping[str, Any], lane: str, life: float = MESSAGE_LIFE) -> int | None:
        """Let one update wait; returns its number, or None when the bot does not want its kind."""
        wanted = kind in self._allowed if self._allowed else kind not in _ONLY_ON_REQUEST
        if not wanted:
            return None
        update = Update(self._next, kind, body, lane, self._clock.now() + life)
        self._next += 1
        self._waiting[update.update_id] = update
        self._note("created", update.update_id, kind=kind, lane=lane)
        self._wake()
        return update.update_id

    def jump(self, update_id: int) -> None:
        """Go on counting from another number, as Telegram may after an idle week."""
        self._next = update_id

    def poll(self, offset: int, limit: int) -> list[Update]:
        """What one getUpdates gets; an offset forgets all before it, which is the bot's confirmation."""
        if offset < 0:
            self._forget(list(self._waiting)[:offset], "dropped")
        elif 0 < offset <= self._next + _FUTURE:
            self._forget([number for number in self._waiting if number < offset], "acknowledged")
        return self.waiting()[:limit]

    def waiting(self) -> list[Update]:
        """What nobody has confirmed yet, oldest first."""
        now = self._clock.now()
        self._forget([u.update_id for u in self._waiting.values() if u.expires_at < now], "expired")
        return list(self._waiting.values())

    def confirm(self, update_id: int) -> None:
        """The webhook took it."""
        self._forget([update_id], "acknowledged")

    def drop_all(self) -> None:
        """Throw away what waits, as the bot asked."""
        self._forget(list(self._waiting), "dropped")

    def handed(self, updates: Iterable[Update], way: str) -> None:
        """Put on record that these went out."""
        for update in updates:
            self._note("handed", update.update_id, way=way)

    def _forget(self, numbers: list[int], what: What) -> None:
        for number in numbers:
            if self._waiting.pop(number, None) is not None:
                self._note(what, number)

    def _note(self, what: What, update_id: int, **details: Any) -> None:
        self._ledger.write(what, self._clock.now(), update_id=update_id, **details)
