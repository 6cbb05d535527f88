"""What came in, in one shape for every channel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """The sort of thing a person, a platform or the clock put into a lane."""

    TEXT = "text"
    PRESS = "press"
    MEDIA = "media"
    LOCATION = "location"
    CONTACT = "contact"
    START = "start"
    EDITED = "edited"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    CLOCK = "clock"
    OTHER = "other"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One photo, file, voice or video, by the reference its channel can fetch it with."""

    kind: Literal["photo", "file", "voice", "video"]
    ref: str
    name: str = ""
    mime: str = ""
    size: int | None = None  # bytes, as the platform claims
    album: str = ""  # parts of one album share it
    unique: str = ""  # the platform's stable id of the same file


@dataclass(frozen=True, slots=True)
class Place:
    """A point in degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared phone contact; `own` only when the platform says it is the sender's."""

    phone: str
    own: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that came in, already read out of its platform's format.

    A thing nobody answers (our own echo, another bot, a channel post) is `IGNORED`;
    one we cannot use but must answer (a sticker, a dice) is `OTHER` with `note` naming it.
    """

    kind: Kind
    text: str = ""  # typed, or an attachment's caption
    press: str = ""  # the handle a button carried
    press_id: str = ""  # the platform's id of the press, to be answered at once
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    contact: Contact | None = None
    payload: str = ""  # what a deep link carried
    message_id: str = ""  # the platform's id of this message
    reply_to: str = ""  # the platform's id of the message it answers
    language: str = ""  # the platform's hint, for example "zh-hans"
    note: str = ""
    forwarded: bool = False
    sent_at: datetime | None = None  # aware UTC; never trusted for deadlines
