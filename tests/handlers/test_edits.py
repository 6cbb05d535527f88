"""A message changed after it was sent is kept beside what it said before (I46, I47)."""

from storage import cases
from storage.cases import Case, CaseEvent
from tests.handlers.conftest import Stage, Story

FILLED = (
    *("sun: /start", "sun presses 同意，开始", "sun presses 要帮忙"),
    *("sun presses 别的", "sun presses 别的事", "sun: 食堂的饭总是凉的"),
)
REST = (*("sun presses 跳过",) * 4, "sun presses 不算急", "sun presses 不留名字", "sun presses 发出")


def the_case(play: Story) -> Case:
    """Sun's one matter."""
    worker = play.person("sun")
    [case] = play.store.read(lambda tx: cases.of_worker(tx, worker.id))
    return case


def events(play: Story, kind: str) -> list[CaseEvent]:
    """Lines of one kind in the timeline of sun's matter."""
    case = the_case(play)
    return play.store.read(lambda tx: cases.timeline(tx, case, kinds=(kind,)))


def owner(play: Story) -> str:
    """Who is called about it."""
    return play.player.known[the_case(play).owner_id or ""]


async def change(play: Story, before: str, after: str) -> str:
    """Sun changes an earlier message of her own; what she is told."""
    person = play.player.port._people["sun"]  # type: ignore[attr-defined]
    [message] = [shown for shown in person.screen if shown.text == before and not shown.by_bot]
    person.edit(message.message_id, after)
    return await hand_over(play)


async def hand_over(play: Story) -> str:
    """What waits at the server arrives; what sun sees of it."""
    port = play.player.port
    for update in port._world.queue.poll(0, 100):  # type: ignore[attr-defined]
        await port._take([update.as_json()])  # type: ignore[attr-defined]
        port._world.queue.confirm(update.update_id)  # type: ignore[attr-defined]
    items = await play.player._seen("sun")
    return "\n".join(row for item in items for row in item)


async def test_a_change_after_sending_stands_beside_the_old_words(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        said = await change(play, "食堂的饭总是凉的", "食堂的饭总是凉的，还有虫")
        case = the_case(play)
        assert f"{case.number} 您改了前面的一条" in said
        [event] = events(play, "edited")
        assert event.detail["text"] == "食堂的饭总是凉的，还有虫"
        assert play.store.read(lambda tx: cases.body(tx, case))["text"] == "食堂的饭总是凉的"


async def test_whoever_has_the_case_hears_of_it(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        assert "工友改了前面说的一条" in await change(play, "食堂的饭总是凉的", "食堂的饭凉")
        assert "现在是：食堂的饭凉" in await play(
            f"{owner(play)} presses 接手", f"{owner(play)} presses 看一看"
        )


async def test_two_days_later_it_is_no_different(stage: Stage) -> None:
    """I47."""
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST, "wait 2 days")
        await change(play, "食堂的饭总是凉的", "食堂的饭凉")
        assert [event.detail["text"] for event in events(play, "edited")] == ["食堂的饭凉"]


async def test_every_version_is_kept(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        await change(play, "食堂的饭总是凉的", "食堂的饭凉")
        await change(play, "食堂的饭凉", "食堂的饭凉，菜也凉")
        kept = [event.detail["text"] for event in events(play, "edited")]
        assert kept == ["食堂的饭凉", "食堂的饭凉，菜也凉"]


async def test_a_change_while_the_form_is_open_goes_along_with_it(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED)
        said = await change(play, "食堂的饭总是凉的", "食堂的饭凉")
        assert "改一改" in said
        await play("restart", *REST)
        assert [event.detail["text"] for event in events(play, "edited")] == ["食堂的饭凉"]
        assert play.store.read(lambda tx: cases.body(tx, the_case(play)))["text"] == "食堂的饭总是凉的"


async def test_words_said_before_the_form_are_known_again(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play("sun: /start", "sun presses 同意，开始", "sun: 老板三个月没给我发工资了，一分都没有")
        await play("sun presses 找人帮忙")
        for _ in range(12):
            labels = (await play.player.port.look())["sun"][-1].labels
            wanted = ("发出", "不留名字", "不算急", "跳过", "还在干", "工资")
            await play(f"sun presses {next(each for each in wanted if each in labels)}")
            if "发出" in labels:
                break
        await change(play, "老板三个月没给我发工资了，一分都没有", "老板两个月没给我发工资")
        assert [event.detail["text"] for event in events(play, "edited")] == ["老板两个月没给我发工资"]


async def test_what_belongs_to_no_case_changes_none(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST, "sun: 今天天气不错")
        said = await change(play, "今天天气不错", "今天下雨")
        assert "原来那条也留着" in said
        assert events(play, "edited") == []


async def test_a_handlers_change_does_not_reach_the_worker(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, *REST)
        name = owner(play)
        await play(f"{name} presses 接手", f"{name} presses 回话", f"{name}: 我去食堂看看")
        said = await play(f"{name} edits: 我不去了")
        assert "工友收到的还是原来那条" in said
        assert "我不去了" not in said
        [event] = events(play, "corrected")
        assert not event.shown
