"""Keyboards on Telegram as people see them: used ones go, what was chosen stays, sharing has a typed way."""

from tests.handlers.conftest import Stage, Story
from tests.telegram_server.people import Shown

GREETED = ("sun: /start", "sun presses 同意，开始")
TO_PLACE = (
    *(*GREETED, "sun presses 要帮忙", "sun presses 别的", "sun presses 别的事"),
    *("sun: 食堂的饭总是凉的", "sun presses 跳过"),
)
TO_PHONE = (*GREETED, "sun presses 入会", "sun presses 同意，开始填", "sun presses 在这里填", "sun: 孙国强")


def chat(play: Story) -> list[Shown]:
    """Everything on sun's screen."""
    person = play.player.port._people["sun"]  # type: ignore[attr-defined]
    found: list[Shown] = person.screen
    return found


def keys(play: Story) -> list[list[str]]:
    """The keyboard in the place of letters, empty when none is shown."""
    port = play.player.port
    person = port._people["sun"]  # type: ignore[attr-defined]
    shown = port._world.chats[person.id].keyboard_shown  # type: ignore[attr-defined]
    found: list[list[str]] = person.keyboard if shown else []
    return found


async def test_what_was_chosen_stays_under_its_question_and_the_buttons_go(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "sun presses 要帮忙")
        menu = next(shown for shown in chat(play) if "您要办什么" in shown.text)
        assert menu.text.endswith("您要办什么？\n› 要帮忙")
        assert menu.buttons == []


async def test_a_typed_choice_stays_readable_too(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "sun: 要帮忙")
        menu = next(shown for shown in chat(play) if "您要办什么" in shown.text)
        assert menu.text.endswith("› 要帮忙")
        assert menu.buttons == []


async def test_the_key_that_shares_a_place_stands_above_the_other_answers(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TO_PLACE)
        assert keys(play) == [["发我的位置"], ["返回", "跳过", "先等等"]]


async def test_a_shared_place_is_an_answer_and_the_keyboard_goes(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        assert "哪一天" in await play(*TO_PLACE, "sun sends location 29.56,106.55")
        assert keys(play) == []


async def test_every_key_has_a_typed_way(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        for typed, answer in (("返回", "知道是哪家"), ("临江区沿江路", "在哪里干活"), ("跳过", "哪一天")):
            start = TO_PLACE if not chat_started(play) else ()
            assert answer in await play(*start, f"sun: {typed}")
        assert keys(play) == []


def chat_started(play: Story) -> bool:
    """Whether sun has said anything yet."""
    return "sun" in play.player.known.values()


async def test_nothing_of_the_removal_stays_on_the_screen(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TO_PLACE, "sun: 跳过")
        assert not any(shown.text == "…" for shown in chat(play))


async def test_after_a_restart_the_keyboard_still_goes(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TO_PLACE, "restart", "sun: 跳过")
        assert keys(play) == []


async def test_ones_own_phone_number_is_shared_with_one_key(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TO_PHONE)
        assert keys(play)[0] == ["发我的手机号"]
        await play("sun sends contact own +8613800138000")
        assert keys(play) == []


async def test_somebody_elses_contact_is_not_taken_for_ones_own(stage: Stage) -> None:
    """I54."""
    async with stage("telegram", sun="zh") as play:
        said = await play(*TO_PHONE, "sun sends contact +8613800138000")
        assert "别人的名片" in said
        assert keys(play)[0] == ["发我的手机号"]


async def test_a_phone_number_can_be_typed(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TO_PHONE, "sun: 138 0013 8000")
        assert keys(play) == []
