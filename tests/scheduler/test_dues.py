"""What fell due while nobody looked happens once (P8)."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.pages import Page, Union
from tests.player.house import sqlite_template


@pytest.fixture
def union(tmp_path: Path) -> Union:
    """The sample union on a working Tuesday at ten in the morning."""
    (tmp_path / "run").mkdir()
    return Union(sqlite_template(tmp_path), tmp_path / "run", "2026-11-24 10:00")


async def told(page: Page, words: str) -> int:
    """How many of the union's messages hold these words."""
    return sum(words in message["text"] for message in await page.messages() if message["from"] == "bot")


async def later(union: Union, **by: int) -> None:
    """Let time pass with nobody there, then wake up."""
    union.clock.move(timedelta(**by))
    await union.house.steward.tick()
    await union.work()


async def test_two_reminders_that_fell_due_together_are_one(union: Union) -> None:
    worker, cadre = await union.known(), union.cadre("liu")
    await worker.press("问法律")
    await worker.send(kind="text", text="食堂的饭菜里有头发怎么办")
    await worker.press("转给人问")
    for label in ("接手", "写结果", "解决了"):
        await cadre.press(label)
    await cadre.send(kind="text", text="跟食堂说好了，换了师傅。")
    await cadre.press("发出")
    await later(union, days=2)
    assert await told(worker, "解决了吗") == 1
    await later(union, weeks=1)
    assert await told(worker, "再问您一声") == 1
    union.house.close()
