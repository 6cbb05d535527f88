"""Raw Telegram updates of every kind, read into what came in."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_updates import origin, parse
from talk.incoming import Attachment, Contact, Incoming, Kind, Place

PAYLOADS = Path(__file__).parents[1] / "payloads" / "telegram"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
HANDLE = "b:9f2c61d07be84a55"


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text("utf-8")))


def read(name: str) -> Incoming:
    return parse(payload(name), "GongyouBangBot")


KINDS: dict[Kind, str] = {
    Kind.TEXT: """text text_reply text_spaces text_nul_and_surrogate text_command_inside text_forwarded_user
        text_forwarded_hidden text_forwarded_channel text_forwarded_start text_via_bot text_english
        text_deleted_account text_date_1970 text_date_future command_help command_mine_our_bot""",
    Kind.START: "start start_payload start_upper start_our_bot start_payload_65",
    Kind.PRESS: """press press_inaccessible press_without_message press_without_data press_empty_data
        press_65_bytes""",
    Kind.MEDIA: """photo photo_without_sizes album_1 album_2 album_3 document document_bad_name
        document_too_large voice audio video video_note animation""",
    Kind.LOCATION: "location location_zero location_live",
    Kind.CONTACT: "contact_own contact_other contact_no_account",
    Kind.EDITED: "edited_text edited_caption",
    Kind.BLOCKED: "blocked",
    Kind.UNBLOCKED: "unblocked",
    Kind.OTHER: """location_91_degrees venue sticker dice poll game story invoice gift checklist paid_media
        future_content reaction_added""",
    Kind.IGNORED: """start_other_bot press_in_group service_pinned service_auto_delete service_migrate
        service_joined group_text group_start anonymous_admin service_notifications_777000 other_bot
        channel_post business_message message_business_connection edited_live_location added_to_group
        reaction_removed poll_state inline_query future_update""",
}
EXPECTED = {name: kind for kind, names in KINDS.items() for name in names.split()}


def test_every_payload_has_an_expected_kind() -> None:
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_kind(name: str) -> None:
    assert read(name).kind is EXPECTED[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_answered_has_an_origin(name: str) -> None:
    """Only a person in a private chat is ever answered; the key is the update's own number."""
    raw = payload(name)
    found = origin(raw)
    if EXPECTED[name] is not Kind.IGNORED:
        assert found is not None
    if found is not None:
        assert found.update_key == str(raw["update_id"])
        assert int(found.address) > 0


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("location_91_degrees", "location"),
        ("venue", "venue"),
        ("sticker", "sticker"),
        ("dice", "dice"),
        ("poll", "poll"),
        ("game", "game"),
        ("story", "story"),
        ("invoice", "invoice"),
        ("gift", "gift"),
        ("checklist", "checklist"),
        ("paid_media", "paid_media"),
        ("future_content", "unknown"),
        ("reaction_added", "reaction"),
        ("service_pinned", "service message"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, note: str) -> None:
    assert read(name).note == note


def test_text_with_everything_around_it() -> None:
    incoming = read("text_reply")
    assert incoming.text == "还没有给"
    assert incoming.reply_to == "402"
    assert incoming.message_id.isdigit()
    assert incoming.language == "zh-hans"
    assert not incoming.forwarded
    assert incoming.sent_at is not None
    assert incoming.sent_at.utcoffset() is not None


def test_text_no_database_takes_is_spelt_out_and_kept() -> None:
    """I9, I10: nothing is dropped, and what is left can be stored."""
    incoming = read("text_nul_and_surrogate")
    assert incoming.text == "工资\\x00没发\\ud83d"
    incoming.text.encode("utf-8")


@pytest.mark.parametrize("name", ["text_forwarded_user", "text_forwarded_hidden", "text_forwarded_channel"])
def test_forwarded_words_are_marked(name: str) -> None:
    assert read(name).forwarded


@pytest.mark.parametrize("name", ["text_forwarded_start", "text_via_bot"])
def test_words_somebody_else_wrote_never_start_anything(name: str) -> None:
    """I42, I55: an invitation passed on is only words."""
    assert (read(name).kind, read(name).payload) == (Kind.TEXT, "")


@pytest.mark.parametrize(
    ("name", "linked"),
    [
        ("start", ""),
        ("start_payload", "u_3fK9aZ_site-12"),
        ("start_upper", "u_3fK9aZ"),
        ("start_our_bot", "u_3fK9aZ"),
        ("start_payload_65", "a" * 65),
    ],
)
def test_start_hands_on_what_the_link_carried(name: str, linked: str) -> None:
    assert read(name).payload == linked


def test_command_of_another_bot_counts_as_ours_only_while_our_name_is_unknown() -> None:
    assert parse(payload("start_other_bot"), "").kind is Kind.START


def test_other_commands_are_text_without_our_name() -> None:
    assert read("command_help").text == "/help"
    assert read("command_mine_our_bot").text == "/cases 2"
    assert read("text_command_inside").text == "请问 /start 是什么意思"


@pytest.mark.parametrize(
    ("name", "press", "message_id"),
    [
        ("press", HANDLE, "404"),
        ("press_inaccessible", HANDLE, ""),
        ("press_without_message", HANDLE, ""),
        ("press_without_data", "", "404"),
        ("press_empty_data", "", "404"),
        ("press_65_bytes", "", "404"),
    ],
)
def test_press(name: str, press: str, message_id: str) -> None:
    """I38, I39: a button with no message or no usable handle still names its press, to be answered."""
    incoming = read(name)
    assert (incoming.press, incoming.message_id) == (press, message_id)
    assert incoming.press_id == payload(name)["callback_query"]["id"]


@pytest.mark.parametrize(
    ("name", "attachment"),
    [
        ("photo", Attachment("photo", "AgACAgUAAxkBAAIc", size=148213, unique="AQADc")),
        ("photo_without_sizes", Attachment("photo", "AgACAgUAAxkBAAIz", unique="AQADz")),
        (
            "document",
            Attachment("file", "BQACAgUAAxkBAAIx", "劳动合同.pdf", "application/pdf", 482113, unique="AgADx"),
        ),
        ("voice", Attachment("voice", "AwACAgUAAxkBAAIv", "", "audio/ogg", 55120, unique="AgADv")),
        ("audio", Attachment("voice", "CQACAgUAAxkBAAIa", "录音.m4a", "audio/mp4", 950112, unique="AgADa")),
        ("video", Attachment("video", "BAACAgUAAxkBAAIm", "", "video/mp4", 2201881, unique="AgADm")),
        ("video_note", Attachment("video", "DQACAgUAAxkBAAIn", size=603112, unique="AgADn")),
        ("animation", Attachment("video", "CgACAgUAAxkBAAIg", "g.mp4", "video/mp4", 80112, unique="AgADg")),
    ],
)
def test_attachment(name: str, attachment: Attachment) -> None:
    assert read(name).attachments == (attachment,)


def test_parts_of_one_album_share_it() -> None:
    parts = [read(f"album_{number}") for number in (1, 2, 3)]
    assert {part.attachments[0].album for part in parts} == {"13900000000000017"}
    assert [part.text for part in parts] == ["三张工资条", "", ""]


def test_place() -> None:
    assert read("location").place == Place(39.9042, 116.4074)
    assert read("location_zero").place == Place(0.0, 0.0)
    assert read("location_live").note == "live"
    assert read("location_91_degrees").place is None
    assert read("venue").place == Place(39.9, 116.4)


@pytest.mark.parametrize(
    ("name", "contact"),
    [
        ("contact_own", Contact("8613800000001", True, "秀兰 王")),
        ("contact_other", Contact("8613800000002", False, "老张")),
        ("contact_no_account", Contact("+86 138 0000 0003", False, "工头")),
    ],
)
def test_contact_is_own_only_when_telegram_says_so(name: str, contact: Contact) -> None:
    """I54."""
    assert read(name).contact == contact


def test_an_edit_names_the_message_it_changes() -> None:
    assert read("edited_text").text == "工头四个月没发工资，找谁？"
    assert read("edited_text").message_id
    assert read("edited_caption").text == "九月打卡记录"
    assert read("edited_caption").attachments


def test_a_clock_out_of_range_is_no_date() -> None:
    """I82."""
    assert read("text_date_1970").sent_at is None
    future = payload("text")
    future["message"]["date"] = 10**18
    assert parse(future).sent_at is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where anything sits inside a JSON value."""
    if isinstance(value, dict):
        return [path, *(found for key in value for found in places(value[key], (*path, key)))]
    if isinstance(value, list):
        return [path, *(found for at, item in enumerate(value) for found in places(item, (*path, at)))]
    return [path]


def changed(raw: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    if not path:
        return raw
    result = copy.deepcopy(raw)
    inside: Any = result
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return result


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_no_mutation_raises(data: st.DataObject) -> None:
    """P18: any value of a real update may become anything; what is read can always be stored."""
    raw = payload(data.draw(st.sampled_from(NAMES)))
    for _ in range(data.draw(st.integers(1, 3))):
        raw = changed(raw, data.draw(st.sampled_from(places(raw))), data.draw(JSON))
    incoming = parse(raw, "GongyouBangBot")
    repr(incoming).encode("utf-8")
    numbered = type(raw["update_id"]) is int and abs(raw["update_id"]) < 2**63
    if incoming.kind is not Kind.IGNORED and numbered:
        assert origin(raw) is not None


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=5))
def test_no_object_raises(raw: dict[str, object]) -> None:
    assert parse(raw).kind is Kind.IGNORED
    assert origin(raw) is None
