"""The browser chat as a channel: what is sent is added to the page's feed."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

from starlette.routing import BaseRoute

from bot.channels.contract import Capabilities, FileGone, Origin, Outcome, Outgoing, Raw, Refused, Sent, Take
from bot.channels.json_values import text
from storage import browser, people
from storage.files import Vault
from storage.store import Store
from storage.tx import Tx
from talk.incoming import Attachment, Incoming, Kind, Place

UPLOAD = "upload"  # what an uploaded file's frames are bound to until the job re-seals it


class BrowserChat:
    """The union's own page; it needs no account and no other company."""

    name: str = "browser"
    residency: Literal["domestic", "abroad"] = "domestic"
    capabilities: Capabilities = Capabilities(
        edits=True, shares_contact=False, shares_location=True, text_limit=8000
    )

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self.vault = vault
        self._listening: dict[str, set[asyncio.Event]] = defaultdict(set)

    def origin(self, raw: Raw) -> Origin | None:
        """Whose page it is."""
        address = text(raw.get("address"))
        return Origin(address, f"{address}:{text(raw.get('id'))}"[:80]) if address else None

    def parse(self, raw: Raw) -> Incoming:
        """Read what a page posted."""
        match text(raw.get("kind")):
            case "text":
                return _with(raw, Kind.TEXT, text=text(raw.get("text")))
            case "press":
                return _with(raw, Kind.PRESS, press=text(raw.get("press")))
            case "start":
                return _with(raw, Kind.START, payload=text(raw.get("payload")))
            case "location":
                return self._place(raw)
            case "photo" | "file" | "voice" as sort:
                return _with(
                    raw, Kind.MEDIA, text=text(raw.get("text")), attachments=(_attachment(raw, sort),)
                )
        return _with(raw, Kind.OTHER, note="unknown")

    def _place(self, raw: Raw) -> Incoming:
        latitude, longitude = raw.get("latitude"), raw.get("longitude")
        if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
            return _with(raw, Kind.OTHER, note="place")
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return _with(raw, Kind.OTHER, note="place")
        return _with(raw, Kind.LOCATION, place=Place(float(latitude), float(longitude)))

    async def acknowledge(self, incoming: Incoming) -> None:
        """A page shows at once that its button was pressed."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Add to the feed; doing it again changes nothing, so an outcome is never unknown."""
        event_id = await asyncio.wrap_future(self._store.submit(lambda tx: self._add(tx, outgoing)))
        if event_id is None:
            return Refused("no such page")
        self.wake(outgoing.address)
        return Sent(outgoing.target if outgoing.op != "send" else str(event_id))

    def _add(self, tx: Tx, outgoing: Outgoing) -> int | None:
        account = people.find_account(tx, self.name, outgoing.address)
        if account is None:
            return None
        kind = {"send": "message", "edit": "edit", "strip": "strip"}[outgoing.op]
        return browser.add_event(
            tx, account, kind, _body(outgoing), int(outgoing.key) if outgoing.key else None
        )

    async def fetch(self, ref: str) -> bytes:
        """A file that was uploaded a moment ago."""
        name, _, account_id = ref.partition("|")
        return await asyncio.to_thread(self._store.read, lambda tx: self._uploaded(tx, name, account_id))

    def _uploaded(self, tx: Tx, name: str, account_id: str) -> bytes:
        account = people.account(tx, account_id)
        if account is None:
            raise FileGone(name)
        return b"".join(self.vault.read(name, tx.data_key(account.key_id), UPLOAD))

    async def receive(self, take: Take) -> None:
        """Pages come to us."""

    def routes(self, take: Take) -> Sequence[BaseRoute]:
        """The page and its calls are mounted by the application."""
        return ()

    async def close(self) -> None:
        """End every open stream."""
        self.wake_all()

    # ---- streams

    def listen(self, address: str) -> asyncio.Event:
        """An event that is set whenever a page's feed grows."""
        event = asyncio.Event()
        self._listening[address].add(event)
        return event

    def leave(self, address: str, event: asyncio.Event) -> None:
        """Stop listening."""
        self._listening[address].discard(event)
        if not self._listening[address]:
            del self._listening[address]

    def wake_all(self) -> None:
        """Let every open stream look again at how things stand."""
        for address in list(self._listening):
            self.wake(address)

    def wake(self, address: str) -> None:
        """Tell the open streams of a page that there is more."""
        for event in self._listening.get(address, ()):
            event.set()


def _with(raw: Raw, kind: Kind, **values: Any) -> Incoming:
    return Incoming(
        kind,
        message_id=text(raw.get("id")),
        reply_to=str(raw.get("reply_to") or ""),
        language=text(raw.get("lang")),
        **values,
    )


def _attachment(raw: Raw, sort: Literal["photo", "file", "voice"]) -> Attachment:
    size = raw.get("size")
    return Attachment(
        sort,
        ref=text(raw.get("ref")),
        name=text(raw.get("name")),
        mime=text(raw.get("mime")),
        size=size if isinstance(size, int) else None,
        album=text(raw.get("album")),
    )


def _body(outgoing: Outgoing) -> dict[str, Any]:
    document = outgoing.document
    return {
        "text": outgoing.text,
        "buttons": [[{"label": b.label, "press": b.press} for b in row] for row in outgoing.buttons],
        "ask": outgoing.ask,
        "ask_label": outgoing.ask_label,
        "target": int(outgoing.target) if outgoing.target else None,
        "case": outgoing.case,
        "document": None if document is None else {"name": document.name, "id": document.id},
    }
