"""Everything retrieval makes of a message, before its turn is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from law.cards import Card, load_cards
from law.danger import Danger, Watch, load_watch
from law.finding import Finder, Finding, Hit
from law.intent import Intent, IntentReader, load_intents
from law.reading import Reader, load_lexicon


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message speaks of: danger first, then what it wants and which cards answer."""

    danger: Danger | None
    intent: Intent
    finding: Finding


class Understander:
    """Reads messages; made once, asked from any thread."""

    def __init__(self, finder: Finder, watch: Watch, intents: IntentReader) -> None:
        """Keep what reads, and the cards by their ids."""
        self.cards: Mapping[str, Card] = {card.id: card for card in finder.cards}
        self._finder = finder
        self._watch = watch
        self._intents = intents

    @classmethod
    def load(cls, folder: Path) -> "Understander":
        """Read the folder `knowledge/`."""
        reader = Reader(load_lexicon(folder / "lexicon.toml"))
        finder = Finder(load_cards(folder / "law"), reader)
        watch = load_watch(folder / "danger.toml", reader)
        return cls(finder, watch, load_intents(folder / "intents.toml", watch, finder))

    def read(self, text: str) -> Understanding:
        """What this message speaks of; a card never answers alone what is somebody else's to answer."""
        intent, finding = self._intents.read(text), self._finder.find(text)
        if intent.kind == "elsewhere" and finding.confidence == "sure":
            finding = replace(finding, confidence="maybe")
        return Understanding(self._watch.look(text), intent, finding)

    def rank(self, text: str, limit: int) -> list[Hit]:
        """The best cards for a message, however weak."""
        return self._finder.rank(text, limit)

    def matter(self, text: str) -> Intent:
        """What a message is about, danger apart."""
        return self._intents.matter(text)
