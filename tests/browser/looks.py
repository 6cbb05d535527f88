"""What can be measured of a page's looks."""

from typing import Any

from playwright.sync_api import Page

_FAULTS = "axe.run(document, {resultTypes: ['violations']})"
_TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
    .map((node) => node.outerHTML.slice(0, 80))"""
_TOO_SMALL = """() => [...document.querySelectorAll('button, input, textarea')]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height > 1)
    .filter((node) => {
        const { width, height } = node.getBoundingClientRect();
        return Math.min(width, height) < 43.9;
    })
    .map((node) => node.outerHTML.slice(0, 80))"""
_FINE_PRINT = """() => [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility())
    .filter((node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim()))
    .filter((node) => parseFloat(getComputedStyle(node).fontSize) < 14)
    .map((node) => node.outerHTML.slice(0, 80))"""


def serious_faults(page: Page, axe: str) -> list[str]:
    """What axe calls serious or critical, in the page and in every frame of it."""
    found = []
    for frame in page.frames:
        frame.evaluate(axe)
        result: dict[str, Any] = frame.evaluate(_FAULTS)
        found += [
            f"{fault['id']}: {fault['nodes'][0]['html'][:120]}"
            for fault in result["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
    return found


def measured_faults(page: Page) -> list[str]:
    """What reaches past the screen, is too small to tap, or too small to read."""
    return [
        f"{kind}: {node}"
        for frame in page.frames
        for kind, script in (("wide", _TOO_WIDE), ("tap", _TOO_SMALL), ("read", _FINE_PRINT))
        for node in frame.evaluate(script)
    ]
