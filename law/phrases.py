"""Phrases of the data files made into patterns that find them in normalised text."""

import re
from collections.abc import Iterable

CHINESE = re.compile(r"[\u4e00-\u9fff]")
MASK = "\u2588"  # stands where something was taken out, so that its neighbours cannot join

# How the data write "and then, a little later": one mark within a clause, two within a sentence.
GAP = re.compile("……|…")
CHINESE_GAPS = {"…": rf"[^,。!?;:\n{MASK}]{{0,8}}?", "……": rf"[^。!?;\n{MASK}]{{0,14}}?"}
ENGLISH_GAPS = {"…": rf"[^,.!?;\n{MASK}]{{0,16}}?", "……": rf"[^.!?;\n{MASK}]{{0,32}}?"}


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the phrases, the longest first, English ones as whole words.

    Without phrases it finds nothing.
    """
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(_pattern, ordered)) if ordered else r"(?!)")


def _pattern(phrase: str) -> str:
    chinese = CHINESE.search(phrase) is not None
    gaps = CHINESE_GAPS if chinese else ENGLISH_GAPS
    parts = [re.escape(part) for part in GAP.split(phrase)]
    between = [gaps[mark] for mark in GAP.findall(phrase)]
    joined = "".join(part + gap for part, gap in zip(parts, [*between, ""], strict=True))
    return joined if chinese or not phrase[:1].isalnum() else rf"\b{joined}\b"
