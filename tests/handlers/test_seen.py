"""Every case says whether its worker has seen the last news, and since when (R13)."""

from tests.handlers.conftest import Stage, Story

FILLED = (
    *("sun: /start", "sun presses 同意，开始", "sun presses 要帮忙"),
    *("sun presses 别的", "sun presses 别的事", "sun: 食堂的饭总是凉的"),
    *(*("sun presses 跳过",) * 4, "sun presses 不算急", "sun presses 不留名字", "sun presses 发出"),
)
TAKEN = (*FILLED, "zhou presses 接手", "wait 15 min")


async def line(play: Story) -> str:
    """What the page of the case says of the last news."""
    said = await play("zhou presses 看一看") if await _offers(play) else await play("zhou: 2611-0001")
    return next(row.strip() for row in said.split("\n") if "上一条消息" in row)


async def _offers(play: Story) -> bool:
    return any("看一看" in bubble.labels for bubble in (await play.player.port.look())["zhou"])


async def test_on_telegram_it_is_seen_once_the_worker_speaks_again(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TAKEN)
        assert await line(play) == "上一条消息，周二(11月24日)10:00 发的，工友还没看到"
        await play("wait 1 h", "sun: 好的")
        assert await line(play) == "上一条消息，工友周二(11月24日)11:15 看到了"


async def test_pressing_any_button_shows_it_as_well(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TAKEN, "sun presses 看这件事")
        assert "看到了" in await line(play)


async def test_the_page_tells_itself(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*TAKEN)
        assert "还没看到" in await line(play)
        await play("sun: 好的")  # the page tells what it showed before it sends
        assert "看到了" in await line(play)


async def test_what_waits_for_the_morning_says_so(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*FILLED, "wait until 2026-11-24 23:00", "zhou presses 接手")
        assert await line(play) == "上一条消息，要等到周三(11月25日)08:00 才发"


async def test_what_never_got_there_says_so(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        await play(*TAKEN, "sun blocks", "zhou presses 回话", "zhou: 您还在吗", "wait 15 min")
        assert "没能送到" in await line(play)
