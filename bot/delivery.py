"""The way out: in order per chat, each thing with a known end."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
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
from storage import case_messages, documents, outbox, people
from storage.files import Vault
from storage.outbox import Queued
from storage.store import Store
from storage.tx import Tx
from talk.splitting import split, units
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
        outcome = await self._parts_before(channel, item, outgoing, rendered) or await channel.send(outgoing)
        if isinstance(outcome, RetryAfter):
            self._limiters[item.channel].hold(outgoing.address, outcome)
        await self._write(lambda tx: self._settle(tx, item, outgoing, outcome))

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
        in_place = item.op == "edit" and not rendered["before"]
        document = documents.load(tx, self._vault, rendered["document"]) if rendered["document"] else None
        outgoing = Outgoing(
            op="edit" if in_place else "send",
            address=address,
            text=rendered["text"],
            buttons=_buttons(rendered["rows"]),
            ask=rendered["ask"],
            ask_label=rendered["ask_label"],
            clear_ask=account.asking and not rendered["ask"],
            target=(target or "") if in_place else "",
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
        if units(text) > self._channels[item.channel].capabilities.text_limit:
            text = ""
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
            "text": parts[-1] if parts else "",
            "before": parts[:-1],
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
                outbox.unknown(tx, item, reason)
            case Refused(reason):
                outbox.failed(tx, item.id, reason)
                log.warning("a message was refused: %s", reason)
            case Gone(reason):
                outbox.failed(tx, item.id, reason)
                account = people.account(tx, item.account_id)
                if account is not None:
                    reach.door_changed(tx, self._rules, account, reachable=False)


def _part_sent(tx: Tx, item: Queued, outcome: Sent, left: dict[str, Any]) -> None:
    """Note what is left to be said; an answer to the part that went out finds its case."""
    outbox.part_sent(tx, item, left)
    if item.case_id:
        mark = case_messages.mark(item.account_id, outcome.message_id)
        case_messages.note(tx, [mark], item.case_id)


_ASK_LABELS = {"contact": "kit.button.share_phone", "location": "kit.button.share_place"}


def _buttons(rows: list[list[list[str]]]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(Button(label, press) for label, press in row) for row in rows)
