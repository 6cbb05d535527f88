"""People who talk to the bot, and what they see on their screens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.telegram_server.markup import labels
from tests.telegram_server.world import Chat, Message, World

Wanted = str | Callable[["Shown"], bool]


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as a person sees it now."""

    message_id: int
    text: str  # words, or a file's caption
    buttons: list[list[str]]
    document: str = ""  # name of a file
    reply_to: int = 0
    edited: bool = False
    by_bot: bool = True
    handles: tuple[str, ...] = ()  # what its buttons send when they are pressed
    with_keys: bool = False  # it put a keyboard below the text field, or took one away

    @property
    def labels(self) -> list[str]:
        """What all its buttons say."""
        return [label for row in self.buttons for label in row]


class Person:
    """Somebody with a phone; every act returns the number of the update it made."""

    def __init__(self, world: World, person_id: int):
        self._world = world
        self.id = person_id

    def say(self, text: str, reply_to: int = 0) -> int:
        """Type something; a command is marked as Telegram marks it."""
        content: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            content["entities"] = [{"offset": 0, "length": length, "type": "bot_command"}]
        if reply_to:
            content["reply_to_message"] = dict(self._chat.messages[reply_to].body)
        return self.post(content)

    def start(self, payload: str = "") -> int:
        """Press Start, perhaps on a link that carries something."""
        if self._chat.blocked:
            self.unblock()
        return self.say(f"/start {payload}".strip())

    def press(self, label: str) -> int:
        """Press the newest button that says this: under a message, or on the keyboard."""
        with self._world.lock:
            for message in reversed(list(self._chat.messages.values())):
                for button in _inline_buttons(message):
                    if button["text"] == label:
                        return _made(self._world.press(message, button["callback_data"]))
            return self._press_key(label)

    def press_raw(self, message_id: int, data: str) -> int:
        """Send any data as if a button of this message carried it, as a forged client can."""
        with self._world.lock:
            return _made(self._world.press(self._chat.messages[message_id], data))

    def send_photo(self, content: bytes, caption: str = "", album: str = "") -> int:
        """Send a picture, alone or as part of an album."""
        small, small_unique = self._world.store(content, "photos", ".jpg")
        large, large_unique = self._world.store(content, "photos", ".jpg")
        sizes = [
            {"file_id": small, "file_unique_id": small_unique, "width": 90, "height": 67},
            {"file_id": large, "file_unique_id": large_unique, "width": 1280, "height": 960},
        ]
        photo = [size | {"file_size": len(content)} for size in sizes]
        return self.post({"photo": photo} | _present(caption=caption, media_group_id=album))

    def send_document(self, name: str, content: bytes, mime: str, caption: str = "", album: str = "") -> int:
        """Send a file."""
        document = self._file(content, "documents", "") | {"file_name": name, "mime_type": mime}
        return self.post({"document": document} | _present(caption=caption, media_group_id=album))

    def send_voice(self, content: bytes, seconds: int = 5) -> int:
        """Send a voice message."""
        voice = self._file(content, "voice", ".oga") | {"duration": seconds, "mime_type": "audio/ogg"}
        return self.post({"voice": voice})

    def share_contact(self, phone: str, user_id: int | None = None) -> int:
        """Share a phone contact: one's own, unless another account's id is given (0: somebody without)."""
        shared: dict[str, Any] = {"phone_number": phone, "first_name": "联系人"}
        owner = self.id if user_id is None else user_id
        return self.post({"contact": shared | ({"user_id": owner} if owner else {})})

    def share_location(self, latitude: float, longitude: float) -> int:
        """Share a point on the map."""
        return self.post({"location": {"latitude": latitude, "longitude": longitude}})

    def edit(self, message_id: int, text: str) -> int:
        """Change the words of one of their own messages."""
        with self._world.lock:
            message = self._chat.messages[message_id]
            message.body = message.body | {"text": text, "edit_date": self._world.today()}
            return _made(self._world.queue.add("edited_message", dict(message.body), f"chat:{self.id}"))

    def post(self, content: Mapping[str, Any]) -> int:
        """Send a message with any content the Bot API knows."""
        return _made(self._world.post(self.id, content, by_bot=False).update_id)

    def raw(self, kind: str, body: Mapping[str, Any]) -> int:
        """Let any update at all wait for the bot."""
        with self._world.lock:
            return _made(self._world.queue.add(kind, body, f"chat:{self.id}"))

    def block(self) -> int:
        """Stop the bot."""
        return _made(self._world.membership(self.id, "member", "kicked"))

    def unblock(self) -> int:
        """Let the bot write again."""
        return _made(self._world.membership(self.id, "kicked", "member"))

    def deactivate(self) -> None:
        """Delete the account."""
        with self._world.lock:
            self._chat.deactivated = True

    @property
    def screen(self) -> list[Shown]:
        """The whole chat, oldest first."""
        with self._world.lock:
            return [_shown(message) for message in self._chat.messages.values()]

    @property
    def messages(self) -> list[Shown]:
        """What the bot wrote, as it reads now, oldest first."""
        return [shown for shown in self.screen if shown.by_bot]

    @property
    def newest(self) -> Shown | None:
        """What the bot wrote last, as it reads now."""
        with self._world.lock:
            written = (m for m in reversed(self._chat.messages.values()) if m.by_bot)
            return next(map(_shown, written), None)

    @property
    def keyboard(self) -> list[list[str]]:
        """Keys below the text field, empty when letters are there."""
        with self._world.lock:
            chat = self._chat
            return labels(chat.keyboard["rows"]) if chat.keyboard and chat.keyboard_shown else []

    def wait(self, wanted: Wanted, timeout: float = 10.0) -> Shown:
        """The newest message of the bot's that holds these words, or passes this check.

        Raises:
            TimeoutError: it did not come; the words say what is on the screen.
        """
        with self._world.changed:
            if not self._world.changed.wait_for(lambda: self._find(wanted), timeout):
                raise TimeoutError(f"not on the screen of {self.id}: {wanted!r}; there is {self.messages}")
            found = self._find(wanted)
            assert found is not None
            return found

    def _find(self, wanted: Wanted) -> Shown | None:
        def fits(shown: Shown) -> bool:
            return wanted in shown.text if isinstance(wanted, str) else wanted(shown)

        return next((shown for shown in reversed(self.messages) if fits(shown)), None)

    @property
    def _chat(self) -> Chat:
        return self._world.chats[self.id]

    def _file(self, content: bytes, folder: str, ending: str) -> dict[str, Any]:
        file_id, unique = self._world.store(content, folder, ending)
        return {"file_id": file_id, "file_unique_id": unique, "file_size": len(content)}

    def _press_key(self, label: str) -> int:
        chat = self._chat
        rows = chat.keyboard["rows"] if chat.keyboard and chat.keyboard_shown else []
        for key in (key for row in rows for key in row):
            if key["text"] == label and chat.keyboard is not None:
                chat.keyboard_shown = not chat.keyboard["one_time"]
                return self._use_key(key)
        on_screen = [shown.labels for shown in self.messages if shown.labels]
        raise LookupError(f"no button says {label!r}; there are {on_screen} and keys {labels(rows)}")

    def _use_key(self, key: Mapping[str, Any]) -> int:
        if key.get("request_contact"):
            return self.share_contact(f"86138{self.id % 10**8:08d}")
        if key.get("request_location"):
            return self.share_location(39.9042, 116.4074)
        return self.say(str(key["text"]))


def _shown(message: Message) -> Shown:
    body = message.body
    rows: Sequence[Any] = body.get("reply_markup", {}).get("inline_keyboard", [])
    return Shown(
        message.message_id,
        str(body.get("text", body.get("caption", ""))),
        labels(list(rows)),
        document=str(body.get("document", {}).get("file_name", "")),
        reply_to=int(body.get("reply_to_message", {}).get("message_id", 0)),
        edited=message.edits > 0,
        by_bot=message.by_bot,
        handles=tuple(str(button["callback_data"]) for button in _inline_buttons(message)),
        with_keys=message.plain_keyboard,
    )


def _inline_buttons(message: Message) -> list[Mapping[str, Any]]:
    rows = message.body.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row if "callback_data" in button]


def _present(**values: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _made(update_id: int | None) -> int:
    """The update's number; 0 when the bot did not ask for its kind."""
    return update_id or 0
