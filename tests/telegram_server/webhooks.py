"""Pushing updates to the bot's webhook: in order per chat, and apart from that per person's presses."""

import asyncio
from dataclasses import dataclass

import httpx

from tests.telegram_server.faults import FaultScript
from tests.telegram_server.params import Params, bad, too_many
from tests.telegram_server.queue import Update
from tests.telegram_server.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_PATIENCE = 60.0
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0
_TICK = 0.02  # seconds between looks at what is due


@dataclass
class Lane:
    """What is known of the first update of one lane that did not get through."""

    fails: int = 0
    pause: float = 1.0
    due: float = 0.0
    busy: bool = False


def set_webhook(world: World, params: Params) -> bool:
    """Remember where to push; returns whether anything changed."""
    url, secret = params.text("url"), params.text("secret_token")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not all(char.isascii() and (char.isalnum() or char in "-_") for char in secret):
        raise bad("secret token contains unallowed characters")
    now = world.clock.now()
    if url and now < world.webhook.get("set_at", 0.0) + 1.0:
        raise too_many(1)
    before = (world.webhook["url"], world.webhook.get("secret"))
    if params.flag("drop_pending_updates"):
        world.queue.drop_all()
    allowed = params.json("allowed_updates")
    if allowed is not None:
        world.queue.allow(allowed)
    world.webhook = {"url": url, "secret": secret, "set_at": now if url else 0.0}
    return before != (url, secret)


def webhook_info(world: World) -> dict[str, object]:
    """What getWebhookInfo says."""
    info: dict[str, object] = {
        "url": world.webhook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(world.queue.waiting()),
    }
    if "error" in world.webhook:
        info["last_error_message"] = world.webhook["error"]
    return info


class Pusher:
    """Pushes while a webhook is set."""

    def __init__(self, world: World, faults: FaultScript):
        self._world = world
        self._faults = faults
        self._lanes: dict[str, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        async with httpx.AsyncClient(timeout=ANSWER_PATIENCE, trust_env=False) as client:
            try:
                while True:
                    self._start_due(client)
                    await asyncio.sleep(_TICK)
            finally:
                for task in self._tasks:
                    task.cancel()

    def _start_due(self, client: httpx.AsyncClient) -> None:
        with self._world.lock:
            if not self._world.webhook["url"]:
                self._lanes.clear()
                return
            first: dict[str, Update] = {}
            for update in self._world.queue.waiting():
                first.setdefault(update.lane, update)
        for name, update in first.items():
            lane = self._lanes.setdefault(name, Lane())
            if not lane.busy and lane.due <= self._world.clock.now():
                lane.busy = True
                task = asyncio.create_task(self._push(client, lane, update))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _push(self, client: httpx.AsyncClient, lane: Lane, update: Update) -> None:
        fault = self._faults.next("webhook")
        twice = fault is not None and fault.kind == "duplicate"
        lost = fault is not None and fault.kind == "reset after"
        try:
            for _ in range(2 if twice else 1):
                answer = await self._post(client, update)
            if lost:
                self._failed(lane, "Connection reset by peer", 0.0)
            elif answer.is_success:
                self._took(lane, update)
            else:
                wait = float(answer.headers.get("Retry-After", 0))
                self._failed(lane, f"Wrong response from the webhook: {answer.status_code}", wait)
        except httpx.HTTPError as error:
            self._failed(lane, f"Webhook connection closed: {type(error).__name__}", 0.0)
        finally:
            lane.busy = False

    async def _post(self, client: httpx.AsyncClient, update: Update) -> httpx.Response:
        with self._world.lock:
            self._world.queue.handed([update], "webhook")
            url, secret = str(self._world.webhook["url"]), str(self._world.webhook.get("secret", ""))
        headers = {SECRET_HEADER: secret} if secret else {}
        return await client.post(url, json=update.as_json(), headers=headers)

    def _took(self, lane: Lane, update: Update) -> None:
        with self._world.lock:
            self._world.queue.confirm(update.update_id)
        lane.fails, lane.pause, lane.due = 0, 1.0, 0.0

    def _failed(self, lane: Lane, error: str, retry_after: float) -> None:
        """At once the first time, then after pauses that double; the bot's own wish goes first."""
        with self._world.lock:
            self._world.webhook["error"] = error
        wait = min(retry_after, LONGEST_RETRY_AFTER)
        if not wait and lane.fails:
            lane.pause = min(lane.pause * 2, LONGEST_PAUSE)
            wait = lane.pause
        lane.fails += 1
        lane.due = self._world.clock.now() + wait
        self._world.ledger.write("refused", self._world.clock.now(), method="webhook", description=error)
