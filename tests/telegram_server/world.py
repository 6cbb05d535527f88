"""What a Telegram server knows: people, chats, messages, files, and updates waiting for one bot.

Tests act on it from their own thread while the server's loop answers calls, so every public method
takes the lock.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.clock import Clock
from tests.telegram_server.ledger import Ledger
from tests.telegram_server.limits import Speed, SpeedLimit
from tests.telegram_server.queue import PRESS_LIFE, UpdateQueue

FIRST_PERSON = 5_100_000_001
FIRST_MESSAGE = 101
Json = dict[str, Any]


@dataclass
class Message:
    """A message as both sides know it; `body` is what the Bot API shows."""

    body: Json
    by_bot: bool
    plain_keyboard: bool = False  # sent with a keyboard that is not inline: cannot be edited
    edits: int = 0
    update_id: int | None = None  # the update that carries it to the bot

    @property
    def message_id(self) -> int:
        """Its number."""
        return int(self.body["message_id"])


@dataclass
class Chat:
    """A private chat between one person and the bot."""

    chat_id: int
    messages: dict[int, Message] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    keyboard: Json | None = None  # the reply keyboard that stays below the text field
    keyboard_shown: bool = False


@dataclass
class Press:
    """A pressed button the bot may still answer."""

    chat_id: int
    pressed_at: float
    answer: str | None = None


@dataclass(frozen=True)
class StoredFile:
    """A file on the server."""

    content: bytes
    path: str


class World:
    """One bot and everybody who talks to it."""

    def __init__(self, token: str, username: str, clock: Clock, ledger: Ledger, speed: Speed):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.token = token
        self.clock = clock
        self.ledger = ledger
        self.speed = SpeedLimit(speed)
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Demo",
            "username": username,
        }
        self.people: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.files: dict[str, StoredFile] = {}
        self.settings: dict[tuple[str, str], Any] = {}  # (method's subject, language) -> value
        self.webhook: Json = {"url": ""}
        self.wakers: list[Callable[[], None]] = []
        self.queue = UpdateQueue(clock, ledger, self._wake)
        self._next_message = FIRST_MESSAGE
        self._next_file = 1
        self._next_press = 1

    def add_person(self, first_name: str, last_name: str = "", language: str = "zh-hans") -> int:
        """Somebody new, who has not written to the bot; returns their id, which is their chat's too."""
        with self.lock:
            person_id = FIRST_PERSON + len(self.people)
            person: Json = {"id": person_id, "is_bot": False, "first_name": first_name}
            if last_name:
                person["last_name"] = last_name
            self.people[person_id] = person | {"language_code": language}
            self.chats[person_id] = Chat(person_id)
            return person_id

    def post(self, chat_id: int, content: Mapping[str, Any], by_bot: bool) -> Message:
        """Put a message into a chat; a person's is also on its way to the bot."""
        with self.changed:
            body = self.new_body(chat_id, by_bot) | dict(content)
            message = Message(body, by_bot)
            chat = self.chats[chat_id]
            chat.messages[message.message_id] = message
            chat.started = chat.started or not by_bot
            if not by_bot:
                message.update_id = self.queue.add("message", dict(body), f"chat:{chat_id}")
            self.changed.notify_all()
            return message

    def new_body(self, chat_id: int, by_bot: bool) -> Json:
        """What every message begins with."""
        with self.lock:
            number = self._next_message
            self._next_message += 1
            sender = self.bot if by_bot else self.people[chat_id]
            return {
                "message_id": number,
                "from": sender,
                "chat": self.shown_chat(chat_id),
                "date": self.today(),
            }

    def shown_chat(self, chat_id: int) -> Json:
        """The chat as messages name it."""
        person = self.people[chat_id]
        names: Json = {key: person[key] for key in ("first_name", "last_name", "username") if key in person}
        return {"id": chat_id, **names, "type": "private"}

    def press(self, message: Message, data: str) -> int | None:
        """A button under a message is pressed; returns the update's number."""
        with self.lock:
            chat_id = int(message.body["chat"]["id"])
            press_id = f"{chat_id}{self._next_press:09d}"
            self._next_press += 1
            self.presses[press_id] = Press(chat_id, self.clock.now())
            body = {
                "id": press_id,
                "from": self.people[chat_id],
                "message": dict(message.body),
                "chat_instance": f"-{chat_id}",
                "data": data,
            }
            return self.queue.add("callback_query", body, f"press:{chat_id}", PRESS_LIFE)

    def membership(self, chat_id: int, old: str, new: str) -> int | None:
        """The person blocked or unblocked the bot."""
        with self.changed:
            self.chats[chat_id].blocked = new == "kicked"
            self.changed.notify_all()
            body = {
                "chat": self.shown_chat(chat_id),
                "from": self.people[chat_id],
                "date": self.today(),
                "old_chat_member": {"user": self.bot, "status": old},
                "new_chat_member": {"user": self.bot, "status": new},
            }
            return self.queue.add("my_chat_member", body, f"member:{chat_id}")

    def store(self, content: bytes, folder: str, ending: str) -> tuple[str, str]:
        """Keep a file; returns its id and the id that stays the same for the same content."""
        with self.lock:
            number = self._next_file
            self._next_file += 1
            file_id = f"FakeFile{number:08d}"
            self.files[file_id] = StoredFile(content, f"{folder}/file_{number}{ending}")
            return file_id, f"Unique{number:08d}"

    def today(self) -> int:
        """Whole seconds since 1970."""
        return int(self.clock.now())

    def _wake(self) -> None:
        for waker in self.wakers:
            waker()
