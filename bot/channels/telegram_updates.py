"""Read raw Telegram updates into what came in; shared by every Telegram driver, needs no SDK.

Nothing here raises on any JSON object: a shape we do not know is `OTHER` when a person is waiting
for an answer in a private chat, `IGNORED` otherwise. Names of fields are those of the Bot API.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.channels.contract import Origin, Raw
from bot.channels.json_values import NOTHING, identifier, instant, integer, mapping, text
from bot.channels.telegram_messages import language, read_message
from talk.incoming import Incoming, Kind

PRESS_LIMIT = 64  # bytes of callback_data
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_SPEAKING = (*ALLOWED_UPDATES, "message_reaction")
_SERVICE_NOTICES = 777000
_ANONYMOUS_ADMIN = 1087968824


def origin(raw: Raw) -> Origin | None:
    """Whose private chat an update belongs to; None for groups, channels, bots and what has no id."""
    update_id = integer(raw.get("update_id"))
    address = _address(*_part(raw))
    if update_id is None or address is None:
        return None
    return Origin(address, str(update_id))


def parse(raw: Raw, username: str = "") -> Incoming:
    """Read one raw update.

    Args:
        username: ours, without the at sign; while it is not known every command counts as ours.
    """
    kind, part = _part(raw)
    if _address(kind, part) is None:
        return Incoming(Kind.IGNORED, note=kind or "unknown")
    if kind == "callback_query":
        return _press(part)
    if kind == "my_chat_member":
        return _membership(part)
    if kind == "message_reaction":
        return _reaction(part)
    incoming = read_message(part, username)
    return _edited(incoming) if kind == "edited_message" else incoming


def _part(raw: Raw) -> tuple[str, Mapping[str, object]]:
    """Which of the kinds somebody speaks with this update is, and its content."""
    for kind in _SPEAKING:
        if kind in raw:
            return kind, mapping(raw[kind])
    return next((text(key) for key in raw if key != "update_id"), ""), NOTHING


def _address(kind: str, part: Mapping[str, object]) -> str | None:
    """The private chat to answer in, or None when nobody is to be answered."""
    sender = mapping(part.get("user" if kind == "message_reaction" else "from"))
    if not _is_person(sender) or "business_connection_id" in part or "sender_chat" in part:
        return None
    chat = mapping(part.get("chat"))
    if kind == "callback_query":
        message = mapping(part.get("message"))
        # Telegram leaves the message out when it is too old; the presser's own chat has the same id.
        chat = mapping(message.get("chat")) if message else {"type": "private", "id": sender.get("id")}
    chat_id = identifier(chat.get("id"))
    return chat_id if chat_id and chat.get("type") == "private" else None


def _is_person(sender: Mapping[str, object]) -> bool:
    sender_id = integer(sender.get("id"))
    if sender_id is None or sender_id in (_SERVICE_NOTICES, _ANONYMOUS_ADMIN):
        return False
    return sender.get("is_bot") is not True


def _press(query: Mapping[str, object]) -> Incoming:
    message = mapping(query.get("message"))
    reachable = integer(message.get("date")) != 0
    press = text(query.get("data"))
    return Incoming(
        Kind.PRESS,
        press=press if len(press.encode()) <= PRESS_LIMIT else "",
        press_id=text(query.get("id")),
        message_id=identifier(message.get("message_id")) if reachable else "",
        language=language(query),
    )


def _membership(change: Mapping[str, object]) -> Incoming:
    status = text(mapping(change.get("new_chat_member")).get("status"))
    kind = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}.get(status, Kind.IGNORED)
    return Incoming(kind, language=language(change), sent_at=instant(change.get("date")))


def _reaction(reaction: Mapping[str, object]) -> Incoming:
    """A reaction put on is answered in words; one taken away is not."""
    kind = Kind.OTHER if reaction.get("new_reaction") else Kind.IGNORED
    return Incoming(kind, note="reaction", message_id=identifier(reaction.get("message_id")))


def _edited(incoming: Incoming) -> Incoming:
    """A new version of what was said; a live location that moves on and the rest change nothing."""
    if incoming.kind not in (Kind.TEXT, Kind.START, Kind.MEDIA):
        return replace(incoming, kind=Kind.IGNORED, note=f"edited {incoming.note or incoming.kind.value}")
    return replace(incoming, kind=Kind.EDITED, payload="")
