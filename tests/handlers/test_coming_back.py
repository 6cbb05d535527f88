"""A return code opens one's matters on another device; a slip costs nothing, guessing ends soon (P23)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from domain import numbers
from storage import browser, people
from tests.handlers.conftest import Stage, Story
from tests.player.acts import Write
from tests.player.browser import Browser, Page
from tests.player.screen import Screen

FILLED = (
    *(
        "sun: /start",
        "sun presses 同意，开始",
        "sun presses 要帮忙",
        "sun presses 别的",
        "sun presses 别的事",
    ),
    *("sun: 食堂的饭总是凉的", *("sun presses 跳过",) * 4, "sun presses 不算急", "sun presses 不留名字"),
)


async def code_of(play: Story) -> str:
    """The code sun was shown after her first matter."""
    screen = (await play.player.port.look())["sun"]
    found = [re.search(r"\d{4}( \d{4}){3}", bubble.text) for bubble in screen]
    return next(match[0] for match in found if match)


@asynccontextmanager
async def client(play: Story) -> AsyncIterator[httpx.AsyncClient]:
    """Calls as another device makes them."""
    transport = httpx.ASGITransport(play.player.house.steward.application(), client=("203.0.113.9", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


async def come_back(play: Story, code: str) -> Screen:
    """Another device, the code typed; what it shows without having said a word."""
    async with client(play) as device:
        answer = await device.post("/chat/api/return", json={"code": code})
    key = answer.raise_for_status().json()["key"]
    port = play.player.port
    assert isinstance(port, Browser)
    port.pages["new"] = Page(key=key)
    await port.attach(play.player.house.steward)
    await play.player.house.work()
    return (await port.look())["new"]


async def test_the_new_device_begins_with_ones_open_matters(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        hello, menu = await come_back(play, await code_of(play))
        assert hello.text.startswith("欢迎回来。您在办的事：")
        assert "2611-0001 别的事 · 待接手" in hello.text
        assert hello.labels == ("2611-0001",)
        assert "您要办什么" in menu.text


async def test_a_draft_goes_on_there(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出", "sun: 菜单", "sun presses 要帮忙", "sun presses 别的")
        shown = await come_back(play, await code_of(play))
        assert "具体是哪一种" in shown[-1].text
        port = play.player.port
        await port.act("new", Write("别的事"))
        await play.player.house.work()
        assert "出了什么事？" in (await port.look())["new"][-1].text


async def test_the_old_device_keeps_working(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        await come_back(play, await code_of(play))
        assert "2611-0001" in await play("sun: 我的事")


async def test_news_go_to_the_device_used_last(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出", "wait 1 min")
        await come_back(play, await code_of(play))
        before = await play.player.port.look()
        owner = next(name for name in play.player.cadres if any("接手" in b.labels for b in before[name]))
        await play("wait 20 min", f"{owner} presses 接手")
        screens = await play.player.port.look()
        assert "接手了" in screens["new"][-1].text
        assert not any("接手了" in bubble.text for bubble in screens["sun"])


async def test_typed_without_gaps_or_in_full_width_it_is_the_same(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        code = (await code_of(play)).replace(" ", "")
        wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        assert "欢迎回来" in (await come_back(play, wide))[0].text


async def test_a_slip_is_told_and_does_not_count(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        code = await code_of(play)
        slipped = code[:-1] + str((int(code[-1]) + 1) % 10)
        async with client(play) as device:
            for _ in range(8):
                answer = await device.post("/chat/api/return", json={"code": slipped})
                assert (answer.status_code, answer.json()["error"]) == (
                    422,
                    "找回码里有一位写错了。对一下再发。",
                )
            assert (await device.post("/chat/api/return", json={"code": code})).status_code == 200


async def test_guessing_ends_after_five_an_hour(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        nobodys = _codes(7)
        async with client(play) as device:
            answers = [await device.post("/chat/api/return", json={"code": code}) for code in nobodys]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
        assert "没有找到" in answers[0].json()["error"]
        assert "过一小时" in answers[-1].json()["error"]


async def test_faults_are_told_in_the_pages_language(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play, client(play) as device:
        [code] = _codes(1)
        answer = await device.post("/chat/api/return", json={"code": code, "lang": "en"})
        assert answer.json()["error"].isascii()


def _codes(count: int) -> list[str]:
    """Well-formed codes that are nobody's."""
    return [numbers.return_code(bytes([place]) * numbers.RANDOM_BYTES) for place in range(count)]


async def test_a_device_that_was_forgotten_is_not_heard(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED)
        port = play.player.port
        assert isinstance(port, Browser)
        headers = {"Authorization": f"Bearer {port.pages['sun'].key}"}
        async with client(play) as device:
            await device.post("/chat/api/forget", headers=headers)
            body = {"id": "0123456789", "kind": "text", "text": "还在吗"}
            assert (await device.post("/chat/api/send", headers=headers, json=body)).status_code == 401


async def test_the_language_chosen_on_the_page_is_the_conversations(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        said = await play(*FILLED[:5], "sun: /start lang-en")
        assert "What happened?" in said
        assert play.person("sun").language == "en"


async def test_a_door_never_used_is_not_where_news_go(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        worker = play.person("sun")
        play.player.clock.move(timedelta(minutes=1))
        unused = play.store.write(lambda tx: people.add_account(tx, "browser", "unused", worker.id))
        door = play.store.read(lambda tx: people.door(tx, worker.id))
        assert door is not None
        assert door.id != unused.id
        assert play.store.read(lambda tx: browser.last_event(tx, unused.id)) == 0


@pytest.mark.parametrize("code", ["", "1234", "abcd", "9" * 40])
async def test_what_is_no_code_is_told_so(stage: Stage, code: str) -> None:
    async with stage("browser", sun="zh") as play, client(play) as device:
        answer = await device.post("/chat/api/return", json={"code": code})
        assert answer.status_code == 422
        assert answer.json()["error"]
