"""The way out: in order per chat, each thing with a known end."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from bot.channels.contract import (
    Button,
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
from bot.wake import Wake, pause
from casework import reach
from casework.rulebook import Rulebook
from storage import documents, outbox, people
from storage.files import Vault
from storage.outbox import Queued
from storage.store import Store
from storage.tx import Tx
from talk.splitting import split
from talk.words import Words

log = logging.getLogger(__name__)
AT_ONCE = 50
DEMO_MARK = "【演示】"


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
        self._words = words
        self._rules = rules
        self._channels = channels
        self._vault = vault
        self._wake = wake
        self._demo = demo
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
        return await asyncio.to_thread(self._store.read, lambda tx: outbox.next_in_chats(tx, busy, AT_ONCE))

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
        outgoing, rendered = await asyncio.to_thread(self._store.read, lambda tx: self._prepare(tx, item))
        if outgoing is None:
            await self._write(lambda tx: outbox.cancel(tx, item.id, "nothing to act on"))
            return
        await self._limiters[item.channel].wait(outgoing.address)
        await self._write(lambda tx: outbox.sending(tx, item, rendered))
        outcome = await channel.send(outgoing)
        if isinstance(outcome, RetryAfter):
            self._limiters[item.channel].hold(outgoing.address, outcome)
        await self._write(lambda tx: self._settle(tx, item, outcome))

    async def _write(self, work: Any) -> None:
        await asyncio.wrap_future(self._store.submit(work))

    # ---- preparing

    def _prepare(self, tx: Tx, item: Queued) -> tuple[Outgoing | None, dict[str, Any]]:
        account = people.account(tx, item.account_id)
        assert account is not None
        address = people.address(tx, account)
        target = outbox.message_of(tx, item.target_id) if item.target_id is not None else None
        if item.op != "send" and target is None:
            return None, {}
        if item.op == "strip":
            return self._strip(tx, item, address, target or "")
        rendered = item.rendered or self.render(item)
        document = documents.load(tx, self._vault, rendered["document"]) if rendered["document"] else None
        outgoing = Outgoing(
            op="edit" if item.op == "edit" else "send",
            address=address,
            text=rendered["text"],
            buttons=_buttons(rendered["rows"]),
            ask=rendered["ask"],
            ask_label=rendered["ask_label"],
            target=target or "",
            document=None
            if document is None
            else Document(document.name, document.mime, document.content, rendered["document"]),
            key=str(item.id),
            case=rendered["case"],
        )
        return outgoing, rendered

    def _strip(self, tx: Tx, item: Queued, address: str, target: str) -> tuple[Outgoing, dict[str, Any]]:
        """Take buttons away; the words of the chosen one stay under the question."""
        chosen = item.payload.get("chosen")
        text = ""
        if chosen and item.target_id is not None:
            said = outbox.rendered_text(tx, item.target_id, item.key_id)
            text = f"{said}\n› {self._label(item.language, chosen)}" if said else ""
        return Outgoing(op="strip", address=address, text=text, target=target, key=str(item.id)), {
            "text": text
        }

    def render(self, item: Queued) -> dict[str, Any]:
        """The words of a queued message in its reader's language."""
        payload = item.payload
        text = self._words.render(item.language, payload["key"], payload["values"])
        if self._demo and item.channel != "browser":
            text = DEMO_MARK + text
        parts = split(text, self._channels[item.channel].capabilities.text_limit)
        ask = payload["ask"]
        return {
            "text": parts[0] if parts else "",
            "more": parts[1:],
            "rows": [
                [[self._label(item.language, face), face["press"]] for face in row] for row in payload["rows"]
            ],
            "ask": ask,
            "ask_label": self._words.labels(item.language, _ASK_LABELS[ask]) if ask else "",
            "document": payload["document"],
            "case": str(payload["values"].get("number", "")) if item.case_id else "",
        }

    def _label(self, language: str, face: dict[str, Any]) -> str:
        if face["words"]:
            return str(face["words"])
        return self._words.labels(language, face["label"], face["values"])

    # ---- how it ended

    def _settle(self, tx: Tx, item: Queued, outcome: Outcome) -> None:
        match outcome:
            case Sent(message_id):
                outbox.sent(tx, item.id, message_id)
            case RetryAfter(seconds):
                outbox.retry(tx, item, "told to wait", seconds)
            case Failed(reason):
                outbox.retry(tx, item, reason)
            case Unknown(reason):
                outbox.unknown(tx, item, reason)
            case Refused(reason):
                outbox.failed(tx, item.id, reason)
                log.warning("a message was refused: %s", reason)
            case Gone(reason):
                outbox.failed(tx, item.id, reason)
                account = people.account(tx, item.account_id)
                if account is not None:
                    reach.door_changed(tx, self._rules, account, reachable=False)


_ASK_LABELS = {"contact": "kit.button.share_phone", "location": "kit.button.share_place"}


def _buttons(rows: list[list[list[str]]]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(Button(label, press) for label, press in row) for row in rows)
