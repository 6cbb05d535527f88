"""A text message is sent to those who asked for it, at a number kept for nothing else (R13, R37)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework import unseen
from storage import people
from tests.handlers.conftest import Stage, Story
from tests.player import house

FILLED = (
    *("sun: /start", "sun presses 同意，开始", "sun presses 要帮忙"),
    *("sun presses 别的", "sun presses 别的事", "sun: 食堂的饭总是凉的"),
    *(*("sun presses 跳过",) * 4, "sun presses 不算急", "sun presses 不留名字"),
)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A union with a text-message service."""
    with_service = replace(house.rules(), text_after=timedelta(minutes=30))
    monkeypatch.setattr(house, "rules", lambda: with_service)


def wants(play: Story) -> bool:
    """Whether sun asked for text messages."""
    worker = play.person("sun")
    return play.store.read(lambda tx: unseen.wants_texts(tx, worker.id))


@pytest.mark.usefixtures("texts")
async def test_it_is_offered_with_the_return_code_and_asked_for_with_a_number(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        assert "[发短信叫我]" in await play(*FILLED, "sun presses 发出")
        said = await play("sun presses 发短信叫我")
        assert "只有编号和网址" in said
        assert "尾号 8000" in await play("sun: 13800138000")
        assert wants(play)
        assert play.person("sun").profile["texts_to"] == "13800138000"


@pytest.mark.usefixtures("texts")
async def test_it_is_stopped_with_one_press_and_the_number_forgotten(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出", "sun presses 发短信叫我", "sun: 13800138000")
        assert "号码已经删掉" in await play("sun presses 不用短信了")
        assert not wants(play)
        assert "texts_to" not in play.person("sun").profile


@pytest.mark.usefixtures("texts")
async def test_it_can_be_stopped_later_from_what_is_held(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出", "sun presses 发短信叫我", "sun: 13800138000", "sun: 菜单")
        await play("sun presses 我的资料", "sun presses 更多")
        assert "号码已经删掉" in await play("sun presses 不用短信了")


async def test_without_a_service_it_is_not_offered(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        assert "[发短信叫我]" not in await play(*FILLED, "sun presses 发出")


@pytest.mark.usefixtures("texts")
async def test_the_number_is_no_consent_to_anything_else(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*FILLED, "sun presses 发出", "sun presses 发短信叫我", "sun: 13800138000")
        worker = play.person("sun")
        given = play.store.read(lambda tx: {what for what, _ in people.consents_of(tx, worker.id)})
        assert given == {"contact", "texts"}
        assert "phone" not in worker.profile
