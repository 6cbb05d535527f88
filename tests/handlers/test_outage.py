"""A press the platform threw away while we were gone leaves nobody waiting (P24)."""

from datetime import timedelta

import pytest

from tests.handlers.conftest import Stage, Story

GREETED = ("sun: /start", "sun presses 同意，开始")
ASKED = (*GREETED, "sun presses 要帮忙")
AGAIN = "您点的可能没收到"


async def shown(play: Story) -> str:
    """All that stands on sun's screen."""
    return "\n".join(bubble.text for bubble in (await play.player.port.look())["sun"])


@pytest.mark.parametrize(
    ("gap", "asked"), [("90s", False), ("100s", False), ("101s", True), ("10 min", True)]
)
async def test_after_a_gap_of_more_than_100_seconds_the_open_question_is_asked_again(
    stage: Stage, gap: str, asked: bool
) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*ASKED, f"restart after {gap}")
        assert (AGAIN in said) is asked
        assert ("哪一类事？" in said) is asked


async def test_after_25_hours_it_is_asked_again_too(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        assert AGAIN in await play(*ASKED, "restart after 25 h")


async def test_it_is_asked_again_once_however_often_we_were_gone(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*ASKED, "restart after 3 min", "restart after 3 min", "restart", "restart after 10 min")
        assert (await shown(play)).count(AGAIN) == 1


async def test_the_next_question_may_be_asked_again_in_its_turn(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*ASKED, "restart after 3 min", "sun presses 别的", "restart after 3 min")
        assert (await shown(play)).count(AGAIN) == 2


async def test_both_the_old_and_the_new_buttons_lead_on_once(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*ASKED, "restart after 3 min")
        assert "具体是哪一种" in await play("sun presses 别的")
        assert "这一步已经过去了" in await play("sun presses old 工资工时")


async def test_the_answer_can_be_typed_instead(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        assert "具体是哪一种" in await play(*ASKED, "restart after 3 min", "sun: 别的")


async def test_a_menu_is_asked_again_as_well(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*GREETED, "restart after 3 min")
        assert AGAIN in said
        assert "您要办什么？" in said


async def test_an_old_menu_is_left_in_peace(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "wait 30 h", "restart after 3 min")
        assert AGAIN not in await shown(play)


async def test_nobody_is_woken_by_it(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "wait until 2026-11-24 21:00", "sun presses 要帮忙", "restart after 5 h")
        assert AGAIN not in await shown(play)
        await play("wait until 2026-11-25 08:05")
        assert (await shown(play)).count(AGAIN) == 1


async def test_somebody_who_was_writing_is_answered_even_at_night(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(
            *GREETED, "wait until 2026-11-24 23:00", "sun presses 要帮忙", "restart after 4 min"
        )
        assert AGAIN in said


async def test_who_went_on_by_themselves_is_not_asked_for_what_is_past(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "wait until 2026-11-24 21:00", "sun presses 要帮忙", "restart after 5 h")
        await play("sun presses 别的", "wait until 2026-11-25 09:00")
        assert AGAIN not in await shown(play)


async def test_nothing_open_asks_nothing(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*ASKED, "sun presses 先等等", "restart after 3 min")
        assert AGAIN not in await shown(play)


async def test_a_receipt_asks_nothing_and_is_not_repeated(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*ASKED, "sun presses 别的", "sun presses 别的事", "sun: 食堂的饭总是凉的")
        await play(
            *("sun presses 跳过",) * 4, "sun presses 不算急", "sun presses 不留名字", "sun presses 发出"
        )
        await play("restart after 3 min")
        assert AGAIN not in await shown(play)


async def test_a_clock_moved_in_a_demo_is_no_outage(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*ASKED)
        play.player.house.store.move_clock(timedelta(hours=3))
        await play("restart")
        assert AGAIN not in await shown(play)
