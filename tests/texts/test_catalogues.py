"""The words themselves: both languages complete, in the house's voice."""

import re
import unicodedata

import pytest

from tests.texts.scan import WORDS

LONGEST_LABEL = 6  # Chinese characters on a button; a letter is half as wide
ON_BUTTONS = {"button", "buttons", "option"}

FORBIDDEN = {
    "zh": (
        *(
            "根据相关规定",
            "请知悉",
            "予以",
            "兹",
            "特此",
            "系统",
            "提交成功",
            "非法输入",
            "有误",
            "尽快",
            "及时",
        ),
        *("贵司", "贵方", "贵单位", "贵公司", "你", "！", "!"),
    ),
    "en": (
        *("as soon as possible", "promptly", "in a timely", "please be advised", "hereby", "pursuant to"),
        *("kindly", "the system", "submitted successfully", "illegal input", "invalid", "!", "！"),
    ),
}

EVERY = [(lang, key) for lang in sorted(WORDS.languages) for key in sorted(WORDS.keys(lang))]


def test_both_languages_have_the_same_keys() -> None:
    assert set(WORDS.languages) == {"zh", "en"}
    assert sorted(WORDS.keys("zh") ^ WORDS.keys("en")) == []


def test_both_languages_take_the_same_values() -> None:
    both = WORDS.keys("zh") & WORDS.keys("en")
    differing = {key for key in both if WORDS.placeholders("zh", key) != WORDS.placeholders("en", key)}
    assert sorted(differing) == []


@pytest.mark.parametrize("lang", sorted(WORDS.languages))
def test_nothing_is_said_that_the_house_does_not_say(lang: str) -> None:
    said = [
        (key, phrase)
        for key in sorted(WORDS.keys(lang))
        for words in (*WORDS.forms(lang, key), *WORDS.synonyms(lang, key))
        for phrase in FORBIDDEN[lang]
        if phrase in words.casefold()
    ]
    assert said == []


def test_chinese_labels_fit_on_a_button() -> None:
    long = [
        (key, words)
        for key in sorted(WORDS.keys("zh"))
        if ON_BUTTONS & set(key.split("."))
        for words in WORDS.forms("zh", key)
        if width(words) > LONGEST_LABEL
    ]
    assert long == []


def width(words: str) -> float:
    """How wide words are, in Chinese characters."""
    return sum(1 if unicodedata.east_asian_width(sign) in "WF" else 0.5 for sign in words)


def test_labels_are_one_line() -> None:
    broken = [
        key
        for lang, key in EVERY
        if (ON_BUTTONS | {"label"}) & set(key.split("."))
        for words in WORDS.forms(lang, key)
        if "\n" in words
    ]
    assert broken == []


def test_chinese_is_written_with_chinese_marks() -> None:
    """A half-width comma or question mark beside a Chinese character is a slip of the keyboard."""
    slips = [
        (key, found[0])
        for key in sorted(WORDS.keys("zh"))
        for words in WORDS.forms("zh", key)
        for found in re.finditer(r"[\u4e00-\u9fff][,;?:]|[,;?][\u4e00-\u9fff]", words)
    ]
    assert slips == []
