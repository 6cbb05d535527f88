"""The terminal as a channel: everybody's phone in one window, for trying things out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.routing import BaseRoute

from bot.channels.contract import (
    Capabilities,
    FileGone,
    Origin,
    Outcome,
    Outgoing,
    Raw,
    Refused,
    Sent,
    Take,
)
from talk.incoming import Attachment, Incoming, Kind


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of ours as it stands on a phone now.

    Attributes:
        rows: what its buttons say.
        ask: what the button says that shares a phone number or a place.
        document: name of a file.
    """

    id: str
    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    ask: str = ""
    document: str = ""

    def lines(self) -> list[str]:
        """As it is shown: words, then buttons in brackets."""
        shown = self.text.split("\n") if self.text else []
        shown += [f"<{self.document}>"] if self.document else []
        shown += [f"{{{self.ask}}}"] if self.ask else []
        return [*shown, *(row_of(row) for row in self.rows)] or [""]


def row_of(labels: Sequence[str]) -> str:
    """A row of buttons in brackets."""
    return " ".join(f"[{label}]" for label in labels)


@dataclass
class Phone:
    """One person's phone."""

    bubbles: dict[str, Bubble] = field(default_factory=dict)
    handles: dict[tuple[str, str], str] = field(default_factory=dict)  # (message, label) -> handle

    def press(self, label: str) -> str | None:
        """The handle of the newest button that says this."""
        for bubble in reversed(self.bubbles.values()):
            if any(label in row for row in bubble.rows):
                return self.handles[bubble.id, label]
        return None


class Terminal:
    """Phones that live as long as this process."""

    name: str = "terminal"
    residency: Literal["domestic", "abroad"] = "domestic"
    capabilities: Capabilities = Capabilities(
        edits=True, shares_contact=False, shares_location=False, text_limit=8000
    )

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        self.files: dict[str, bytes] = {}
        self._sent = 0

    def origin(self, raw: Raw) -> Origin | None:
        """Whose phone it is."""
        return Origin(str(raw["address"]), str(raw["id"]))

    def parse(self, raw: Raw) -> Incoming:
        """Back into the shape every channel shares."""
        values: dict[str, Any] = dict(raw)
        return Incoming(
            Kind(values["kind"]),
            text=values.get("text", ""),
            press=values.get("press", ""),
            attachments=tuple(Attachment(**each) for each in values.get("attachments", ())),
            payload=values.get("payload", ""),
            message_id=values["id"],
            language=values["lang"],
        )

    async def acknowledge(self, incoming: Incoming) -> None:
        """Nobody waits for it."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Onto the phone."""
        phone = self.phones.get(outgoing.address)
        if phone is None:
            return Refused("no such phone")
        message_id = outgoing.target
        if outgoing.op == "send":
            self._sent += 1
            message_id = f"m{self._sent}"
        phone.bubbles[message_id] = self._bubble(phone, message_id, outgoing)
        phone.handles |= {
            (message_id, button.label): button.press for row in outgoing.buttons for button in row
        }
        return Sent(message_id)

    def _bubble(self, phone: Phone, message_id: str, outgoing: Outgoing) -> Bubble:
        if outgoing.op == "strip":
            return replace(phone.bubbles[message_id], rows=(), ask="")
        return Bubble(
            message_id,
            outgoing.text,
            tuple(tuple(button.label for button in row) for row in outgoing.buttons),
            outgoing.ask_label if outgoing.ask else "",
            outgoing.document.name if outgoing.document else "",
        )

    async def fetch(self, ref: str) -> bytes:
        """The content behind a reference."""
        if ref not in self.files:
            raise FileGone(ref)
        return self.files[ref]

    async def receive(self, take: Take) -> None:
        """What is typed is handed over by whoever reads the terminal."""

    def routes(self, take: Take) -> Sequence[BaseRoute]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is open."""
