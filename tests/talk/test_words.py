"""Words: what a reader sees for each kind of value, and what can never happen to them."""

import logging
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talk.reply import Value
from talk.words import Words, WordsError, at, day, fen, key, lines, listed, minutes, text

TEXTS = Path(__file__).parents[2] / "texts"
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

TABLES: dict[str, dict[str, object]] = {
    "zh": {
        "note": {
            "plain": "好",
            "hello": "{who}，您好。",
            "due": "{when}前",
            "both": "{who}：{who}，{when}",
            "items": "{count} 件",
            "only_zh": "只有中文",
            "button": {"go": {"words": "去", "also": ["走", "出发"]}},
            "words": {"words": "一个词", "ask": "问"},
        },
        "kit": {"no_words": "给您转给人。", "value": {"yes": "是", "no": "不是"}},
    },
    "en": {
        "note": {
            "plain": "Fine",
            "hello": "Hello, {who}.",
            "due": "by {when}",
            "both": "{who}: {who}, {when}",
            "items": {"one": "{count} item", "other": "{count} items"},
            "button": {"go": {"words": "Go", "also": ["leave"]}},
        },
        "kit": {"no_words": "A person will look at it.", "value": {"yes": "yes", "no": "no"}},
    },
}
STRICT = Words(TABLES, strict=True)
RUNNING = Words(TABLES)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (at(TUESDAY), "周二(11月24日)18:00", "Tuesday 24 November, 18:00"),
        (at(TUESDAY, year=True), "2026年11月24日(周二)18:00", "Tuesday 24 November 2026, 18:00"),
        (day(date(2026, 11, 24)), "周二(11月24日)", "Tuesday 24 November"),
        (day(date(2025, 3, 3), year=True), "2025年3月3日(周一)", "Monday 3 March 2025"),
        (fen(350000), "¥3,500", "¥3,500"),
        (fen(350005), "¥3,500.05", "¥3,500.05"),
        (fen(-50), "-¥0.50", "-¥0.50"),
        (minutes(1620), "1 天 3 小时", "1 day 3 hours"),
        (minutes(61), "1 小时 1 分钟", "1 hour 1 minute"),
        (minutes(2 * 1440 + 5), "2 天", "2 days"),
        (minutes(0), "0 分钟", "0 minutes"),
        (minutes(-90), "-1 小时 30 分钟", "-1 hour 30 minutes"),
        (listed("工资", fen(100), key("note.plain")), "工资、¥1、好", "工资, ¥1, Fine"),
        (["a", 2], "a、2", "a, 2"),
        (lines("a", "b"), "a\nb", "a\nb"),
        (text(zh="中", en="E"), "中", "E"),
        (key("note.due", when=day(date(2026, 11, 24))), "周二(11月24日)前", "by Tuesday 24 November"),
        (key("note.items", count=1), "1 件", "1 item"),
        (True, "是", "yes"),
        (None, "", ""),
        (7, "7", "7"),
    ],
)
def test_a_value_is_formatted_in_the_readers_language(value: Value, zh: str, en: str) -> None:
    assert STRICT.render("zh", "note.due", {"when": value}) == f"{zh}前"
    assert STRICT.render("en", "note.due", {"when": value}) == f"by {en}"


def test_an_instant_is_shown_on_the_readers_clock() -> None:
    late = {"when": at(datetime(2026, 11, 24, 20, 30, tzinfo=UTC))}
    assert STRICT.render("zh", "note.due", late) == "周三(11月25日)04:30前"
    assert STRICT.render("zh", "note.due", late, "Europe/Berlin") == "周二(11月24日)21:30前"


@given(st.integers(0, 4 * 10**9), st.integers(-12 * 60, 14 * 60))
def test_an_instant_reads_the_same_whatever_zone_it_was_given_in(epoch: int, offset: int) -> None:
    instant = datetime.fromtimestamp(epoch, UTC)
    elsewhere = instant.astimezone(timezone(timedelta(minutes=offset)))
    assert at(instant) == at(elsewhere)


def test_an_instant_without_a_zone_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="zone"):
        at(TUESDAY.replace(tzinfo=None))


@pytest.mark.parametrize("count", [0, 1, 2, 21])
def test_english_chooses_its_plural_by_count(count: int) -> None:
    words = STRICT.render("en", "note.items", {"count": count})
    assert words == f"{count} item" + ("" if count == 1 else "s")


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), max_codepoint=0x58F)))
@pytest.mark.parametrize("around", ["{}", "{{who}}{}", "%(when)s{}", "${{who}}{}"])
def test_what_a_person_wrote_is_shown_as_it_is(around: str, written: str) -> None:
    """Inputs I22-I24, I27, I29."""
    said = around.format(written)
    assert STRICT.render("zh", "note.both", {"who": said, "when": said}) == f"{said}：{said}，{said}"


@pytest.mark.parametrize(
    "written",
    [
        "{0.__class__}",
        "{who.__class__}",
        "{when}",
        "%(x)s",
        "${}",
        "{",
        "}}",
        "<b>",
        "&amp;",
        "_*[",
        "'; drop",
    ],
)
def test_a_template_in_a_name_stays_a_name(written: str) -> None:
    """Inputs I22, I23, I27, I29."""
    values: dict[str, Value] = {"who": written, "when": "SECRET"}
    assert STRICT.render("zh", "note.hello", values) == f"{written}，您好。"


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_hidden_reaches_the_reader(written: str) -> None:
    """Inputs I9-I11, I20: no control or bidi sign but our own isolates, always closed; UTF-8 can carry it."""
    shown = STRICT.render("zh", "note.due", {"when": written})
    assert shown.encode()
    hidden = {
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    }
    for line in shown.split("\n"):
        assert {ord(sign) for sign in line} & hidden <= {0x09, 0x2068, 0x2069}
        assert line.count("\u2068") == line.count("\u2069")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("王\u202egnaw", "\u2068王gnaw\u2069"),
        ("عائشة", "\u2068عائشة\u2069"),
        ("a\u2069b", "\u2068ab\u2069"),
        ("两行\n话", "两行\n话"),
        ("ئۇيغۇر\nb", "\u2068ئۇيغۇر\u2069\n\u2068b\u2069"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("عائشة\n\nb", "\u2068عائشة\u2069\n\n\u2068b\u2069"),
        ("半\ud800个", "半\ufffd个"),
        ("👨\u200d👩\u200d👧 𠮷", "👨\u200d👩\u200d👧 𠮷"),
    ],
)
def test_only_text_that_could_reorder_a_line_is_isolated(written: str, shown: str) -> None:
    """Inputs I11, I17, I18."""
    assert STRICT.render("zh", "note.due", {"when": written}) == f"{shown}前"


def test_words_missing_in_english_are_said_in_chinese_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert RUNNING.render("en", "note.only_zh") == "只有中文"
    assert "en: no words for note.only_zh" in caplog.text


def test_data_without_english_words_is_shown_in_chinese() -> None:
    assert STRICT.render("en", "note.due", {"when": {"$text": {"zh": "中"}}}) == "by 中"


def test_words_missing_everywhere_become_a_general_sentence() -> None:
    assert RUNNING.render("en", "note.nowhere") == "A person will look at it."
    assert RUNNING.render("fr", "note.nowhere") == "给您转给人。"
    assert Words({}).render("zh", "note.nowhere") == "…"


def test_a_missing_value_leaves_a_gap_and_the_log_does_not_tell_what_was_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    assert RUNNING.render("zh", "note.both", {"who": "王小明"}) == "王小明：王小明，…"
    assert RUNNING.render("zh", "note.due", {"when": {"$at": "王小明"}}) == "…前"
    assert "note.both has no usable when" in caplog.text
    assert "王小明" not in caplog.text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("note.nowhere", {}),
        ("note.due", {}),
        ("note.due", {"when": {"$at": "tomorrow"}}),
        ("note.due", {"when": {"$nothing": 1}}),
        ("note.due", {"when": {"$key": "note.nowhere"}}),
    ],
)
def test_strict_words_do_not_let_a_mistake_pass(name: str, values: dict[str, Value]) -> None:
    with pytest.raises(WordsError):
        STRICT.render("zh", name, values)


_TAGS = st.sampled_from(
    ["$key", "$at", "$day", "$fen", "$minutes", "$list", "$lines", "$text", "values", "year"]
)
_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["note.due", "2026-02-30", "zh"])
)
_VALUES = st.recursive(_LEAVES, lambda v: st.lists(v) | st.dictionaries(_TAGS | st.text(), v), max_leaves=12)


@given(
    _VALUES, st.sampled_from(["zh", "en", "fr", ""]), st.sampled_from(["Asia/Shanghai", "Nowhere/At_All", ""])
)
def test_no_value_breaks_a_running_chat(value: Value, lang: str, zone: str) -> None:
    assert RUNNING.render(lang, "note.due", {"when": value}, zone)


def test_a_label_is_one_line_and_knows_what_else_a_person_may_type() -> None:
    assert STRICT.labels("zh", "note.button.go") == "去"
    assert STRICT.labels("zh", "note.hello", {"who": "王\n小明"}) == "王 小明，您好。"
    assert STRICT.synonyms("zh", "note.button.go") == ("走", "出发")
    assert STRICT.synonyms("en", "note.plain") == ()
    assert STRICT.render("zh", "note.words.words") == "一个词"


@pytest.mark.parametrize("words", ["{who.name}", "{0}", "{Who}", "a } b", "{who!r}", "", " \n"])
def test_words_that_could_not_be_said_fail_on_loading(words: str) -> None:
    with pytest.raises(WordsError, match=r"note\.hello"):
        Words({"zh": {"note": {"hello": words}}})


def test_a_number_or_a_broken_file_is_no_words(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match=r"note\.limit"):
        Words({"zh": {"note": {"limit": 3}}})
    with pytest.raises(WordsError, match=r"note\.go"):
        Words({"zh": {"note": {"go": {"words": "去", "also": "走"}}}})
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "note.toml").write_text('hello = "unfinished', encoding="utf-8")
    with pytest.raises(WordsError, match=r"note\.toml"):
        Words.load(tmp_path)


def test_the_files_name_is_the_first_part_of_a_key() -> None:
    words = Words.load(TEXTS, strict=True)
    assert set(words.languages) == {"zh", "en"}
    assert words.render("zh", "kit.button.back") == "返回"
    assert words.render("en", "kit.fault.too_short", {"min": 2}).endswith("2 characters.")
