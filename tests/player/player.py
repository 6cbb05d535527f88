"""Plays one transcript through one port: line by line, with nothing kept in memory between two lines."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from casework import cadres
from domain.roles import Role
from storage import dues, meta, people, union
from storage.clock import SetClock
from storage.tables import accounts, posts
from storage.tables import cases as cases_table
from storage.tables import people as people_table
from storage.tx import Tx
from tests.player import facts
from tests.player.acts import Act, Amend, Block, Locate, Open, Play, Press, Send, Share, Write
from tests.player.browser import Browser
from tests.player.engine import Engine
from tests.player.house import House, Place
from tests.player.port import Impossible, Port
from tests.player.screen import Bubble, Items, Screen, differences
from tests.player.script import ZONE, Line, Script, ScriptError, civil
from tests.player.telegram import TelegramPort

FIRST_ALIAS = 1001  # of the first case
FIRST_PERSON = 5001
AT_ONCE = timedelta(seconds=3)  # what falls due within it belongs to the line before
A_MOMENT = timedelta(milliseconds=40)  # passes with each thing done, so that no two are at one instant
_RETURN_CODE = re.compile(r"\b\d{4}([ -])\d{4}\1\d{4}\1\d{4}\b")
_ONLY_ON = re.compile(r"\((?P<ports>[a-z ]+)\) (?P<words>.+)", re.DOTALL)
_OWN = re.compile(r"  [>~] ")
_LENGTH = re.compile(r"(\d+) ?(s|min|h|days?|weeks?)")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Faults(logging.Handler):
    """Gathers what was logged as an error: no transcript may contain one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.said.append(self.format(record))


class Player:
    """One run of a transcript; use as an async context manager."""

    def __init__(self, place: Place, port: str, clock: datetime) -> None:
        self.clock = SetClock(clock)
        self.port = _open_port(port, self.clock)
        self.house = House(place, self.clock, self.port.channels())
        self.cadres: dict[str, str] = {}
        self.known: dict[str, str] = {}  # person id -> name
        self._languages: dict[str, str] = {}
        self._invitations: dict[str, str] = {}
        self._albums = 0
        self._screens: Mapping[str, Screen] = {}
        self._faults = Faults()

    async def __aenter__(self) -> "Player":
        logging.getLogger().addHandler(self._faults)
        self.cadres = self.house.set_up()
        self.known = {person_id: name for name, person_id in self.cadres.items()}
        self.house.store.write(self._give_doors)
        await self.port.attach(self.house.steward)
        await self.house.steward.wake_up()
        self._screens = await self.port.look()
        return self

    async def __aexit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._faults)
        self.house.close()

    def _give_doors(self, tx: Tx) -> None:
        """Let the cadres in; who came first is first, as it stands in the sample union."""
        for place, (name, person_id) in enumerate(self.cadres.items()):
            in_order = tx.now - timedelta(minutes=len(self.cadres) - place)
            tx.conn.execute(update(posts).where(posts.c.person_id == person_id).values(since=in_order))
            elsewhere = people.door(tx, person_id)
            if self.port.name != "browser" and elsewhere is not None:
                people.set_reachable(tx, elsewhere.id, False)
            self.port.give_door(tx, name, person_id)

    async def arrive(self, name: str, language: str) -> None:
        """Somebody new."""
        self._languages[name] = language
        await self.port.arrive(name, language)

    # ---- one line

    async def play(self, line: str) -> Items:
        """Let one line happen.

        Returns:
            What people see of it, each thing as its lines in a transcript.

        Raises:
            Impossible: this port has no such thing; nothing happened.
            AssertionError: a fact is not so, or something was logged as an error.
        """
        words = self._meant_here(line.split("   #")[0].rstrip())
        items: Items = []
        for step in self._steps(words):
            # Of a row of steps, only what the person sees of the last is told.
            items = [item for item in items if not _OWN.match(item[0])]
            items.extend(await self._carry_out(step))
            assert not self._faults.said, "\n".join(self._faults.said)
            await self._drop_state()
        return items

    def _steps(self, words: str) -> list[str]:
        """The steps of a line such as `sun presses 同意，开始 / presses 要帮忙 / : 三个月没发工资`."""
        first, *more = words.split(" / ")
        name = first.split(" ")[0].rstrip(":")
        steps = [first]
        for words in more:
            found = _ONLY_ON.fullmatch(words)
            if found is not None and self.port.name not in found["ports"].split():
                continue
            words = found["words"] if found else words
            steps.append(f"{name}{words}" if words.startswith(":") else f"{name} {words}")
        return steps

    def _meant_here(self, words: str) -> str:
        """What a line says; one that begins with ports, as in `(telegram) sun: 5`, happens on those alone."""
        found = _ONLY_ON.fullmatch(words)
        if found is None:
            return words
        if self.port.name not in found["ports"].split():
            raise Impossible
        return found["words"]

    async def _drop_state(self) -> None:
        """Go on from what is kept alone; `restart` opens the database anew as well."""
        self.house.forget()
        await self.port.attach(self.house.steward)

    async def _carry_out(self, words: str) -> Items:
        if words == "again":
            await self.port.again()
            return await self._seen("")
        if words.startswith("restart"):
            return await self._restart(words.removeprefix("restart").strip())
        if words.startswith("wait "):
            return await self._wait(words.removeprefix("wait "))
        if words.startswith("fact "):
            self.house.store.read(lambda tx: facts.check(tx, self.known, words.removeprefix("fact ")))
            return []
        if words.startswith("invitation "):
            return self._invite(words.removeprefix("invitation "))
        return await self._act(words)

    async def _seen(self, actor: str) -> Items:
        """Work off what follows, and tell what changed on every screen."""
        await self.house.work()
        following = self.house.store.read(dues.next_at)
        if following is not None and following <= self.clock.read() + AT_ONCE:
            self.clock.set(max(following, self.clock.read()))
            await self.house.steward.tick()
            return await self._seen(actor)
        after = await self.port.look()
        items = differences(self._screens, after, actor)
        self._screens = after
        return [[_plain(row) for row in item] for item in items]

    # ---- time

    async def _wait(self, words: str) -> Items:
        until = self._until(words)
        items: Items = []
        while (following := self.house.store.read(dues.next_at)) is not None and following <= until:
            self.clock.set(max(following, self.clock.read()))
            await self.house.steward.tick()
            items.extend(self._dated(await self._seen("")))
        self.clock.set(max(until, self.clock.read()))
        await self.house.steward.tick()
        return [*items, *self._dated(await self._seen(""))]

    def _until(self, words: str) -> datetime:
        if words.startswith("until "):
            return civil(words.removeprefix("until "))
        return self.clock.read() + length(words)

    def _dated(self, items: Items) -> Items:
        here = self.clock.read().astimezone(ZONE)
        return [[f"  @ {here:%Y-%m-%d %a %H:%M}"], *items] if items else []

    async def _restart(self, words: str) -> Items:
        """End the process; the world goes on; start another."""
        self.house.restart(length(words.removeprefix("after ")) if words else timedelta())
        await self.port.attach(self.house.steward)
        if isinstance(self.port, Browser):
            await self.port.reload()
        await self.house.steward.wake_up()
        await self.house.steward.tick()
        return await self._seen("")

    # ---- people

    def _invite(self, words: str) -> Items:
        """`A: group_leader of chengnan, on duty`."""
        name, _, post = words.partition(": ")
        role, _, rest = post.partition(" of ")
        unit, _, duty = rest.partition(", ")
        self._invitations[name] = self.house.store.write(
            lambda tx: cadres.invite(tx, None, unit, Role(role), duty == "on duty")
        )
        return []

    async def _act(self, words: str) -> Items:
        name, act = self._read_act(words)
        for place, each in enumerate(act if isinstance(act, list) else [act]):
            if place:
                await self.house.work()
            self.clock.move(A_MOMENT)
            await self.port.act(name, each)
            self.house.store.write(lambda tx: self._recognise(tx, name))
        return await self._seen(name)

    def _recognise(self, tx: Tx, name: str) -> None:
        """Learn who somebody new is, and give them an alias that is the same in every run."""
        meta.beat(tx, self.clock.read())
        rows = tx.conn.execute(select(accounts.c.person_id).where(accounts.c.channel == self.port.name))
        for person_id in rows.scalars():
            if person_id not in self.known:
                alias = str(FIRST_PERSON + len(self.known) - len(self.cadres))
                self.known[person_id] = name
                tx.conn.execute(
                    update(people_table).where(people_table.c.id == person_id).values(alias=alias)
                )
        numbers = select(cases_table.c.number).order_by(cases_table.c.number)
        for place, number in enumerate(tx.conn.execute(numbers).scalars().all()):
            pinned = update(cases_table).where(cases_table.c.number == number)
            tx.conn.execute(pinned.values(alias=str(FIRST_ALIAS + place)))

    def _read_act(self, words: str) -> tuple[str, Act | list[Act]]:
        """Who does what."""
        for pattern, read in _ACTS.items():
            found = re.fullmatch(pattern, words, re.DOTALL)
            if found is not None:
                return found["name"], read(self, found)
        raise ScriptError(f"nobody knows how to do this: {words!r}")

    def bubble_with(self, name: str, label: str) -> Bubble:
        """The newest message on somebody's screen with this button."""
        shown = [bubble for bubble in self._screens[name] if label in bubble.labels]
        if not shown:
            there = [list(bubble.labels) for bubble in self._screens[name] if bubble.rows]
            raise ScriptError(f"{name} sees no button {label!r}; there are {there}")
        return shown[-1]

    def bubble_saying(self, name: str, fragment: str) -> Bubble:
        """The newest message on somebody's screen that holds these words."""
        shown = [bubble for bubble in self._screens[name] if fragment in bubble.text]
        if not shown:
            raise ScriptError(f"{name} sees no message with {fragment!r}")
        return shown[-1]

    def album(self) -> str:
        """A new album's mark."""
        self._albums += 1
        return f"album{self._albums}"


def _open_port(name: str, clock: SetClock) -> Port:
    if name == "engine":
        return Engine()
    return Browser() if name == "browser" else TelegramPort(clock)


def length(words: str) -> timedelta:
    """A length of time such as `2h`, `30 min`, `3 days`."""
    found = _LENGTH.fullmatch(words.strip())
    if found is None:
        raise ScriptError(f"not a length of time: {words!r}")
    unit = found[2] if found[2] in _UNITS else found[2][0]
    return timedelta(**{_UNITS[unit]: int(found[1])})


def _plain(row: str) -> str:
    """Without what differs from run to run."""
    return _RETURN_CODE.sub(lambda found: found[1].join(["####"] * 4), row)


# ---- what people can do, as it is written


def _press(player: Player, found: "re.Match[str]") -> Act:
    return Press(found["label"], player.bubble_with(found["name"], found["label"]).id)


def _press_old(player: Player, found: "re.Match[str]") -> Act:
    """A button that is gone from the screen, pressed on a phone that still shows it."""
    return _pressed_raw(player, found["name"], found["name"], found["label"])


def _press_of(player: Player, found: "re.Match[str]") -> Act:
    """Somebody else's button."""
    return _pressed_raw(player, found["name"], found["other"], found["label"])


def _pressed_raw(player: Player, name: str, other: str, label: str) -> Act:
    handle = player.port.handle(other, label)
    if not handle:
        raise ScriptError(f"{other} never had a button {label!r}")
    return Press(label, "", handle)


def _reply(player: Player, found: "re.Match[str]") -> Act:
    return Write(found["text"], player.bubble_saying(found["name"], found["to"]).id)


def _photos(player: Player, found: "re.Match[str]") -> list[Act]:
    count = int(found["count"] or 1)
    album = player.album() if found["album"] else ""
    caption = found["caption"] or ""
    return [
        Send("photo", f"photo{n + 1}.jpg", album=album, caption=caption if n == 0 else "")
        for n in range(count)
    ]


def _file(_: Player, found: "re.Match[str]") -> Act:
    return Send("file", found["file"], megabytes=int(found["size"] or 0))


def _link(player: Player, found: "re.Match[str]") -> Act:
    site = found["site"]
    entrances = player.house.store.read(union.entrances_of)
    return Open("e_" + next(each.token for each in entrances if each.site == site))


_WHO = r"(?P<name>[a-z]+)"
_ACTS: dict[str, Callable[[Player, Any], Act | list[Act]]] = {
    rf"{_WHO} presses old (?P<label>.+)": _press_old,
    rf"{_WHO} presses (?P<label>.+) of (?P<other>[a-z]+)": _press_of,
    rf"{_WHO} presses (?P<label>.+)": _press,
    rf"{_WHO} forges a press": lambda _, found: Press("", "", "forged-handle-of-nobody.0"),
    rf"{_WHO} replies to (?P<to>.+?): (?P<text>.+)": _reply,
    rf"{_WHO} sends photo(?: x(?P<count>\d+))?(?P<album> as album)?(?:: (?P<caption>.+))?": _photos,
    rf"{_WHO} sends voice": lambda _, found: Send("voice", "voice.ogg"),
    rf"{_WHO} sends file (?P<file>\S+)(?: of (?P<size>\d+) MB)?": _file,
    rf"{_WHO} sends location (?P<lat>[\d.-]+),(?P<lon>[\d.-]+)": lambda _, found: Locate(
        float(found["lat"]), float(found["lon"])
    ),
    rf"{_WHO} sends contact own (?P<phone>\S+)": lambda _, found: Share(found["phone"], True),
    rf"{_WHO} sends contact (?P<phone>\S+)": lambda _, found: Share(found["phone"], False),
    rf"{_WHO} sends (?P<what>sticker|dice|poll)": lambda _, found: Play(found["what"]),
    rf"{_WHO} scans (?P<site>.+)": _link,
    rf"{_WHO} opens invitation (?P<invitation>\w+)": lambda player, found: Open(
        player._invitations[found["invitation"]]
    ),
    rf"{_WHO} blocks": lambda _, found: Block(True),
    rf"{_WHO} unblocks": lambda _, found: Block(False),
    rf"{_WHO} edits: (?P<text>.+)": lambda _, found: Amend(found["text"]),
    rf"{_WHO}: (?P<text>.+)": lambda _, found: Write(found["text"].replace("\\n", "\n")),
}


async def play_script(script: Script, place: Place, port: str) -> list[tuple[Line, Items | None]]:
    """Play a whole transcript and return what was seen of each line, None for one left out on this port."""
    seen: list[tuple[Line, Items | None]] = []
    async with Player(place, port, script.clock) as player:
        if not script.cadres <= set(player.cadres):
            raise ScriptError(f"{script.path}: no such cadres: {script.cadres - set(player.cadres)}")
        for name, language in script.workers.items():
            await player.arrive(name, language)
        for line in script.lines:
            if line.comment:
                continue
            try:
                items = await player.play(line.words)
            except Impossible:
                seen.append((line, None))
            except (ScriptError, AssertionError, LookupError) as fault:
                raise AssertionError(f"{script.path}:{line.number}: {line.words}\n{fault}") from fault
            else:
                seen.append((line, items))
    return seen
