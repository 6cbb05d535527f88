"""Where words leave the country: a consent of its own, no ID numbers, and the union's own page (R37; I74)."""

import re

import pytest

from handlers.abroad import PASSAGE_LIVES
from storage import cases, people, sessions
from tests.handlers.conftest import Stage, Story
from tests.player.acts import Open, Write
from tests.player.browser import Browser
from tests.player.screen import Screen

ID = "11010519491231002X"  # invented, the standard's own example
GREETED = ("sun: /start", "sun presses 同意，开始")
TO_NAMED = (
    *GREETED,
    *("sun presses 要帮忙", "sun presses 别的", "sun presses 别的事", "sun: 食堂的饭总是凉的"),
    *("sun presses 跳过",) * 4,
    "sun presses 不算急",
)


def with_own_page(play: Story) -> None:
    """Let the union have a public address from the next line on."""
    house = play.player.house
    house._settings = house._settings.model_copy(update={"public_url": "https://union.example"})


def agreed(play: Story) -> bool:
    """Whether sun agreed that what is personal leaves the country."""
    worker = play.person("sun")
    return play.store.read(lambda tx: people.has_consent(tx, worker.id, "abroad"))


def draft(play: Story) -> dict[str, object]:
    """What sun filled in so far."""
    worker = play.person("sun")
    state = play.store.read(lambda tx: sessions.load(tx, worker))
    found: dict[str, object] = state["run"]["draft"]
    return found


class Page:
    """A browser beside the Telegram of a story."""

    def __init__(self, play: Story) -> None:
        self._play = play
        self._browser = Browser()

    async def __call__(self, act: Open | Write) -> Screen:
        """Do something there; returns the whole screen."""
        if not self._browser.pages:
            await self._browser.arrive("sun", "zh")
        await self._browser.attach(self._play.player.house.steward)
        await self._browser.act("sun", act)
        await self._play.player.house.work()
        return (await self._browser.look())["sun"]


def token_in(said: str) -> str:
    """What a link on the screen carries."""
    found = re.search(r"https://union\.example/chat#start=(p_[\w-]+)", said)
    assert found is not None, said
    return found[1]


# ---- the consent


async def test_the_name_is_asked_for_only_after_a_consent_of_its_own(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*TO_NAMED, "sun presses 留名字")
        assert "服务器在境外" in said
        assert "怎么称呼您" not in said
        assert not agreed(play)
        assert "怎么称呼您" in await play("sun presses 在这里填")
        assert agreed(play)
        assert "名字：孙国强" in await play("sun: 孙国强")


async def test_a_name_typed_before_the_consent_is_no_answer(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*TO_NAMED, "sun presses 留名字", "sun: 孙国强")
        assert "服务器在境外" in said
        assert "name" not in draft(play)
        assert "怎么称呼您" in await play("sun: 可以")


async def test_refusing_it_makes_the_matter_anonymous(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*TO_NAMED, "sun presses 留名字", "sun presses 这些不填")
        assert "留不留名：不留名字" in said
        assert "名字：" not in said.replace("留不留名：", "")
        await play("sun presses 发出")
        worker = play.person("sun")
        [case] = play.store.read(lambda tx: cases.of_worker(tx, worker.id))
        assert case.anonymous
        assert not agreed(play)


async def test_it_is_asked_again_when_the_answer_is_changed_to_named(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TO_NAMED, "sun presses 留名字", "sun presses 这些不填", "sun: 8")
        assert "服务器在境外" in await play("sun presses 留名字")


async def test_joining_cannot_leave_out_who_somebody_is(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*GREETED, "sun presses 入会", "sun presses 同意，开始填")
        assert "服务器在境外" in said
        assert "[这些不填]" not in said
        await play("sun presses 在这里填", "sun: 孙国强")
        assert "手机" in await play("sun: 孙国强")


async def test_back_from_the_consent_leads_to_the_question_before(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        assert "要留名字吗" in await play(*TO_NAMED, "sun presses 留名字", "sun presses 返回")


async def test_a_reminder_asks_the_consent_again_and_not_the_question_behind_it(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*TO_NAMED, "sun presses 留名字", "wait 40 min")
        assert "服务器在境外" in said
        assert "怎么称呼您" not in said


async def test_at_home_nothing_of_it_is_asked(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        assert "怎么称呼您" in await play(*TO_NAMED, "sun presses 留名字")


async def test_pictures_of_an_id_card_are_asked_not_to_be_sent(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*TO_NAMED[:-2])
        assert "身份证的照片别发到这里来" in said


# ---- ID numbers


@pytest.mark.parametrize(
    "typed", [ID, ID.lower(), "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X"]
)
async def test_an_id_number_is_not_kept_nor_said_back(stage: Stage, typed: str) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*GREETED, "sun presses 要帮忙", "sun presses 别的", "sun presses 别的事")
        said = await play(f"sun: 我的身份证是{typed}，食堂的饭总是凉的")
        assert "这里不收" in said
        told = draft(play)["tell"]
        assert isinstance(told, dict)
        assert told["text"] == "我的身份证是（身份证号没有存），食堂的饭总是凉的"
        screen = (await play.player.port.look())["sun"]
        assert not any(re.search(r"1949.?1231|１９４９", bubble.text) for bubble in screen)


async def test_the_warning_comes_once(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        first = await play(*GREETED, f"sun: 老板拿了我的身份证 {ID}")
        again = await play(f"sun: 号码是 {ID}，他不还我")
        assert "这里不收" in first
        assert "这里不收" not in again


async def test_an_id_number_alone_is_no_answer(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*GREETED, "sun presses 要帮忙", "sun presses 别的", "sun presses 别的事")
        for _ in range(2):
            said = await play(f"sun: {ID}")
            assert "这里不收" in said
            assert "出了什么事？" in said
        assert "tell" not in draft(play)


async def test_at_home_an_id_number_is_a_persons_own_business(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        said = await play(
            *GREETED, "sun presses 要帮忙", "sun presses 别的", "sun presses 别的事", f"sun: {ID}"
        )
        assert "这里不收" not in said


# ---- the union's own page


async def test_a_form_goes_on_at_the_unions_own_page(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        said = await play(*GREETED, "sun presses 要帮忙")
        assert "[到工会网页填]" in said
        assert "[到工会网页填]" not in await play("sun presses 别的")
        link = await play("sun presses 返回", "sun presses 到工会网页填")
        page = Page(play)
        shown = await page(Open(token_in(link)))
        assert "填过的都在" in shown[-2].text
        assert "哪一类事" in shown[-1].text
        shown = await page(Write("别的"))
        assert "具体是哪一种" in shown[-1].text
        assert draft(play)["group"] == "other"


async def test_both_ways_in_work_and_news_follow_the_one_used_last(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        page = Page(play)
        await page(Open(token_in(await play(*GREETED, "sun presses 要帮忙", "sun presses 到工会网页填"))))
        await page(Write("别的"))
        said = await play("wait 1 min", "sun: 别的事")
        assert "出了什么事？" in said
        await play("wait 1 min")
        await page(Write("食堂的饭总是凉的"))
        worker = play.person("sun")
        doors = play.store.read(lambda tx: [each.channel for each in people.accounts_of(tx, worker.id)])
        assert doors == ["browser", "telegram"]
        await play("wait 1 min", "sun: 返回")
        assert play.store.read(lambda tx: people.door(tx, worker.id)).channel == "telegram"  # type: ignore[union-attr]


async def test_typing_its_words_leads_there_too(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        assert "https://union.example/chat" in await play(
            *GREETED, "sun presses 要帮忙", "sun: 到工会网页接着填"
        )


async def test_a_refused_consent_goes_on_there_without_one(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        link = await play(*TO_NAMED, "sun presses 留名字", "sun presses 到工会网页填")
        shown = await Page(play)(Open(token_in(link)))
        assert "怎么称呼您" in shown[-1].text
        assert not agreed(play)


async def test_a_question_open_on_the_page_waits_for_the_consent_when_asked_abroad(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        page = Page(play)
        await page(Open(token_in(await play(*TO_NAMED, "sun presses 留名字", "sun presses 到工会网页填"))))
        said = await play("sun: 孙国强")
        assert "服务器在境外" in said
        assert "name" not in draft(play)


async def test_the_link_is_good_once(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        token = token_in(await play(*GREETED, "sun presses 要帮忙", "sun presses 到工会网页填"))
        await Page(play)(Open(token))
        with pytest.raises(Exception, match="422"):
            await Page(play)(Open(token))


async def test_the_link_is_good_for_a_day(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        token = token_in(await play(*GREETED, "sun presses 要帮忙", "sun presses 到工会网页填"))
        play.player.clock.move(PASSAGE_LIVES)
        with pytest.raises(Exception, match="422"):
            await Page(play)(Open(token))


async def test_somebody_elses_conversation_on_the_device_is_left_alone(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        with_own_page(play)
        page = Page(play)
        await page(Open(""))
        await page(Write("好"))
        token = token_in(await play(*GREETED, "sun presses 要帮忙", "sun presses 到工会网页填"))
        shown = await page(Open(token))
        assert any("这台设备上是另一个人的对话" in bubble.text for bubble in shown)
        assert "填过的都在" in (await Page(play)(Open(token)))[-2].text


async def test_without_a_public_page_none_is_offered(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        assert "[到工会网页填]" not in await play(*GREETED, "sun presses 要帮忙")
