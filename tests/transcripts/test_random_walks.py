"""Whatever people do and however time goes on, no case is ever without its keeper and its hour."""

from contextlib import suppress

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from casework.duty import duty_people
from storage import cases, dues, inbox, outbox
from storage.tx import Tx
from tests.player.player import Player
from tests.player.script import ScriptError, civil
from tests.transcripts.conftest import Places

SAID = (
    "菜单",
    "返回",
    "跳过",
    "先等等",
    "好了",
    "1",
    "2",
    "9",
    "我的事",
    "老板三个月没发工资",
    "加班费怎么算",
    "3500",
    "昨天",
    "孙国强",
    "我不想活了",
    "累死了",
    "2611-0001",
    "\u200b\U0001f600\x00",
    "13800000000",
    "满川货运",
    "不急",
    "嗯",
)
SENT = ("photo", "voice", "file 考勤.pdf", "location 31.2,121.4", "sticker", "contact own 13800000000")
WAITS = ("2 min", "31 min", "5h", "1 days", "3 days", "2 weeks")
MATTER = (
    "sun: 菜单 / presses 要帮忙 / presses 合同去留 / presses 劳动合同 / : 干了半年没签 / presses 没签合同"
    " / presses 跳过 / presses 跳过 / presses 跳过 / presses {urgent} / presses {reader} / presses 不留名字"
    " / presses 发出"
)
SORTS = ("press",) * 14 + ("say",) * 4 + ("matter",) * 2 + ("wait",) * 2 + ("send", "again", "restart")
WHO = ("sun", "amy", "chen", "zhou")

# What one step is drawn from: who, what sort of thing, and a number that chooses among what there is.
STEP = st.tuples(
    st.sampled_from(WHO),
    st.sampled_from(SORTS),
    st.integers(0, 10_000),
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEP, min_size=10, max_size=45))
async def test_no_case_is_ever_without_its_keeper_and_its_hour(
    steps: list[tuple[str, str, int]], places: Places
) -> None:
    async with Player(places("sqlite"), "engine", civil("2026-11-24 10:00")) as player:
        await player.arrive("sun", "zh")
        await player.arrive("amy", "en")
        for name in ("sun", "amy"):
            await player.play(f"{name} scans 城南配送站")
        for who, sort, choice in steps:
            line = await _line(player, who, sort, choice)
            note(line)
            with suppress(ScriptError):  # where a matter's form stands otherwise than its first step expects
                await player.play(line)
            player.house.store.read(_check)


async def _line(player: Player, who: str, sort: str, choice: int) -> str:
    match sort:
        case "matter":
            reader = ("上级工会", "单位工会")[choice // 2 % 2]
            return MATTER.format(urgent=("不算急", "很急")[choice % 2], reader=reader)
        case "press":
            shown = [bubble for bubble in (await player.port.look())[who] if bubble.rows]
            labels = [label for bubble in shown[-4:] for label in bubble.labels]
            if labels:
                return f"{who} presses {labels[choice % len(labels)]}"
        case "send":
            return f"{who} sends {SENT[choice % len(SENT)]}"
        case "again" | "restart":
            return sort
        case "wait":
            return f"wait {WAITS[choice % len(WAITS)]}"
    return f"{who}: {SAID[choice % len(SAID)]}"


def _check(tx: Tx) -> None:
    """Every open case has a keeper, or nobody is there who may have it, and something planned."""
    for case in cases.open_cases(tx):
        somebody = duty_people(tx, case)
        assert case.owner_id or not somebody, f"{case.number} has no owner, though somebody is there"
        planned = [due for due in dues.planned(tx, case.id) if due.kind.startswith("case.")]
        assert planned, f"{case.number} is {case.state.value} and nothing is planned for it"
    assert "dead" not in inbox.backlog(tx)
    assert "failed" not in outbox.backlog(tx)
