"""What a message answers: a button typed, a push, a case; and what was passed on (I48, I49; P24)."""

from storage import sessions
from tests.handlers.conftest import Stage, Story
from tests.handlers.test_edits import FILLED, REST, events, hand_over, owner, the_case


async def forward(play: Story, text: str) -> str:
    """Sun passes on what somebody hidden wrote."""
    person = play.player.port._people["sun"]  # type: ignore[attr-defined]
    origin = {"type": "hidden_user", "sender_user_name": "某某", "date": 1_790_000_000}
    person.post({"text": text, "forward_origin": origin, "forward_date": 1_790_000_000})
    return await hand_over(play)


# ---- answers to a push


async def test_an_answer_to_a_push_goes_to_its_case(stage: Stage) -> None:
    """I49."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        name = owner(play)
        await play(f"{name} presses 接手", f"{name} presses 问工友", f"{name}: 哪个食堂？", "wait 15 min")
        await play("sun replies to 哪个食堂？: 二号食堂")
        assert [event.detail["text"] for event in events(play, "added")] == ["二号食堂"]


async def test_the_open_form_goes_on_after_it(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        number = the_case(play).number
        await play("sun: 菜单", "sun presses 要帮忙", "sun presses 别的")
        said = await play(f"sun replies to 已登记，编号 {number}: 二号食堂")
        assert [event.detail["text"] for event in events(play, "added")] == ["二号食堂"]
        assert "具体是哪一种？" in said
        assert "出了什么事？" in await play("sun presses 别的事")


async def test_an_answer_to_ones_own_words_goes_to_their_case(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        person = play.player.port._people["sun"]  # type: ignore[attr-defined]
        [mine] = [shown for shown in person.screen if shown.text == "食堂的饭总是凉的"]
        person.say("是二号食堂", mine.message_id)
        await hand_over(play)
        assert [event.detail["text"] for event in events(play, "added")] == ["是二号食堂"]


async def test_an_answer_to_the_open_question_is_an_answer(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:-1])
        said = await play("sun replies to 出了什么事？: 食堂的饭总是凉的")
        assert "知道是哪家" in said


# ---- buttons typed


async def test_a_button_under_the_push_that_is_answered_can_be_typed(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        name, number = owner(play), the_case(play).number
        said = await play(f"{name} replies to {number}: 接手")
        assert "归您办了" in said
        assert the_case(play).taken


async def test_a_button_of_news_can_be_typed_without_answering_it(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        assert "归您办了" in await play(f"{owner(play)}: 接手")


async def test_which_case_is_asked_when_two_have_that_button(stage: Stage) -> None:
    async with stage("telegram", sun="zh", mei="zh") as play:
        other = [line.replace("sun", "mei") for line in (*FILLED, *REST)]
        await play(*FILLED, *REST)
        name = owner(play)
        await play(*other)
        said = await play(f"{name}: 接手")
        assert "您说的是哪一件" in said
        number = the_case(play).number
        assert "归您办了" in await play(f"{name} presses {number}")
        assert the_case(play).taken


async def test_a_word_that_is_on_no_button_presses_none(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        await play(f"{owner(play)}: 接手机的事谁管")
        assert not the_case(play).taken


async def test_every_button_of_a_dialogue_can_be_typed(stage: Stage) -> None:
    """P24: nobody depends on a press the platform may have dropped."""
    async with stage("telegram", sun="zh") as play:
        begun = ("/start", "同意，开始", "要帮忙", "别的", "别的事", "食堂的饭总是凉的", "看更多")
        rest = (*("跳过",) * 4, "不算急", "不留名字", "发出")
        await play(*(f"sun: {words}" for words in (*begun, *rest)))
        assert the_case(play).open


async def test_danger_in_the_middle_of_a_form_is_answered_in_words(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:-1], "sun: 有人从架子上摔下来了，流了很多血")
        said = await play("sun: 叫人")
        assert "急事已登记" in said


async def test_menu_buttons_are_typed_while_a_draft_rests(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, "sun: 菜单")
        assert "您还没有登记过事情" in await play("sun: 我的事")


# ---- passed on


async def test_what_was_passed_on_is_marked(stage: Stage) -> None:
    """I48."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:-1])
        await forward(play, "明天全体加班，不来算旷工")
        worker = play.person("sun")
        state = play.store.read(lambda tx: sessions.load(tx, worker))
        assert state["run"]["draft"]["tell"]["text"] == "（转来的）明天全体加班，不来算旷工"


async def test_a_command_passed_on_is_no_command(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED[:-1])
        said = await forward(play, "/start")
        assert "您要办什么" not in said
