"""Danger in a message: which kinds, and the numbers to show at once (R3)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from law.phrases import MASK, any_of
from law.reading import Reader

# Marks left between Chinese characters by accident or to get past a filter: "自.杀", "工 伤".
SCATTERED = re.compile(r"(?<=[\u4e00-\u9fff])[\s.*_·•~\-|/\\、]+(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Danger:
    """What was recognised: the gravest kind first, every number in the order to show them, and the category.

    `category` is the category of help a case about it would have.
    """

    kinds: tuple[str, ...]
    numbers: tuple[str, ...]
    category: str

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
        self._categories: dict[str, str] = {kind["name"]: kind["category"] for kind in table["kinds"]}
        self.always: tuple[str, ...] = tuple(table["always"])
        self._idioms = any_of(table["idioms"])
        self._denied = re.compile(f"(?<!有)(?:{'|'.join(map(re.escape, table['denials']))})$")
        self._signs = tuple(self._sign(sign, table) for sign in table["signs"])

    def look(self, text: str) -> Danger | None:
        """The danger a message speaks of, or None."""
        shown = self._idioms.sub(MASK, SCATTERED.sub("", self._reader.normalise(text)))
        seen = [sign for sign in self._signs if self._shows(sign, shown)]
        if not seen:
            return None
        kinds = tuple(kind for kind in self.kinds if any(sign.kind == kind for sign in seen))
        extra = [number for sign in seen for number in sign.numbers]
        general = [number for kind in kinds for number in self.kinds[kind]]
        numbers = tuple(dict.fromkeys([*extra, *general, *self.always]))
        return Danger(kinds, numbers, self._categories[kinds[0]])

    def _sign(self, sign: Mapping[str, Any], table: Mapping[str, Any]) -> Sign:
        if sign["kind"] not in self.kinds:
            raise ValueError(f"a sign is of the unknown kind {sign['kind']!r}")
        withdrawn = [word for name in sign.get("unless", ()) for word in table["withdrawals"][name]]
        words = any_of(sign["words"], table["sets"])
        return Sign(sign["kind"], words, any_of(withdrawn), tuple(sign.get("numbers", ())))

    def _shows(self, sign: Sign, shown: str) -> bool:
        if sign.unless.search(shown):
            return False
        return any(not self._denied.search(shown[: found.start()]) for found in sign.words.finditer(shown))


def load_watch(path: Path, reader: Reader | None = None) -> Watch:
    """Read the signs of danger from their TOML file."""
    return Watch(tomllib.loads(path.read_text(encoding="utf-8")), reader)
