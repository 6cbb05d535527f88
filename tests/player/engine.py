"""The engine alone: a platform that adds nothing of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.routing import BaseRoute

from bot.app import Steward
from bot.channels.contract import (
    Capabilities,
    Channel,
    FileTooLarge,
    Gone,
    Origin,
    Outcome,
    Outgoing,
    Raw,
    Sent,
    Take,
)
from domain.uploads import SIZE_LIMIT
from storage import people
from storage.tx import Tx
from talk.incoming import Attachment, Contact, Incoming, Kind, Place
from tests.player.acts import Act, Amend, Block, Locate, Open, Play, Press, Send, Share, Write
from tests.player.screen import Bubble, Screen


@dataclass
class Phone:
    """One person's phone."""

    language: str = "zh"
    screen: list[Bubble] = field(default_factory=list)
    handles: dict[tuple[str, str], str] = field(default_factory=dict)  # (message, label) -> handle
    blocked: bool = False


class Engine:
    """Phones whose every act is one raw update, and a channel that writes straight onto their screens."""

    name = "engine"

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        self.files: dict[str, bytes] = {}
        self._channel = EngineChannel(self)
        self._count = 0
        self._last: dict[str, Any] = {}

    def channels(self) -> Sequence[Channel]:
        """Our own."""
        return [self._channel]

    async def attach(self, steward: Steward) -> None:
        """Talk to this process from now on."""
        self._take = steward.intake.door(self._channel)

    async def arrive(self, name: str, language: str) -> None:
        """Somebody takes out their phone."""
        self.phones[name] = Phone(language)

    def give_door(self, tx: Tx, name: str, person_id: str) -> None:
        """Let a cadre who is known already use this way in."""
        people.add_account(tx, self.name, name, person_id)
        self.phones[name] = Phone()

    async def act(self, name: str, act: Act) -> None:
        """One raw update."""
        self._count += 1
        raw = {"address": name, "id": str(self._count), "lang": self.phones[name].language}
        self._last = {**raw, **self._content(name, act)}
        await self._take([self._last])

    async def again(self) -> None:
        """The last update once more."""
        await self._take([self._last])

    async def look(self) -> Mapping[str, Screen]:
        """Everybody's screen."""
        return {name: tuple(phone.screen) for name, phone in self.phones.items()}

    def handle(self, name: str, label: str) -> str:
        """The newest handle with these words."""
        handles = self.phones[name].handles
        return next((handle for (_, said), handle in reversed(handles.items()) if said == label), "")

    def _content(self, name: str, act: Act) -> dict[str, Any]:
        match act:
            case Write(text, reply_to):
                return _written(text, reply_to)
            case Press(label, bubble, raw):
                return {"kind": "press", "press": raw or self.phones[name].handles[bubble, label]}
            case Send():
                return {"kind": "media", "text": act.caption, "attachments": [self._stored(act)]}
            case Locate(latitude, longitude):
                return {"kind": "location", "place": [latitude, longitude]}
            case Share(phone, own):
                return {"kind": "contact", "contact": [phone, own]}
            case Play(what):
                return {"kind": "other", "note": what}
            case Open(payload):
                return {"kind": "start", "payload": payload}
            case Block(blocked):
                self.phones[name].blocked = blocked
                return {"kind": "blocked" if blocked else "unblocked"}
            case Amend(text):
                return {"kind": "edited", "text": text}

    def _stored(self, act: Send) -> dict[str, Any]:
        ref = f"file{len(self.files) + 1}"
        self.files[ref] = act.content
        return {"kind": act.kind, "ref": ref, "name": act.name, "size": len(act.content), "album": act.album}


def _written(text: str, reply_to: str) -> dict[str, Any]:
    if text.split(" ")[0] == "/start":
        return {"kind": "start", "payload": text.removeprefix("/start").strip()}
    return {"kind": "text", "text": text, "reply_to": reply_to}


class EngineChannel:
    """The smallest channel there can be; what it is given is already in our own shape."""

    name: str = "engine"
    residency: Literal["domestic", "abroad"] = "domestic"
    capabilities = Capabilities(edits=True, shares_contact=True, shares_location=True, text_limit=8000)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sent = 0

    def origin(self, raw: Raw) -> Origin | None:
        """Whose phone it is."""
        return Origin(str(raw["address"]), str(raw["id"]))

    def parse(self, raw: Raw) -> Incoming:
        """Back into our own shape."""
        values: dict[str, Any] = {**raw}
        place, contact = values.get("place"), values.get("contact")
        return Incoming(
            Kind(values["kind"]),
            text=values.get("text", ""),
            press=values.get("press", ""),
            attachments=tuple(Attachment(**each) for each in values.get("attachments", ())),
            place=Place(*place) if place else None,
            contact=Contact(*contact) if contact else None,
            payload=values.get("payload", ""),
            message_id=values["id"],
            reply_to=values.get("reply_to", ""),
            language=values["lang"],
            note=values.get("note", ""),
        )

    async def acknowledge(self, incoming: Incoming) -> None:
        """Nobody waits for it."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Onto the screen."""
        phone = self._engine.phones[outgoing.address]
        if phone.blocked:
            return Gone("blocked")
        if outgoing.op == "send":
            self._sent += 1
            bubble = _bubble(f"m{self._sent}", outgoing)
            phone.screen.append(bubble)
        else:
            at = next(i for i, each in enumerate(phone.screen) if each.id == outgoing.target)
            edited = outgoing.op == "edit"
            bubble = (
                _bubble(outgoing.target, outgoing) if edited else replace(phone.screen[at], rows=(), ask="")
            )
            phone.screen[at] = bubble
        phone.handles |= {
            (bubble.id, button.label): button.press for row in outgoing.buttons for button in row
        }
        return Sent(bubble.id)

    async def fetch(self, ref: str) -> bytes:
        """The content behind a reference."""
        content = self._engine.files[ref]
        if len(content) > SIZE_LIMIT:
            raise FileTooLarge(ref)
        return content

    async def receive(self, take: Take) -> None:
        """Nothing comes by itself."""

    def routes(self, take: Take) -> Sequence[BaseRoute]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is open."""


def _bubble(message_id: str, outgoing: Outgoing) -> Bubble:
    return Bubble(
        message_id,
        outgoing.text,
        tuple(tuple(button.label for button in row) for row in outgoing.buttons),
        outgoing.ask_label if outgoing.ask else "",
        outgoing.document.name if outgoing.document else "",
    )
