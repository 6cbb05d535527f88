"""What the chat page and the playground are made of, without a browser."""

import re
from pathlib import Path

import pytest

from bot.channels.browser.files import PAGE

LIMIT = 150_000  # bytes, everything together and uncompressed
FILES = sorted(PAGE.iterdir())
WORDS = (PAGE / "words.js").read_text("utf-8")
ENTRY = re.compile(r'^    "([\w.]+)": "(.*)",$', re.MULTILINE)


def entries(language: str) -> dict[str, str]:
    """The page's own words in one language."""
    found = re.search(rf"^  {language}: \{{\n(.*?)^  \}},$", WORDS, re.MULTILINE | re.DOTALL)
    assert found is not None
    return dict(ENTRY.findall(found.group(1)))


def test_the_whole_page_is_small() -> None:
    assert sum(file.stat().st_size for file in FILES) < LIMIT


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_is_asked_of_another_machine(file: Path) -> None:
    addresses = set(re.findall(r"https?://[\w.-]+|[\"'(`]//[\w.-]+", file.read_text("utf-8")))
    assert addresses <= {"http://www.w3.org"}  # the name of SVG, never fetched


def test_every_word_is_there_in_both_languages() -> None:
    chinese, english = entries("zh"), entries("en")
    assert chinese.keys() == english.keys()
    for key, sentence in chinese.items():
        assert sorted(re.findall(r"\{\w+\}", sentence)) == sorted(re.findall(r"\{\w+\}", english[key])), key


def test_every_word_asked_for_exists() -> None:
    asked = set()
    for file in FILES:
        text = file.read_text("utf-8")
        asked |= set(re.findall(r'\bsay\("([\w.]+)"', text))
        asked |= set(re.findall(r'data-(?:words|label|placeholder|title)="([\w.]+)"', text))
    assert asked <= entries("zh").keys()


@pytest.mark.parametrize("word", ["尽快", "及时", "系统", "非法", "提交成功", "有误", "请知悉", "！", "!"])
def test_the_page_speaks_plainly(word: str) -> None:
    spoken = [*entries("zh").values(), *entries("en").values()]
    assert [sentence for sentence in spoken if word in sentence] == []
