"""Typed answers: what each reader takes, what it refuses and with which sentence."""

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talk.formats import shown_day, shown_money
from talk.reading import (
    Option,
    Unread,
    clean,
    normalise,
    read_choice,
    read_command,
    read_day,
    read_int,
    read_phone,
    read_yes_no,
    read_yuan,
)
from talk.words import Words

TEXTS = Path(__file__).parents[2] / "texts"
TUESDAY = date(2026, 11, 24)
ANYTHING = st.text(st.characters(exclude_categories=())) | st.text(
    "三千五百万0123456789.,¥-块角年月日号上周前半 ", max_size=14
)
DAYS = st.dates(date(1960, 1, 1), date(2090, 12, 31))

OPTIONS = (
    Option("wages", "工资", ("欠薪", "拖欠工资"), 1),
    Option("injury", "🆘 工伤", ("受伤", "工地出事"), 2),
    Option("contract", "Contract", ("工作合同",), 3),
    Option("leave", "请假休假", (), 4),
)


def in_chinese(count: int) -> str:
    """A whole number below ten million, written as a teacher would."""
    if count >= 10_000:
        high, low = divmod(count, 10_000)
        return in_chinese(high) + "万" + ("" if not low else "零" * (low < 1000) + in_chinese(low))
    words = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = count // place % 10
        if digit:
            words += "零一二三四五六七八九"[digit] + unit
        elif words and count % place and not words.endswith("零"):
            words += "零"
    return words or "零"


# ---- the text itself


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("工\u200b伤", "工伤"),
        ("  a \u3000 b\n", "a b"),
        ("１２３", "123"),
        ("٣٤", "34"),
        ("2\ufe0f\u20e3", "2"),
        ("\u202e王\u202c", "王"),
        ("①", "1"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("\u3164\u2800\ufeff", ""),
        ("", ""),
        ("a\x00b\ud800", "ab"),
    ],
)
def test_matching_sees_past_what_a_person_cannot_see(typed: str, seen: str) -> None:
    """Inputs I1, I9, I10, I12, I15, I19."""
    assert normalise(typed) == seen


@given(ANYTHING)
def test_normalising_twice_changes_nothing_and_leaves_no_stray_space(typed: str) -> None:
    once = normalise(typed)
    assert normalise(once) == once
    assert once == " ".join(once.split())
    assert unicodedata.is_normalized("NFKC", once)


def test_a_storm_of_marks_is_normalised_in_no_time() -> None:
    """Input I14: a long run of combining marks is quadratic to put in order; thirty of them are not."""
    assert len(normalise("a" + "\u0301\u0323" * 50_000)) <= 31


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_stored_is_what_was_said(typed: str) -> None:
    """Inputs I9, I10, I17, I19: only what no database takes is written out; all else is untouched."""
    stored = clean(typed)
    assert b"\x00" not in stored.encode()
    assert clean(stored) == stored
    if "\x00" not in typed and not any("\ud800" <= sign <= "\udfff" for sign in typed):
        assert stored == typed


def test_what_cannot_be_stored_stays_visible() -> None:
    assert clean("a\x00b\udcffc") == r"a\u0000b\udcffc"


# ---- numbers and money


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("3500", 3500),
        ("3,500.50", 3500.5),
        ("¥3500", 3500),
        ("￥3500", 3500),
        ("３５００", 3500),
        ("3 500", 3500),
        ("三千五", 3500),
        ("三千零五", 3005),
        ("三千五百块", 3500),
        ("3千5", 3500),
        ("1.2万", 12000),
        ("一万二", 12000),
        ("3万5千", 35000),
        ("3.5k", 3500),
        ("1w", 10000),
        ("3500元", 3500),
        ("叁仟伍佰元整", 3500),
        ("三块五", 3.5),
        ("三块五毛二分", 3.52),
        ("3500块钱", 3500),
        ("RMB 3500", 3500),
        ("3500 yuan", 3500),
        ("大概3500左右", 3500),
        ("0", 0),
        ("一千万", 10_000_000),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, yuan: float) -> None:
    """Input I91."""
    assert read_yuan(typed) == round(yuan * 100)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("-1", "kit.fault.money_negative"),
        ("－1", "kit.fault.money_negative"),
        ("−5", "kit.fault.money_negative"),
        ("负三百", "kit.fault.money_negative"),
        ("10000001", "kit.fault.money_too_large"),
        ("1亿", "kit.fault.money_too_large"),
        ("1e9", "kit.fault.not_money"),
        ("3,5k", "kit.fault.not_money"),
        ("两三千", "kit.fault.not_money"),
        ("3500 4000", "kit.fault.not_money"),
        ("3500.505", "kit.fault.not_money"),
        ("五百千", "kit.fault.not_money"),
        ("三万五万", "kit.fault.not_money"),
        ("很多", "kit.fault.not_money"),
        ("", "kit.fault.not_money"),
    ],
)
def test_an_amount_that_could_be_misread_is_asked_for_again(typed: str, key: str) -> None:
    """Input I91."""
    with pytest.raises(Unread) as fault:
        read_yuan(typed)
    assert fault.value.key == key


@given(st.integers(0, 10_000_000 * 100))
def test_money_as_we_show_it_is_read_back(fen: int) -> None:
    assert read_yuan(shown_money(fen)) == fen


@given(st.integers(0, 9_999_999))
def test_every_number_in_chinese_characters_is_read(count: int) -> None:
    assert read_int(in_chinese(count)) == count
    assert read_yuan(in_chinese(count) + "元") == count * 100


@given(st.integers(-(10**12), 10**12))
def test_every_whole_number_in_digits_is_read(count: int) -> None:
    assert read_int(str(count)) == read_int(f"{count:,}") == count


@pytest.mark.parametrize(
    ("typed", "count"), [("３个", 3), ("十二人", 12), ("两", 2), ("约20天", 20), ("二〇二六", 2026)]
)
def test_a_number_may_carry_its_unit(typed: str, count: int) -> None:
    assert read_int(typed) == count


@pytest.mark.parametrize(
    ("typed", "key", "values"),
    [
        ("1.5", "kit.fault.not_whole", {}),
        ("1 2", "kit.fault.not_whole", {}),
        ("几个", "kit.fault.not_whole", {}),
        ("9" * 5000, "kit.fault.not_whole", {}),
        ("0", "kit.fault.too_small", {"min": 1}),
        ("-3", "kit.fault.too_small", {"min": 1}),
        ("10", "kit.fault.too_large", {"max": 9}),
    ],
)
def test_a_number_out_of_bounds_says_the_bound(typed: str, key: str, values: dict[str, object]) -> None:
    with pytest.raises(Unread) as fault:
        read_int(typed, minimum=1, maximum=9)
    assert (fault.value.key, fault.value.values) == (key, values)


# ---- days


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026/11/3", date(2026, 11, 3)),
        ("20261103", date(2026, 11, 3)),
        ("2026年11月3日", date(2026, 11, 3)),
        ("二〇二六年十一月三日", date(2026, 11, 3)),
        ("25年3月", date(2025, 3, 1)),
        ("11月3日", date(2026, 11, 3)),
        ("１１月３号", date(2026, 11, 3)),
        ("11/3", date(2026, 11, 3)),
        ("12月28日", date(2025, 12, 28)),
        ("2月29日", date(2024, 2, 29)),
        ("3号", date(2026, 11, 3)),
        ("31号", date(2026, 10, 31)),
        ("今天", TUESDAY),
        ("昨天", date(2026, 11, 23)),
        ("昨天晚上", date(2026, 11, 23)),
        ("大前天", date(2026, 11, 21)),
        ("三天前", date(2026, 11, 21)),
        ("两周前", date(2026, 11, 10)),
        ("半个月前", date(2026, 11, 9)),
        ("一个半月前", date(2026, 10, 9)),
        ("半年前", date(2026, 5, 24)),
        ("一年半前", date(2025, 5, 24)),
        ("上个月15号", date(2026, 10, 15)),
        ("上月底", date(2026, 10, 31)),
        ("月初", date(2026, 11, 1)),
        ("上周五", date(2026, 11, 20)),
        ("上上周三", date(2026, 11, 11)),
        ("周日", date(2026, 11, 22)),
        ("星期二", TUESDAY),
        ("今年3月", date(2026, 3, 1)),
        ("从去年3月5号开始", date(2025, 3, 5)),
        ("去年底", date(2025, 12, 31)),
        ("今年年初", date(2026, 1, 1)),
        ("yesterday", date(2026, 11, 23)),
        ("Last Friday", date(2026, 11, 20)),
        ("3 days ago", date(2026, 11, 21)),
        ("two weeks ago", date(2026, 11, 10)),
        ("3 November", date(2026, 11, 3)),
        ("Nov 3rd, 2025", date(2025, 11, 3)),
        ("since March 2026", date(2026, 3, 1)),
    ],
)
def test_a_past_day_is_read_as_people_say_it(typed: str, found: date) -> None:
    assert read_day(typed, TUESDAY, past=True) == found


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-30",
        "2月30日",
        "13月1日",
        "去年",
        "3",
        "上个月31日",
        "第三天",
        "9999年前",
        "",
        "工资",
        "1" * 500,
    ],
)
def test_what_names_no_day_is_asked_for_again(typed: str) -> None:
    """Input I84 in part: no day is made up for a date that does not exist."""
    on = date(2026, 12, 24)
    with pytest.raises(Unread) as fault:
        read_day(typed, on)
    assert fault.value.key == "kit.fault.not_day"


def test_a_day_on_the_wrong_side_of_today_is_refused() -> None:
    for typed in ("明天", "2027-01-01", "下周一", "三天后"):
        with pytest.raises(Unread, match=r"kit\.fault\.day_ahead"):
            read_day(typed, TUESDAY, past=True)
        assert read_day(typed, TUESDAY, ahead=True) > TUESDAY
    with pytest.raises(Unread, match=r"kit\.fault\.day_gone"):
        read_day("昨天", TUESDAY, ahead=True)


@given(DAYS, DAYS, st.sampled_from(["zh", "en"]))
def test_a_day_as_we_show_it_is_read_back(day: date, today: date, lang: str) -> None:
    assert read_day(shown_day(lang, day, year=True), today) == day
    assert read_day(day.isoformat(), today) == day


@given(DAYS, st.integers(0, 364), st.sampled_from(["zh", "en"]))
def test_without_its_year_a_day_is_the_nearest_on_the_wanted_side(today: date, back: int, lang: str) -> None:
    day = today - timedelta(days=back)
    assert read_day(shown_day(lang, day), today, past=True) == day
    assert read_day(shown_day(lang, today), day, ahead=True) == today


@given(DAYS)
def test_a_weekday_alone_is_within_the_week_behind_or_ahead(today: date) -> None:
    for number in "一二三四五六日":
        assert 0 <= (today - read_day(f"周{number}", today, past=True)).days < 7
        assert 0 <= (read_day(f"周{number}", today, ahead=True) - today).days < 7


# ---- yes and no, choices, commands, phone


@pytest.mark.parametrize(
    "typed", ["是", "是的", "对啊", "好的", "嗯", "可以", "有。", "Yes", "ok!", "👍", " ＹＥＳ "]
)
def test_yes(typed: str) -> None:
    assert read_yes_no(typed) is True


@pytest.mark.parametrize("typed", ["不", "不是的", "没有", "没有了", "不用", "No", "否"])
def test_no(typed: str) -> None:
    assert read_yes_no(typed) is False


@pytest.mark.parametrize("typed", ["不好说", "也许", "是不是", "", "not sure", "对方没来"])
def test_neither_yes_nor_no(typed: str) -> None:
    with pytest.raises(Unread, match=r"kit\.fault\.not_yes_no"):
        read_yes_no(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "1",
        "１",
        "一",
        "①",
        "1️⃣",
        "第一个",
        "选1",
        "1.",
        "(1)",
        "option 1",
        "工资",
        "工\u200b资。",
        "欠薪",
        "拖欠",
    ],
)
def test_an_option_is_chosen_by_number_label_synonym_or_beginning(typed: str) -> None:
    """Inputs I12, I15."""
    assert read_choice(typed, OPTIONS) == "wages"


@pytest.mark.parametrize(
    ("typed", "chosen"), [("工伤", "injury"), ("CONTRACT", "contract"), ("请假", "leave"), ("四", "leave")]
)
def test_other_options(typed: str, chosen: str) -> None:
    assert read_choice(typed, OPTIONS) == chosen


@pytest.mark.parametrize("typed", ["工", "请", "5", "0", "", "第", "工资没发", "🆘", "x" * 5000])
def test_what_fits_none_or_several_chooses_nothing(typed: str) -> None:
    assert read_choice(typed, OPTIONS) is None


def test_a_beginning_that_two_share_chooses_nothing() -> None:
    two = (Option("a", "工资条"), Option("b", "工资卡"))
    assert read_choice("工资", two) is None
    assert read_choice("工资卡", two) == "b"


def test_a_label_that_is_a_number_counts_before_its_place() -> None:
    people = (Option("two", "2", number=1), Option("one", "1", number=2))
    assert read_choice("1", people) == "one"


@given(st.text())
def test_only_an_offered_option_is_ever_chosen(typed: str) -> None:
    assert read_choice(typed, OPTIONS) in {None, *(option.id for option in OPTIONS)}


@pytest.mark.parametrize("command", ["back", "skip", "cancel", "menu", "done", "later"])
def test_a_command_may_be_typed_as_its_button_says_it(command: str) -> None:
    words = Words.load(TEXTS, strict=True)
    for lang in words.languages:
        label = f"kit.button.{command}"
        for said in (words.labels(lang, label), *words.synonyms(lang, label)):
            assert read_command(said) == command
            assert read_command(f"/{said.upper()}。 ") == command


@pytest.mark.parametrize(
    "typed", ["我不想取消", "老板让我取消合同", "返回工资", "菜单上写的", "没有合同", "", "back pay"]
)
def test_a_sentence_with_a_command_word_in_it_is_no_command(typed: str) -> None:
    assert read_command(typed) is None


@pytest.mark.parametrize(
    "typed", ["+86 138 0013 8000", "0086-13800138000", "１３８００１３８０００", "17000000000"]
)
def test_a_phone_number_is_read_however_it_is_typed(typed: str) -> None:
    """Input I87."""
    assert read_phone(typed) == ("17000000000" if typed.startswith("17") else "13800138000")


def test_a_phone_number_that_is_none_says_why() -> None:
    with pytest.raises(Unread) as fault:
        read_phone("1380013800")
    assert (fault.value.key, fault.value.values) == ("phone.length", {"digits": 10})


READERS: tuple[Callable[[str], object], ...] = (
    read_int,
    read_yuan,
    lambda typed: read_day(typed, TUESDAY),
    lambda typed: read_day(typed, TUESDAY, past=True),
    read_yes_no,
    read_phone,
)
FAULTS = Words.load(TEXTS)


def refusal_of(reader: Callable[[str], object], typed: str) -> Unread | None:
    try:
        reader(typed)
    except Unread as fault:
        return fault
    return None


@given(ANYTHING, st.sampled_from(READERS))
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str, reader: Callable[[str], object]) -> None:
    """Inputs I1-I21: no reader breaks on any text, and each refusal has its sentence in both languages."""
    fault = refusal_of(reader, typed)
    if fault is not None:
        assert {fault.key} <= FAULTS.keys("zh") & FAULTS.keys("en")
        assert set(fault.values) == FAULTS.placeholders("zh", fault.key)


@pytest.mark.parametrize("reader", READERS)
def test_a_megabyte_is_no_short_answer(reader: Callable[[str], object]) -> None:
    """Input I8: what follows a number is never cut off to make it one."""
    assert refusal_of(reader, "3500" + " " * 10**6 + "不是真的") is not None
    assert refusal_of(reader, "好" * 10**6) is not None
