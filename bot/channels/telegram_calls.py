"""Turn what is to be done in a chat into calls of the Bot API; shared by every Telegram driver.

Text goes out as it is, without a parse mode, so nothing a person wrote can become markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.channels.contract import Document, Outgoing
from bot.channels.json_values import clean

_SWEEP_TEXT = "…"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API; `upload` goes as the file named `document`."""

    method: str
    params: Mapping[str, object]
    upload: Document | None = None


def message_call(outgoing: Outgoing) -> Call:
    """The call that carries out one outgoing message.

    Raises:
        ValueError: the address or a message's id is not a number.
    """
    chat: dict[str, object] = {"chat_id": int(outgoing.address)}
    if outgoing.op != "send":
        chat["message_id"] = int(outgoing.target)
    if outgoing.op == "strip":
        if outgoing.text:  # new words without buttons take the old buttons away with them
            return Call("editMessageText", chat | _words(outgoing))
        return Call("editMessageReplyMarkup", chat)
    if outgoing.op == "edit":
        return Call("editMessageText", chat | _words(outgoing) | _markup(outgoing))
    params = chat | _reply(outgoing) | _markup(outgoing)
    if outgoing.document is not None:
        return Call("sendDocument", params | {"caption": clean(outgoing.text)}, outgoing.document)
    return Call("sendMessage", params | _words(outgoing))


def keyboard_sweep(address: str) -> Call:
    """A silent message that takes a reply keyboard away; it is deleted as soon as it is there.

    A message carries either buttons or the removal of a keyboard, so a question with buttons needs
    this second one after it.
    """
    return Call(
        "sendMessage",
        {
            "chat_id": int(address),
            "text": _SWEEP_TEXT,
            "disable_notification": True,
            "reply_markup": {"remove_keyboard": True},
        },
    )


def command_calls(commands: Mapping[str, Sequence[tuple[str, str]]]) -> list[Call]:
    """The menu of commands in each language.

    Args:
        commands: two-letter language (empty for everybody else) -> (command, what it does).
    """
    return [
        Call(
            "setMyCommands",
            {
                "commands": [{"command": name, "description": words} for name, words in listed],
                "language_code": language,
            },
        )
        for language, listed in commands.items()
    ]


def _words(outgoing: Outgoing) -> dict[str, object]:
    return {"text": clean(outgoing.text), "link_preview_options": {"is_disabled": True}}


def _reply(outgoing: Outgoing) -> dict[str, object]:
    if not outgoing.reply_to:
        return {}
    earlier = {"message_id": int(outgoing.reply_to), "allow_sending_without_reply": True}
    return {"reply_parameters": earlier}


def _markup(outgoing: Outgoing) -> dict[str, object]:
    """Buttons, a keyboard that shares something, or the removal of one: Telegram takes one of them."""
    if outgoing.ask and outgoing.op == "send":
        return {"reply_markup": _sharing(outgoing)}
    if outgoing.buttons:
        rows = [
            [{"text": clean(button.label), "callback_data": button.press} for button in row]
            for row in outgoing.buttons
        ]
        return {"reply_markup": {"inline_keyboard": rows}}
    if outgoing.clear_ask and outgoing.op == "send":
        return {"reply_markup": {"remove_keyboard": True}}
    return {}


def _sharing(outgoing: Outgoing) -> dict[str, object]:
    """The button that shares, above the other choices as words that are typed when touched."""
    share = {"text": clean(outgoing.ask_label), f"request_{outgoing.ask}": True}
    others = [[{"text": clean(button.label)} for button in row] for row in outgoing.buttons]
    return {"keyboard": [[share], *others], "one_time_keyboard": True, "resize_keyboard": True}
