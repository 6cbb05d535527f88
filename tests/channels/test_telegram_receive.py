"""How updates come in: nothing is confirmed before it is kept, whatever goes wrong on the way."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.contract import Raw
from bot.channels.telegram_channel import Telegram
from bot.channels.telegram_drivers import DRIVERS, Bot
from bot.channels.telegram_polling import Timing
from bot.channels.telegram_webhook import BODY_LIMIT, PATH
from talk.incoming import Kind
from tests.telegram_server import faults
from tests.telegram_server.people import Person
from tests.telegram_server.server import TOKEN, TelegramServer

QUICK = Timing(poll=1, answer=2.0, first_pause=0.01, longest_pause=0.05, denied_pause=0.02)
SECRET = "s3cret_" * 6
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Inbox:
    """Keeps updates as the bot's store does: once each, or not at all while it is broken."""

    def __init__(self, server: TelegramServer | None = None):
        self.kept: list[int] = []
        self.handed: list[int] = []
        self.broken = 0  # so many more batches are refused
        self.early: set[int] = set()  # confirmed to Telegram before they were kept
        self._server = server

    async def take(self, batch: Sequence[Raw]) -> None:
        numbers = [update_id for raw in batch if isinstance(update_id := raw["update_id"], int)]
        self.handed += numbers
        if self._server is not None:
            self.early |= (self._server.ledger.acknowledged() & set(numbers)) - set(self.kept)
        if self.broken:
            self.broken -= 1
            raise OSError("disk full")
        for number in numbers:
            if number not in self.kept:
                self.kept.append(number)


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def worker(server: TelegramServer) -> Person:
    return server.person("秀兰", "王")


@pytest.fixture
def inbox(server: TelegramServer) -> Inbox:
    return Inbox(server)


async def until(true: Callable[[], object], seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - it comes true in the server's thread
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def receiving(channel: Telegram, inbox: Inbox) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(channel.receive(inbox.take))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await channel.close()


def polling(driver: Bot, server: TelegramServer, **more: Any) -> Telegram:
    return driver(TOKEN, api_base=server.url, timing=QUICK, **more)


def confirmed(server: TelegramServer, *numbers: int) -> Callable[[], bool]:
    return lambda: server.ledger.acknowledged() >= set(numbers)


async def test_an_update_is_confirmed_after_it_is_kept(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    """P1."""
    async with receiving(polling(driver, server), inbox):
        said = [worker.start(), worker.say("欠薪三个月"), worker.say("在东城工地")]
        await until(confirmed(server, *said))
    assert inbox.kept == said
    assert inbox.early == set()


async def test_what_was_not_kept_comes_again(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    """P19: a store that refuses costs time, never a word."""
    inbox.broken = 3
    said = [worker.say(f"第{number}句") for number in range(5)]
    async with receiving(polling(driver, server), inbox):
        await until(confirmed(server, *said))
    assert inbox.kept == said
    assert inbox.early == set()
    assert len(inbox.handed) > len(said)


async def test_a_bot_that_dies_before_confirming_gets_it_again(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    said = worker.say("欠薪")
    hangs = asyncio.Event()

    async def never_done(batch: Sequence[Raw]) -> None:
        hangs.set()
        await asyncio.Event().wait()

    first = polling(driver, server)
    task = asyncio.create_task(first.receive(never_done))
    await hangs.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await first.close()
    assert server.ledger.acknowledged() == set()
    async with receiving(polling(driver, server), inbox):
        await until(confirmed(server, said))
    assert inbox.kept == [said]


@pytest.mark.parametrize(
    "fault",
    [
        faults.answers(500),
        faults.page(502),
        faults.page(200),
        faults.RESET_BEFORE,
        faults.RESET_AFTER,
        faults.TRUNCATED,
        faults.too_many(1),
        faults.not_ok(500),
        faults.DUPLICATE,
    ],
)
async def test_faults_of_a_poll_lose_nothing(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person, fault: faults.Fault
) -> None:
    said = [worker.say("一"), worker.say("二")]
    server.faults.add("getUpdates", fault, times=2)
    async with receiving(polling(driver, server), inbox):
        await until(confirmed(server, *said))
    assert inbox.kept == said


async def test_a_poll_longer_than_an_answer_may_take(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    """The library's own patience is shorter than a long poll."""
    patient = driver(TOKEN, api_base=server.url, timing=Timing(poll=3, answer=0.3, first_pause=30.0))
    async with receiving(patient, inbox):
        await asyncio.sleep(1.5)
        said = worker.say("一")
        await until(lambda: inbox.kept == [said], 1.0)


async def test_a_second_poller_is_logged_once_and_outlived(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """F40."""
    caplog.set_level(logging.WARNING)
    async with receiving(polling(driver, server), inbox), httpx.AsyncClient() as thief:
        await asyncio.sleep(0.2)
        for _ in range(3):
            url = f"{server.url}/bot{TOKEN}/getUpdates"
            with contextlib.suppress(httpx.TimeoutException):
                await thief.post(url, data={"timeout": 5}, timeout=0.2)
        said = worker.say("还在吗")
        await until(confirmed(server, said))
    assert caplog.text.count("terminated by other getUpdates") == 1


async def test_a_revoked_token_is_waited_out(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """P16, F41: said once, no crash, and all is there when the token works again."""
    server.api.revoked = True
    said = worker.say("欠薪")
    async with receiving(polling(driver, server), inbox) as task:
        await until(lambda: len(server.ledger.entries("refused")) > 5)
        assert not task.done()
        server.api.revoked = False
        await until(confirmed(server, said))
    assert caplog.text.count("token refused") == 1
    assert TOKEN not in caplog.text


async def test_a_server_that_is_down_is_waited_for(driver: Bot, inbox: Inbox) -> None:
    with TelegramServer() as gone:
        port = int(gone.url.rsplit(":", 1)[1])
    channel = driver(TOKEN, api_base=f"http://127.0.0.1:{port}", timing=QUICK)
    async with receiving(channel, inbox):
        await asyncio.sleep(0.2)
        with TelegramServer(port=port) as back:
            said = back.person("甲").say("在吗")
            await until(lambda: inbox.kept == [said])


async def test_numbers_that_start_again_lower_are_not_skipped(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    """I78: after an idle week the next number is random."""
    async with receiving(polling(driver, server), inbox):
        high = worker.say("上周")
        await until(confirmed(server, high))
        await until(lambda: len(server.ledger.entries("handed")) == 1)
        await asyncio.sleep(1.3)
        server.world.queue.jump(high - 5)
        low = worker.say("这周")
        await until(lambda: inbox.kept == [high, low])


async def test_blocking_is_told_and_reactions_are_not_asked_for(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    channel = polling(driver, server)
    kinds: list[Kind] = []

    async def take(batch: Sequence[Raw]) -> None:
        kinds.extend(channel.parse(raw).kind for raw in batch)

    inbox.take = take  # type: ignore[method-assign]
    async with receiving(channel, inbox):
        worker.say("在吗")
        await until(lambda: kinds)
        worker.block()
        worker.unblock()
        assert worker.raw("message_reaction", {"user": {"id": worker.id}}) == 0
        await until(lambda: len(kinds) == 3)
    assert kinds == [Kind.TEXT, Kind.BLOCKED, Kind.UNBLOCKED]


async def test_commands_and_names_are_shown_per_language(
    driver: Bot, server: TelegramServer, inbox: Inbox
) -> None:
    commands = {"": [("start", "Begin")], "zh": [("start", "开始"), ("help", "求助")]}
    channel = polling(driver, server, commands=commands, names={"zh": "工友帮"})
    async with receiving(channel, inbox):
        await until(lambda: ("name", "zh") in server.world.settings)
    assert server.world.settings["commands", "zh"][1] == {"command": "help", "description": "求助"}
    assert server.world.settings["commands", ""] == [{"command": "start", "description": "Begin"}]
    assert server.world.settings["name", "zh"] == "工友帮"


async def test_what_a_server_lacks_is_logged_and_the_rest_goes_on(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    server.api.lacking = {"setMyCommands", "getMyName", "deleteWebhook"}
    channel = polling(driver, server, commands={"": [("start", "Begin")]}, names={"zh": "工友帮"})
    async with receiving(channel, inbox):
        said = worker.say("在吗")
        await until(confirmed(server, said))
        await until(lambda: "getMyName" in caplog.text)
    assert "setMyCommands" in caplog.text


async def test_our_own_name_is_learnt(driver: Bot, server: TelegramServer, inbox: Inbox) -> None:
    server.faults.add("getMe", faults.answers(500), faults.RESET_BEFORE)
    channel = polling(driver, server)
    update = {"update_id": 1, "message": {"message_id": 1, "text": "/start@OtherBot x"}}
    person = {"id": 5, "is_bot": False, "first_name": "甲"}
    update["message"] |= {"from": person, "chat": {"id": 5, "type": "private"}}  # type: ignore[operator]
    async with receiving(channel, inbox):
        await until(lambda: channel.parse(update).kind is Kind.IGNORED)


async def test_a_batch_nobody_can_confirm_is_not_asked_for_in_a_hurry(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    taken = 0

    async def take(batch: Sequence[Raw]) -> None:
        nonlocal taken
        taken += 1

    slow = Timing(poll=1, first_pause=0.2)
    channel = driver(TOKEN, api_base=server.url, timing=slow)
    said = worker.say("一")
    waiting = server.world.queue._waiting
    waiting[said] = replace(waiting[said], update_id="no number")  # type: ignore[arg-type]
    task = asyncio.create_task(channel.receive(take))
    await asyncio.sleep(0.6)
    task.cancel()
    await channel.close()
    assert 0 < taken < 5


# --- webhook


@pytest.mark.parametrize("secret", ["", "short", "x" * 31, "x" * 257, "密" * 40, "has space " * 4])
def test_a_webhook_without_a_good_secret_never_starts(driver: Bot, secret: str) -> None:
    """P11."""
    with pytest.raises(ValueError, match="SECRET"):
        driver(TOKEN, mode="webhook", secret=secret, public_url="https://union.example")


@pytest.mark.parametrize("url", ["", "union.example", "ftp://union.example", "http://union.example"])
def test_a_webhook_needs_https_unless_telegram_is_on_this_machine(driver: Bot, url: str) -> None:
    with pytest.raises(ValueError, match="PUBLIC_URL"):
        driver(TOKEN, mode="webhook", secret=SECRET, public_url=url)


def test_polling_opens_no_route(driver: Bot) -> None:
    assert driver(TOKEN).routes(Inbox().take) == []


def hooked(driver: Bot, server_url: str, public_url: str) -> Telegram:
    return driver(
        TOKEN, api_base=server_url, mode="webhook", secret=SECRET, public_url=public_url, timing=QUICK
    )


class Door:
    """The webhook's route, posted to without a network."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        channel = hooked(DRIVERS["ptb"].bot, "http://127.0.0.1:9", "http://127.0.0.1:8")
        self.app = Starlette(routes=list(channel.routes(self.inbox.take)))

    async def post(self, content: bytes | AsyncIterator[bytes], **headers: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.post(f"http://bot{PATH}", content=content, headers=headers)


async def test_an_update_with_the_secret_is_kept() -> None:
    door = Door()
    answer = await door.post(b'{"update_id": 7}', **{HEADER: SECRET})
    assert (answer.status_code, door.inbox.kept) == (200, [7])


@pytest.mark.parametrize(
    "given", [None, "", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "密".encode() * 14, b"\xff" * 42]
)
async def test_without_the_secret_the_body_is_not_even_read(given: str | bytes | None) -> None:
    """P11: 401 before the first byte of the body."""
    door = Door()
    value = given.encode() if isinstance(given, str) else given
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("the body was read")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "headers": [] if value is None else [(HEADER.lower().encode(), value)],
        "query_string": b"",
    }
    await door.app(scope, receive, send)
    assert sent[0]["status"] == 401
    assert door.inbox.handed == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[1, 2]", 400),
        (b'"text"', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": 1, "x": "' + b"x" * BODY_LIMIT + b'"}', 413),
    ],
)
async def test_bodies_that_are_no_update(body: bytes, status: int) -> None:
    door = Door()
    assert (await door.post(body, **{HEADER: SECRET})).status_code == status
    assert door.inbox.handed == []


async def test_a_body_without_end_is_cut_off() -> None:
    """I8: a length is not believed; no more than the limit is held."""
    door, given = Door(), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 100 * BODY_LIMIT:
            given += 65_536
            yield b"x" * 65_536

    assert (await door.post(endless(), **{HEADER: SECRET})).status_code == 413


async def test_a_store_that_refuses_asks_telegram_to_come_again() -> None:
    """P19."""
    door = Door()
    door.inbox.broken = 1
    refused = await door.post(b'{"update_id": 7}', **{HEADER: SECRET})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert (await door.post(b'{"update_id": 7}', **{HEADER: SECRET})).status_code == 200
    assert door.inbox.kept == [7]


async def test_only_posts_reach_the_webhook() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Door().app)) as client:
        assert (await client.get(f"http://bot{PATH}", headers={HEADER: SECRET})).status_code == 405


@contextlib.asynccontextmanager
async def listening(driver: Bot, server: TelegramServer, inbox: Inbox) -> AsyncIterator[Telegram]:
    """A bot in mode webhook on a port of its own."""
    config = uvicorn.Config(Starlette(), port=0, log_level="error", lifespan="off")
    web = uvicorn.Server(config)
    config.load()
    task = asyncio.create_task(web.serve())
    await until(lambda: web.started)
    port = web.servers[0].sockets[0].getsockname()[1]
    channel = hooked(driver, server.url, f"http://127.0.0.1:{port}/")
    app = config.app
    assert isinstance(app, Starlette)
    app.router.routes.extend(channel.routes(inbox.take))
    try:
        await channel.receive(inbox.take)
        yield channel
    finally:
        web.should_exit = True
        await task
        await channel.close()


async def test_the_webhook_from_end_to_end(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    async with listening(driver, server, inbox):
        said = [worker.say(f"第{number}句") for number in range(4)]
        await until(confirmed(server, *said))
    assert inbox.kept == said
    assert inbox.early == set()


async def test_a_webhook_that_refuses_is_asked_again(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    inbox.broken = 1
    async with listening(driver, server, inbox):
        said = worker.say("欠薪")
        await until(lambda: inbox.handed == [said])
        await asyncio.sleep(0.2)
        assert server.ledger.acknowledged() == set()
        server.clock.advance(30)
        await until(confirmed(server, said))
    assert inbox.kept == [said]


@pytest.mark.parametrize("fault", [faults.RESET_AFTER, faults.DUPLICATE])
async def test_the_webhook_bears_repetition(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person, fault: faults.Fault
) -> None:
    """I76."""
    server.faults.add("webhook", fault)
    async with listening(driver, server, inbox):
        said = worker.say("欠薪")
        await until(confirmed(server, said))
    assert inbox.handed == [said, said]
    assert inbox.kept == [said]


async def test_setting_the_webhook_is_tried_until_it_is_set(
    driver: Bot, server: TelegramServer, inbox: Inbox
) -> None:
    server.faults.add("setWebhook", faults.RESET_BEFORE, faults.answers(500), faults.too_many(1))
    async with listening(driver, server, inbox):
        assert server.world.webhook["secret"] == SECRET


async def test_switching_modes_drops_nothing(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    async with listening(driver, server, inbox):
        pass
    first = worker.say("切换之前")
    async with receiving(polling(driver, server), inbox):
        await until(confirmed(server, first))
    second = worker.say("又切换")
    async with listening(driver, server, inbox):
        await until(confirmed(server, second))
    assert server.ledger.entries("dropped") == []
    assert inbox.kept == [first, second]


async def test_a_webhook_set_behind_a_poller_is_removed(
    driver: Bot, server: TelegramServer, inbox: Inbox, worker: Person
) -> None:
    """F42: somebody with the token pointed Telegram elsewhere."""
    async with receiving(polling(driver, server), inbox), httpx.AsyncClient() as thief:
        await asyncio.sleep(0.2)
        await thief.post(
            f"{server.url}/bot{TOKEN}/setWebhook",
            content=json.dumps({"url": "http://127.0.0.1:9/"}),
            headers={"Content-Type": "application/json"},
        )
        said = worker.say("还在吗")
        await until(confirmed(server, said))
