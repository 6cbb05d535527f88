"""Both drivers of Telegram do the same: the same calls arrive, and the same faults end the same way."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.contract import Button, Document, Outcome, Outgoing, Raw, RetryAfter, Sent
from bot.channels.telegram_channel import Telegram
from bot.channels.telegram_drivers import DRIVERS, Bot
from bot.channels.telegram_polling import Timing
from tests.bot.installation import Installation
from tests.telegram_server import faults, methods
from tests.telegram_server.faults import Fault
from tests.telegram_server.params import Params
from tests.telegram_server.people import Person
from tests.telegram_server.server import TOKEN, TelegramServer

PAYLOADS = sorted((Path(__file__).parents[1] / "payloads" / "telegram").glob("*.json"))
ROWS = ((Button("拖欠工资", "b:1"), Button("工伤", "b:2")), (Button("取消", "b:3"),))
QUICK = Timing(poll=1, answer=0.4, first_pause=0.01, longest_pause=0.02)
SECRET = "s3cret_" * 6
PATIENCE = 2.0

Call = tuple[str, Params]
Done = list[Outcome | object]


@contextmanager
def heard(server: TelegramServer) -> Iterator[list[Call]]:
    """Every call the server gets, with its parameters and files."""
    calls: list[Call] = []
    server.api.listener = lambda method, params: calls.append((method, params))
    yield calls
    server.api.listener = None


async def played(driver: Bot, story: Callable[[Telegram, TelegramServer, Person], Awaitable[Done]]) -> Any:
    """What a story led to on a server of its own: how it ended, calls heard, the ledger, the screen."""
    with TelegramServer() as server, heard(server) as calls:
        worker = server.person("秀兰", "王")
        worker.start()
        channel = driver(TOKEN, api_base=server.url, timing=QUICK)
        try:
            done = await story(channel, server, worker)
        finally:
            await channel.close()
        lines = [(e.what, e.details) for e in server.ledger.entries() if e.what in ("delivered", "refused")]
        return done, calls, lines, worker.screen


# --- the same calls


async def conversation(channel: Telegram, server: TelegramServer, worker: Person) -> Done:
    """Everything a bot does in a chat."""

    async def send(text: str, **more: Any) -> Outcome:
        return await channel.send(Outgoing(more.pop("op", "send"), str(worker.id), text, **more))

    start = str(worker.screen[0].message_id)
    done: Done = [
        await send("  工资 & 加班=100% + <b>\n𠮷\ud83d\x00 ?#/ ", reply_to=start),
        await send("第一问", buttons=ROWS),
    ]
    target = str(worker.messages[-1].message_id)
    done += [
        await send("第二问", op="edit", target=target, buttons=ROWS[:1]),
        await send("第二问", op="edit", target=target, buttons=ROWS[:1]),
        await send("", op="strip", target=target),
        await send("已经答了", op="strip", target=target),
        await send("没有", op="edit", target="999"),
        await send("电话", ask="contact", ask_label="发送号码", buttons=((Button("跳过", "b:9"),),)),
        await send("地点", ask="location", ask_label="发送位置"),
        await send("下一问", clear_ask=True, buttons=ROWS),
        await send("完了", clear_ask=True),
        await send(
            "材料", document=Document("工单 A-17.pdf", "application/pdf", b"%PDF" * 9000), buttons=ROWS
        ),
        await send("", document=Document('a"b\\c\r\nd/\x00.csv', "text/plain", b"\r\n--x\xff\x00")),
        await send("长" * 4097),
        await send("x", buttons=((Button("x", "b" * 65),),)),
    ]
    worker.press("工伤")
    press = channel.parse(server.world.queue.waiting()[-1].as_json())
    for _ in range(2):
        await channel.acknowledge(press)
    worker.send_photo(b"\xff\xd8" * 40_000)
    photo = channel.parse(server.world.queue.waiting()[-1].as_json()).attachments[0].ref
    done.append(await channel.fetch(photo))
    worker.block()
    return [*done, await send("在吗")]


async def test_a_conversation_makes_the_same_calls() -> None:
    ptb, aiogram = [await played(driver.bot, conversation) for driver in DRIVERS.values()]
    assert ptb == aiogram
    made = {method for method, _ in ptb[1]}
    assert made == {
        *("sendMessage", "editMessageText", "editMessageReplyMarkup", "sendDocument", "deleteMessage"),
        *("answerCallbackQuery", "getFile"),
    }
    sent = [outcome for outcome in ptb[0] if isinstance(outcome, Sent)]
    assert len(sent) == 13


async def test_the_introduction_and_the_webhook_make_the_same_calls() -> None:
    """They go out side by side, so their order is nobody's business."""
    found = []
    for driver in DRIVERS.values():
        with TelegramServer() as server, heard(server) as calls:
            channel = driver.bot(
                TOKEN,
                api_base=server.url,
                mode="webhook",
                secret=SECRET,
                public_url="http://127.0.0.1:9",
                commands={"": [("start", "Begin")], "zh": [("start", "开始"), ("help", "求助")]},
                names={"zh": "工友帮", "": ""},
            )
            await channel.receive(never)
            await channel.close()
            found.append((sorted(calls, key=str), server.world.settings, server.world.webhook["secret"]))
    assert found[0] == found[1]
    assert [method for method, _ in found[0][0]] == [
        *("getMe", "getMyName", "getMyName", "setMyCommands", "setMyCommands", "setMyName", "setMyName"),
        "setWebhook",
    ]


async def never(batch: Sequence[Raw]) -> None:
    raise AssertionError("nothing comes in")


async def test_a_method_and_parameters_no_library_knows_go_out_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(methods.METHODS, "sendWhatIsNew", lambda world, params: {"got": dict(params.values)})
    given = {"chat_id": 5, "live": True, "quiet": False, "none": None, "words": "", "parts": [{"a": [1.5]}]}

    async def story(channel: Telegram, server: TelegramServer, worker: Person) -> Done:
        file = Document("a.txt", "text/plain", b"a")
        return [
            await channel._transport.call("sendWhatIsNew", given, PATIENCE),
            await channel._transport.call("sendWhatIsNew", given, PATIENCE, file),
        ]

    ptb, aiogram = [await played(driver.bot, story) for driver in DRIVERS.values()]
    assert ptb == aiogram
    got = {"chat_id": "5", "live": "true", "quiet": "false", "words": "", "parts": '[{"a": [1.5]}]'}
    assert ptb[0] == [{"got": got}, {"got": got}]
    assert [sorted(params.files) for _, params in ptb[1]] == [[], ["document"]]


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.from_regex(r"[a-z][a-z_]{0,15}", fullmatch=True)


def test_any_parameters_arrive_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(methods.METHODS, "sendAnything", lambda world, params: True)
    with asyncio.Runner() as runner, TelegramServer() as server, heard(server) as calls:
        transports = [driver.bot(TOKEN, api_base=server.url)._transport for driver in DRIVERS.values()]

        @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.dictionaries(NAMES, VALUES | st.none(), max_size=4), st.booleans(), WORDS)
        def arrive_the_same(params: dict[str, object], with_file: bool, name: str) -> None:
            file = Document(name + ".pdf", "application/pdf", name.encode() + b".") if with_file else None
            calls.clear()
            for transport in transports:
                runner.run(transport.call("sendAnything", params, PATIENCE, file))
            (_, first), (_, second) = calls
            assert first == second
            assert {key for key, value in params.items() if value is not None} == set(first.values)

        arrive_the_same()
        for transport in transports:
            runner.run(transport.close())


# --- the same updates


GARBAGE: list[tuple[str, Any]] = [
    ("message", "not an object"),
    ("message", {"message_id": "x", "date": "yesterday", "chat": None, "from": []}),
    ("callback_query", {"id": 5, "from": {"id": "x"}, "data": {}}),
    ("my_chat_member", None),
    ("what_comes_in_2030", [1, {"deep": [None]}]),
]


async def test_every_payload_comes_in_as_it_is() -> None:
    """One that no library understands does not hold up those beside it."""
    found = []
    for driver in DRIVERS.values():
        with TelegramServer() as server, heard(server) as calls:
            put = [*map(payload, PAYLOADS), *GARBAGE]
            server.world.queue.allow(kind for kind, _ in put)
            numbers = [server.person("甲").raw(kind, body) for kind, body in put]
            assert all(numbers)
            channel, came = (
                driver.bot(TOKEN, api_base=server.url, timing=QUICK),
                await drained(driver.bot, server),
            )
            expected = [{"update_id": n, kind: body} for n, (kind, body) in zip(numbers, put, strict=True)]
            assert came == expected
            assert server.ledger.acknowledged() == set(numbers)
            read = [(channel.origin(raw), channel.parse(raw)) for raw in came]
            await channel.close()
            found.append((came, read, polls(calls)))
    assert len(PAYLOADS) > 70
    assert found[0] == found[1]


def payload(path: Path) -> tuple[str, Any]:
    update = json.loads(path.read_text("utf-8"))
    kind = next(key for key in update if key != "update_id")
    return kind, update[kind]


async def drained(driver: Bot, server: TelegramServer) -> list[Raw]:
    """Everything that waits, until all is confirmed."""
    came: list[Raw] = []

    async def take(batch: Sequence[Raw]) -> None:
        came.extend(batch)

    channel = driver(TOKEN, api_base=server.url, timing=QUICK)
    task = asyncio.create_task(channel.receive(take))
    async with asyncio.timeout(10):
        while server.world.queue.waiting():  # noqa: ASYNC110 - it empties in the server's thread
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()
    return came


def polls(calls: list[Call]) -> list[Call]:
    """The polls, the same ones in a row once."""
    made = [call for call in calls if call[0] == "getUpdates"]
    return [call for before, call in zip([None, *made], made, strict=False) if call != before]


# --- the same faults

FAULTS = [
    *map(faults.answers, (400, 401, 403, 404, 409, 413, 500, 502, 503)),
    *map(faults.page, (200, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504)),
    *map(faults.not_ok, (400, 429, 500)),
    *(faults.too_many(7), faults.too_many(10_072), faults.TRUNCATED, faults.hang_after(0.8)),
    *(faults.RESET_BEFORE, faults.RESET_AFTER, faults.slow(0.1)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} {fault.status or ''}")
@pytest.mark.parametrize("method", ["sendMessage", "sendDocument"])
async def test_a_fault_ends_the_same_way(fault: Fault, method: str) -> None:
    async def story(channel: Telegram, server: TelegramServer, worker: Person) -> Done:
        me, file = str(worker.id), Document("a.txt", "text/plain", b"a")
        tries = {
            "sendMessage": Outgoing("send", me, "二"),
            "sendDocument": Outgoing("send", me, "二", document=file),
        }
        server.faults.add(method, fault)
        struck = await channel.send(tries[method])
        return [told(struck), told(await channel.send(Outgoing("send", me, "三")))]

    ptb, aiogram = [await played(driver.bot, story) for driver in DRIVERS.values()]
    assert ptb == aiogram
    assert ptb[0][1][0] is Sent


def told(outcome: Outcome) -> tuple[object, ...]:
    """An outcome without the names that libraries give to faults of a connection."""
    if isinstance(outcome, RetryAfter):
        return RetryAfter, outcome.seconds, outcome.chat_only
    reason = getattr(outcome, "reason", "")
    return type(outcome), reason if reason[:3].isdigit() else ""


# --- which one


def lines_of(log: Path) -> str:
    return log.read_text("utf-8") if log.exists() else ""


@pytest.mark.kill
@pytest.mark.parametrize("name", DRIVERS)
def test_the_process_answers_through_the_driver_that_was_chosen(name: str, tmp_path: Path) -> None:
    with TelegramServer() as server:
        chosen = {"telegram_token": TOKEN, "telegram_api_base": server.url, "telegram_driver": name}
        at = Installation(tmp_path, "demo", **chosen)
        with at.run() as running:
            worker = server.person("秀兰", "王")
            worker.start()
            assert worker.wait(lambda shown: shown.labels != [], 20).by_bot
            loaded = Path(f"/proc/{running.process.pid}/maps").read_text()
            assert ("aiohttp" in loaded) == (name == "aiogram")
            assert running.end() == 0
        assert TOKEN not in lines_of(at.folder / "log")


@pytest.mark.parametrize("name", DRIVERS)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_missing_sdk_is_said_in_a_sentence(
    command: str, name: Literal["ptb", "aiogram"], tmp_path: Path
) -> None:
    at = Installation(tmp_path, "demo", telegram_token=TOKEN, telegram_driver=name)
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules['{DRIVERS[name].package}'] = None\n")
    at.environment["PYTHONPATH"] = f"{tmp_path}:{at.environment['PYTHONPATH']}"
    done = at.steward(command)
    assert done.returncode in (1, 2)
    assert (
        f"Telegram needs a package more: install steward[{DRIVERS[name].extra}]" in done.stdout + done.stderr
    )
    assert "Traceback" not in done.stderr
