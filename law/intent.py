"""What a free text wants: a rule, help, a service of the union, somebody else, or rescue (R3)."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from domain.tables import Table
from law.danger import Danger
from law.finding import Finding
from law.phrases import any_of
from law.reading import LONGEST, Reader

IntentKind = Literal["danger", "law", "help", "union", "greeting", "elsewhere", "unclear"]

MOST_CUES = 2  # of one row; a message that repeats itself is not more certain
PUNCTUATION = re.compile(r"[\s,.。!?~、;:…]+")


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message wants.

    `category` is a category of help for law, help and danger, and a door of the menu for union; `hotlines`
    are the numbers to show, best first; `danger` is the gravest kind seen.
    """

    kind: IntentKind
    category: str | None = None
    hotlines: tuple[str, ...] = ()
    danger: str | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """One row of words: what they point to and how strongly."""

    name: str
    words: re.Pattern[str]
    concepts: frozenset[str]
    weight: float
    hotlines: tuple[str, ...] = ()

    def strength(self, message: "Message") -> float:
        """How strongly a message shows this row."""
        found = {match.group() for match in self.words.finditer(message.text)}
        return self.weight * min(len(found) + len(self.concepts & message.concepts), MOST_CUES)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the cues see it: normalised, with the concepts in it."""

    text: str
    concepts: frozenset[str]


class IntentReader:
    """Tells what messages want, by the cues of knowledge/intents.toml."""

    def __init__(self, values: Mapping[str, object], reader: Reader | None = None) -> None:
        """Prepare every row.

        Raises:
            ValueError: naming the row that is unfit.
        """
        file = Table("intents", values)
        self._reader = reader or Reader()
        self._greetings = frozenset(file.table("greeting").texts("words"))
        self._asking = any_of(file.table("asking").texts("words"))
        self._helping = any_of(file.table("helping").texts("words"))
        self._labour = tuple(_cue(row, "category") for row in file.tables("labour"))
        self._union = tuple(_cue(row, "service") for row in file.tables("union"))
        self._elsewhere = tuple(_cue(row, "topic") for row in file.tables("elsewhere"))
        self._labour_least = _number(file, "labour_at_least")
        self._elsewhere_least = _number(file, "elsewhere_at_least")
        self._elsewhere_strong = _number(file, "elsewhere_strong")
        self._found_least = _number(file, "found_at_least")
        self._found_weight = _number(file, "found_weight")

    def read(self, text: str, finding: Finding, danger: Danger | None) -> Intent:
        """What a message wants; danger before anything else.

        Args:
            finding: the cards found for the same text; a strong one speaks for a labour matter.
        """
        if danger is None:
            return self.matter(text, finding)
        return Intent("danger", danger.category, danger.numbers, danger.kind)

    def matter(self, text: str, finding: Finding) -> Intent:
        """What a message is about, danger apart."""
        known = self._reader.normalise(text[:LONGEST])
        if PUNCTUATION.sub(" ", known).strip() in self._greetings:
            return Intent("greeting")
        message = Message(known, self._reader.concepts(text))
        labour, union, elsewhere = (
            _strengths(rows, message) for rows in (self._labour, self._union, self._elsewhere)
        )
        ours, theirs = sum(labour.values()), sum(elsewhere.values())
        if union and max(union.values()) > max(ours, theirs):
            return Intent("union", _strongest(union))
        if finding.strength >= self._found_least and theirs < self._elsewhere_strong:
            labour[finding.best[0].card.category] += self._found_weight
            ours += self._found_weight
        if ours >= max(self._labour_least, theirs):
            return self._labour_matter(known, labour)
        if theirs >= self._elsewhere_least:
            return Intent("elsewhere", None, self._numbers(_strongest(elsewhere)))
        if self._helping.search(known):
            return Intent("help")
        return Intent("unclear")

    def _labour_matter(self, known: str, labour: Mapping[str, float]) -> Intent:
        named = {name: strength for name, strength in labour.items() if name}
        asks = self._asking.search(known) and not self._helping.search(known)
        return Intent("law" if asks else "help", _strongest(named))

    def _numbers(self, topic: str | None) -> tuple[str, ...]:
        return next((cue.hotlines for cue in self._elsewhere if cue.name == topic), ())


def load_intents(path: Path, reader: Reader | None = None) -> IntentReader:
    """Read the cues from their TOML file."""
    return IntentReader(tomllib.loads(path.read_text(encoding="utf-8")), reader)


def _cue(row: Table, named_by: str) -> Cue:
    row.only({named_by, "weight", "words", "concepts", "hotlines"})
    return Cue(
        name=row.text(named_by) if named_by in row.values else "",
        words=any_of(row.texts("words")),
        concepts=frozenset(row.texts("concepts")),
        weight=_number(row, "weight"),
        hotlines=row.texts("hotlines"),
    )


def _number(row: Table, key: str) -> float:
    value = row.values.get(key)
    if not isinstance(value, float):
        raise row.fault(f"{key} must be a number such as 1.5")
    return value


def _strengths(rows: tuple[Cue, ...], message: Message) -> defaultdict[str, float]:
    """The strength of every name the message shows."""
    strengths: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        if strength := row.strength(message):
            strengths[row.name] += strength
    return strengths


def _strongest(strengths: Mapping[str, float]) -> str | None:
    return max(strengths, key=lambda name: strengths[name], default=None)
