"""What people do on their phones, in one shape for every platform."""

import io
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PIL import Image


@dataclass(frozen=True, slots=True)
class Write:
    """Type something, perhaps as an answer to an earlier message of ours."""

    text: str
    reply_to: str = ""  # id of the message


@dataclass(frozen=True, slots=True)
class Press:
    """Press a button: the handle it carries, or, on a keyboard below the text field, its words."""

    label: str
    bubble: str  # id of the message it stands under
    raw: str = ""  # a handle of somebody's own making


@dataclass(frozen=True, slots=True)
class Send:
    """Send a photo, a file or a voice message."""

    kind: Literal["photo", "file", "voice"]
    name: str = ""
    megabytes: int = 0
    album: str = ""
    caption: str = ""

    @property
    def content(self) -> bytes:
        """The file itself."""
        return content_of(self.kind, self.name, self.megabytes)


@dataclass(frozen=True, slots=True)
class Locate:
    """Share a place, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Share:
    """Share a phone contact."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Play:
    """Send something nobody here can use."""

    what: Literal["sticker", "dice", "poll"]


@dataclass(frozen=True, slots=True)
class Open:
    """Open the chat through a link."""

    payload: str


@dataclass(frozen=True, slots=True)
class Block:
    """Shut us out, or let us in again."""

    blocked: bool


@dataclass(frozen=True, slots=True)
class Amend:
    """Change the words of the last message that was typed."""

    text: str


Act = Write | Press | Send | Locate | Share | Play | Open | Block | Amend


@cache
def content_of(kind: str, name: str, megabytes: int) -> bytes:
    """An invented file: a small picture, a page, or a moment of sound."""
    if megabytes:
        return b"%PDF-1.4\n" + bytes(megabytes * 1024 * 1024)
    if kind == "voice":
        return b"OggS" + bytes(60)
    if kind == "file" and name.endswith(".pdf"):
        return b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
    if kind == "file" and name.endswith(".exe"):
        return b"MZ" + bytes(200)
    if kind == "file":
        return "上班记录\n".encode()
    picture = io.BytesIO()
    Image.new("RGB", (32, 24), "white").save(picture, "JPEG")
    return picture.getvalue()
