"""Slow work that follows a turn: fetched, sealed and noted outside every transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.channels.contract import Channel, FileGone, FileTooLarge
from bot.wake import Wake, pause
from casework import evidence as acts
from casework.rulebook import Rulebook
from domain import uploads
from domain.errors import Refusal
from papers.pictures import CannotCopy, safe_copy_guarded
from storage import evidence, jobs
from storage.evidence import Item
from storage.files import Stored, Vault
from storage.jobs import Job
from storage.sealing import row_aad
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)
AT_ONCE = 4
LOST = "kit.file.failed"

Work = Callable[[Job], Awaitable[None]]
GivenUp = Callable[[Tx, Job], None]


class GiveUp(Exception):
    """Trying again would not help; the words of `key`, filled with `values`, say why."""

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Jobs:
    """The loop that does slow work."""

    def __init__(
        self, store: Store, rules: Rulebook, channels: Mapping[str, Channel], vault: Vault, wake: Wake
    ) -> None:
        self._store = store
        self._rules = rules
        self._channels = channels
        self._vault = vault
        self._wake = wake
        self._busy: set[str] = set()
        self._kinds: dict[str, Work] = {"fetch": self._fetch}
        self._given_up: dict[str, GivenUp] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, kind: str, work: Work, given_up: GivenUp | None = None) -> None:
        """Teach the loop another kind of work, and what follows when it is given up."""
        self._kinds[kind] = work
        if given_up is not None:
            self._given_up[kind] = given_up

    async def run(self) -> None:
        """Run until the process stops; work under way is finished first."""
        while not self._wake.stopping.is_set():
            if not await self.start_some():
                await pause(self._wake.jobs)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> int:
        """Do all work that is ready, one piece after another; returns how many were done."""
        count = 0
        while ready := await self._ready(set(), AT_ONCE):
            for job in ready:
                await self.do(job)
            count += len(ready)
        return count

    async def _ready(self, busy: set[str], room: int) -> list[Job]:
        return await asyncio.to_thread(self._store.read, lambda tx: jobs.ready(tx, busy, room))

    async def start_some(self) -> bool:
        """Start what is ready; returns whether there was any."""
        room = AT_ONCE - len(self._busy)
        ready = await self._ready(set(self._busy), room) if room else []
        for job in ready:
            self._busy.add(job.id)
            task = asyncio.create_task(self._do(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if ready:
            await asyncio.sleep(0)
        return bool(ready)

    async def _do(self, job: Job) -> None:
        try:
            await self.do(job)
        finally:
            self._busy.discard(job.id)
            self._wake.jobs.set()
            self._wake.outbox.set()

    async def do(self, job: Job) -> None:
        """Do one piece of work and note how it ended."""
        try:
            await self._kinds[job.kind](job)
        except GiveUp as given_up:
            why = given_up
            await self._write(lambda tx: self._failed(tx, job, final=True, why=why))
        except Exception as fault:
            log.warning("work of kind %s failed: %s", job.kind, type(fault).__name__)
            await self._write(lambda tx: self._failed(tx, job, final=False, why=GiveUp(LOST)))

    def _failed(self, tx: Tx, job: Job, *, final: bool, why: GiveUp) -> None:
        if not jobs.failed(tx, job, final):
            return
        if job.kind in self._given_up:
            self._given_up[job.kind](tx, job)
        if "item" in job.detail:
            acts.could_not_keep(
                tx, self._rules, job.detail["item"], job.detail["person"], why.key, why.values
            )

    async def _write(self, work: Callable[[Tx], None]) -> None:
        await asyncio.wrap_future(self._store.submit(work))

    # ---- evidence

    async def _fetch(self, job: Job) -> None:
        """Fetch a piece of evidence, seal it on disk, and make the copy that cadres see."""
        item = await asyncio.to_thread(self._store.read, lambda tx: evidence.get(tx, job.detail["item"]))
        if item.state != "fetching":
            await self._write(lambda tx: jobs.done(tx, job.id))
            return
        content = await self._content(item)
        try:
            found = uploads.check_upload(item.detail["name"] or item.kind, content)
        except Refusal as refusal:
            raise GiveUp(refusal.key, **refusal.values) from None
        key = await asyncio.to_thread(self._store.read, lambda tx: evidence.data_key(tx, item))
        stored = await asyncio.to_thread(self._seal, content, key, item.id, "file")
        copy = await asyncio.to_thread(self._copy, content, key, item.id, found.family)
        await self._write(lambda tx: _kept(tx, job, item, found, stored, copy))

    async def _content(self, item: Item) -> bytes:
        channel = self._channels.get(item.detail["channel"])
        if channel is None:
            raise GiveUp(LOST)
        try:
            return await channel.fetch(item.detail["ref"])
        except FileTooLarge:
            raise GiveUp("upload.too_large", limit_mb=uploads.SIZE_LIMIT // uploads.MEBIBYTE) from None
        except FileGone:
            raise GiveUp(LOST) from None

    def _seal(self, content: bytes, key: bytes, item_id: str, column: str) -> Stored:
        return self._vault.store([content], key, row_aad("evidence", item_id, column))

    def _copy(self, content: bytes, key: bytes, item_id: str, family: uploads.Family) -> str | None:
        """A picture without its place and camera; None where none can be made."""
        if family != "picture":
            return None
        try:
            return self._seal(safe_copy_guarded(content), key, item_id, "copy").name
        except CannotCopy:
            return None


def _kept(
    tx: Tx, job: Job, item: Item, found: uploads.Upload, stored: Stored, copy: str | None
) -> None:
    evidence.name(tx, item, found.name, found.mime)
    evidence.kept(tx, item.id, stored.name, copy, stored.size, stored.sha256)
    jobs.done(tx, job.id)
