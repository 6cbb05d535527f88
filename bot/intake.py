"""The way in: a raw update is committed to the inbox, and only then acknowledged."""

import asyncio
import json
import logging
from collections.abc import Sequence

from bot.channels.contract import Channel, Raw, Take
from bot.wake import Wake
from storage import inbox, meta, people
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)


class Intake:
    """Takes raw updates from every channel into the inbox."""

    def __init__(self, store: Store, wake: Wake) -> None:
        self._store = store
        self._wake = wake

    def door(self, channel: Channel) -> Take:
        """What a channel hands its raw updates to."""

        async def take(updates: Sequence[Raw]) -> None:
            future = self._store.submit(lambda tx: _store_all(tx, channel, updates))
            await asyncio.wrap_future(future)
            self._wake.inbox.set()

        return take


def _store_all(tx: Tx, channel: Channel, updates: Sequence[Raw]) -> None:
    for raw in updates:
        _store(tx, channel, raw)


def _store(tx: Tx, channel: Channel, raw: Raw) -> None:
    """One update: into its person's lane, or set aside when it has no sender we could answer."""
    try:
        origin = channel.origin(raw)
    except Exception:
        log.exception("an update of %s cannot be read", channel.name)
        origin = None
    if origin is None:
        _set_aside(tx, channel, raw)
        return
    account = people.find_account(tx, channel.name, origin.address)
    if account is None:
        account = people.add_account(tx, channel.name, origin.address)
    inbox.add(tx, channel.name, origin.update_key, account.person_id, account.key_id, dict(raw), account.id)


def _set_aside(tx: Tx, channel: Channel, raw: Raw) -> None:
    """Nobody to answer: kept for a week under the system's key, without a turn."""
    key = str(raw.get("update_id", "")) or json.dumps(raw, sort_keys=True, default=str)[:60]
    row = inbox.add(tx, channel.name, f"aside:{key}"[:80], "aside", meta.system_key(tx), dict(raw))
    if row is not None:
        inbox.done(tx, row)
