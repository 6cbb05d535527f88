"""Typed text as it is compared and as it is stored."""

import re
import unicodedata

_LONGEST = 100  # characters; a longer answer is no number, sum, day or label
_LONGEST_RAW = 1000  # the same before stray spaces and unseen signs are taken out

# Controls, lone surrogates, zero-width and bidi marks, blank letters, keycaps and variation selectors.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
# A longer run of combining marks says nothing more and makes normalisation quadratic.
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STORM = re.compile(f"({_MARK}{{30}}){_MARK}+")
_DIGIT = re.compile(r"\d")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def normalise(text: str) -> str:
    """The text as it is compared: NFKC, nothing unseen, single spaces, digits of every script as 0-9."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _STORM.sub(r"\1", _UNSEEN.sub("", text)))
        text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    return " ".join(_UNSEEN.sub("", text).split())


def clean(text: str) -> str:
    """The text as it is stored: NUL and lone surrogates written out as \\uXXXX, all else untouched."""
    return _UNSTORABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def short(text: str) -> str:
    """The normalised text in lower case, or nothing when it is longer than any short answer."""
    typed = normalise(text).casefold() if len(text) <= _LONGEST_RAW else ""
    return typed if len(typed) <= _LONGEST else ""


def bare(text: str) -> str:
    """A short text without the signs around it; signs alone stay as they are."""
    typed = short(text).replace("\u2019", "'")
    start, end = 0, len(typed)
    while start < end and not typed[start].isalnum():
        start += 1
    while end > start and not typed[end - 1].isalnum():
        end -= 1
    return typed[start:end] or typed
