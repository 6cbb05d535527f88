"""A real Chromium at a real demo."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.installation import Installation

OpenPage = Callable[..., Page]
expect.set_options(timeout=15_000)  # ms; a machine that runs other tests beside these is slow
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Installation]:
    """A running demo, one for each file of tests; without a browser there is nobody to run it for."""
    installation = Installation(tmp_path_factory.mktemp("demo"))
    installation.start()
    yield installation
    installation.kill()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=_QUIET)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, demo: Installation) -> Iterator[OpenPage]:
    """Opens a path of the demo in a device of its own; a fault in the page's own code fails the test."""
    opened: list[Page] = []
    faults: list[str] = []

    def open_at(
        path: str, *, width: int = 360, height: int = 740, dark: bool = False, locale: str = "zh-CN"
    ) -> Page:
        device = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",  # what is still fading in has no contrast to measure
            locale=locale,
            timezone_id="Asia/Shanghai",
            base_url=demo.url,
        )
        page = device.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(path)
        opened.append(page)
        return page

    yield open_at
    for page in opened:
        page.context.close()
    assert faults == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
