"""The way in: a raw update is committed to the inbox, and only then acknowledged."""

import asyncio
import json
import logging
from collections.abc import Sequence
from functools import partial

from bot.channels.contract import Channel, Raw, Take
from bot.wake import Wake
from storage import inbox, meta, people
from storage.ids import token_hash
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
    """Each update on its own: one that cannot be read is set aside, never the batch (P18)."""
    for raw in updates:
        fault = tx.alone(partial(_store, tx, channel, raw))
        if fault is not None:
            log.error("an update of %s cannot be read: %s", channel.name, type(fault).__name__)
            _set_aside(tx, channel, raw)


def _store(tx: Tx, channel: Channel, raw: Raw) -> None:
    """One update: into its person's lane, or set aside when it has no sender we could answer."""
    origin = channel.origin(raw)
    if origin is None:
        _set_aside(tx, channel, raw)
        return
    account = people.find_account(tx, channel.name, origin.address)
    if account is None:
        account = people.add_account(tx, channel.name, origin.address, language=_spoken(channel, raw))
    inbox.add(tx, channel.name, origin.update_key, account.person_id, account.key_id, dict(raw), account.id)


def _spoken(channel: Channel, raw: Raw) -> str:
    """The language somebody new is greeted in, by what their app says; they can change it at once."""
    return "en" if channel.parse(raw).language.startswith("en") else "zh"


def _set_aside(tx: Tx, channel: Channel, raw: Raw) -> None:
    """Nobody to answer: kept for a week under the system's key, without a turn."""
    written = json.dumps(raw, sort_keys=True, default=str)
    key = f"aside:{token_hash(written)}"
    row = inbox.add(tx, channel.name, key, "aside", meta.system_key(tx), {"raw": written})
    if row is not None:
        inbox.done(tx, row)
