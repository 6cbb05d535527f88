"""What the bot sends, seen on a person's screen, and what is said of every way it can fail."""

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.channels.contract import (
    Button,
    Channel,
    Document,
    Failed,
    FileGone,
    FileTooLarge,
    Gone,
    Outgoing,
    Refused,
    RetryAfter,
    Sent,
    Unknown,
)
from bot.channels.telegram_channel import Telegram
from bot.channels.telegram_drivers import DRIVERS, Bot
from bot.channels.telegram_polling import Timing
from tests.telegram_server import faults, limits
from tests.telegram_server.faults import Fault
from tests.telegram_server.limits import TELEGRAM_SPEED
from tests.telegram_server.people import Person
from tests.telegram_server.server import TOKEN, TelegramServer

PATIENCE = Timing(answer=0.4)
ROWS = ((Button("拖欠工资", "b:1"), Button("工伤", "b:2")), (Button("取消", "b:3"),))


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def worker(server: TelegramServer) -> Person:
    person = server.person("秀兰", "王")
    person.start()
    return person


@pytest.fixture
async def channel(driver: Bot, server: TelegramServer) -> AsyncIterator[Telegram]:
    made = driver(TOKEN, api_base=server.url, timing=PATIENCE)
    yield made
    await made.close()


def to(person: Person, text: str = "您好", **more: object) -> Outgoing:
    return Outgoing(more.pop("op", "send"), str(person.id), text, **more)  # type: ignore[arg-type]


async def test_a_message_with_buttons(server: TelegramServer, channel: Channel, worker: Person) -> None:
    outcome = await channel.send(to(worker, "请选一项", buttons=ROWS))
    shown = worker.messages[-1]
    assert outcome == Sent(str(shown.message_id))
    assert shown.text == "请选一项"
    assert shown.buttons == [["拖欠工资", "工伤"], ["取消"]]
    call = server.ledger.delivered("sendMessage")[-1]["params"]
    assert call["link_preview_options"] == '{"is_disabled": true}'
    assert "parse_mode" not in call


@pytest.mark.parametrize("text", ["<b>未付 & </a>", "_*[工资](tg://user?id=1)", "{0.__class__} %(x)s ${x}"])
async def test_words_never_become_markup(channel: Channel, worker: Person, text: str) -> None:
    """I22, I23, I24, I29."""
    assert isinstance(await channel.send(to(worker, text)), Sent)
    assert worker.messages[-1].text == text


async def test_words_no_encoder_takes_still_go_out(channel: Channel, worker: Person) -> None:
    """I9, I10."""
    assert isinstance(await channel.send(to(worker, "工资\ud83d\x00条")), Sent)
    assert worker.messages[-1].text == "工资\\ud83d\\x00条"


async def test_a_reply_points_at_the_question(channel: Channel, worker: Person) -> None:
    asked = worker.screen[-1].message_id
    await channel.send(to(worker, "收到", reply_to=str(asked)))
    assert worker.messages[-1].reply_to == asked
    assert isinstance(await channel.send(to(worker, "收到", reply_to="999")), Sent)


async def test_edit_and_strip(channel: Channel, worker: Person) -> None:
    await channel.send(to(worker, "第一问", buttons=ROWS))
    target = str(worker.messages[-1].message_id)
    edited = await channel.send(to(worker, "第二问", op="edit", target=target, buttons=ROWS[:1]))
    assert edited == Sent(target)
    assert (worker.messages[-1].text, worker.messages[-1].labels) == ("第二问", ["拖欠工资", "工伤"])
    assert await channel.send(to(worker, "", op="strip", target=target)) == Sent(target)
    assert worker.messages[-1].labels == []
    assert worker.messages[-1].text == "第二问"


async def test_what_is_already_so_counts_as_done(channel: Channel, worker: Person) -> None:
    """F39: nothing to change, or nothing left to change it on."""
    await channel.send(to(worker, "第一问", buttons=ROWS))
    target = str(worker.messages[-1].message_id)
    same = to(worker, "第一问", op="edit", target=target, buttons=ROWS)
    assert await channel.send(same) == Sent(target)
    assert await channel.send(to(worker, "x", op="edit", target="999")) == Sent("999")
    assert await channel.send(to(worker, "", op="strip", target="999")) == Sent("999")
    mine = str(worker.screen[0].message_id)
    assert await channel.send(to(worker, "x", op="edit", target=mine)) == Sent(mine)


async def test_sharing_a_contact_has_a_typed_way_too(channel: Channel, worker: Person) -> None:
    asking = to(worker, "电话", ask="contact", ask_label="发送我的号码", buttons=((Button("跳过", "b:9"),),))
    await channel.send(asking)
    assert worker.keyboard == [["发送我的号码"], ["跳过"]]
    await channel.send(to(worker, "记下了", clear_ask=True))
    assert worker.keyboard == []


async def test_a_keyboard_goes_away_under_a_question_with_buttons(channel: Channel, worker: Person) -> None:
    await channel.send(to(worker, "地点", ask="location", ask_label="发送位置"))
    outcome = await channel.send(to(worker, "下一问", clear_ask=True, buttons=ROWS))
    assert outcome == Sent(str(worker.messages[-1].message_id))
    assert worker.keyboard == []
    assert [shown.text for shown in worker.messages] == ["地点", "下一问"]


async def test_a_keyboard_goes_away_at_one_message_a_second(driver: Bot) -> None:
    with TelegramServer(speed=TELEGRAM_SPEED) as server:
        worker, channel = server.person("秀兰"), driver(TOKEN, api_base=server.url)
        worker.start()
        await channel.send(to(worker, "地点", ask="location", ask_label="发送位置"))
        server.clock.advance(2)
        assert isinstance(await channel.send(to(worker, "下一问", clear_ask=True, buttons=ROWS)), Sent)
        assert worker.keyboard == []
        await channel.close()


async def test_a_document(server: TelegramServer, channel: Channel, worker: Person) -> None:
    paper = Document("工单 A-17.pdf", "application/pdf", b"%PDF-1.7 demo")
    assert isinstance(await channel.send(to(worker, "您的材料", document=paper)), Sent)
    shown = worker.messages[-1]
    assert (shown.document, shown.text) == ("工单 A-17.pdf", "您的材料")
    assert [stored.content for stored in server.world.files.values()] == [b"%PDF-1.7 demo"]


@pytest.mark.parametrize(
    ("outgoing", "reason"),
    [
        (Outgoing("send", "5100000001", "长" * 4097), "message is too long"),
        (Outgoing("send", "5100000001", "  "), "message text is empty"),
        (Outgoing("send", "5100000001", "x", buttons=((Button("x", "b" * 65),),)), "BUTTON_DATA_INVALID"),
        (Outgoing("send", "nobody", "x"), "not a number"),
        (Outgoing("edit", "5100000001", "x", target=""), "not a number"),
    ],
)
async def test_what_can_never_go_out(
    channel: Channel, worker: Person, outgoing: Outgoing, reason: str
) -> None:
    outcome = await channel.send(outgoing)
    assert isinstance(outcome, Refused)
    assert reason in outcome.reason
    assert worker.messages == []


async def test_people_who_cannot_be_reached(server: TelegramServer, channel: Channel) -> None:
    """F37: blocked, deactivated, never there."""
    blocked, deleted, stranger = (server.person(name) for name in ("甲", "乙", "丙"))
    blocked.start()
    blocked.block()
    deleted.start()
    deleted.deactivate()
    for person in (blocked, deleted, stranger):
        assert isinstance(await channel.send(to(person)), Gone)
    blocked.unblock()
    assert isinstance(await channel.send(to(blocked)), Sent)


NOTHING_DONE: list[tuple[Fault, type]] = [
    (faults.too_many(7), RetryAfter),
    (faults.not_ok(429), RetryAfter),
    (faults.answers(401), Failed),
    (faults.answers(409), Failed),
    (faults.answers(413), Refused),
    (faults.answers(500), Unknown),
    (faults.page(502), Unknown),
    (faults.page(504), Unknown),
    (faults.page(503), Failed),
    (faults.page(403), Failed),
    (faults.page(302), Failed),
    (faults.page(200), Unknown),
    (faults.answers(404), Failed),
    (faults.RESET_BEFORE, Unknown),
]


@pytest.mark.parametrize(("fault", "expected"), NOTHING_DONE)
async def test_faults_before_delivery(
    server: TelegramServer, channel: Channel, worker: Person, fault: Fault, expected: type
) -> None:
    server.faults.add("sendMessage", fault)
    assert isinstance(await channel.send(to(worker)), expected)
    assert worker.messages == []
    assert isinstance(await channel.send(to(worker)), Sent)


@pytest.mark.parametrize("fault", [faults.RESET_AFTER, faults.TRUNCATED, faults.hang_after(0.8)])
async def test_an_answer_lost_after_delivery_is_unknown(
    server: TelegramServer, channel: Channel, worker: Person, fault: Fault
) -> None:
    """F36: the person has it; a driver that said `Failed` would make us send it twice."""
    server.faults.add("sendMessage", fault)
    assert isinstance(await channel.send(to(worker)), Unknown)
    assert len(server.ledger.delivered("sendMessage", chat_id=worker.id)) == 1


async def test_the_wait_asked_for_is_told_exactly(
    server: TelegramServer, channel: Channel, worker: Person
) -> None:
    """F31."""
    server.faults.add("sendMessage", faults.too_many(10_072))
    assert await channel.send(to(worker)) == RetryAfter(10_072.0)


async def test_a_slow_answer_in_time_is_sent(
    server: TelegramServer, channel: Channel, worker: Person
) -> None:
    server.faults.add("sendMessage", faults.slow(0.1))
    assert isinstance(await channel.send(to(worker)), Sent)


async def test_no_connection_is_certainly_not_delivered(driver: Bot, worker: Person) -> None:
    closed = driver(TOKEN, api_base="http://127.0.0.1:9", timing=PATIENCE)
    assert isinstance(await closed.send(to(worker)), Failed)
    await closed.close()


async def test_a_method_the_server_lacks_is_refused_alone(
    server: TelegramServer, channel: Channel, worker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    server.api.lacking = {"sendDocument"}
    paper = Document("a.txt", "text/plain", b"a")
    assert isinstance(await channel.send(to(worker, document=paper)), Refused)
    assert "sendDocument" in caplog.text
    assert isinstance(await channel.send(to(worker)), Sent)


async def test_limits_of_speed_are_reported(driver: Bot) -> None:
    with TelegramServer(speed=TELEGRAM_SPEED) as server:
        worker, channel = server.person("秀兰"), driver(TOKEN, api_base=server.url)
        worker.start()
        assert isinstance(await channel.send(to(worker, "一")), Sent)
        assert await channel.send(to(worker, "二")) == RetryAfter(1.0)
        await channel.close()


async def test_a_press_is_answered_once_and_late_ones_do_no_harm(
    server: TelegramServer, channel: Channel, worker: Person
) -> None:
    await channel.send(to(worker, "请选一项", buttons=ROWS))
    worker.press("工伤")
    press = channel.parse(server.world.queue.waiting()[-1].as_json())
    assert press.press == "b:2"
    await channel.acknowledge(press)
    assert [found.answer for found in server.world.presses.values()] == [""]
    await channel.acknowledge(press)
    server.faults.add("answerCallbackQuery", faults.RESET_BEFORE, faults.answers(500))
    await channel.acknowledge(press)
    await channel.acknowledge(press)


def photo_ref(server: TelegramServer, channel: Channel) -> str:
    return channel.parse(server.world.queue.waiting()[-1].as_json()).attachments[0].ref


async def test_fetching_what_was_sent(server: TelegramServer, channel: Channel, worker: Person) -> None:
    worker.send_photo(b"\xff\xd8 picture" * 9000)
    assert await channel.fetch(photo_ref(server, channel)) == b"\xff\xd8 picture" * 9000


async def test_files_over_the_limit_are_not_fetched(
    server: TelegramServer, channel: Telegram, worker: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I63: told by getFile, by its size, or found while it comes."""
    worker.send_document("监控.mp4", bytes(20 * 1024 * 1024 + 1), "video/mp4")
    ref = photo_ref(server, channel)
    with pytest.raises(FileTooLarge):
        await channel.fetch(ref)
    monkeypatch.setattr(limits, "DOWNLOAD", 10**9)
    with pytest.raises(FileTooLarge):
        await channel.fetch(ref)
    with pytest.raises(FileTooLarge):
        await channel._transport.download(server.world.files[ref].path, 1000)


async def test_files_that_do_not_come(server: TelegramServer, channel: Channel, worker: Person) -> None:
    """I72: gone for good, or only this time."""
    with pytest.raises(FileGone):
        await channel.fetch("NoSuchFile")
    worker.send_photo(b"picture")
    ref = photo_ref(server, channel)
    for method, fault in [
        ("getFile", faults.answers(500)),
        ("getFile", faults.RESET_AFTER),
        ("file", faults.page(502)),
        ("file", faults.RESET_BEFORE),
    ]:
        server.faults.add(method, fault, times=2)  # a library may ask for a file again by itself
        with pytest.raises(OSError, match=r"\w") as raised:
            await channel.fetch(ref)
        assert TOKEN not in str(raised.value)
        server.faults.clear()
    assert await channel.fetch(ref) == b"picture"


async def test_the_token_is_never_logged(
    driver: Bot, server: TelegramServer, worker: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """P12: whatever level, success or fault; nor is anything a person wrote."""
    loggers = ("httpx", "httpcore", "telegram", "telegram.Bot", "aiogram", "aiohttp", "asyncio")
    channel = driver(TOKEN, api_base=server.url, timing=PATIENCE)
    for name in ("", *loggers):
        caplog.set_level(logging.DEBUG, logger=name)
    worker.send_photo(b"picture")
    await channel.fetch(photo_ref(server, channel))
    for fault, _ in [*NOTHING_DONE, (faults.TRUNCATED, Unknown), (faults.hang_after(0.8), Unknown)]:
        server.faults.add("sendMessage", fault)
        await channel.send(to(worker, "我叫王秀兰"))
    server.api.revoked = True
    await channel.send(to(worker, "我叫王秀兰"))
    with pytest.raises(OSError, match="401"):
        await channel.fetch("FakeFile00000001")
    await channel.close()
    client = {DRIVERS["ptb"].bot: "httpx", DRIVERS["aiogram"].bot: "aiohttp.client"}[driver]
    logging.getLogger(client).warning("cannot reach %s", f"{server.url}/bot{TOKEN}/sendMessage")
    assert "cannot reach" in caplog.text
    assert "王秀兰" not in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text


@pytest.mark.parametrize(("name", "sdk"), [("ptb", "telegram"), ("aiogram", "aiogram")])
def test_without_the_sdk_only_making_a_bot_fails(name: str, sdk: str) -> None:
    program = (
        f"import sys; sys.modules['{sdk}'] = None\n"
        f"from bot.channels.telegram_{name} import Telegram{name.title()} as Driver\n"
        "try: Driver('1:a')\n"
        "except ImportError: print('no SDK')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "no SDK\n"


@pytest.mark.parametrize(("name", "sdk"), [("ptb", "telegram"), ("aiogram", "aiogram")])
def test_an_sdk_is_imported_only_when_its_driver_makes_a_bot(name: str, sdk: str) -> None:
    program = (
        "import sys\n"
        "import bot.serve, bot.channels.telegram_ptb, bot.channels.telegram_aiogram\n"
        "def loaded(): return sorted({'telegram', 'aiogram', 'aiohttp', 'httpx'} & set(sys.modules))\n"
        "print(loaded())\n"
        f"bot.channels.telegram_{name}.Telegram{name.title()}('1:a')\n"
        "print(loaded())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    with_client = {"telegram": ["httpx", "telegram"], "aiogram": ["aiogram", "aiohttp"]}[sdk]
    assert done.stdout == f"[]\n{with_client}\n"
