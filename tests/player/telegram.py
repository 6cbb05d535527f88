"""Telegram: real payloads in, real Bot API calls out, through the fake server's world without sockets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.app import Steward
from bot.channels.contract import Channel, Document, FileGone
from bot.channels.telegram_answers import Answered
from bot.channels.telegram_channel import Telegram
from storage import people
from storage.clock import Clock
from storage.tx import Tx
from tests.player.acts import Act, Amend, Block, Locate, Open, Play, Press, Send, Share, Write
from tests.player.screen import Bubble, Screen
from tests.telegram_server.clock import Clock as ServerClock
from tests.telegram_server.ledger import Ledger
from tests.telegram_server.limits import Speed
from tests.telegram_server.methods import METHODS
from tests.telegram_server.params import ApiError, Params, Upload
from tests.telegram_server.people import Person
from tests.telegram_server.queue import BATCH, Update
from tests.telegram_server.server import TOKEN, USERNAME
from tests.telegram_server.world import World


class Told(ServerClock):
    """The server's time is the transcript's."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock.read().timestamp()


class InProcess:
    """Carries calls straight to the fake server's methods."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def call(
        self, method: str, params: Mapping[str, object], patience: float, upload: Document | None = None
    ) -> object:
        """The raw result of one call."""
        files = {"document": Upload(upload.name, upload.mime, upload.content)} if upload else {}
        try:
            return METHODS[method](self._world, Params(params, files))
        except ApiError as error:
            raise Answered(error.code, error.description, retry_after=error.retry_after or None) from None

    async def download(self, path: str, limit: int) -> bytes:
        """A file by the path `getFile` gave."""
        for file in self._world.files.values():
            if file.path == path:
                return file.content
        raise FileGone(path)

    async def close(self) -> None:
        """Nothing is open."""


class TelegramPort:
    """Everybody uses Telegram."""

    name = "telegram"

    def __init__(self, clock: Clock) -> None:
        self._world = World(TOKEN, USERNAME, Told(clock), Ledger(), Speed())
        self._people: dict[str, Person] = {}
        self._handles: dict[str, dict[tuple[str, str], str]] = {}
        self._channel = _without_waiting(InProcess(self._world))
        self._last: Update | None = None

    def channels(self) -> Sequence[Channel]:
        """Our own."""
        return [self._channel]

    async def attach(self, steward: Steward) -> None:
        """Talk to this process from now on."""
        self._take = steward.intake.door(self._channel)

    async def arrive(self, name: str, language: str) -> None:
        """Somebody with an account of their own."""
        self._add(name, "zh-hans" if language == "zh" else language)

    def give_door(self, tx: Tx, name: str, person_id: str) -> None:
        """A cadre who has started the bot before."""
        person = self._add(name, "zh-hans")
        self._world.chats[person.id].started = True
        people.add_account(tx, self.name, str(person.id), person_id)

    def _add(self, name: str, language: str) -> Person:
        person = Person(self._world, self._world.add_person(name, language=language))
        self._people[name] = person
        self._handles[name] = {}
        return person

    async def act(self, name: str, act: Act) -> None:
        """One update, polled and confirmed."""
        self._do(self._people[name], act)
        for update in self._world.queue.poll(0, BATCH):
            self._last = update
            await self._take([update.as_json()])
            self._world.queue.confirm(update.update_id)

    async def again(self) -> None:
        """The server was not told in time that we have it."""
        assert self._last is not None
        await self._take([self._last.as_json()])

    async def look(self) -> Mapping[str, Screen]:
        """Everybody's screen."""
        return {name: self._screen(name) for name in self._people}

    def handle(self, name: str, label: str) -> str:
        """The newest handle with these words."""
        return next(
            (handle for (_, said), handle in reversed(self._handles[name].items()) if said == label), ""
        )

    def _do(self, person: Person, act: Act) -> None:
        match act:
            case Write(text, reply_to):
                person.say(text, int(reply_to or 0))
            case Press(label, bubble, raw):
                self._press(person, label, bubble, raw)
            case Send():
                self._send(person, act)
            case Locate(latitude, longitude):
                person.share_location(latitude, longitude)
            case Share(phone, own):
                person.share_contact(phone, None if own else 0)
            case Play(what):
                person.post({what: _TOYS[what]})
            case Open(payload):
                person.start(payload)
            case Block(blocked):
                (person.block if blocked else person.unblock)()
            case Amend(text):
                typed = [shown for shown in person.screen if not shown.by_bot and shown.text]
                person.edit(typed[-1].message_id, text)

    def _press(self, person: Person, label: str, bubble: str, raw: str) -> None:
        name = next(name for name, each in self._people.items() if each is person)
        handle = raw or self._handles[name].get((bubble, label))
        if handle:
            person.press_raw(int(bubble or person.messages[-1].message_id), handle)
        else:
            person.press(label)

    def _send(self, person: Person, act: Send) -> None:
        if act.kind == "photo":
            person.send_photo(act.content, act.caption, act.album)
        elif act.kind == "voice":
            person.send_voice(act.content)
        else:
            person.send_document(act.name, act.content, "", act.caption, act.album)

    def _screen(self, name: str) -> Screen:
        person = self._people[name]
        chat = self._world.chats[person.id]
        bubbles = []
        keyed = [m.message_id for m in chat.messages.values() if m.by_bot and m.plain_keyboard]
        for shown in person.messages:
            rows: list[list[str]] = shown.buttons
            ask = ""
            if chat.keyboard_shown and keyed and shown.message_id == keyed[-1]:
                ask, rows = _keys(chat.keyboard or {})
            bubbles.append(
                Bubble(str(shown.message_id), shown.text, tuple(map(tuple, rows)), ask, shown.document)
            )
            self._note_handles(name, shown.message_id)
        return bubbles

    def _note_handles(self, name: str, message_id: int) -> None:
        body = self._world.chats[self._people[name].id].messages[message_id].body
        for row in body.get("reply_markup", {}).get("inline_keyboard", ()):
            for button in row:
                self._handles[name][str(message_id), button["text"]] = button["callback_data"]


def _without_waiting(transport: InProcess) -> Telegram:
    """The channel, without its own speed limits: they hold real seconds, which tests/bot proves apart."""
    channel = Telegram(transport, api_base="https://api.telegram.org")
    channel.capabilities = replace(channel.capabilities, per_second=None, per_chat_second=None)
    return channel


def _keys(keyboard: Mapping[str, Any]) -> tuple[str, list[list[str]]]:
    """What the key that shares says, and the rows of the others."""
    shares = [key["text"] for row in keyboard["rows"] for key in row if len(key) > 1]
    rows = [[key["text"] for key in row if len(key) == 1] for row in keyboard["rows"]]
    return shares[0] if shares else "", [row for row in rows if row]


_TOYS: Mapping[str, dict[str, Any]] = {
    "sticker": {"file_id": "CAACAgUAAxkBAAIs", "file_unique_id": "AgADs", "type": "regular", "emoji": "😀"},
    "dice": {"emoji": "🎲", "value": 4},
    "poll": {"id": "1", "question": "？", "options": [], "is_closed": False, "is_anonymous": True},
}
