"""Long texts cut into messages a platform takes, where a reader would pause."""

import re
import unicodedata
from collections.abc import Callable

_PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n{2,}",  # paragraph
        r"\n",  # line
        r"[。！？；…]+[”’」』）]*\s*|[.!?;]+[\"')]*\s+",  # sentence
        r"[，、：]\s*|\s+",  # clause or word
    )
)
_ZWJ = "\u200d"
_LEADING, _VOWEL, _TRAILING = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)
_SYLLABLES = range(0xAC00, 0xD7A4)
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


def units(text: str) -> int:
    """The length of a text in UTF-16 code units, in which platforms count."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` UTF-16 units that joined are the text; none for an empty text.

    Each is cut after a paragraph, else a line, a sentence, a word, and only then between two characters as a
    reader sees them. A single such character longer than the limit is cut between code points.

    Args:
        limit: UTF-16 units, at least 2.
    """
    if limit < 2:
        raise ValueError("a part must hold any one code point")
    parts = []
    while units(text) > limit:
        cut = _cut(text, _reach(text, limit))
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text] if text else parts


def _reach(text: str, limit: int) -> int:
    """How many code points from the start fit into the limit."""
    used = 0
    for at, sign in enumerate(text):
        used += 2 if sign > "\uffff" else 1
        if used > limit:
            return at
    return len(text)


def _cut(text: str, reach: int) -> int:
    """Where to cut, no further than `reach`; a pause is taken only in the second half, so parts stay long."""
    for pause in _PAUSES:
        ends = [found.end() for found in pause.finditer(text, 0, reach)]
        if fit := next((end for end in reversed(ends) if end > reach // 2 and not _within(text, end)), 0):
            return fit
    return next((at for at in range(reach, 0, -1) if not _within(text, at)), reach)


def _within(text: str, at: int) -> bool:
    """Whether a cut here would fall inside one character as a reader sees it.

    Source: Unicode Standard Annex 29, rules GB3-GB9a and GB11-GB13, with every zero-width joiner binding.
    """
    before, after = text[at - 1], text[at]
    if before in "\r\n":
        return before == "\r" and after == "\n"
    if _ZWJ in (before, after) or _extends(after):
        return True
    if ord(before) in _REGIONAL and ord(after) in _REGIONAL:
        return _run(text, at, lambda sign: ord(sign) in _REGIONAL) % 2 == 1
    return _hangul(ord(before), ord(after)) or (ord(before) in _HIGH and ord(after) in _LOW)


def _extends(sign: str) -> bool:
    return (
        sign == "\u200c"
        or ord(sign) in _SKIN_TONES
        or ord(sign) in _TAGS
        or unicodedata.category(sign) in ("Mn", "Me", "Mc")
    )


def _run(text: str, at: int, alike: Callable[[str], bool]) -> int:
    """How many signs alike stand directly before a place."""
    start = at
    while start and alike(text[start - 1]):
        start -= 1
    return at - start


def _hangul(before: int, after: int) -> bool:
    """Whether two code points belong to one Korean syllable."""
    if before in _LEADING:
        return after in _LEADING or after in _VOWEL or after in _SYLLABLES
    open_syllable = before in _SYLLABLES and (before - _SYLLABLES.start) % 28 == 0
    if before in _VOWEL or open_syllable:
        return after in _VOWEL or after in _TRAILING
    return (before in _TRAILING or before in _SYLLABLES) and after in _TRAILING
