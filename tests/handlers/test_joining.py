"""Joining as it is lived: consent, few questions, a reviewer in chat, a number or a reason (R5; I85, I87)."""

import pytest

from casework import membership
from domain.people import check_place
from storage import audit, cases, people
from tests.handlers.conftest import Stage, Story

GREETED = ("sun: /start", "sun presses 同意，开始")
AGREED = (*GREETED, "sun presses 入会", "sun presses 同意，开始填")
FILLED = (*AGREED, "sun: 孙国强", "sun: 13800138000", "sun: 蜂信", "sun: 城南站", "sun: 众包")
APPLIED = (*FILLED, "sun presses 发出")
APPROVED = (*APPLIED, "chen presses 接手", "wait 15 min", "chen presses 通过", "wait 15 min")


def consents(play: Story) -> set[str]:
    """What the worker agreed to."""
    worker = play.person("sun")
    return {what for what, _ in play.store.read(lambda tx: people.consents_of(tx, worker.id))}


# ---- what is asked


async def test_what_is_kept_and_who_sees_it_is_said_before_anything_is_asked(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        said = await play(*GREETED, "sun presses 入会")
        assert "单位不会知道" in said
        assert "[同意，开始填] [先不入会]" in said
        assert consents(play) == {"contact"}
        assert "您要办什么？" in await play("sun presses 先不入会")
        await play("sun presses 入会", "sun presses 同意，开始填")
        assert consents(play) == {"contact", "joining"}


async def test_five_questions_and_no_more(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        asked = [await play(*AGREED)]
        for answer in ("孙国强", "138 0013 8000", "蜂信外卖", "江州", "众包"):
            asked.append(await play(f"sun: {answer}"))
        assert [said.count("？\n") for said in asked] == [1, 1, 1, 1, 1, 1]
        assert "5. 用工：众包" in asked[-1]
        assert "6." not in asked[-1]


async def test_a_poster_answers_two_of_them(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play("sun scans 城南配送站", *AGREED[1:], "sun: 孙国强", "sun: 13800138000")
        said = await play("sun presses 众包")
        assert "3. 单位：蜂信外卖城南站" in said
        assert "4. 地点：城南配送站" in said


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("１３８００１３８０００", "哪家单位或平台"),
        ("0086 138-0013-8000", "哪家单位或平台"),
        ("1380013800", "这个是 10 位"),
        ("010-62345678", "座机"),
        ("+852 9123 4567", "境外"),
        ("12345678901", "不是手机号"),
    ],
)
async def test_the_mobile_number_is_read_or_asked_again_with_an_example(
    stage: Stage, typed: str, told: str
) -> None:
    async with stage(sun="zh") as play:
        assert told in await play(*AGREED, "sun: 阿卜杜·热合曼", f"sun: {typed}")


async def test_only_ones_own_contact_counts(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*AGREED, "sun: 孙国强")
        assert "别人的名片" in await play("sun sends contact 13900139000")
        assert "哪家单位或平台" in await play("sun sends contact own 13800138000")


async def test_after_three_tries_a_person_is_offered_and_the_form_waits(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*AGREED, "sun: 孙国强", "sun: 没带手机")
        assert "[转给人问]" not in await play("sun: 忘了")
        assert "[转给人问]" in await play("sun: 真的忘了")
        assert "您想问什么" in await play("sun presses 转给人问")
        said = await play("sun: 没有手机号能入会吗")
        assert "已登记，编号 2611-0001" in said
        assert "「入会」还没填完" in said
        assert "您的手机号是多少" in await play("sun presses 接着来")


async def test_half_a_form_is_kept_and_found_again_from_the_menu(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*AGREED, "sun: 孙国强", "sun: 13800138000", "restart", "sun: 菜单")
        assert "哪家单位或平台" in await play("sun presses 入会", "sun presses 同意，开始填")


async def test_abroad_a_consent_of_its_own_comes_before_the_name_and_no_id_is_asked(stage: Stage) -> None:
    async with stage("telegram", sun="zh") as play:
        said = await play(*AGREED)
        assert "您叫什么名字" not in said
        assert "abroad" not in consents(play)
        allow = said.split("[")[1].split("]")[0]
        assert "您叫什么名字" in await play(f"sun presses {allow}")
        assert "abroad" in consents(play)
        await play(*FILLED[len(AGREED) :], *APPROVED[len(FILLED) :])
        said = await play("sun presses 接着填", "sun presses 跳过", "sun presses 跳过", "sun presses 跳过")
        assert "记下了" in said


# ---- how it is reviewed


async def test_the_receipt_says_number_who_and_by_when_and_reviewers_are_called(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        said = await play(*APPLIED)
        assert "入会申请已登记，编号 2611-0001" in said
        assert "江州市骑手联合工会审核，负责的是：陈志强" in said
        assert "周五(11月27日)18:00 前答复您" in said
        ping = said.split("chen > ")[1]
        assert "入会申请 · 待接手" in ping
        assert not {"孙国强", "13800138000", "蜂信"} & set(ping.split())


async def test_reviewers_see_the_number_to_call_only_of_members(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        page = await play(*APPLIED, "chen presses 接手")
        assert "名字：孙国强" in page
        assert "手机：138****8000" in page
        assert "通过后归：城南配送站工会小组" in page
        assert "[通过] [不通过]" in page
        page = await play("chen presses 通过", "chen: 2611-0001")
        assert "手机：13800138000" in page
        case = play.store.read(lambda tx: cases.find(tx, "2611-0001"))
        assert case is not None
        acts = {(e.act, e.outcome) for e in play.store.read(lambda tx: audit.entries(tx, case.id))}
        assert {("take", "done"), ("read", "done"), ("review", "done")} <= acts


async def test_asked_for_more_then_approved(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*APPLIED, "chen presses 接手", "chen presses 问工友", "chen: 站长叫什么", "wait 15 min")
        await play("fact case 1: state waiting_worker", "sun presses 回话", "sun: 姓李")
        assert "工友补充。姓李" in await play("fact case 1: state in_progress", "chen: 2611-0001")
        said = await play("wait 15 min", "chen presses 通过")
        assert "会员号 26-000001-" in said
        assert "sun > 2611-0001 通过了，您是会员了" in said


async def test_declined_with_a_reason_and_applied_for_again_without_typing(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*APPLIED, "chen presses 接手", "wait 15 min", "chen presses 不通过")
        said = await play("chen: 这边是骑手工会，您说的单位归区总工会")
        assert "陈志强 说：\n    这边是骑手工会，您说的单位归区总工会" in said
        assert "求助、问法律一样能用" in said
        page = await play("sun: 2611-0001")
        assert "入会申请 · 没有通过" in page
        assert "[重新打开]" not in page
        again = await play("wait 15 min", "sun presses 再申请", "sun presses 同意，开始填")
        assert "1. 名字：孙国强" in again
        assert "编号 2611-0002" in await play("sun presses 发出")


async def test_applying_twice_is_told_how_it_stands(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        said = await play(*APPLIED, "sun: 菜单", "sun presses 入会")
        assert "2611-0001 您的入会申请正在审核" in said
        said = await play(*APPROVED[len(APPLIED) :], "sun: 我要入会")
        assert "您已经是会员了，会员号 26-000001-" in said


async def test_a_form_sent_after_joining_elsewhere_is_refused_and_lost_to_nobody(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*FILLED)
        worker, said = (
            play.person("sun"),
            membership.Application("孙", "13800138000", "蜂信", "江州", "crowd"),
        )
        rules = play.player.house.steward.rules
        play.store.write(lambda tx: membership.apply(tx, rules, worker, said, None, "browser"))
        assert "还在审核，不用再交一份" in await play("sun presses 发出")
        assert len(play.store.read(lambda tx: cases.of_worker(tx, worker.id))) == 1


async def test_nobody_takes_it_and_it_goes_up_like_any_case(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        said = await play(*APPLIED, "wait until 2026-11-27 18:01")
        assert "li > 2611-0001 入会申请 · 过期" in said
        assert "sun > 2611-0001 说好周五(11月27日)18:00 前答复您，我们没有做到" in said


# ---- what more a member may tell


async def test_more_is_asked_once_and_each_can_be_skipped(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*APPROVED, "sun presses 接着填", "sun presses 骑手", "sun: 夜班", "sun presses 跳过")
        assert "记下了" in await play("sun presses 跳过")
        held = play.person("sun").profile
        assert (held["occupation"], held["shift"], held["tags"]) == ("rider", "night", ["platform"])
        assert "skills" not in held


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("11010519900307002", "这个是 17 位"),
        ("110105900307002", "15 位的旧号"),
        ("110105199902300022", "对不上日历"),
        ("110105199003070020", "最后一位和前面对不上"),
        ("1101052012030700", "这个是 16 位"),
    ],
)
async def test_a_resident_id_that_does_not_fit_is_explained_and_asked_again(
    stage: Stage, typed: str, told: str
) -> None:
    async with stage(sun="zh") as play:
        await play(*APPROVED, "sun presses 接着填", "sun: 跳过", "sun: 跳过", "sun: 跳过")
        said = await play(f"sun: {typed}")
        assert told in said
        assert "您的身份证号是多少？" in said


async def test_a_resident_id_of_a_child_is_not_kept(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*APPROVED, "sun presses 接着填", "sun: 跳过", "sun: 跳过", "sun: 跳过")
        young = "11010520120307002"
        assert "还不满 16 岁，号码不存" in await play(f"sun: {young}{check_place(young)}")
        await play("sun: 跳过")
        assert "resident_id" not in play.person("sun").profile


async def test_a_resident_id_in_any_spelling_is_kept_and_shown_masked(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*APPROVED, "sun presses 接着填", "sun: 跳过", "sun: 跳过", "sun: 跳过")
        places = "11010519900307007"
        number = places + check_place(places)
        await play(f"sun: {number[:6]} {number[6:14]} {number[14:].lower()}")
        assert play.person("sun").profile["resident_id"] == number
        page = await play("sun presses 我的资料")
        assert "19900307" not in page
        assert "身份证号：11**************" in page
