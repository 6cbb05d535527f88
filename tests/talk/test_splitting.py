"""Long texts: every part fits, nothing is lost, nothing a reader sees as one is torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talk import splitting
from talk.splitting import split

TELEGRAM = 4096


def units(text: str) -> int:
    """UTF-16 code units, counted by encoding."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


WHOLE = (
    "👨\u200d👩\u200d👧\u200d👦",  # family
    "🏳️\u200d🌈",
    "👍🏽",
    "🇨🇳",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # flag by tags
    "e\u0301\u0323",
    "1\ufe0f\u20e3",
    "𠮷",
    "각",
    "\u1100\u1161\u11a8",  # the same syllable in three letters
    "སྐྱེ",
    "क्\u200dष",
    "\r\n",
    "\ud83d\ude00",  # surrogates that no one joined
    "工",
    "a",
)
PAUSES = (" ", "。", "\n", "，")


@given(st.text(st.characters(exclude_categories=())), st.integers(2, 40))
def test_joined_parts_are_the_text_and_none_is_over_the_limit(text: str, limit: int) -> None:
    """Inputs I3, I6."""
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(0 < units(part) <= limit for part in parts)
    assert splitting.units(text) == units(text)


@given(
    st.lists(st.sampled_from(WHOLE), max_size=40) | st.lists(st.sampled_from((*WHOLE, *PAUSES)), max_size=40),
    st.integers(14, 30),
)
def test_what_a_reader_sees_as_one_is_never_torn(pieces: list[str], limit: int) -> None:
    """Inputs I13, I14, I17."""
    ends, total = {0}, 0
    for piece in pieces:
        total += len(piece)
        ends.add(total)
    cut = 0
    for part in split("".join(pieces), limit):
        cut += len(part)
        assert cut in ends


@pytest.mark.parametrize(
    "text",
    [
        "工" * 4097,
        "🇨🇳" * 2000,
        "a\u0301" * 4000,
        "工\n" * 3000,
        "https://x.cn/" + "a?b;c:d,e" * 600,
        "短。\n\n" + "长" * 4097,
    ],
)
def test_a_long_text_takes_no_more_parts_than_it_must(text: str) -> None:
    """Inputs I3, I6, I7, I14."""
    parts = split(text, TELEGRAM)
    assert len(parts) == -(-units(text) // TELEGRAM)


def test_a_text_of_the_full_length_stays_whole() -> None:
    """Input I2."""
    for text in ("工" * TELEGRAM, "😀" * (TELEGRAM // 2)):
        assert split(text, TELEGRAM) == [text]


@pytest.mark.parametrize("whole", WHOLE)
@pytest.mark.parametrize("before", range(1, 9))
def test_each_of_them_moves_to_the_next_part_when_it_does_not_fit(whole: str, before: int) -> None:
    """Inputs I13, I14."""
    limit = max(before + units(whole) - 1, units(whole), 2)
    parts = split("x" * before + whole * 3, limit)
    assert all(part.replace("x", "") == whole * part.count(whole) for part in parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("第一段话。\n\n第二段。", ["第一段话。\n\n", "第二段。"]),
        ("第一行的话\n第二行", ["第一行的话\n", "第二行"]),
        ("他说：「走。」我走了", ["他说：「走。」", "我走了"]),
        ("工资没有发，老板", ["工资没有发，", "老板"]),
        ("pay rise now", ["pay rise ", "now"]),
        ("加班工资三千五百", ["加班工资三千五", "百"]),
    ],
)
def test_a_cut_falls_where_a_reader_would_pause(text: str, parts: list[str]) -> None:
    assert split(text, units(text) - 1) == parts


def test_one_character_longer_than_a_message_is_still_delivered() -> None:
    """Input I14: a storm of marks has no place to cut that a reader would not see."""
    storm = "a" + "\u0301" * 9000
    parts = split(storm, TELEGRAM)
    assert "".join(parts) == storm
    assert all(units(part) <= TELEGRAM for part in parts)


def test_nothing_to_say_is_no_message() -> None:
    """Input I1."""
    assert split("", TELEGRAM) == []


def test_a_limit_no_character_fits_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="code point"):
        split("工", 1)
