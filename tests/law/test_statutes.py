"""Every citation of every card can be true: the statute is known, the article exists, the day is its own."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from law.cards import Card, CardFault, Citation
from law.statutes import Statute, faults, load_statutes, statutes_from
from law.understanding import Understander

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
STATUTES = load_statutes(KNOWLEDGE / "statutes.toml")


def test_the_citations_shipped_are_sound(cards: tuple[Card, ...]) -> None:
    assert faults(cards, STATUTES) == []


def test_every_statute_is_named_in_both_languages() -> None:
    for statute in STATUTES.values():
        assert statute.name.in_language("zh") != statute.name.in_language("en")


@pytest.mark.parametrize(
    ("citation", "said"),
    [
        (Citation("劳动合同法", "99", date(2013, 7, 1)), "has only 98 articles"),
        (Citation("劳动合同法", "0", date(2013, 7, 1)), "has only 98 articles"),
        (Citation("新劳动合同法", "1", date(2025, 1, 1)), "not among the statutes"),
        (Citation("劳动合同法", "82", date(2008, 1, 1)), "took effect on 2013-07-01"),
        (Citation("劳动争议解释二", "19", date(2025, 9, 1)), "was not read"),
    ],
)
def test_a_citation_that_cannot_be_true_is_named(
    cards: tuple[Card, ...], citation: Citation, said: str
) -> None:
    card = replace(next(card for card in cards if card.verified), citations=(citation,))
    (fault,) = faults([card], STATUTES)
    assert card.id in fault
    assert said in fault


def test_a_statute_with_a_strange_mark_is_refused() -> None:
    row = {"name": {"zh": "某法", "en": "Some Law"}, "mark": "surely"}
    with pytest.raises(ValueError, match="surely"):
        statutes_from({"checked_on": date(2026, 11, 20), "statute": {"某法": row}})


def test_what_was_not_found_stays_open() -> None:
    statute: Statute = STATUTES["外卖平台服务管理基本要求"]
    assert statute.effective is None
    assert statute.articles is None


def test_nothing_starts_on_a_citation_that_cannot_be_true(tmp_path: Path) -> None:
    copied = copytree(KNOWLEDGE, tmp_path / "knowledge")
    card = copied / "law" / "no-contract.toml"
    card.write_text(card.read_text("utf-8").replace('article = "82"', 'article = "182"'), encoding="utf-8")
    with pytest.raises(CardFault, match="no-contract: 劳动合同法 182"):
        Understander.load(copied)
