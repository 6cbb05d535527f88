"""One trial: a crowd, a cadre, and a process that is killed again and again."""

import random  # noqa: TID251  (a seed replays a run)
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.kill.crowd import Crowd
from tests.kill.home import Home
from tests.kill.process import Process
from tests.kill.verdict import Verdict, judge, times
from tests.kill.waiting import quiet, until, wait
from tests.telegram_server.people import Person
from tests.telegram_server.server import TelegramServer

EARLY = 0.15  # share of the kills that strike while the process is starting
LONGEST_START = 20.0


@dataclass
class Trial:
    """Everything one run needs.

    Args:
        people: how many are in the dialogue at a time.
        most: how many come in all; None for as many as there is time for.
    """

    folder: Path
    server: TelegramServer
    seed: int
    people: int = 40
    most: int | None = None
    webhook: bool = False
    build: str = ""
    full_speed: bool = True
    first_replies: list[float] = field(default_factory=list)  # seconds from start to the first message

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self.home = Home(self.folder, "live" if self.webhook else "demo")
        self._invitation = self.home.prepare()
        self.process = Process(
            self.home, self.server, webhook=self.webhook, build=self.build, full_speed=self.full_speed
        )
        self.crowd = Crowd(self.server, self.seed, self.people, self.most)
        self.cadre: Person = self.server.person("值班干部")

    @contextmanager
    def load(self) -> Iterator[None]:
        """A cadre who has said their name, and the crowd, with the process running."""
        with self.process:
            self.process.start()
            self.cadre.start(self._invitation)
            self.cadre.wait(lambda shown: bool(shown.labels), LONGEST_START)
            before = len(self.cadre.messages)
            self.cadre.say("值班甲")
            self.cadre.wait(lambda _: len(self.cadre.messages) > before)
            with self.crowd:
                yield

    def strike(self, kills: int, longest: float = 1.0) -> None:
        """Kill so many lives, each at a moment of chance, and start the next at once.

        Args:
            longest: seconds a life may last after its first message.
        """
        wait(self._dice.uniform(0, longest))
        for _ in range(kills):
            self.process.kill()
            self.process.start()
            if self._dice.random() < EARLY:
                wait(self._dice.uniform(0.1, 1.2))
            else:
                self._wait_for_reply()
                wait(self._dice.uniform(0, longest))

    def restart(self, times: int) -> list[int]:
        """Stop and start again as an operator does; returns how each stop ended."""
        statuses = []
        for _ in range(times):
            wait(self._dice.uniform(0.3, 1.0))
            statuses.append(self.process.stop())
            self.process.start()
            self._wait_for_reply()
        return statuses

    def drain(self, patience: float = 10.0) -> Verdict:
        """Let everybody finish, end the process, and judge."""
        self.crowd.drain(patience)
        with suppress(TimeoutError):  # what is left then is told by the verdict
            until(self._nothing_waits, patience)
        quiet(self.server.ledger)
        status = self.process.stop()
        verdict = judge(self.crowd, self.cadre, self.server.ledger, self.home.kept())
        wrong = [*verdict.wrong, *([f"it ended with status {status}"] if status else [])]
        figures = dict(verdict.figures) | {"lives": self.process.lives}
        if self.first_replies:
            figures["to the first reply"] = times(self.first_replies)
        return Verdict(wrong, figures)

    def _nothing_waits(self) -> bool:
        """Whether the process says that it has nothing left to do."""
        try:
            health = httpx.get(f"{self.process.url}/healthz", trust_env=False).json()
        except httpx.HTTPError:
            return False
        return bool(health["inbox"] == 0 and health["outbox"] == 0)

    def _wait_for_reply(self) -> None:
        """Wait for the first message of this life."""
        started, before = time.monotonic(), len(self.server.ledger)
        while time.monotonic() < started + LONGEST_START:
            fresh = self.server.ledger.since(before)
            before += len(fresh)
            if any(entry.what == "delivered" and entry.details["method"] == "sendMessage" for entry in fresh):
                self.first_replies.append(time.monotonic() - started)
                return
            wait(0.01)
