"""What every channel offers the rest of the bot, and nothing more."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from starlette.routing import BaseRoute

from talk.incoming import Incoming

Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose lane a raw update belongs to and the key that makes it unique in its channel."""

    address: str  # where a reply goes, for example a chat id
    update_key: str


@dataclass(frozen=True, slots=True)
class Button:
    """One button as a person sees it; `press` is the opaque handle it carries."""

    label: str
    press: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand over."""

    name: str
    mime: str
    content: bytes
    id: str = ""  # where a channel that keeps its own pages finds it again


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to do in one chat.

    `send` makes a new message; `edit` replaces text and buttons of `target`;
    `strip` takes the buttons off `target`; where `text` is given, it is what the message says from now on.
    """

    op: Literal["send", "edit", "strip"]
    address: str
    text: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    ask: Literal["", "contact", "location"] = ""
    ask_label: str = ""  # words on the button that shares a contact or a place
    clear_ask: bool = False  # take an earlier contact or location keyboard away
    target: str = ""  # the platform's id of an earlier message
    reply_to: str = ""
    document: Document | None = None
    key: str = ""  # the same for every try of one thing
    case: str = ""  # number of the case it is about


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not taken; try again no earlier than this. `chat_only` is false when it holds for the whole bot."""

    seconds: float
    chat_only: bool = True


@dataclass(frozen=True, slots=True)
class Gone:
    """The person cannot be reached there any more: blocked, deactivated, chat not found."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take this one; another message may still go through."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Certainly not delivered (no connection, 5xx before the body); worth another try."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Perhaps delivered: the answer was lost after the request had gone."""

    reason: str


Outcome = Sent | RetryAfter | Gone | Refused | Failed | Unknown

Take = Callable[[Sequence[Raw]], Awaitable[None]]
"""Returns once every raw update given is committed to the inbox; raises when the store refuses them."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show and take."""

    edits: bool
    shares_contact: bool
    shares_location: bool
    text_limit: int  # UTF-16 units
    per_second: float | None = None  # messages a second over the whole bot
    per_chat_second: float | None = None


class Channel(Protocol):
    """One platform."""

    name: str
    residency: Literal["domestic", "abroad"]
    capabilities: Capabilities

    def origin(self, raw: Raw) -> Origin | None:
        """Whose update it is, or None when it has no sender we could answer."""

    def parse(self, raw: Raw) -> Incoming:
        """Read a raw update; never raises on a shape it does not know (`OTHER`, `IGNORED`)."""

    async def acknowledge(self, incoming: Incoming) -> None:
        """Answer a press at once, best effort."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Deliver one thing; raises nothing the platform caused."""

    async def fetch(self, ref: str) -> bytes:
        """The content behind an attachment's reference; raises FileTooLarge, FileGone or OSError."""

    async def receive(self, take: Take) -> None:
        """Run until cancelled, handing raw updates to `take`; a channel that only has routes returns."""

    def routes(self, take: Take) -> Sequence[BaseRoute]:
        """HTTP routes the channel needs."""

    async def close(self) -> None:
        """Let connections go."""


class FileTooLarge(Exception):
    """The platform will not hand over a file of this size."""


class FileGone(Exception):
    """The file is no longer there to fetch."""
