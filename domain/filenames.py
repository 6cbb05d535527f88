"""Names of files as a person may see them."""

import re
import unicodedata

LONGEST = 80
NAMELESS = "file"

JOINERS = "\u200c\u200d"  # they shape Uyghur and Mongolian words and join emoji; every other format mark goes
FORBIDDEN = re.compile(r'[<>:"|?*]')  # Windows refuses them
EDGES = " ." + JOINERS
RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9])[ ]*(?:\..*)?", re.IGNORECASE)


def extension_of(name: str) -> str:
    """What follows the last dot, lower case ASCII letters and digits only; empty when there is none."""
    found = re.search(r"\.([a-z0-9]{1,10})$", _plain(name).lower())
    return found.group(1) if found else ""


def safe_name(name: str, extensions: tuple[str, ...] = ()) -> str:
    """A file name without paths, controls, bidirectional marks or names Windows keeps for itself.

    Args:
        name: as a person's device gave it.
        extensions: what it may end with; the first is added when it ends otherwise.

    Returns:
        1 to 80 characters.
    """
    plain = _plain(name)
    ending = extension_of(plain)
    stem = plain[: -len(ending) - 1] if ending else plain
    if extensions and ending not in extensions:
        stem, ending = plain, extensions[0]
    stem = stem.strip(EDGES) or NAMELESS
    suffix = f".{ending}" if ending else ""
    if RESERVED.fullmatch(unicodedata.normalize("NFKC", stem)):
        stem = f"_{stem}"
    return _shortened(stem, LONGEST - len(suffix)) + suffix


def isolated(text: str) -> str:
    """The text set apart, so that its direction of writing cannot reorder the words around it."""
    return f"\u2068{text}\u2069"


def _plain(name: str) -> str:
    last = re.split(r"[/\\\u2044\u2215\uff0f\uff3c]", name)[-1]
    composed = unicodedata.normalize("NFC", last)
    kept = "".join(letter for letter in composed if _shown(letter))
    return " ".join(FORBIDDEN.sub("_", kept).split()).strip(EDGES)


def _shown(letter: str) -> bool:
    """Whether it is neither a control, a format mark, a lone surrogate nor a line separator."""
    return letter in JOINERS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _shortened(stem: str, room: int) -> str:
    """Cut, but never between a letter and its marks or inside a joined emoji."""
    end = min(len(stem), room)
    while 0 < end < len(stem) and (_continues(stem[end]) or stem[end - 1] in JOINERS):
        end -= 1
    return stem[: end or room].rstrip(EDGES) or NAMELESS


def _continues(letter: str) -> bool:
    return letter in JOINERS or unicodedata.combining(letter) > 0 or "\ufe00" <= letter <= "\ufe0f"
