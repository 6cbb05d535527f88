"""Read one Telegram message that a person sent in a private chat; never raises on any JSON object."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from bot.channels.json_values import degrees, identifier, instant, integer, mapping, text
from talk.incoming import Attachment, Contact, Incoming, Kind, Place

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?", re.DOTALL)

_MediaKind = Literal["photo", "file", "voice", "video"]
# An animation also fills `document`, so it is looked for first.
_MEDIA: tuple[tuple[str, _MediaKind], ...] = (
    ("animation", "video"),
    ("live_photo", "video"),
    ("video", "video"),
    ("document", "file"),
    ("voice", "voice"),
    ("audio", "voice"),
    ("video_note", "video"),
)
# Field of the message -> what it is called in `note`.
_UNUSABLE = {
    **{name: name for name in ("sticker", "dice", "poll", "game", "story", "checklist", "paid_media")},
    **dict.fromkeys(("gift", "unique_gift"), "gift"),
    **dict.fromkeys(("giveaway", "giveaway_winners"), "giveaway"),
    **dict.fromkeys(("invoice", "successful_payment"), "invoice"),
    **dict.fromkeys(("users_shared", "chat_shared"), "shared"),
    "venue": "venue",
    "web_app_data": "web_app",
    "passport_data": "passport",
}
# Fields (or how they begin) of messages that no person wrote.
_SERVICE = re.compile(
    "boost_added|channel_chat_created|chat_background_set|chat_owner_|checklist_tasks_|connected_website|"
    "delete_chat_photo|direct_message_price_changed|forum_topic_|general_forum_topic_|gift_upgrade_sent|"
    "giveaway_|group_chat_created|left_chat_|managed_bot_created|message_auto_delete_timer_changed|migrate_|"
    "new_chat_|paid_message_price_changed|pinned_message|poll_option_|proximity_alert_triggered|"
    "refunded_payment|suggested_post_|supergroup_chat_created|video_chat_|write_access_allowed"
)


def read_message(message: Mapping[str, object], username: str) -> Incoming:
    """What a person said with one message.

    Args:
        username: ours, without the at sign; empty while it is not known.
    """
    words = message.get("text")
    read = Incoming(
        Kind.OTHER,
        text=text(words if isinstance(words, str) else message.get("caption")),
        message_id=identifier(message.get("message_id")),
        reply_to=identifier(mapping(message.get("reply_to_message")).get("message_id")),
        language=language(message),
        note="unknown",
        forwarded=any(key in message for key in ("forward_origin", "forward_date", "forward_from")),
        sent_at=instant(message.get("date")),
    )
    if isinstance(words, str):
        # Only what a person typed here is a command: never words passed on from another chat or bot.
        typed_here = not read.forwarded and "via_bot" not in message
        return _typed(read, username) if typed_here else replace(read, kind=Kind.TEXT, note="")
    if "contact" in message:
        return _contact(read, message)
    if "location" in message:
        return _location(read, message)
    return _media(read, message) or _unusable(read, message)


def language(part: Mapping[str, object]) -> str:
    """The sender's language as their app names it, in lower case."""
    return text(mapping(part.get("from")).get("language_code")).lower()


def _typed(read: Incoming, username: str) -> Incoming:
    command = _COMMAND.fullmatch(read.text.strip())
    if command is None:
        return replace(read, kind=Kind.TEXT, note="")
    name, bot, rest = command[1], command[2] or "", command[3] or ""
    if bot and username and bot.lower() != username.lower():
        return replace(read, kind=Kind.IGNORED, note="command of another bot")
    if name.lower() == "start":
        return replace(read, kind=Kind.START, payload=rest.strip(), note="")
    return replace(read, kind=Kind.TEXT, text=f"/{name} {rest}".strip(), note="")


def _contact(read: Incoming, message: Mapping[str, object]) -> Incoming:
    shared = mapping(message.get("contact"))
    phone = text(shared.get("phone_number"))
    if not phone:
        return replace(read, note="contact")
    user_id = integer(shared.get("user_id"))
    own = user_id is not None and user_id == integer(mapping(message.get("from")).get("id"))
    name = f"{text(shared.get('first_name'))} {text(shared.get('last_name'))}".strip()
    return replace(read, kind=Kind.CONTACT, contact=Contact(phone, own, name), note="")


def _location(read: Incoming, message: Mapping[str, object]) -> Incoming:
    """A point on the map; a venue keeps its place but is not the sender's own position."""
    point = mapping(message.get("location"))
    latitude, longitude = degrees(point.get("latitude"), 90), degrees(point.get("longitude"), 180)
    place = Place(latitude, longitude) if latitude is not None and longitude is not None else None
    if "venue" in message:
        return replace(read, place=place, note="venue")
    if place is None:
        return replace(read, note="location")
    return replace(read, kind=Kind.LOCATION, place=place, note="live" if "live_period" in point else "")


def _media(read: Incoming, message: Mapping[str, object]) -> Incoming | None:
    album = text(message.get("media_group_id"))
    sizes = message.get("photo")
    found = None
    if isinstance(sizes, list) and sizes:
        found = _attachment(max(map(mapping, sizes), key=_area), "photo", album)
    for field, kind in _MEDIA:
        if found is None and field in message:
            found = _attachment(mapping(message[field]), kind, album)
    return None if found is None else replace(read, kind=Kind.MEDIA, attachments=(found,), note="")


def _attachment(content: Mapping[str, object], kind: _MediaKind, album: str) -> Attachment | None:
    ref, size = text(content.get("file_id")), integer(content.get("file_size"))
    if not ref:
        return None
    return Attachment(
        kind,
        ref,
        name=text(content.get("file_name")),
        mime=text(content.get("mime_type")),
        size=size if size is not None and size >= 0 else None,
        album=album,
        unique=text(content.get("file_unique_id")),
    )


def _area(size: Mapping[str, object]) -> int:
    return (integer(size.get("width")) or 0) * (integer(size.get("height")) or 0)


def _unusable(read: Incoming, message: Mapping[str, object]) -> Incoming:
    for field, name in _UNUSABLE.items():
        if field in message:
            return replace(read, note=name)
    if any(_SERVICE.match(text(field)) for field in message):
        return replace(read, kind=Kind.IGNORED, note="service message")
    return read
