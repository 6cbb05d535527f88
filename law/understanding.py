"""Everything retrieval makes of a message, before its turn is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from law.cards import Card, CardFault, load_cards
from law.danger import Danger, Watch, load_watch
from law.finding import Finder, Finding, Hit
from law.intent import Intent, IntentReader, load_intents
from law.reading import Reader, load_lexicon
from law.statutes import Statute, faults, load_statutes


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message speaks of: danger first, then what it wants and which cards answer."""

    danger: Danger | None
    intent: Intent
    finding: Finding


class Understander:
    """Reads messages; made once, asked from any thread."""

    def __init__(
        self, finder: Finder, watch: Watch, intents: IntentReader, statutes: Mapping[str, Statute]
    ) -> None:
        """Keep what reads, the cards by their ids, and the statutes by the short names cards cite."""
        self.cards: Mapping[str, Card] = {card.id: card for card in finder.cards}
        self.statutes = statutes
        self._finder = finder
        self._watch = watch
        self._intents = intents

    @classmethod
    def load(cls, folder: Path) -> "Understander":
        """Read the folder `knowledge/`.

        Raises:
            CardFault: a card is faulty or cites what cannot be true.
            ValueError: another of its files is unfit.
        """
        reader = Reader(load_lexicon(folder / "lexicon.toml"))
        cards, statutes = load_cards(folder / "law"), load_statutes(folder / "statutes.toml")
        if unsound := faults(cards, statutes):
            raise CardFault("\n".join(unsound))
        watch = load_watch(folder / "danger.toml", reader)
        intents = load_intents(folder / "intents.toml", reader)
        return cls(Finder(cards, reader), watch, intents, statutes)

    def read(self, text: str) -> Understanding:
        """What this message speaks of; a card never answers alone what is somebody else's to answer."""
        danger, finding = self._watch.look(text), self._finder.find(text)
        intent = self._intents.read(text, finding, danger)
        if intent.kind == "elsewhere" and finding.confidence == "sure":
            finding = replace(finding, confidence="maybe")
        return Understanding(danger, intent, finding)

    def rank(self, text: str, limit: int) -> list[Hit]:
        """The best cards for a message, however weak."""
        return self._finder.rank(text, limit)

    def matter(self, text: str) -> Intent:
        """What a message is about, danger apart."""
        return self._intents.matter(text, self._finder.find(text))
