"""A worker's own words made comparable: one spelling, one width, and the tokens that ranking counts."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from law.phrases import any_of

# Zero-width and direction marks, soft hyphen, variation selectors: typed or copied, never seen.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
QUOTES = str.maketrans("‘’“”", "''\"\"")
SPACES = re.compile(r"\s+")
BREAKS = re.compile(r"[。!?;\n…]+|\.+(?=\s|$)")
CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]+")
LATIN_WORD = re.compile(r"[a-z0-9]+(?:\+[a-z0-9]+)*")
BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])[ \t\u3000]+(?=[\u4e00-\u9fff])")
LONGEST = 1500  # characters of one message that are compared with the cards


def plain(text: str) -> str:
    """The text in one width and case, without invisible characters or gaps inside Chinese words."""
    shown = unicodedata.normalize("NFKC", INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower())
    shown = shown.translate(QUOTES)
    lines = (SPACES.sub(" ", line).strip() for line in shown.splitlines())
    return BETWEEN_CHINESE.sub("", "\n".join(lines)).strip()


@dataclass(frozen=True)
class Lexicon:
    """Words of the trade that reading knows.

    `characters` maps a traditional character to its simplified one, `spellings` a common mistyping to what
    was meant; `skipped` are polite or empty phrases, `empty` characters that say little alone; `concepts`
    gathers words that mean the same.
    """

    characters: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    empty: str = ""
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load_lexicon(path: Path) -> Lexicon:
    """Read a lexicon from its TOML file."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    pairs = table["characters"]
    return Lexicon(
        characters=dict(zip(pairs["traditional"], pairs["simplified"], strict=True)),
        spellings=table["spellings"],
        skipped=tuple(table["skipped"]["zh"] + table["skipped"]["en"]),
        empty=table["skipped"]["characters"],
        concepts={name: tuple(words) for name, words in table["concepts"].items()},
    )


class Reader:
    """Turns text into tokens: characters, pairs of characters, words, and the concepts of a lexicon."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or Lexicon()
        self._characters = str.maketrans(dict(self.lexicon.characters))
        self._spelling = _either(self.lexicon.spellings)
        self._skipped = _either(word for word in self.lexicon.skipped if CHINESE_RUN.search(word))
        self._stopped = frozenset(word for word in self.lexicon.skipped if not CHINESE_RUN.search(word))
        self._concepts = {name: any_of(words) for name, words in self.lexicon.concepts.items()}
        self._empty = frozenset(self.lexicon.empty)

    def normalise(self, text: str) -> str:
        """The text as it would have been typed carefully on a Chinese keyboard, in lower case."""
        shown = plain(text).translate(self._characters)
        return self._spelling.sub(lambda found: self.lexicon.spellings[found.group()], shown)

    def sentences(self, text: str) -> list[str]:
        """The sentences of a message, normalised, without empty ones."""
        return [part.strip() for part in BREAKS.split(self.normalise(text)) if part.strip()]

    def concepts(self, text: str) -> frozenset[str]:
        """The names of the concepts a text speaks of."""
        return self._concepts_in(self._skipped.sub(" ", self.normalise(text[:LONGEST])))

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text with repeats, each marked by its sort: `c:` `b:` `w:` or `k:`."""
        known = self.normalise(text[:LONGEST])
        kept = self._skipped.sub(" ", known)
        found = [f"k:{name}" for name in self._concepts_in(kept)]
        for run in CHINESE_RUN.findall(kept):
            found += [f"c:{one}" for one in run if self._says(one)]
            found += [f"b:{run[at : at + 2]}" for at in range(len(run) - 1) if self._says(run[at : at + 2])]
            found += [f"w:{word}" for word in self._cut(run) if len(word) > 1 and self._says(word)]
        for word in LATIN_WORD.findall(kept):
            if word not in self._stopped:
                found.append(f"w:{_stem(word)}")
        return found

    def _concepts_in(self, kept: str) -> frozenset[str]:
        return frozenset(name for name, words in self._concepts.items() if words.search(kept))

    def _says(self, characters: str) -> bool:
        """Whether any of the characters carries meaning of its own."""
        return not self._empty.issuperset(characters)

    @cached_property
    def _cut(self) -> Callable[[str], list[str]]:
        # Imported here: loading the segmenter's dictionary costs 46 ms that a command line need not pay.
        import rjieba

        cutter = rjieba.Jieba()
        for words in self.lexicon.concepts.values():
            for word in words:
                if len(word) > 1 and CHINESE_RUN.fullmatch(word):
                    cutter.add_word(word, None, None)
        return cutter.cut_for_search


def _either(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words, the longest first; one that finds nothing if there are none."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) if ordered else r"(?!)")


def _stem(word: str) -> str:
    """An English word without its commonest ending, so that `fines` and `fined` meet `fine`."""
    for ending, length in (("ing", 6), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= length and not word.endswith("ss"):
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
