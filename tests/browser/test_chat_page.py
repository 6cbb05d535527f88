"""The chat page in a real browser, at a real server: how it looks, and that it loses nothing."""

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.installation import Installation
from tests.browser.looks import measured_faults, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PATIENCE = 30_000  # ms, the longest pause between two tries of the page


@pytest.fixture(autouse=True)
def always_running(demo: Installation) -> Iterator[None]:
    """A test that kills the server starts it again, also when it fails half-way."""
    yield
    if not demo.running:
        demo.start()


def keys(page: Page) -> Locator:
    """The buttons of the latest message."""
    return page.locator(".latest .key")


def mine(page: Page) -> Locator:
    """What the person wrote, as shown; pressed buttons leave bubbles of their own."""
    return page.locator(".message.me:not(.pressed) .words")


def taken(page: Page) -> Locator:
    """The times of what the server has taken of it."""
    return page.locator(".message.me:not(.pressed) time")


def write(page: Page, words: str) -> None:
    """Type something and send it."""
    box = page.locator("#text")
    box.fill(words)
    box.press("Enter")


def arrive(page: Page) -> None:
    """Wait for the first words and agree."""
    keys(page).first.click()
    expect(keys(page)).not_to_have_count(2)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_it_fits_and_can_be_used_by_everybody(
    open_page: OpenPage, axe: str, width: int, height: int, dark: bool
) -> None:
    page = open_page("/chat", width=width, height=height, dark=dark)
    arrive(page)
    write(page, "站长欠了我三个月工资")
    expect(mine(page).last).to_have_text("站长欠了我三个月工资")
    page.locator("#more").click()
    assert measured_faults(page) == []
    assert serious_faults(page, axe) == []
    page.locator("#open-menu").click()
    assert measured_faults(page) == []
    assert serious_faults(page, axe) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_it_holds_text_of_twice_the_size(open_page: OpenPage, width: int) -> None:
    page = open_page("/chat", width=width)
    arrive(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert [fault for fault in measured_faults(page) if fault.startswith("wide")] == []
    expect(page.locator("#text")).to_be_in_viewport()


def test_it_can_be_used_without_a_mouse(open_page: OpenPage) -> None:
    page = open_page("/chat", width=1280, height=800)
    expect(keys(page).first).to_be_visible()
    page.locator("#log").focus()
    page.keyboard.press("Tab")
    expect(keys(page).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(keys(page)).not_to_have_count(2)
    page.locator("#open-menu").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    expect(page.locator("#open-menu")).to_be_focused()


def test_a_link_leaves_the_address_at_once(open_page: OpenPage) -> None:
    page = open_page("/chat#start=a_handle_nobody_made&lang=en")
    expect(keys(page).first).to_be_visible()
    assert "#" not in page.url
    assert page.evaluate("document.documentElement.lang") == "en"


def test_words_written_while_the_server_is_dead_arrive_once_and_in_order(
    open_page: OpenPage, demo: Installation
) -> None:
    page = open_page("/chat")
    arrive(page)
    demo.kill()
    write(page, "服务停了的时候写的")
    write(page, "再写一句")
    expect(mine(page)).to_have_text(["服务停了的时候写的", "再写一句"])
    demo.start()
    expect(taken(page)).to_have_count(2, timeout=PATIENCE)
    page.reload()
    expect(mine(page)).to_have_text(["服务停了的时候写的", "再写一句"])


def test_words_written_without_a_network_survive_a_closed_page(
    open_page: OpenPage, demo: Installation
) -> None:
    page = open_page("/chat")
    arrive(page)
    page.context.set_offline(True)
    write(page, "地库里没有信号")
    expect(page.locator(".message.me:not(.pressed) .under")).to_have_text("等网络，连上就发")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(f"{demo.url}/chat")
    expect(mine(again)).to_have_text("地库里没有信号")
    expect(taken(again)).to_have_count(1, timeout=PATIENCE)


def test_a_photo_is_shown_before_it_is_sent_and_sent_once(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    pixel = page.evaluate(
        """() => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 8;
            canvas.getContext("2d").fillRect(0, 0, 8, 8);
            return canvas.toDataURL("image/png").split(",")[1];
        }"""
    )
    photo = FilePayload(name="工资条.png", mimeType="image/png", buffer=base64.b64decode(pixel))
    page.locator("#file-photo").set_input_files([photo])
    expect(page.locator("#chosen li")).to_contain_text("工资条.png")
    page.locator("#send").click()
    expect(taken(page)).to_have_count(1)
    page.reload()
    expect(page.locator(".message.me .file")).to_have_text("工资条.png")


def test_a_file_too_big_is_told_before_anything_is_sent(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    big = FilePayload(name="监控.mp4", mimeType="video/mp4", buffer=bytes(21 * 1024 * 1024))
    page.locator("#file-any").set_input_files([big])
    expect(page.locator("#toast")).to_contain_text("20 MB")
    expect(page.locator("#chosen li")).to_have_count(0)


def test_a_place_can_always_be_typed_instead(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    page.locator("#more").click()
    page.locator("#pick-location").click()
    expect(page.locator("#toast")).to_contain_text("把地名打出来")


def test_a_device_the_server_forgot_keeps_what_is_unsent_and_says_so(open_page: OpenPage, axe: str) -> None:
    page = open_page("/chat")
    arrive(page)
    page.evaluate("localStorage.setItem('steward.own.key', 'a_key_nobody_has')")
    write(page, "还没有发出去的话")
    expect(page.locator("#locked-title")).to_be_visible()
    expect(page.locator("#locked-text")).to_contain_text("1 条")
    assert serious_faults(page, axe) == []
    page.locator("#begin-anew").click()
    expect(mine(page)).to_have_text("还没有发出去的话")
    page.get_by_role("button", name="现在发").click()
    expect(taken(page)).to_have_count(1)


def test_forgetting_the_device_asks_once_more_and_leaves_nothing(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    write(page, "借了别人的手机")
    expect(taken(page)).to_have_count(1)
    page.locator("#open-menu").click()
    page.locator("#show-forget").click()
    page.locator("#forget-yes").click()
    expect(page.locator("#locked-title")).to_have_text("这台手机已经不记得您了")
    assert page.evaluate("Object.keys(localStorage)") == []
    assert "借了别人的手机" not in page.content()


def test_a_return_code_that_does_not_fit_is_explained(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    page.locator("#open-menu").click()
    page.locator("#show-return").click()
    page.locator("#code").fill("１２３４ ５６")
    page.locator("#code").press("Enter")
    expect(page.locator("#code-fault")).to_contain_text("6 位")
    page.locator("#code").fill("0000 0000 0000 0000")
    page.locator("#code").press("Enter")
    expect(page.locator("#code-fault")).to_have_text(re.compile("找回码"))


def pressed(page: Page) -> Locator:
    """The buttons that were pressed, as they stand in the conversation."""
    return page.locator(".message.me.pressed .words")


def heard(page: Page, words: str) -> Locator:
    """The union's messages with these words."""
    return page.locator(".message.bot .words", has_text=re.compile(words))


def press(page: Page, label: str) -> None:
    """Press the newest button of that name."""
    page.locator(".key:not([aria-disabled])", has_text=re.compile(f"^{label}$")).last.click()


def test_what_was_chosen_is_seen_once_and_still_after_a_reload(open_page: OpenPage) -> None:
    page = open_page("/chat")
    press(page, "同意，开始")
    press(page, "要帮忙")
    expect(heard(page, "哪一类")).to_be_visible()
    expect(pressed(page)).to_have_text(["同意，开始", "要帮忙"])
    page.reload()
    expect(heard(page, "哪一类")).to_be_visible()
    expect(pressed(page)).to_have_text(["同意，开始", "要帮忙"])


def test_hours_are_the_unions_wherever_the_phone_is(browser: Browser, demo: Installation) -> None:
    hours = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        device = browser.new_context(locale="zh-CN", timezone_id=zone, base_url=demo.url)
        page = device.new_page()
        page.goto("/chat")
        expect(page.locator("#presence")).to_have_text(re.compile("值班"))
        instant = page.locator(".message time").first.get_attribute("datetime") or ""
        shown = datetime.fromisoformat(instant).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M")
        expect(page.locator(".message time").first).to_have_text(shown)
        hours.append(shown)
        device.close()
    assert len(hours) == 2


def test_a_hello_whose_answer_is_lost_makes_one_person(open_page: OpenPage, demo: Installation) -> None:
    page = open_page("about:blank")
    asked: list[str] = []

    def lose_the_first(route: Route) -> None:
        asked.append((route.request.post_data_json or {})["id"])
        answer = route.fetch()
        if len(asked) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/chat/api/hello", lose_the_first)
    page.goto(f"{demo.url}/chat")
    expect(keys(page).first).to_be_visible(timeout=PATIENCE)
    assert len(asked) == 2
    assert asked[0] == asked[1]


def test_another_device_goes_on_with_a_return_code(open_page: OpenPage) -> None:
    before = open_page("/chat")
    press(before, "同意，开始")
    press(before, "问法律")
    expect(heard(before, "想问什么")).to_be_visible()
    write(before, "食堂的饭菜里有头发怎么办")
    press(before, "转给人问")
    code = before.locator(".code").inner_text()
    expect(heard(before, "已登记")).to_be_visible()

    after = open_page("/chat", locale="en-GB")
    expect(keys(after).first).to_be_visible()
    after.locator("#open-menu").click()
    after.locator("#show-return").click()
    after.locator("#code").fill(code)
    after.locator("#code").press("Enter")
    expect(heard(after, "欢迎回来")).to_be_visible(timeout=PATIENCE)
    expect(heard(after, "办什么")).to_be_visible()
    assert after.evaluate("document.documentElement.lang") == "zh-CN"


def test_too_many_codes_are_answered_with_the_unions_sentence(open_page: OpenPage) -> None:
    """A page on this machine may try too often for a test, so the answer is given for the server."""
    page = open_page("/chat")
    arrive(page)
    said = "试得太多次了。过一小时再试就行。"
    page.route("**/chat/api/return", lambda route: route.fulfill(status=429, json={"error": said}))
    page.locator("#open-menu").click()
    page.locator("#show-return").click()
    page.locator("#code").fill("0000 0000 0000 0000")
    page.locator("#code").press("Enter")
    expect(page.locator("#code-fault")).to_have_text(said)


def test_numbers_to_call_in_danger_can_be_hit_with_a_thumb(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    write(page, "工友从架子上掉下来流血不止")
    call = page.locator(".message.danger a.hotline").first
    expect(call).to_have_attribute("href", "tel:120")
    box = call.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44


def test_somebody_who_writes_very_fast_is_slowed_down_and_loses_nothing(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    with page.expect_response(lambda answer: answer.status == 429, timeout=PATIENCE):
        for number in range(64):
            write(page, f"第 {number + 1} 句")
    expect(mine(page)).to_have_count(64)
    expect(page.locator(".message.me .under").last).to_have_text("等着发")
    expect(page.locator(".under.failed")).to_have_count(0)


def test_nothing_moves_while_somebody_reads_above(open_page: OpenPage) -> None:
    page = open_page("/chat")
    arrive(page)
    for line in range(6):
        write(page, f"第 {line + 1} 句，说给工会听。")
        expect(taken(page)).to_have_count(line + 1)
    page.locator("#log").evaluate("(log) => { log.scrollTop = 0; }")
    top = page.locator(".message").first.bounding_box()
    second = page.context.new_page()
    second.goto(page.url)
    write(second, "在另一个窗口说的")
    expect(page.locator("#newer")).to_be_visible()
    assert page.locator(".message").first.bounding_box() == top
    assert re.match(r"\(\d+\)", page.title())
