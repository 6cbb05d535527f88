"""People who walk through the whole help dialogue, each at their own pace, guided by their screens alone."""

import random  # noqa: TID251  (a seed replays a run)
import threading
from dataclasses import dataclass, field

from bot.rendering import DEMO_MARK
from bot.settings import ROOT
from domain.numbers import read_case_number
from talk.words import Words
from tests.kill.waiting import wait
from tests.telegram_server.people import Person, Shown
from tests.telegram_server.server import TelegramServer

WORDS = Words.load(ROOT / "texts")


def label(key: str) -> str:
    """What a button says."""
    return WORDS.labels("zh", key)


AGREE, HELP = label("welcome.button.agree"), label("menu.button.help")
SEND, SKIP, SAFE = label("kit.button.send"), label("kit.button.skip"), label("danger.button.safe")
RECEIVED = label("case.button.add")
AGAIN = WORDS.render("zh", "kit.outage")
ANEW = (AGAIN, WORDS.render("zh", "kit.moved_on"))  # what comes before a question that wants an answer anew
_KIT = ("back", "skip", "cancel", "later", "done", "more", "share_place", "share_phone", "keep_answer")
WAYS = {label("abroad.button.elsewhere"), *(label(f"kit.button.{name}") for name in _KIT)}
TELL, EMPLOYER = (WORDS.render("zh", f"help.{name}.ask") for name in ("tell", "employer"))


@dataclass
class Walker:
    """One person with one matter; half of what they answer is typed."""

    person: Person
    dice: random.Random
    acts: int = 0
    told: str = ""  # what they told under the question for it
    number: str | None = None  # on the receipt
    _seen: int = 0
    _answered: tuple[str, ...] = ()
    _question: str = ""
    _pressable: bool = False

    @property
    def finished(self) -> bool:
        """Whether the receipt is on the screen."""
        return self.number is not None

    def set_out(self) -> None:
        """Open the chat."""
        self.acts += 1
        self.person.start()

    def look(self) -> None:
        """Answer what is new on the screen; a question that came a second time is not answered again."""
        shown = self.person.newest
        if shown is None or shown.message_id == self._seen:
            return
        fresh = [each.text for each in self.person.messages if each.message_id > self._seen]
        if any(text.endswith(ANEW) for text in fresh):
            self._answered = ()
        self._seen = shown.message_id
        keys = self.person.keyboard if shown.with_keys else []
        choices = tuple(shown.labels) or tuple(key for row in keys for key in row)
        asked = shown.handles or (shown.text, *choices)
        if choices and asked != self._answered:
            self._answered = asked
            self._answer(shown, choices)

    def _answer(self, shown: Shown, choices: tuple[str, ...]) -> None:
        self._pressable = bool(shown.labels)
        if RECEIVED in choices:
            self.number = read_case_number(shown.text)
            return
        self.acts += 1
        way = next((each for each in (SAFE, AGREE, HELP, SEND) if each in choices), None)
        if way is not None:
            self._choose(way)
        else:
            self._answer_question(shown.text.removeprefix(DEMO_MARK), choices)

    def _answer_question(self, text: str, choices: tuple[str, ...]) -> None:
        options = [each for each in choices if each not in WAYS]
        refused = bool(self._question) and text != self._question and text.endswith(self._question)
        self._question = text
        if text == TELL:
            self.told = f"老板三个月没给钱，找他也不理。我是{self.person.id}"
            self.person.say(self.told)
        elif text == EMPLOYER and self.dice.random() < 0.5:
            self.person.say(f"远山第{self.person.id}号厂")
        elif options:
            self._choose(self.dice.choice(options))
        elif SKIP in choices and (refused or self.dice.random() < 0.5):
            self._choose(SKIP)
        else:
            self.person.say("3500" if refused else "老王")

    def _choose(self, choice: str) -> None:
        if self._pressable and self.dice.random() < 0.5:
            self.person.press(choice)
        else:
            self.person.say(choice)


@dataclass
class Crowd:
    """So many people at a time; whoever has a receipt makes room for somebody new.

    Args:
        most: people who come in all; None for no end.
    """

    server: TelegramServer
    seed: int
    size: int
    most: int | None = None
    walkers: list[Walker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._active: list[Walker] = []
        self._open = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)
        self._fault: BaseException | None = None

    @property
    def unfinished(self) -> list[Walker]:
        """Those without a receipt."""
        return [walker for walker in list(self.walkers) if not walker.finished]

    @property
    def acts(self) -> int:
        """What everybody did together."""
        return sum(walker.acts for walker in list(self.walkers))

    def drain(self, patience: float) -> None:
        """Let everybody finish; return once all have, or when nothing was done for so many seconds."""
        if self.most is None:
            self._open.clear()
        done, still = -1, 0.0
        while not self._all_done() and still < patience and self._fault is None:
            still = still + 0.1 if self.acts == done else 0.0
            done = self.acts
            wait(0.1)

    def _all_done(self) -> bool:
        return not self.unfinished and len(self.walkers) >= (self.most or 0)

    def __enter__(self) -> "Crowd":
        self._open.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                with self.server.world.changed:
                    self.server.world.changed.wait(0.05)
                self._look()
        except BaseException as fault:
            self._fault = fault

    def _look(self) -> None:
        for walker in self._active:
            walker.look()
        self._active = [walker for walker in self._active if not walker.finished]
        while self._open.is_set() and len(self._active) < self.size:
            if self.most is not None and len(self.walkers) >= self.most:
                return
            person = self.server.person(f"工友{len(self.walkers)}")
            walker = Walker(person, random.Random(self._dice.random()))
            self.walkers.append(walker)
            self._active.append(walker)
            walker.set_out()
