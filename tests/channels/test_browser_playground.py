"""The playground's calls: two phones over the sample union, a clock, and what happens underneath."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Steward, load
from bot.playground import SHOWN_DUES
from bot.sample import load_sample
from bot.settings import Settings
from handlers.welcome import ENTRANCE
from storage import union as units
from storage.clock import SetClock
from storage.keys import KeyFile
from storage.store import Store
from tests.channels.pages import Page, Union
from tests.player.house import sqlite_place
from tests.player.script import civil


class Demo:
    """A demo whose clock stands still unless it is moved."""

    def __init__(self, template: Path, folder: Path) -> None:
        place = sqlite_place(template, folder)
        self.clock = SetClock(civil("2026-11-24 10:00"))
        self.store = Store(place.url, KeyFile.open(folder / "demo.key", create=True), self.clock)
        load_sample(self.store)
        self.steward: Steward = load(Settings(mode="demo", home=folder, database_url=place.url), self.store)
        self.app = self.steward.application()
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1")

    async def work(self) -> None:
        """Let everything that waits happen."""
        steward = self.steward
        while await steward.turns.drain() + await steward.jobs.drain() + await steward.delivery.drain():
            pass

    async def call(self, what: str, **body: str) -> dict[str, Any]:
        """One call of the playground's page."""
        answer = await self.client.post(f"/play/api/{what}", json=body)
        done: dict[str, Any] = answer.raise_for_status().json()
        await self.work()
        return done

    async def state(self, lang: str = "zh") -> dict[str, Any]:
        """What is shown between the phones."""
        answer = await self.client.get("/play/api/state", params={"lang": lang})
        shown: dict[str, Any] = answer.raise_for_status().json()
        return shown

    async def phone(self, who: str) -> Page:
        """One of the two phones."""
        entered = await self.call("enter", **{"as": who, "lang": "zh"})
        page = Page(self, entered["key"])
        await page.send(kind="start", payload=entered.get("start", ""))
        return page


@pytest.fixture
async def demo(schema: Path, tmp_path: Path) -> AsyncIterator[Demo]:
    """A demo."""
    made = Demo(schema, tmp_path)
    yield made
    made.store.close()


async def test_the_worker_comes_through_the_poster_at_the_station(demo: Demo) -> None:
    entered = await demo.call("enter", **{"as": "worker", "lang": "zh"})
    door = demo.store.read(lambda tx: units.entrance(tx, entered["start"].removeprefix(ENTRANCE)))
    assert door is not None
    assert (door.site, door.unit_id) == ("城南配送站", "chengnan")


async def test_the_cadre_is_told_by_name(demo: Demo) -> None:
    assert (await demo.state())["cadre"] == {"who": "陈志强", "unit": "江州市骑手联合工会"}


async def ask(worker: Page) -> None:
    """Put a question to a person of the union."""
    await worker.send(kind="text", text="菜单")
    await worker.press("问法律")
    await worker.send(kind="text", text="食堂的饭菜里有头发怎么办")
    await worker.press("转给人问")


async def closed_and_open(demo: Demo) -> None:
    """One matter that was withdrawn, and one that waits."""
    worker = await demo.phone("worker")
    await worker.press("同意，开始")
    await ask(worker)
    for label in ("看这件事", "撤回", "撤回"):
        await worker.press(label)
    await ask(worker)


async def test_closed_matters_are_shown_without_a_limit(demo: Demo) -> None:
    await closed_and_open(demo)
    shown = (await demo.state())["cases"]
    assert [(case["number"], case["open"], bool(case["due"])) for case in shown] == [
        ("2611-0002", True, True),
        ("2611-0001", False, False),
    ]
    assert shown[1]["state"] == "已撤回"


async def test_what_happened_last_stands_at_the_end(demo: Demo) -> None:
    await closed_and_open(demo)
    assert [line["text"] for line in (await demo.state())["feed"]] == [
        "2611-0001 登记",
        "2611-0001 工友撤回",
        "2611-0002 登记",
    ]
    assert (await demo.state("en"))["feed"][-1]["text"] == "2611-0002 registered"


async def test_what_waits_for_its_time_is_told_in_words(demo: Demo) -> None:
    await closed_and_open(demo)
    for lang in ("zh", "en"):
        for due in (await demo.state(lang))["dues"]:
            assert due["kind"] in SHOWN_DUES
            assert due["label"] == demo.steward.words.render(lang, f"play.due.{due['kind']}")
            assert due["case"] in ("2611-0001", "2611-0002", "")


async def test_the_clock_moves_by_what_the_buttons_say(demo: Demo) -> None:
    for advance, now in (("1h", "2026-11-24 11:00"), ("1wd", "2026-11-25 10:00"), ("1w", "2026-12-02 10:00")):
        await demo.call("clock", advance=advance)
        assert (await demo.state())["now"] == civil(now).isoformat()


async def test_both_phones_hear_at_once_that_nobody_is_on_duty_any_more(demo: Demo) -> None:
    worker = await demo.phone("worker")
    async with worker.listen() as stream:
        assert (await stream.until("status"))[-1][2]["duty"] == "有人值班，今天到 12:00"
        for _ in range(2):
            await demo.call("clock", advance="1h")
        assert (await stream.until("status"))[-1][2]["duty"] == "现在没人值班，13:30 起有人"


async def test_a_live_union_has_no_playground(schema: Path, tmp_path: Path) -> None:
    union = Union(schema, tmp_path, "2026-11-24 10:00")
    for path in ("/play", "/play/api/state"):
        assert (await union.client.get(path)).status_code == 404
    union.house.close()
