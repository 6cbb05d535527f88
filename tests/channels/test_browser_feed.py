"""What a page hears: its own echoes, how things stand, and histories of any length (R2, R13)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from storage import browser
from storage.tx import Tx
from tests.channels.pages import Page, Union
from tests.player.script import civil


def mine(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the person did, as the page finds it again."""
    return [message for message in messages if message["from"] == "me"]


async def test_a_pressed_button_is_found_again_with_the_words_it_had(union: Union) -> None:
    page = await union.hello()
    await page.send(kind="start")
    under = await page.press("同意，开始", text="随便写的")
    (echo,) = mine(await page.messages())
    assert (echo["kind"], echo["text"], echo["reply_to"]) == ("press", "同意，开始", under)
    assert echo["client_id"] == "client-000002"


async def test_the_echo_of_a_press_comes_before_what_it_leads_to(union: Union) -> None:
    page = await union.hello()
    await page.send(kind="start")
    await page.press("同意，开始")
    told = [(event["event"], event["data"].get("from")) for event in await page.events()]
    assert told == [
        ("message", "bot"),
        ("message", "me"),
        ("strip", "bot"),
        ("message", "bot"),
        ("status", None),
    ]


async def test_a_handle_of_nobodys_echoes_what_the_page_showed_and_no_more_than_that(union: Union) -> None:
    page = await union.known()
    await page.send(kind="press", press="forged.0", text="长" * 100, reply_to=7)
    echo = mine(await page.messages())[-1]
    assert (echo["text"], echo["reply_to"]) == ("长" * 60, 7)


async def test_a_press_sent_twice_is_shown_once(union: Union) -> None:
    page = await union.hello()
    await page.send(kind="start")
    handle = (await page.messages())[-1]["buttons"][0][0]["press"]
    for _ in range(2):
        await page.post("send", json={"id": "the-same-press", "kind": "press", "press": handle})
    assert len(mine(await page.messages())) == 1


@pytest.mark.parametrize(("lang", "words"), [("zh", "我的位置"), ("en", "My place")])
async def test_a_place_is_found_again_in_words(union: Union, lang: str, words: str) -> None:
    page = await union.known(lang=lang)
    await page.send(kind="location", latitude=31.230412, longitude=121.4737)
    assert mine(await page.messages())[-1]["text"] == f"{words} 31.23041, 121.47370"


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        ("2026-11-24 10:00", "有人值班，今天到 12:00", "Someone on duty until 12:00"),
        ("2026-11-24 12:30", "现在没人值班，13:30 起有人", "Nobody on duty until 13:30"),
        ("2026-11-24 07:00", "现在没人值班，09:00 起有人", "Nobody on duty until 09:00"),
        ("2026-11-27 20:00", "现在没人值班，周一 09:00 起有人", "Nobody on duty until Mon 09:00"),
        (
            "2026-09-30 20:00",
            "现在没人值班，周四(10月8日) 09:00 起有人",
            "Nobody on duty until Thursday 8 October 09:00",
        ),
    ],
)
async def test_a_page_says_whether_somebody_is_on_duty(
    schema: Path, tmp_path: Path, at: str, zh: str, en: str
) -> None:
    union = Union(schema, tmp_path, at)
    for lang, sentence in (("zh", zh), ("en", en)):
        page = await union.known(lang=lang)
        assert await page.status() == {
            "duty": sentence,
            "name": "江州市总工会",
            "zone": "Asia/Shanghai",
        }
    union.house.close()


async def test_where_nobody_serves_those_above_are_meant(union: Union) -> None:
    """The drivers' union has no cadre yet; its people are looked after by the city's."""
    token = union.store.write(lambda tx: _poster(tx, "tongtu"))
    page = await union.known(start=f"e_{token}")
    assert (await page.status())["duty"] == "有人值班，今天到 12:00"
    assert (await union.cadre("wang").status())["duty"] == "有人值班，今天到 12:00"


def _poster(tx: Tx, unit: str) -> str:
    from storage import union as units

    return units.add_entrance(tx, unit, "车场", "poster").token


async def test_a_status_has_no_number_and_ends_the_history(union: Union) -> None:
    page = await union.known()
    async with page.listen() as stream:
        told = await stream.until("status")
    assert [kind for _, kind, _ in told][-2:] == ["message", "status"]
    assert told[-1][0] == ""
    numbers = [int(number) for number, _, _ in told[:-1]]
    assert numbers == sorted(set(numbers))


async def test_the_status_follows_the_language(union: Union) -> None:
    page = await union.known()
    async with page.listen() as stream:
        assert (await stream.until("status"))[-1][2]["duty"] == "有人值班，今天到 12:00"
        await page.send(kind="start", payload="lang-en")
        assert (await stream.until("status"))[-1][2]["duty"] == "Someone on duty until 12:00"


async def test_a_stream_goes_on_where_the_page_stopped(union: Union) -> None:
    page = await union.known()
    async with page.listen() as stream:
        last = int((await stream.until("status"))[-2][0])
    await page.send(kind="text", text="后来说的")
    async with page.listen(after=last) as stream:
        told = await stream.until("status")
    assert told[0][2]["text"] == "后来说的"


def fill(tx: Tx, page: Page, count: int) -> None:
    """A long conversation."""
    account = page.read_account(tx)
    for number in range(count):
        body = {"from": "me", "client_id": f"long-{number}", "text": f"第 {number} 句", "attachments": []}
        browser.add_event(tx, account, "message", body)


async def test_a_long_history_comes_whole_by_asking_and_as_a_stream(union: Union) -> None:
    page = await union.hello()
    union.store.write(lambda tx: fill(tx, page, 1234))
    wanted = [f"第 {number} 句" for number in range(1234)]
    assert [message["text"] for message in await page.messages()] == wanted
    async with page.listen() as stream:
        told = await stream.until("status")
    assert [data["text"] for _, _, data in told[:-1]] == wanted


async def test_somebody_with_a_long_history_who_reads_slowly_holds_nobody_up(union: Union) -> None:
    slow, other = await union.hello(), await union.hello()
    union.store.write(lambda tx: fill(tx, slow, 5000))
    async with slow.listen() as stream:
        await stream.frame()  # and no further
        answer = await asyncio.wait_for(other.send(kind="text", text="我也有话说"), 5)
        assert answer.status_code == 200
        assert mine(await other.messages())[-1]["text"] == "我也有话说"
        assert len(await stream.until("status")) == 5000


async def test_a_stream_ends_when_the_device_is_forgotten(union: Union) -> None:
    page = await union.known()
    address = union.store.read(lambda tx: _address(tx, page))
    async with page.listen() as stream:
        await stream.until("status")
        await page.post("forget", json={})
        union.house.steward.browser.wake(address)
        await asyncio.wait_for(stream.ended.wait(), 5)
    assert (await page.post("seen", json={"upto": 1})).status_code == 401


def _address(tx: Tx, page: Page) -> str:
    from storage import people

    return people.address(tx, page.read_account(tx))


async def test_moving_to_another_hour_changes_the_line_at_the_top(union: Union) -> None:
    page = await union.known()
    assert (await page.status())["duty"] == "有人值班，今天到 12:00"
    union.clock.set(civil("2026-11-24 19:00"))
    assert (await page.status())["duty"] == "现在没人值班，周三 09:00 起有人"
