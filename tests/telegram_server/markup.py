"""Buttons under a message and keyboards below the text field, checked as the server checks them."""

from typing import Any

from tests.telegram_server.limits import BUTTONS, PRESS
from tests.telegram_server.params import bad

Rows = list[list[dict[str, Any]]]


def inline_markup(markup: dict[str, Any]) -> dict[str, Any]:
    """The part of a message that shows its buttons, empty without any."""
    rows: Rows = [row for row in markup.get("inline_keyboard", []) if row]
    if not rows:
        return {}
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS:
        raise bad("reply markup is too long")
    for button in buttons:
        _check_inline(button)
    return {"reply_markup": {"inline_keyboard": rows}}


def reply_keyboard(markup: dict[str, Any]) -> dict[str, Any] | None:
    """A keyboard that takes the place of letters, or None."""
    rows: Rows = [
        [{"text": key} if isinstance(key, str) else key for key in row]
        for row in markup.get("keyboard", [])
        if row
    ]
    if not rows:
        return None
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")).strip():
            raise bad("keyboard button text must be non-empty")
    return {"rows": rows, "one_time": bool(markup.get("one_time_keyboard"))}


def labels(rows: Rows) -> list[list[str]]:
    """What the buttons say."""
    return [[str(button["text"]) for button in row] for row in rows]


def _check_inline(button: dict[str, Any]) -> None:
    if not str(button.get("text", "")).strip():
        raise bad("inline keyboard button text must be non-empty")
    data = button.get("callback_data")
    if data is None and "url" not in button:
        raise bad("can't parse inline keyboard button: text buttons are unallowed in the inline keyboard")
    if data is not None and not 0 < len(str(data).encode("utf-8", "surrogatepass")) <= PRESS:
        raise bad("BUTTON_DATA_INVALID")
