"""A worker's own data: seen, corrected, quiet, taken along, and gone (R8; P13, P14)."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework import profile, return_codes
from domain.errors import Refusal
from storage import browser, documents, people, personal
from storage.files import Vault
from storage.registry import REGISTRY
from storage.tables import data_keys
from storage.tables import documents as documents_table
from storage.tx import Tx
from tests.handlers.conftest import Stage, Story
from tests.handlers.scan import raw_bytes, readable
from tests.player.browser import Browser

GREETED = ("sun: /start", "sun presses 同意，开始")
MEMBER = (
    *GREETED,
    *(
        "sun presses 入会",
        "sun presses 同意，开始填",
        "sun: 孙国强",
        "sun: 13800138000",
        "sun: 蜂信",
        "sun: 江州",
    ),
    *(
        "sun: 众包",
        "sun presses 发出",
        "chen presses 接手",
        "wait 15 min",
        "chen presses 通过",
        "wait 15 min",
    ),
)
PROFILE = ("sun: 菜单", "sun presses 我的资料")
MORE = (*PROFILE, "sun presses 更多")
HELP = (
    *(
        "sun: 菜单",
        "sun presses 要帮忙",
        "sun presses 工资工时",
        "sun presses 工资",
        "sun: 站长扣了我三千块",
        "sun: 3000",
    ),
    *("sun presses 还在干", "sun: 蜂信外卖", "sun: 江州大道", "sun: 11月2日", "sun sends photo", "sun: 好了"),
    *("sun presses 不算急", "sun presses 留名字"),
)


async def ask_for_help(play: Story, *before: str) -> None:
    """One open matter, named, with a photo."""
    said = await play(*before, *HELP)
    if "怎么称呼您" in said:
        said = await play("sun: 孙国强")
    assert "编号 26" in await play("sun presses 发出")


def vault_of(play: Story) -> Vault:
    """Where files lie."""
    return play.player.house.steward.vault


# ---- seen


async def test_everything_held_is_listed_and_numbers_are_masked(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        page = await play(*MEMBER, *PROFILE)
        for line in (
            *("名字：孙国强", "手机号：138****8000", "单位：蜂信", "用工：众包"),
            *("会籍：26-000001-", "登记的事：1 件，0 件在办", "语言：中文"),
            *("同意过：存您说的话，2026年11月24日(周二)", "同意过：入会留资料"),
        ):
            assert line in page
        assert "13800138000" not in page
        assert "手机号：13800138000" in await play("sun presses 显示号码")


async def test_somebody_new_sees_that_nothing_is_held(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        page = await play(*GREETED, "sun presses 我的资料")
        assert "会籍：不是会员" in page
        assert "登记的事：0 件" in page
        assert "[改一条]" not in page


async def test_the_language_changes_for_good(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        assert "What is held about you" in await play(*GREETED, "sun presses 我的资料", "sun presses English")
        assert "What do you need?" in await play("restart", "sun: menu")


# ---- corrected


async def test_one_item_is_corrected_with_the_question_that_asked_it(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        said = await play(*MEMBER, *PROFILE, "sun presses 改一条", "sun presses 手机号", "sun: 1390013")
        assert "手机号要 11 位，这个是 7 位" in said
        assert "手机号：139****9000" in await play("sun: 13900139000")
        worker = play.person("sun")
        assert worker.profile["phone"] == "13900139000"
        assert play.store.read(lambda tx: people.others_with_phone(tx, "nobody", "13900139000")) == 1


async def test_what_membership_stands_on_can_be_changed_and_the_rest_removed(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*MEMBER, "sun presses 接着填", "sun presses 骑手", "sun: 跳过", "sun: 会修车", "sun: 跳过")
        assert "[删掉]" not in await play(*PROFILE, "sun presses 改一条", "sun presses 用工")
        await play("sun presses 单位直招", "sun presses 改一条", "sun: 特长", "sun presses 删掉")
        await play("sun presses 改一条", "sun: 工种", "sun presses 改", "sun: 焊工")
        held = play.person("sun").profile
        assert (held["employment"], held["occupation"], held["tags"]) == ("employee", "焊工", [])
        assert "skills" not in held


async def test_a_name_given_once_can_be_taken_back_by_who_is_no_member(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await ask_for_help(play, *GREETED)
        assert "名字：孙国强" in await play(*PROFILE)
        await play("sun presses 改一条", "sun presses 名字", "sun presses 删掉")
        assert "名字：" not in await play(*PROFILE)


# ---- quiet


async def test_quiet_leaves_open_matters_alone_and_lets_the_rest_come_later(stage: Stage) -> None:
    """The result is told and asked about; only that nobody answered, and the matter closed, waits."""
    async with stage(sun="zh") as play:
        await ask_for_help(play, *GREETED)
        await play(*PROFILE, "sun presses 免打扰", "sun presses 我说再开", "chen presses 接手", "wait 15 min")
        await play("chen presses 写结果", "chen presses 眼下办不成", "chen: 单位还没有回话")
        assert "sun > 2611-0001 眼下办不成" in await play("chen: 跳过", "chen presses 发出")
        said = await play("wait 40 days")
        assert "这件事解决了吗？" in said
        assert "chen > 2611-0001" in said
        assert "先办结了" not in said
        assert "先办结了" in await play(*PROFILE, "sun presses 免打扰", "sun presses 现在恢复")


async def test_quiet_for_a_day_ends_by_itself(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        said = await play(*GREETED, *PROFILE, "sun presses 免打扰", "sun presses 一天")
        assert "到周三(11月25日)10:00 为止" in said
        worker = play.person("sun")
        now = play.player.clock.read()
        assert worker.muted(now + timedelta(hours=23))
        assert not worker.muted(now + timedelta(hours=24))
        assert "免打扰到" not in await play("wait 25h", *PROFILE)


async def test_in_quiet_no_draft_is_reminded_of(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*GREETED, *PROFILE, "sun presses 免打扰", "sun presses 一周")
        await play("sun: 菜单", "sun presses 要帮忙", "sun presses 工资工时")
        assert await play("wait 2 days") == ""
        assert "[接着来]" in await play("sun: 菜单")


# ---- taken along


async def test_a_new_return_code_ends_the_earlier_one(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*GREETED)
        worker = play.person("sun")
        earlier = play.store.write(lambda tx: return_codes.make(tx, worker.id))
        await play(*MORE, "sun presses 找回码")
        assert play.store.read(lambda tx: return_codes.owner(tx, earlier)) is None
        shown = play.store.read(lambda tx: str(personal.export(tx, play.read(tx, "sun"))["outbox"]))
        codes = re.findall(r"\d{4} \d{4} \d{4} \d{4}", shown)
        assert play.store.read(lambda tx: return_codes.owner(tx, codes[-1])) == worker.id


def exported(play: Story) -> dict[str, bytes]:
    """The files of the ZIP handed over last."""

    def load(tx: Tx) -> bytes:
        last = select(documents_table.c.id).order_by(documents_table.c.made_at.desc()).limit(1)
        document_id = tx.conn.execute(last).scalar_one()
        handle, found = documents.handle(tx, document_id), documents.load(tx, vault_of(play), document_id)
        assert handle is not None
        assert handle.person_id == play.read(tx, "sun").id
        assert found is not None
        return found.content

    with zipfile.ZipFile(io.BytesIO(play.store.read(load))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


async def test_the_file_holds_everything_of_the_worker_and_nothing_of_anybody_else(stage: Stage) -> None:
    async with stage(sun="zh", luo="zh") as play:
        await ask_for_help(play, *MEMBER)
        await play("luo: /start", "luo presses 同意，开始", "luo: 罗小梅问年假怎么算")
        assert "<我的资料.zip>" in await play(*PROFILE, "sun presses 导出")
        files = exported(play)
        text, data = files["我的资料.txt"].decode("utf-8-sig"), files["data.json"].decode()
        for told in ("孙国强", "13800138000", "站长扣了我三千块", "2611-0002"):
            assert told in text
            assert told in data
        tables = json.loads(data)
        assert set(tables) == {held.table.name for held in REGISTRY}
        assert tables["members"][0]["number"].startswith("26-000001-")
        assert [case["body"].get("employer") for case in tables["cases"]] == ["蜂信外卖", "蜂信外卖"]
        (photo,) = [content for name, content in files.items() if name.startswith("evidence/")]
        assert photo.startswith(b"\xff\xd8")
        for other in ("罗小梅", "陈志强的电话", play.person("luo").id, play.person("luo").alias):
            assert other not in text + data


async def test_a_new_file_takes_the_earlier_one_off_the_disk(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*GREETED, *PROFILE, "sun presses 导出")
        (first,) = vault_of(play).names()
        await play(*PROFILE, "sun presses 导出")
        (second,) = vault_of(play).names()
        assert first != second


async def test_a_file_is_taken_away_again_after_a_week(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        assert "周二(12月1日)10:00 以前都能存" in await play(*GREETED, *PROFILE, "sun presses 导出")
        await play("wait 6 days")
        assert len(vault_of(play).names()) == 1
        await play("wait 2 days")
        assert vault_of(play).names() == []


async def test_a_file_under_way_is_not_made_twice(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(*GREETED)
        worker = play.person("sun")
        play.store.write(lambda tx: profile.ask_for_export(tx, worker))
        with pytest.raises(Refusal, match="under_way"):
            play.store.write(lambda tx: profile.ask_for_export(tx, worker))
        assert "<我的资料.zip>" in await play("sun: 菜单")


# ---- leaving


async def test_leaving_asks_once_more_and_keeps_what_is_held(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        asked = await play(*MEMBER, *MORE, "sun presses 退会")
        assert "真的退会吗？\n    [先不退] [退会]" in asked
        assert "已经退会了" in await play("sun presses 退会")
        assert "[入会]" in await play("sun: 菜单")
        page = await play("sun presses 我的资料")
        assert "2026年11月24日(周二)退会" in page
        assert "名字：孙国强" in page
        assert "入会留资料" not in page


# ---- gone


NAME, PHONE, SKILL, STORY = "孙国强", "13800138000", "会修摩托车", "站长扣了我三千块"
ERASE = (*MORE, "sun presses 全删掉", "sun presses 接着删")


async def full_life(play: Story) -> None:
    """A member with a closed application, an open matter with a photo, an export, and words still unsent."""
    await ask_for_help(
        play, *MEMBER, "sun presses 接着填", "sun: 跳过", "sun: 跳过", f"sun: {SKILL}", "sun: 跳过"
    )
    await play(
        "chen presses 接手", *PROFILE, "sun presses 导出", "sun sends photo", f"sun: 我叫{NAME}，电话{PHONE}"
    )


def left_readable(play: Story) -> set[str]:
    """Which of the worker's own words somebody with the disk and the key file can still read."""
    found = readable(play.store, vault_of(play))
    return {said for said in (NAME, PHONE, SKILL, STORY) if said in found}


def keys_of(tx: Tx) -> dict[str, bytes]:
    """The wrapped data keys there are."""
    held = data_keys.c.wrapped
    rows = tx.conn.execute(select(data_keys.c.id, held).where(held.is_not(None)))
    return {row.id: row.wrapped for row in rows}


async def test_nothing_of_a_worker_lies_open_on_the_disk(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await full_life(play)
        assert left_readable(play) == {NAME, PHONE, SKILL, STORY}
        raw = raw_bytes(play.folder)
        for said in (NAME, PHONE, SKILL, STORY):
            assert said.encode() not in raw


async def test_erased_with_everything_nobody_can_read_a_word(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await full_life(play)
        asked = await play(*ERASE)
        assert "您有 1 件事还在办" in asked
        assert "真的全删掉吗？" in await play("sun presses 撤回一起删")
        assert "全部删掉，之后这里不再有消息" in await play("sun presses 全删掉")
        keys = play.store.read(keys_of)
        said = await play("wait 5 min")
        assert "chen > 2611-0002 工友撤回了" in said
        assert "sun >" not in said
        assert left_readable(play) == set()
        assert vault_of(play).names() == []
        destroyed = [wrapped for key_id, wrapped in keys.items() if key_id not in play.store.read(keys_of)]
        raw = raw_bytes(play.folder)
        assert len(destroyed) >= 4
        assert not any(wrapped in raw for wrapped in destroyed)
        await play("fact case 2: state withdrawn")


async def test_rows_that_stay_after_erasing_are_those_declared(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await full_life(play)
        await play(*ERASE, "sun presses 撤回一起删", "sun presses 全删掉", "wait 5 min")
        worker = play.person("sun")
        left = play.store.read(lambda tx: personal.export(tx, worker))
        assert {name for name, rows in left.items() if rows} <= {h.table.name for h in REGISTRY if h.stays}
        opened = {held.table.name: held.opened for held in REGISTRY}
        assert [
            (name, column)
            for name, rows in left.items()
            for row in rows
            for column in opened[name]
            if row[column] is not None
        ] == []
        assert left["members"][0]["state"] == "left"
        assert all(row["withdrawn_at"] for row in left["consents"])


async def test_an_open_matter_can_go_on_without_a_name(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await full_life(play)
        await play(*ERASE, "sun presses 不留名接办", "sun presses 全删掉")
        assert "chen > 2611-0002 工友删掉了自己的资料" in await play("wait 5 min")
        assert left_readable(play) == {STORY}
        page = await play("chen: 2611-0002")
        assert STORY in page
        assert "没留名字" in page
        assert "材料：1 个" in page
        assert "[回话]" not in page
        await play(
            "chen presses 写结果",
            "chen presses 解决了",
            "chen: 钱已经退了",
            "chen presses 发出",
            "wait 30 days",
        )
        await play("fact case 2: state closed")


async def test_it_can_be_called_off_for_a_moment(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await full_life(play)
        await play(*ERASE, "sun presses 撤回一起删", "sun presses 全删掉")
        assert "不删了，都还在" in await play("sun presses 不删了")
        await play("wait 1 days")
        assert left_readable(play) == {NAME, PHONE, SKILL, STORY}


async def test_whoever_was_erased_begins_anew(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await full_life(play)
        before = play.person("sun").id
        await play(*ERASE, "sun presses 撤回一起删", "sun presses 全删掉", "wait 5 min")
        said = await play("sun: /start")
        assert "这样可以开始吗？" in said
        assert before not in {person_id for person_id, name in play.player.known.items() if name != "sun"}
        assert "您还没有登记过事情" in await play("sun presses 同意，开始", "sun presses 我的事")


async def test_a_cadre_hands_the_post_over_first(stage: Stage) -> None:
    async with stage(sun="zh") as play:
        await play(
            "chen: 菜单",
            "chen presses 我的资料",
            "chen presses 更多",
            "chen presses 全删掉",
            "chen presses 接着删",
        )
        assert "手上的事要先交出去" in await play("chen presses 全删掉")


async def test_a_page_is_signed_out_once_everything_is_gone(stage: Stage) -> None:
    async with stage("browser", sun="zh") as play:
        await play(*GREETED, *ERASE, "sun presses 全删掉", "wait 5 min")
        port = play.player.port
        assert isinstance(port, Browser)
        page = port.pages["sun"]
        assert play.store.read(lambda tx: browser.account_of_key(tx, page.key)) is None
