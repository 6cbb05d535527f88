"""Phrases of the data files made into patterns that find them in normalised text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

CHINESE = re.compile(r"[\u4e00-\u9fff]")
MASK = "\u2588"  # stands where something was taken out, so that its neighbours cannot join

# How the data write "and then, a little later": one mark within a clause, two within a sentence.
GAP = re.compile("(……|…)")
CHINESE_GAPS = {"…": rf"[^,。!?;:\n{MASK}]{{0,8}}?", "……": rf"[^。!?;\n{MASK}]{{0,14}}?"}
ENGLISH_GAPS = {"…": rf"[^,.!?;\n{MASK}]{{0,16}}?", "……": rf"[^.!?;\n{MASK}]{{0,32}}?"}

# A set of words, each of which may stand in this place: {body}.
SET = re.compile(r"\{(\w+)\}")
NO_SETS: Mapping[str, Sequence[str]] = {}


def any_of(words: Iterable[str], sets: Mapping[str, Sequence[str]] = NO_SETS) -> re.Pattern[str]:
    """A pattern that finds any of the phrases, the longest first, English ones as whole words.

    Without phrases it finds nothing.

    Args:
        sets: the words each `{name}` within a phrase stands for.

    Raises:
        ValueError: a phrase names a set that does not exist.
    """
    phrases = sorted({one for word in words for one in _opened(word, sets)}, key=lambda one: (-len(one), one))
    english = [one for one in phrases if one[0].isalnum() and not _is_chinese(one, sets)]
    branches = _by_first_sign(_pattern(one, sets, CHINESE_GAPS) for one in phrases if one not in english)
    if english:
        whole = _by_first_sign(_pattern(one, sets, ENGLISH_GAPS) for one in english)
        branches.append(f"(?<![a-z0-9])(?:{'|'.join(whole)})(?![a-z0-9])")
    return re.compile("|".join(branches) or r"(?!)")


def _opened(phrase: str, sets: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The phrase, once for each word of a set it begins with, so that every one begins with a sign."""
    leading = SET.match(phrase)
    if leading is None:
        yield phrase
        return
    for word in _set(leading[1], sets):
        yield word + phrase[leading.end() :]


def _is_chinese(phrase: str, sets: Mapping[str, Sequence[str]]) -> bool:
    return any(
        map(CHINESE.search, (phrase, *(word for name in SET.findall(phrase) for word in _set(name, sets))))
    )


def _pattern(phrase: str, sets: Mapping[str, Sequence[str]], gaps: Mapping[str, str]) -> tuple[str, str]:
    """The first sign of a phrase, and a pattern for the rest of it."""
    rest = "".join(gaps.get(part) or _part(part, sets) for part in GAP.split(phrase[1:]))
    return re.escape(phrase[0]), rest


def _part(part: str, sets: Mapping[str, Sequence[str]]) -> str:
    """One stretch of a phrase between gaps, its sets written out."""
    return "".join(
        f"(?:{'|'.join(map(re.escape, _set(piece, sets)))})" if at % 2 else re.escape(piece)
        for at, piece in enumerate(SET.split(part))
    )


def _set(name: str, sets: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name not in sets:
        raise ValueError(f"there is no set of words called {name!r}")
    return sets[name]


def _by_first_sign(patterns: Iterable[tuple[str, str]]) -> list[str]:
    """One branch for each first sign: the matcher then skips whatever begins no phrase, ten times faster."""
    rests: dict[str, list[str]] = defaultdict(list)
    for first, rest in patterns:
        rests[first].append(rest)
    return [f"{first}(?:{'|'.join(together)})" for first, together in rests.items()]
