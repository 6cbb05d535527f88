"""The way out: in order per chat, each thing with a known end."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.channels.contract import (
    Channel,
    Document,
    Failed,
    Gone,
    Outcome,
    Outgoing,
    Refused,
    RetryAfter,
    Sent,
    Unknown,
)
from bot.limiter import Limiter
from bot.rendering import Rendering, message
from bot.wake import Wake, pause
from casework import outage, reach
from casework.rulebook import Rulebook
from storage import case_messages, documents, outbox, people
from storage.files import Vault
from storage.outbox import Queued
from storage.store import Store
from storage.tx import Tx
from talk.words import Words

log = logging.getLogger(__name__)
AT_ONCE = 50


class Delivery:
    """The loop that says what is queued."""

    def __init__(
        self,
        store: Store,
        words: Words,
        rules: Rulebook,
        channels: Mapping[str, Channel],
        vault: Vault,
        wake: Wake,
        *,
        demo: bool,
    ) -> None:
        self._store = store
        self._rules = rules
        self._channels = channels
        self._vault = vault
        self._wake = wake
        self._rendering = Rendering(words, channels, demo=demo)
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._limiters = {name: Limiter(channel.capabilities) for name, channel in channels.items()}

    async def run(self) -> None:
        """Run until the process stops; calls under way are waited for."""
        while not self._wake.stopping.is_set():
            if not await self._start_some():
                await pause(self._wake.outbox, 0.5)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> int:
        """Do everything that is queued and ready, one after another; returns how much was done."""
        count = 0
        while waiting := await self._waiting(frozenset()):
            for item in waiting:
                await self.deliver(item)
            count += len(waiting)
        return count

    async def _waiting(self, busy: frozenset[str]) -> list[Queued]:
        """What can be done now; few calls at once, so that an urgent one waits for few."""
        room = AT_ONCE - len(busy)
        if room <= 0:
            return []
        try:
            return await asyncio.to_thread(self._store.read, lambda tx: outbox.next_in_chats(tx, busy, room))
        except Exception:
            log.exception("the outbox cannot be read; it is tried again")
            return []

    async def _start_some(self) -> bool:
        waiting = await self._waiting(frozenset(self._busy))
        for item in waiting:
            self._busy.add(item.account_id)
            task = asyncio.create_task(self._deliver(item))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if waiting:
            await asyncio.sleep(0)
        return bool(waiting)

    async def _deliver(self, item: Queued) -> None:
        try:
            await self.deliver(item)
        except Exception:
            log.exception("a delivery failed; it is tried again")
            await asyncio.sleep(1)
        finally:
            self._busy.discard(item.account_id)
            self._wake.outbox.set()

    async def deliver(self, item: Queued) -> None:
        """Do one queued thing and record how it ended."""
        channel = self._channels.get(item.channel)
        if channel is None:
            await self._write(lambda tx: outbox.failed(tx, item.id, "the channel is switched off"))
            return
        if item.op != "send" and item.target is None:
            await self._write(lambda tx: outbox.cancel(tx, item.id, "nothing to act on"))
            return
        outgoing, rendered = await self._prepared(item)
        await self._limiters[item.channel].wait(outgoing.address)
        if item.op != "strip":  # done twice it is done once, so nothing has to be known after a crash
            await self._write(lambda tx: outbox.sending(tx, item, rendered))
        outcome = await self._call(channel, item, outgoing, rendered)
        if isinstance(outcome, RetryAfter):
            self._limiters[item.channel].hold(outgoing.address, outcome)
        await self._note(item, outgoing, outcome)

    async def _call(
        self, channel: Channel, item: Queued, outgoing: Outgoing, rendered: dict[str, Any]
    ) -> Outcome:
        try:
            stopped = await self._parts_before(channel, item, outgoing, rendered)
            return stopped or await channel.send(outgoing)
        except Exception as fault:
            log.exception("a call broke off")
            return Unknown(type(fault).__name__)

    async def _note(self, item: Queued, outgoing: Outgoing, outcome: Outcome) -> None:
        """Note how a call ended; while the store takes nothing, this chat waits for it."""
        try:
            await self._write(lambda tx: self._settle(tx, item, outgoing, outcome))
        except Exception:
            log.exception("how a call ended cannot be noted; it counts as unknown")
            await self._note_doubt(item)

    async def _note_doubt(self, item: Queued) -> None:
        while not self._wake.stopping.is_set():
            await asyncio.sleep(1)
            try:
                await self._write(lambda tx: self._doubt(tx, item, "its end could not be noted"))
                return
            except Exception as fault:
                log.warning("the store still takes nothing: %s", type(fault).__name__)

    async def _parts_before(
        self, channel: Channel, item: Queued, last: Outgoing, rendered: dict[str, Any]
    ) -> Outcome | None:
        """Send what goes before the last part of a long text; a part that went out is never sent again.

        Returns:
            What stopped it, None once only the last part is left.
        """
        parts = rendered.get("before", [])
        for place, text in enumerate(parts, 1):
            clears = last.clear_ask and place == 1
            part = Outgoing("send", last.address, text, clear_ask=clears, case=last.case)
            outcome = await channel.send(part)
            if not isinstance(outcome, Sent):
                return outcome
            left = {**rendered, "before": parts[place:]}
            await self._write(partial(_part_sent, item=item, outcome=outcome, left=left))
            await self._limiters[item.channel].wait(last.address)
        return None

    async def _write(self, work: Any) -> None:
        await asyncio.wrap_future(self._store.submit(work))

    async def _prepared(self, item: Queued) -> tuple[Outgoing, dict[str, Any]]:
        """What the channel is given, and the words of it; a message that was begun says what it said then."""
        if item.op == "strip":
            return self._rendering.strip(item), {}
        rendered = item.rendered or self._rendering.render(item)
        document = await self._document(rendered["document"]) if rendered["document"] else None
        return message(item, rendered, document), rendered

    async def _document(self, document_id: str) -> Document | None:
        load = lambda tx: documents.load(tx, self._vault, document_id)  # noqa: E731
        found = await asyncio.to_thread(self._store.read, load)
        return None if found is None else Document(found.name, found.mime, found.content, document_id)

    # ---- how it ended

    def _settle(self, tx: Tx, item: Queued, outgoing: Outgoing, outcome: Outcome) -> None:
        if outgoing.ask and isinstance(outcome, Sent | Unknown):
            people.set_asking(tx, item.account_id, True)
        elif outgoing.clear_ask and isinstance(outcome, Sent):
            people.set_asking(tx, item.account_id, False)
        match outcome:
            case Sent(message_id):
                outbox.sent(tx, item.id, message_id)
            case RetryAfter(seconds):
                outbox.retry(tx, item, "told to wait", seconds)
            case Failed(reason):
                outbox.retry(tx, item, reason)
            case Unknown(reason):
                self._doubt(tx, item, reason)
            case Refused(reason):
                outbox.failed(tx, item.id, reason)
                log.warning("a message was refused: %s", reason)
            case Gone():
                outbox.kept_out(tx, item.id)
                account = people.account(tx, item.account_id)
                if account is not None:
                    reach.door_changed(tx, self._rules, account, reachable=False)

    def _doubt(self, tx: Tx, item: Queued, reason: str) -> None:
        if outbox.unknown(tx, item, reason):
            outage.left_open(tx, item.id, item.person_id)


def _part_sent(tx: Tx, item: Queued, outcome: Sent, left: dict[str, Any]) -> None:
    """Note what is left to be said; an answer to the part that went out finds its case."""
    outbox.part_sent(tx, item, left)
    if item.case_id:
        mark = case_messages.mark(item.account_id, outcome.message_id)
        case_messages.note(tx, [mark], item.case_id)
