"""One process: channels, loops and pages around one store."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

import handlers.flows  # noqa: F401  (registers every conversation)
from bot.channels.browser.channel import BrowserChat
from bot.channels.browser.routes import BrowserRoutes
from bot.channels.contract import Channel
from bot.delivery import Delivery
from bot.exports import Exports
from bot.hooks import Hook
from bot.hosts import KnownHosts
from bot.intake import Intake
from bot.jobs import Jobs
from bot.settings import ROOT, Settings
from bot.turns import Turns
from bot.wake import Wake
from casework import daily, outage, setup, timing
from casework.rulebook import Rulebook
from casework.unseen import HOOK
from handlers.turn import House
from law.understanding import Understander
from scheduler.dues import run_due
from scheduler.ticker import Ticker
from storage import inbox, jobs, meta, outbox
from storage.files import Vault
from storage.store import Store
from storage.tx import Tx
from talk.words import Words

log = logging.getLogger(__name__)
T = TypeVar("T")
LATE_TICK = 30.0  # seconds
LAST_WORDS = 5.0  # seconds for what is under way when the process ends


@dataclass
class Steward:
    """Everything that runs."""

    settings: Settings
    store: Store
    words: Words
    rules: Rulebook
    understander: Understander
    vault: Vault
    wake: Wake = field(default_factory=Wake)
    extra_channels: Sequence[Channel] = ()
    last_tick: datetime | None = None

    def __post_init__(self) -> None:
        self.browser = BrowserChat(self.store, self.vault)
        channels: list[Channel] = [self.browser, *self.extra_channels]
        self.channels = {channel.name: channel for channel in channels}
        reads = self.understander
        abroad = frozenset(channel.name for channel in channels if channel.residency == "abroad")
        house = House(self.words, self.rules, reads.cards, reads.statutes, self.settings.page, abroad)
        self.intake = Intake(self.store, self.wake)
        self.turns = Turns(self.store, house, self.channels, self.understander, self.wake)
        self.delivery = Delivery(
            self.store, self.words, self.rules, self.channels, self.vault, self.wake, demo=self.settings.demo
        )
        self.jobs = Jobs(self.store, self.rules, self.channels, self.vault, self.wake)
        Exports(self.store, self.words, self.rules, self.vault).join(self.jobs)
        if self.settings.notice_hook and self.settings.notice_hook_secret:
            secret = self.settings.notice_hook_secret.get_secret_value()
            self.jobs.add(HOOK, Hook(self.store, self.settings.notice_hook, secret, self.settings.page).work)
        self.ticker = Ticker(self.tick)
        self._tasks: list[asyncio.Task[None]] = []

    # ---- running

    async def start(self) -> None:
        """Settle what a crash left, then start every loop."""
        await self.wake_up()
        loops = [self.turns.run(), self.delivery.run(), self.jobs.run()]
        receivers = [channel.receive(self.intake.door(channel)) for channel in self.channels.values()]
        self._tasks = [asyncio.create_task(each) for each in loops]
        self._receivers = [asyncio.create_task(each) for each in receivers]
        await self.tick()
        self.ticker.start()

    async def wake_up(self) -> None:
        """Settle what an earlier process left behind."""
        await self._write(self._settle)

    def _settle(self, tx: Tx) -> None:
        """Give interrupted calls their unknown outcome; ask open questions again after a gap."""
        for row_id, person_id in outbox.settle_after_crash(tx):
            outage.left_open(tx, row_id, person_id)
        outage.take_answers_first(tx)
        daily.plan_next(tx, self.rules)
        timing.recount(tx, self.rules)
        last, now = meta.heartbeat(tx), self.store.clock.read()
        if last is not None:
            outage.ask_again(tx, self.rules, now - last)
        meta.beat(tx, now)

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, then let go."""
        self.ticker.stop()
        for task in self._receivers:
            task.cancel()
        self.wake.stopping.set()
        self.wake.all()
        await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in self._tasks:
            task.cancel()
        for channel in self.channels.values():
            await channel.close()

    async def tick(self) -> None:
        """Do what has fallen due; a full page is followed by the next at once."""
        while await self._write(lambda tx: run_due(tx, self.rules)):
            self.wake.all()
        await self._write(lambda tx: meta.beat(tx, self.store.clock.read()))
        self.last_tick = self.store.clock.read()

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.store.submit(work))

    # ---- pages

    def application(self) -> Starlette:
        """The HTTP side."""
        routes: list[BaseRoute] = [
            Route("/", self._home),
            Route("/healthz", self._health),
            *BrowserRoutes(self.store, self.browser, self.words, self.rules, self.wake).routes(),
        ]
        for channel in self.channels.values():
            routes.extend(channel.routes(self.intake.door(channel)))
        if self.settings.demo:
            from bot.playground import Playground

            routes.extend(Playground(self).routes())
        return Starlette(routes=routes, middleware=self._middleware(), lifespan=self._lifespan)

    def _middleware(self) -> list[Middleware]:
        return [Middleware(KnownHosts, settings=self.settings)] if self.settings.demo else []

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()

    async def _home(self, _request: Request) -> Response:
        return RedirectResponse("/play" if self.settings.demo else "/chat")

    async def _health(self, _request: Request) -> Response:
        facts = await asyncio.to_thread(self.store.read, self._facts)
        age = facts["tick_age"]
        late = age is None or age > LATE_TICK
        return JSONResponse(facts, status_code=503 if late else 200)

    def _facts(self, tx: Tx) -> dict[str, float | None]:
        now = self.store.clock.read()
        oldest_in, oldest_out = inbox.oldest_waiting(tx), outbox.oldest_pending(tx)
        return {
            "tick_age": None if self.last_tick is None else (now - self.last_tick).total_seconds(),
            "inbox": inbox.count(tx, "waiting"),
            "inbox_age": None if oldest_in is None else (tx.now - oldest_in).total_seconds(),
            "outbox": outbox.waiting(tx),
            "outbox_age": None if oldest_out is None else (tx.now - oldest_out).total_seconds(),
            "dead": inbox.count(tx, "dead"),
            "jobs": jobs.backlog(tx),
        }


def load(settings: Settings, store: Store, extra_channels: Sequence[Channel] = ()) -> Steward:
    """Put the pieces together from the words and knowledge beside the code."""
    knowledge = ROOT / "knowledge"
    rules = Rulebook.load(knowledge).with_hours(store.read(setup.working_hours))
    if settings.notice_hook:
        rules = replace(rules, text_after=timedelta(minutes=settings.notice_hook_after))
    return Steward(
        settings,
        store,
        Words.load(ROOT / "texts"),
        rules,
        Understander.load(knowledge),
        Vault(settings.evidence),
        extra_channels=extra_channels,
    )
