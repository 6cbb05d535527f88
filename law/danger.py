"""Danger in a message: which kinds, and the numbers to show at once (R3)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from law.reading import Reader

# Marks left between Chinese characters by accident or to get past a filter: "自.杀", "工 伤".
SCATTERED = re.compile(r"(?<=[\u4e00-\u9fff])[\s.*_·•~\-|/\\、]+(?=[\u4e00-\u9fff])")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MASK = "\u2588"  # stands where an idiom stood, so that its neighbours cannot join
# How the data write "and then, a little later": one mark within a clause, two within a sentence.
GAP = re.compile("……|…")
CHINESE_GAPS = {"…": rf"[^,。!?;:\n{MASK}]{{0,8}}?", "……": rf"[^。!?;\n{MASK}]{{0,14}}?"}
ENGLISH_GAPS = {"…": rf"[^,.!?;\n{MASK}]{{0,16}}?", "……": rf"[^.!?;\n{MASK}]{{0,32}}?"}


@dataclass(frozen=True, slots=True)
class Danger:
    """What was recognised: the gravest kind first, and every number to show, in the order to show them."""

    kinds: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The gravest kind."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that show one kind of danger, unless other words of the message take it back."""

    kind: str
    words: re.Pattern[str]
    unless: re.Pattern[str]
    numbers: tuple[str, ...]


class Watch:
    """Looks at messages for danger; it would rather ask once too often than miss one.

    Args:
        table: the parsed knowledge/danger.toml, its kinds the gravest first.
    """

    def __init__(self, table: Mapping[str, Any], reader: Reader | None = None) -> None:
        """Prepare every sign; a sign of an unknown kind is refused."""
        self._reader = reader or Reader()
        self.kinds: dict[str, tuple[str, ...]] = {
            kind["name"]: tuple(kind["numbers"]) for kind in table["kinds"]
        }
        self.always: tuple[str, ...] = tuple(table["always"])
        self._idioms = _any(table["idioms"])
        self._denied = re.compile(f"(?<!有)(?:{'|'.join(map(re.escape, table['denials']))})$")
        self._signs = tuple(self._sign(sign, table["withdrawals"]) for sign in table["signs"])

    def look(self, text: str) -> Danger | None:
        """The danger a message speaks of, or None."""
        shown = self._idioms.sub(MASK, SCATTERED.sub("", self._reader.normalise(text)))
        seen = [sign for sign in self._signs if self._shows(sign, shown)]
        if not seen:
            return None
        kinds = tuple(kind for kind in self.kinds if any(sign.kind == kind for sign in seen))
        extra = [number for sign in seen for number in sign.numbers]
        general = [number for kind in kinds for number in self.kinds[kind]]
        return Danger(kinds, tuple(dict.fromkeys([*extra, *general, *self.always])))

    def _sign(self, sign: Mapping[str, Any], withdrawals: Mapping[str, list[str]]) -> Sign:
        if sign["kind"] not in self.kinds:
            raise ValueError(f"a sign is of the unknown kind {sign['kind']!r}")
        withdrawn = [word for name in sign.get("unless", ()) for word in withdrawals[name]]
        return Sign(sign["kind"], _any(sign["words"]), _any(withdrawn), tuple(sign.get("numbers", ())))

    def _shows(self, sign: Sign, shown: str) -> bool:
        if sign.unless.search(shown):
            return False
        return any(not self._denied.search(shown[: found.start()]) for found in sign.words.finditer(shown))


def load_watch(path: Path, reader: Reader | None = None) -> Watch:
    """Read the signs of danger from their TOML file."""
    return Watch(tomllib.loads(path.read_text(encoding="utf-8")), reader)


def _any(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the phrases, English ones as whole words."""
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(map(_phrase, ordered)) if ordered else r"(?!)")


def _phrase(phrase: str) -> str:
    chinese = CHINESE.search(phrase) is not None
    gaps = CHINESE_GAPS if chinese else ENGLISH_GAPS
    parts = [re.escape(part) for part in GAP.split(phrase)]
    between = [gaps[mark] for mark in GAP.findall(phrase)]
    joined = "".join(part + gap for part, gap in zip(parts, [*between, ""], strict=True))
    return joined if chinese else rf"\b{joined}\b"
