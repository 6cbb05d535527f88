"""The same words typed differently read the same (R3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.reading import Lexicon, Reader


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("工\u200b伤", "工伤"),
        ("ＮＯ　加 班 费？", "no 加班费?"),
        ("拖 欠 工资", "拖欠工资"),
        ("老闆拖欠薪資", "老板拖欠薪资"),
        ("公伤怎么赔尝", "工伤怎么赔偿"),
        ("Ｎ＋１", "n+1"),
    ],
)
def test_width_marks_gaps_script_and_misspellings_are_mended(reader: Reader, typed: str, meant: str) -> None:
    assert reader.normalise(typed).replace("老闆", "老板") == meant


def test_english_words_keep_their_gaps(reader: Reader) -> None:
    assert reader.normalise("My  Boss OWES me") == "my boss owes me"


def test_a_long_message_falls_into_sentences(reader: Reader) -> None:
    said = "老板不给钱。我还受伤了！怎么办？\n想辞职；要多久..."
    assert reader.sentences(said) == ["老板不给钱", "我还受伤了", "怎么办", "想辞职", "要多久"]


def test_tokens_are_characters_pairs_words_and_concepts(reader: Reader) -> None:
    tokens = reader.tokens("老板拖欠工资")
    assert {"c:拖", "b:拖欠", "w:工资", "k:arrears", "k:employer"} <= set(tokens)


def test_words_of_one_meaning_share_a_concept(reader: Reader) -> None:
    for said in ("把我炒鱿鱼了", "我被辞退了", "they fired me", "让我卷铺盖走人"):
        assert "k:dismiss" in reader.tokens(said), said


def test_polite_and_empty_words_are_not_compared(reader: Reader) -> None:
    assert reader.tokens("您好，请问一下，谢谢") == []


def test_english_endings_do_not_part_words() -> None:
    reader = Reader(Lexicon())
    assert set(reader.tokens("fined fines fine")) == set(reader.tokens("fine"))


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    reader = Reader(Lexicon())
    once = reader.normalise(text)
    assert reader.normalise(once) == once


@given(st.text(max_size=3000))
def test_any_text_can_be_read(reader: Reader, text: str) -> None:
    assert all(token[:2] in ("c:", "b:", "w:", "k:") for token in reader.tokens(text))
