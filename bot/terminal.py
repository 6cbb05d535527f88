"""`steward chat`: talk to the sample union on the terminal, as anybody in it, and record what was said."""

import argparse
import asyncio
import importlib.util
import io
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from bot import redaction
from bot.app import Steward, load
from bot.channels.terminal import Bubble, Phone, Terminal
from bot.faults import Exit, Stop
from bot.recording import Recording, changes
from bot.sample import load_sample, sample_union
from bot.settings import Settings
from storage import dues, people, schema, union
from storage.clock import SetClock, SystemClock
from storage.keys import KeyFile
from storage.store import Store
from storage.tx import Tx

WORKER = "sun"
ZONE = ZoneInfo("Asia/Shanghai")
AT_ONCE = timedelta(seconds=3)  # what falls due within it belongs to what was just done
HELP = """Type what the person says. A button is pressed by typing its words or its number.
  /start            open the chat           /scan PLACE    open it through a poster's code
  /as NAME [en]     be somebody else: a cadre of the sample union, or a new worker
  /wait 2h          let time pass: 30 min, 2h, 3 days, 1 week, until 2026-11-24 10:00
  /photo  /voice    send an invented one    /who           who is there
  /help             this                    /quit          leave (Ctrl-D)"""
_LENGTH = re.compile(r"(\d+) ?(min|h|days?|weeks?)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NAME = re.compile(r"[a-z]+")


def command(args: argparse.Namespace) -> int:
    """Talk until the person leaves; nothing of it is kept but the recording."""
    redaction.install("ERROR")
    with asyncio.Runner() as runner, _house() as (steward, terminal, clock):
        talk = Talk(steward, terminal, clock)
        runner.run(talk.begin(WORKER if args.who == "worker" else args.who, args.language))
        print("This is a demo: the union and its people are invented. /help says what can be typed.")
        try:
            _converse(runner, talk)
        finally:
            if args.record is not None:
                args.record.write_text(talk.recording.written(args.record.stem), encoding="utf-8")
                print(f"Written to {args.record}; `make transcripts` adds what other channels show.")
    return Exit.DONE


def _converse(runner: asyncio.Runner, talk: "Talk") -> None:
    if importlib.util.find_spec("readline"):
        importlib.import_module("readline")  # lets a line be edited
    while True:
        try:
            line = input(f"{talk.name}> " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if line == "/quit":
            return
        try:
            shown = runner.run(talk.take(line)) if line else []
        except Stop as fault:
            shown = [str(fault)]
        for each in shown:
            print(each)


@contextmanager
def _house() -> Iterator[tuple[Steward, Terminal, SetClock]]:
    """The sample union in a folder that is gone afterwards; no setting of this machine has a say in it."""
    with tempfile.TemporaryDirectory(prefix="steward-chat-") as folder:
        settings = Settings.model_construct(mode="live", home=Path(folder))  # a demo would mark every message
        schema.upgrade(settings.database)
        clock = SetClock(SystemClock().read().replace(second=0, microsecond=0))
        store = Store(settings.database, KeyFile.open(settings.key_file, create=True), clock)
        try:
            load_sample(store)
            terminal = Terminal()
            yield load(settings, store, [terminal]), terminal, clock
        finally:
            store.close()


class Talk:
    """One session: whoever speaks, everybody's phone, and what is written down of it."""

    def __init__(self, steward: Steward, terminal: Terminal, clock: SetClock) -> None:
        self.name = WORKER
        self._steward = steward
        self._terminal = terminal
        self._clock = clock
        self._door = steward.intake.door(terminal)
        self._languages: dict[str, str] = {}
        self._seen: Mapping[str, Mapping[str, Bubble]] = {}
        self._count = 0
        self._cadres = {cadre.key: cadre.name for cadre in sample_union().cadres}
        self.recording = Recording(clock.read().astimezone(ZONE))

    async def begin(self, name: str, language: str) -> None:
        """Let the cadres in and be this person."""
        self._steward.store.write(self._give_doors)
        await self._steward.wake_up()
        self._be(name, language)

    def _give_doors(self, tx: Tx) -> None:
        """The cadres of the sample, who were given a page of their own, are here instead."""
        for key in self._cadres:
            page = people.find_account(tx, "browser", f"sample:{key}")
            assert page is not None
            people.set_reachable(tx, page.id, False)
            people.add_account(tx, self._terminal.name, key, page.person_id)
            self._terminal.phones[key] = Phone()

    def _be(self, name: str, language: str) -> None:
        if name not in self._cadres and not _NAME.fullmatch(name):
            raise Stop("a name is small letters; cadres: " + ", ".join(self._cadres), Exit.USAGE)
        self.name = name
        if name not in self._languages:
            self._languages[name] = language
            self._terminal.phones.setdefault(name, Phone())
            self.recording.person(name, self._cadres.get(name), language)

    # ---- one line

    async def take(self, line: str) -> list[str]:
        """Do what a line says and return what is seen of it.

        Raises:
            Stop: it cannot be done; says why.
        """
        word, _, rest = line.partition(" ")
        match word:
            case "/help":
                return HELP.split("\n")
            case "/who":
                return [f"  {key}  {name}" for key, name in self._cadres.items()] + [f"  you are {self.name}"]
            case "/as":
                name, _, language = rest.partition(" ")
                self._be(name, language if language in ("zh", "en") else "zh")
                return []
            case "/wait":
                return self._told(f"wait {rest}", await self._wait(rest))
            case "/scan":
                return await self._act(f"{self.name} scans {rest}", self._poster(rest))
            case "/photo" | "/voice":
                return await self._act(f"{self.name} sends {word[1:]}", self._file(word[1:]))
            case "/start":
                return await self._act(f"{self.name}: {line}", {"kind": "start", "payload": rest})
        handle = self._terminal.phones[self.name].press(line)
        if handle is not None:
            return await self._act(f"{self.name} presses {line}", {"kind": "press", "press": handle})
        return await self._act(f"{self.name}: {line}", {"kind": "text", "text": line})

    def _told(self, words: str, seen: list[list[str]]) -> list[str]:
        self.recording.line(words, seen)
        return [line for item in seen for line in item]

    async def _act(self, words: str, content: Mapping[str, object]) -> list[str]:
        self._count += 1
        raw = {"address": self.name, "id": str(self._count), "lang": self._languages[self.name], **content}
        await self._door([raw])
        return self._told(words, await self._work(self.name))

    def _poster(self, site: str) -> dict[str, object]:
        doors = {door.site: door.token for door in self._steward.store.read(union.entrances_of)}
        if site not in doors:
            raise Stop("posters hang at: " + ", ".join(doors), Exit.USAGE)
        return {"kind": "start", "payload": f"e_{doors[site]}"}

    def _file(self, kind: str) -> dict[str, object]:
        name = "photo1.jpg" if kind == "photo" else "voice.ogg"
        content = _picture() if kind == "photo" else b"OggS" + bytes(60)
        ref = f"file{len(self._terminal.files)}"
        self._terminal.files[ref] = content
        sent = {"kind": kind, "ref": ref, "name": name, "size": len(content)}
        return {"kind": "media", "attachments": [sent]}

    # ---- what follows

    async def _work(self, actor: str) -> list[list[str]]:
        """Work off all that waits, with what falls due at once."""
        steward = self._steward
        while await steward.turns.drain() + await steward.jobs.drain() + await steward.delivery.drain():
            pass
        following = steward.store.read(dues.next_at)
        if following is not None and following <= self._clock.read() + AT_ONCE:
            self._clock.set(max(following, self._clock.read()))
            await steward.tick()
            return await self._work(actor)
        return self._news(actor)

    async def _wait(self, words: str) -> list[list[str]]:
        until = self._until(words)
        items: list[list[str]] = []
        while True:
            following = self._steward.store.read(dues.next_at)
            last = following is None or following > until
            self._clock.set(max(until if last or following is None else following, self._clock.read()))
            await self._steward.tick()
            news = await self._work("")
            if news:
                items += [[f"  @ {self._clock.read().astimezone(ZONE):%Y-%m-%d %a %H:%M}"], *news]
            if last:
                return items

    def _until(self, words: str) -> datetime:
        try:
            if words.startswith("until "):
                return datetime.fromisoformat(words.removeprefix("until ")).replace(tzinfo=ZONE)
        except ValueError:
            raise Stop("an hour is written 2026-11-24 10:00", Exit.USAGE) from None
        found = _LENGTH.fullmatch(words)
        if found is None:
            raise Stop("a length of time is written 30 min, 2h, 3 days or 1 week", Exit.USAGE)
        return self._clock.read() + timedelta(**{_UNITS[found[2][0]]: int(found[1])})

    def _news(self, actor: str) -> list[list[str]]:
        """What changed on everybody's phone, the actor's first."""
        phones = {name: dict(phone.bubbles) for name, phone in self._terminal.phones.items()}
        order = [actor, *(name for name in phones if name != actor)] if actor else list(phones)
        items = []
        for name in order:
            head = "" if name == actor else f"{name} "
            items += changes(self._seen.get(name, {}), phones[name], head, told=name != actor)
        self._seen = phones
        return items


def _picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (32, 24), "white").save(made, "JPEG")
    return made.getvalue()
