"""Finding the card that answers: BM25 over the fields of the cards and over each way of asking."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.tables import Wording
from law.cards import Card
from law.reading import Reader

Confidence = Literal["sure", "maybe", "none"]

SATURATION = 2.0  # how soon repeating a word stops counting
LENGTH_SHARE = 0.5  # how much a long document is marked down
FIELD_WEIGHTS = {"question": 3.0, "asks": 1.5, "answer": 1.0, "do_now": 0.4, "keep": 0.3, "deadline": 0.3}
SORT_WEIGHTS = {"c": 0.3, "b": 0.8, "w": 0.8, "k": 3.0}
ASK_SHARE = 1.0  # the closest single way of asking counts this much beside the card as a whole
OFFERED = 3  # buttons a person can compare at a glance
SENTENCES = 2  # from which on a message may hold several questions
LONGEST_LETTER = 12  # sentences read one by one

# Calibrated on invented questions (tests/law/questions.toml) so that few cards answer alone and wrongly.
SURE_STRENGTH, SURE_LEAD = 0.6, 0.2
MAYBE_STRENGTH = 0.35


@dataclass(frozen=True, slots=True)
class Hit:
    """A card and its score; scores compare within one question only."""

    card: Card
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What to offer: one card when sure, up to three to choose from when maybe, nothing when none.

    `strength` says how much of the message the first card met; about 1 where it met all of it.
    """

    best: tuple[Hit, ...]
    confidence: Confidence
    strength: float


class Finder:
    """Ranks cards by a person's own words; built once, then asked from any thread."""

    def __init__(self, cards: Sequence[Card], reader: Reader | None = None) -> None:
        self.cards = tuple(cards)
        self.reader = reader or Reader()
        asks = [(at, ask) for at, card in enumerate(self.cards) for ask in _ways_of_asking(card)]
        asked = [Counter(self.reader.tokens(ask)) for _, ask in asks]
        self._owner = [at for at, _ in asks]
        self._rarity = _Rarity(asked)
        self._asks = _Index(asked, self._rarity)
        self._whole = _Index([self._weighed(card) for card in self.cards], self._rarity)

    def find(self, text: str) -> Finding:
        """The cards worth showing for a message, and whether the first may be shown alone.

        A message of several questions that none answers as a whole offers the card of each first.
        """
        whole = self._find(text)
        sentences = self.reader.sentences(text) if whole.confidence == "maybe" else []
        if len(sentences) < SENTENCES:
            return whole
        parts = [self._find(sentence) for sentence in sentences[:LONGEST_LETTER]]
        own = [part.best[0] for part in parts if part.confidence == "sure"]
        offered = {hit.card.id: hit for hit in (*own, *whole.best)}
        return Finding(tuple(offered.values())[:OFFERED], "maybe", whole.strength)

    def rank(self, text: str, limit: int = 10) -> list[Hit]:
        """The cards that share any word with a message, best first, whatever the confidence."""
        return self._score(text)[0][:limit]

    def _find(self, text: str) -> Finding:
        hits, possible = self._score(text)
        strength = hits[0].score / possible if hits else 0.0
        if strength < MAYBE_STRENGTH:
            return Finding((), "none", strength)
        second = hits[1].score if len(hits) > 1 else 0.0
        if strength >= SURE_STRENGTH and hits[0].score - second >= SURE_LEAD * hits[0].score:
            return Finding(tuple(hits[:1]), "sure", strength)
        return Finding(tuple(hits[:OFFERED]), "maybe", strength)

    def _score(self, text: str) -> tuple[list[Hit], float]:
        asked = set(self.reader.tokens(text))
        scores = self._whole.scores(asked)
        nearest: dict[int, float] = {}
        for ask, score in self._asks.scores(asked).items():
            owner = self._owner[ask]
            nearest[owner] = max(nearest.get(owner, 0.0), score)
        for at, score in nearest.items():
            scores[at] = scores.get(at, 0.0) + ASK_SHARE * score
        ordered = sorted(scores, key=lambda at: (-scores[at], self.cards[at].id))
        return [Hit(self.cards[at], scores[at]) for at in ordered], self._rarity.most(asked)

    def _weighed(self, card: Card) -> Mapping[str, float]:
        """The tokens of a card, each counted by the weight of the fields it stands in."""
        counts: dict[str, float] = defaultdict(float)
        for name, texts in _fields(card).items():
            for text in texts:
                for token in self.reader.tokens(text):
                    counts[token] += FIELD_WEIGHTS[name]
        return counts


class _Rarity:
    """How telling each token is: the fewer the ways of asking that hold it, the more."""

    def __init__(self, asks: Sequence[Iterable[str]]) -> None:
        held = Counter(token for ask in asks for token in set(ask))
        self._unseen = _rarity(0, len(asks))
        self._of = {token: _rarity(count, len(asks)) for token, count in held.items()}

    def __call__(self, token: str) -> float:
        return self._of.get(token, self._unseen) * SORT_WEIGHTS[token[0]]

    def most(self, asked: Iterable[str]) -> float:
        """About what a document would score that held every one of the tokens."""
        return sum(map(self, asked))


class _Index:
    """BM25 with every document's share of a token worked out beforehand."""

    def __init__(self, documents: Sequence[Mapping[str, float]], rarity: _Rarity) -> None:
        lengths = [sum(document.values()) for document in documents]
        average = sum(lengths) / len(lengths) if lengths else 1.0
        self._shares: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, document in enumerate(documents):
            room = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths[at] / average)
            for token, count in document.items():
                share = rarity(token) * count * (SATURATION + 1) / (count + room)
                self._shares[token].append((at, share))

    def scores(self, asked: Iterable[str]) -> dict[int, float]:
        """The score of every document that holds any of the tokens."""
        scores: dict[int, float] = defaultdict(float)
        for token in asked:
            for at, share in self._shares.get(token, ()):
                scores[at] += share
        return scores


def _rarity(count: int, documents: int) -> float:
    return math.log(1 + (documents - count + 0.5) / (count + 0.5))


def _ways_of_asking(card: Card) -> tuple[str, ...]:
    return (*_both(card.question), *card.asks)


def _fields(card: Card) -> dict[str, tuple[str, ...]]:
    return {
        "question": _both(card.question),
        "asks": card.asks,
        "answer": _both(card.answer),
        "do_now": tuple(words for one in card.do_now for words in _both(one)),
        "keep": tuple(words for one in card.keep for words in _both(one)),
        "deadline": _both(card.deadline),
    }


def _both(words: Wording) -> tuple[str, str]:
    return words.in_language("zh"), words.in_language("en")
