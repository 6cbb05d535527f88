"""The law as shipped."""

from pathlib import Path

import pytest

from law.cards import Card, load_cards
from law.finding import Finder
from law.reading import Reader, load_lexicon
from law.understanding import Understander

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


@pytest.fixture(scope="session")
def cards() -> tuple[Card, ...]:
    """Every card shipped."""
    return load_cards(KNOWLEDGE / "law")


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Reading with the lexicon shipped."""
    return Reader(load_lexicon(KNOWLEDGE / "lexicon.toml"))


@pytest.fixture(scope="session")
def finder(cards: tuple[Card, ...], reader: Reader) -> Finder:
    """Finding among the cards shipped."""
    return Finder(cards, reader)


@pytest.fixture(scope="session")
def understander() -> Understander:
    """Everything together, as the bot starts it."""
    return Understander.load(KNOWLEDGE)
