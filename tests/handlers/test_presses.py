"""Buttons and links that are not one's own, too late, pressed twice, or of another time (I35-I42, P10)."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from storage import cases, keyboards, people, sessions, union
from storage.tx import Tx
from talk.reply import Choice
from tests.handlers.conftest import Stage, Story
from tests.handlers.test_edits import hand_over
from tests.player.acts import Press

FILLED = (
    *("sun: /start", "sun presses 同意，开始", "sun presses 要帮忙"),
    *("sun presses 别的", "sun presses 别的事", "sun: 食堂的饭总是凉的"),
    *(*("sun presses 跳过",) * 4, "sun presses 不算急", "sun presses 不留名字"),
)
NOTHING = "什么都没有改"


def state_of(play: Story) -> dict[str, object]:
    """Sun's dialogue and matters, to see that nothing changed."""
    worker = play.person("sun")
    mine = play.store.read(lambda tx: cases.of_worker(tx, worker.id))
    run: object = play.store.read(lambda tx: sessions.load(tx, worker)).get("run")
    return {"run": run, "cases": [asdict(case) for case in mine]}


async def press(play: Story, name: str, handle: str) -> str:
    """Somebody presses a button with a handle of their choice."""
    port = play.player.port
    await port.act(name, Press("", "", handle))
    items = await play.player._seen(name)
    return "\n".join(row for item in items for row in item)


@pytest.mark.parametrize("port", ["engine", "telegram", "browser"])
async def test_another_persons_button_does_nothing(stage: Stage, port: str) -> None:
    """I35, P10: the same words as for a forged one."""
    async with stage(port, sun="zh", mei="zh") as play:
        await play(*FILLED, "sun presses 发出", "mei: /start", "mei presses 同意，开始")
        before = state_of(play)
        stolen = await press(play, "mei", play.player.port.handle("sun", "补充"))
        forged = await press(play, "mei", "AAAAAAAAAAAAAAAAAAAAAA.0")
        assert stolen == forged
        assert NOTHING in stolen
        assert state_of(play) == before


@pytest.mark.parametrize("handle", [".", ".0", "x" * 60, "AAAAAAAAAAAAAAAAAAAAAA.99", "很.1", "a.１"])
async def test_what_is_no_handle_does_nothing(stage: Stage, handle: str) -> None:
    """I39."""
    async with stage("engine", sun="zh") as play:
        await play(*FILLED)
        before = state_of(play)
        await press(play, "sun", handle)
        assert state_of(play) == before


async def test_a_place_outside_the_keyboard_does_nothing(stage: Stage) -> None:
    async with stage("engine", sun="zh") as play:
        await play(*FILLED)
        token = play.player.port.handle("sun", "发出").partition(".")[0]
        assert NOTHING in await press(play, "sun", f"{token}.77")


async def test_a_button_after_the_case_closed_changes_nothing(stage: Stage) -> None:
    """I36."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        late = play.player.port.handle("sun", "补充")
        await play("sun presses 看这件事", "sun presses 撤回", "sun presses 撤回")
        before = state_of(play)
        await press(play, "sun", late)
        assert state_of(play) == before


async def test_a_double_tap_is_heard_once(stage: Stage) -> None:
    """I40."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED)
        handle = play.player.port.handle("sun", "发出")
        port = play.player.port
        for _ in range(2):
            await port.act("sun", Press("", "", handle))
        await play.player._seen("sun")
        worker = play.person("sun")
        assert len(play.store.read(lambda tx: cases.of_worker(tx, worker.id))) == 1
        said = [bubble.text for bubble in (await port.look())["sun"]]
        assert sum("已登记" in text for text in said) == 1


async def test_a_button_of_an_older_release_shows_what_is_open(stage: Stage) -> None:
    """I41."""
    async with stage("engine", sun="zh") as play:
        await play(*FILLED[:3])
        worker = play.person("sun")
        old = ((Choice("menu.horoscope", words="星座"),),)

        def leave(tx: Tx) -> str:
            door = people.door(tx, worker.id)
            assert door is not None
            rows = keyboards.add(tx, door, 1, old, "", timedelta(days=90))
            return str(rows[0][0]["press"])

        said = await press(play, "sun", play.store.write(leave))
        assert "没有改动" in said
        assert "哪一类事？" in said


async def test_a_button_too_old_does_nothing(stage: Stage) -> None:
    async with stage("engine", sun="zh") as play:
        await play(*FILLED, "sun presses 发出")
        play.player.clock.move(keyboards.LIVES)
        assert NOTHING in await press(play, "sun", play.player.port.handle("sun", "看这件事"))


@pytest.mark.parametrize(
    "payload",
    ["x", "e_" + "A" * 62, "e_" + "A" * 63, "i_forged", "i_", "e_", "p_forged", "c3VuOjE=", "../../etc"],
)
async def test_a_forged_link_opens_nothing(stage: Stage, payload: str) -> None:
    """I42."""
    async with stage("telegram", sun="zh") as play:
        await play("sun: /start", "sun presses 同意，开始")
        await play(f"sun: /start {payload}")
        worker = play.person("sun")
        assert play.store.read(lambda tx: sessions.load(tx, worker))["aside"].get("entrance") is None
        assert "menu.button.desk" not in str((await play.player.port.look())["sun"])
        assert play.store.read(lambda tx: union.posts_of(tx, worker.id)) == []


async def test_an_invitation_is_good_once(stage: Stage) -> None:
    """I42."""
    async with stage("telegram", sun="zh", mei="zh") as play:
        await play("invitation A: committee of riders", "sun opens invitation A")
        said = await play("mei opens invitation A")
        assert "用过了" in said


async def test_a_command_for_another_bot_is_not_ours(stage: Stage) -> None:
    """I43."""
    async with stage("telegram", sun="zh") as play:
        channel = play.player.port._channel  # type: ignore[attr-defined]
        channel._username = "GongyouBangBot"
        await play("sun: /start", "sun presses 同意，开始")
        assert await play("sun: /start@OtherBot") == ""
        assert "您要办什么" in await play("sun: /START@gongyoubangbot")


async def test_a_command_in_the_middle_of_a_sentence_is_a_sentence(stage: Stage) -> None:
    """I43."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:5], "sun: 我发了 /start 没人理")
        worker = play.person("sun")
        told = play.store.read(lambda tx: sessions.load(tx, worker))["run"]["draft"]["tell"]
        assert told["text"] == "我发了 /start 没人理"


THINGS = {
    "sticker": {"file_id": "a", "file_unique_id": "b", "type": "regular", "emoji": "😀"},
    "dice": {"emoji": "🎲", "value": 4},
    "poll": {"id": "1", "question": "？", "options": [], "is_closed": False, "is_anonymous": True},
    "game": {"title": "x", "description": "x", "photo": []},
    "story": {"chat": {"id": 1, "type": "private"}, "id": 1},
    "invoice": {
        "title": "x",
        "description": "x",
        "start_parameter": "x",
        "currency": "CNY",
        "total_amount": 1,
    },
    "gift": {"gift": {}},
    "checklist": {"title": "x", "tasks": []},
    "venue": {"location": {"latitude": 29.5, "longitude": 106.5}, "title": "x", "address": "x"},
}


@pytest.mark.parametrize("kind", THINGS)
async def test_what_nobody_can_use_is_answered_in_words(stage: Stage, kind: str) -> None:
    """I52."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:5])
        play.player.port._people["sun"].post({kind: THINGS[kind]})  # type: ignore[attr-defined]
        said = await hand_over(play)
        assert "打字、发图片、发语音都行" in said
        assert "出了什么事？" in said


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (float("nan"), 1)])
async def test_a_place_on_no_map_is_no_answer(stage: Stage, place: tuple[float, float]) -> None:
    """I53."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:7])
        raw = {"location": {"latitude": place[0], "longitude": place[1]}}
        play.player.port._people["sun"].post(raw)  # type: ignore[attr-defined]
        assert "在哪里干活" in await hand_over(play)
