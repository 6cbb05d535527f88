"""The playground in a real browser: the whole closed loop, seen as a visitor sees it (R10, R13, R14, R17)."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.looks import measured_faults, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def phone(page: Page, slot: str) -> FrameLocator:
    """One of the two phones."""
    return page.frame_locator(f"iframe[data-slot={slot}]")


def press(on: FrameLocator, label: str) -> None:
    """Press the newest button of that name."""
    on.locator(".key:not([aria-disabled])", has_text=re.compile(f"^{label}$")).last.click()


def write(on: FrameLocator, words: str) -> None:
    """Type something and send it."""
    on.locator("#text").fill(words)
    on.locator("#text").press("Enter")


def said(on: FrameLocator, words: str) -> Locator:
    """The newest of the union's messages with these words in it."""
    return on.locator(".message.bot .words", has_text=re.compile(words)).last


def advance(page: Page, by: str, until: Locator) -> None:
    """Move the clock until something shows; holidays may put it off a step or two."""
    for _ in range(3):
        page.get_by_role("button", name=by).click()
        with suppress(AssertionError):
            expect(until).to_be_visible(timeout=6000)
            return
    raise AssertionError(f"{by} three times and nothing came")


def skip_until(on: FrameLocator, label: str) -> None:
    """Skip question after question until a button of that name is offered."""
    wanted = on.locator(".latest .key", has_text=re.compile(f"^{label}$"))
    skip = on.locator(".latest .key:not([aria-disabled])", has_text=re.compile("^跳过$"))
    expect(wanted.or_(skip).first).to_be_visible()
    while not wanted.is_visible():
        asked = on.locator(".latest .words").inner_text()
        skip.click()
        expect(on.locator(".latest .words")).not_to_have_text(asked)
        expect(wanted.or_(skip).first).to_be_visible()


def ask_for_help(worker: FrameLocator) -> str:
    """Tell the union above the workplace of unpaid wages, without a name; returns the case's number."""
    for label in ("同意，开始", "要帮忙", "工资工时", "工资"):
        press(worker, label)
    expect(said(worker, "出了什么事")).to_be_visible()
    write(worker, "站长欠了我三个月工资，去要就说下个月。")
    expect(said(worker, "多少钱")).to_be_visible()
    write(worker, "12600")
    press(worker, "已经走了")
    skip_until(worker, "不算急")
    for label in ("不算急", "上级工会", "不留名字?", "发出"):
        press(worker, label)
    receipt = said(worker, "已登记")
    expect(receipt).to_be_visible()
    found = re.search(r"\d{4}-\d{4}", receipt.inner_text())
    assert found is not None
    return found.group()


def test_the_closed_loop_is_seen_from_both_sides(open_page: OpenPage) -> None:
    page = open_page("/play", width=1280, height=800)
    worker, cadre = phone(page, "worker"), phone(page, "cadre")
    number = ask_for_help(worker)
    matter = page.locator("#matters li", has_text=number)
    expect(said(cadre, f"{number}.*待接手")).to_be_visible()
    expect(matter).to_contain_text("待接手")
    expect(page.locator("#cadre-title")).to_contain_text("陈志强")

    advance(page, "+1 周", matter.locator(".late"))
    expect(said(worker, f"{number}.*没有做到")).to_be_visible()
    expect(said(cadre, "过期 1")).to_be_visible()

    press(cadre, "接手")
    press(cadre, "写结果")
    press(cadre, "解决了")
    expect(said(cadre, "结果是什么")).to_be_visible()
    write(cadre, "站里补发了三个月工资。")
    press(cadre, "发出")
    advance(page, "+1 个工作日", said(worker, "站里补发了三个月工资"))

    advance(page, "+1 周", said(worker, "解决了吗"))
    press(worker, "没解决")
    expect(said(worker, f"{number}.*重新打开")).to_be_visible()
    expect(said(cadre, f"{number}.*重新打开")).to_be_visible()
    expect(matter).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (820, 1180), (1280, 800)])
def test_it_fits_and_can_be_used_by_everybody(
    open_page: OpenPage, axe: str, width: int, height: int, dark: bool
) -> None:
    page = open_page("/play", width=width, height=height, dark=dark)
    expect(phone(page, "worker").locator(".key").first).to_be_visible()
    expect(page.locator("#now")).to_have_attribute("datetime", re.compile("T"))
    assert measured_faults(page) == []
    assert serious_faults(page, axe) == []


def test_on_a_phone_one_is_seen_at_a_time_and_the_other_says_what_it_has(open_page: OpenPage) -> None:
    page = open_page("/play")
    expect(page.locator("#cadre iframe")).to_be_hidden()
    expect(page.locator("[data-show=cadre] b")).to_have_text(re.compile(r"\d+"))
    page.locator("[data-show=cadre]").click()
    expect(page.locator("#cadre iframe")).to_be_visible()
    expect(page.locator("#worker iframe")).to_be_hidden()


def test_both_phones_change_language_together(open_page: OpenPage) -> None:
    page = open_page("/play", width=1280, height=800)
    expect(phone(page, "worker").locator(".key").first).to_be_visible()
    page.locator("#language").click()
    for slot in ("worker", "cadre"):
        expect(phone(page, slot).locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="+1 working day")).to_be_visible()


def test_starting_over_takes_two_new_phones(open_page: OpenPage) -> None:
    page = open_page("/play", width=1280, height=800)
    worker = phone(page, "worker")
    expect(worker.locator(".key").first).to_be_visible()
    press(worker, "同意，开始")
    expect(said(worker, "办什么")).to_be_visible()
    before = page.evaluate("localStorage.getItem('steward.worker.key')")
    page.locator("#again").click()
    page.get_by_role("button", name="重新开始").click()
    expect(worker.get_by_role("button", name="同意，开始")).to_be_visible()
    assert page.evaluate("localStorage.getItem('steward.worker.key')") != before
